"""What a model sees in images: the features below its head, computed once per image.

`cache/features/MODEL.bin` keeps them by the content of the image, so that an edited
dataset, or the same images in another one, are not looked at again. Records of one
length follow each other; what a killed process left behind the last whole one is cut
off by the next.
"""

from __future__ import annotations

import hashlib
import os
from collections import deque
from collections.abc import Callable, Container, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from crack import settings
from crack.access import read_only
from crack.data.dataset import Dataset
from crack.data.images import decode_image, read_source, resize_image
from crack.errors import CrackError
from crack.inference.card import ModelCard
from crack.inference.engine import BATCH, Engine, channels_of
from crack.inference.predictor import GRAPH_FILE
from crack.locks import locked

Done = Callable[[int, int], None]
"""Called with the number of images done and their total; may raise to stop."""

FEATURES_PER_SECOND = 300
"""Images of 227 px that are looked at, measured on two cores."""

_FEATURES = 2  # place among the outputs of the graph
_CORES = os.cpu_count() or 1
_BATCHES_AHEAD = 2 * _CORES  # decoded while the engine works

_Row = NDArray[np.float16]


def features_of(folder: Path, dataset: Dataset, progress: Done) -> NDArray[np.float32]:
    """Return what a model sees in the images of a dataset.

    Args:
        folder: Of the model.
        dataset: With the images.
        progress: Told how many images are done; what is done by then is kept.

    Returns:
        Shape (n, channels), in the order of the samples, each row of length 1; NaN for
        an image that can no longer be read, or is another file than was imported.

    Raises:
        CrackError: The model cannot be used.
    """
    hashes = dataset.samples["sha256"].tolist()
    paths = dict(zip(hashes, map(dataset.path, dataset.samples["file"]), strict=True))
    file = features_file(folder)
    side = ModelCard.read(folder).image_size
    engine = Engine(folder / GRAPH_FILE, streams=_CORES, side=side)
    channels = engine.run(np.zeros((1, side, side, 3), np.uint8))[_FEATURES].shape[-1]
    rows = _read(file, paths, channels)
    missing = {key: path for key, path in paths.items() if key not in rows}
    done = 0
    for (keys, readable), outputs in engine.stream(_batches(missing, side)):
        pooled = outputs[_FEATURES].mean((1, 2))
        pooled /= np.maximum(np.linalg.norm(pooled, axis=1, keepdims=True), 1e-12)
        seen = dict(zip(keys, pooled.astype(np.float16), strict=True))
        if not read_only():
            whole = zip(keys, readable, strict=True)
            _append(file, {key: seen[key] for key, ok in whole if ok}, channels)
        for key, ok in zip(keys, readable, strict=True):
            rows[key] = seen[key] if ok else np.full(channels, np.nan, np.float16)
        done += len(keys)
        progress(done, len(missing))
    return np.stack([rows[key] for key in hashes]).astype(np.float32)


_Batch = tuple[tuple[Sequence[str], NDArray[np.bool_]], NDArray[np.uint8]]


def _batches(paths: dict[str, Path], side: int) -> Iterator[_Batch]:
    """Decode a few batches ahead, so that the engine never waits."""
    keys = list(paths)

    def load(start: int) -> _Batch:
        chosen = keys[start : start + BATCH]
        pictures = np.zeros((len(chosen), side, side, 3), np.uint8)
        readable = np.ones(len(chosen), np.bool_)
        for place, key in enumerate(chosen):
            try:
                content = read_source(paths[key])
                # Kept under its hash, so it must be the file that was imported.
                readable[place] = hashlib.sha256(content).hexdigest() == key
                pictures[place] = resize_image(decode_image(content), side, side)
            except CrackError:  # NaN tells; one bad file does not stop the rest
                readable[place] = False
        return (chosen, readable), pictures

    ahead: deque[Future[_Batch]] = deque()
    with ThreadPoolExecutor(_CORES) as pool:
        for start in range(0, len(keys), BATCH):
            ahead.append(pool.submit(load, start))
            if len(ahead) > _BATCHES_AHEAD:
                yield ahead.popleft().result()
        while ahead:
            yield ahead.popleft().result()


def _record(channels: int) -> np.dtype[np.void]:
    return np.dtype([("image", "V32"), ("row", np.float16, (channels,))])


def _read(file: Path, wanted: Container[str], channels: int) -> dict[str, _Row]:
    """Return the rows that are kept of some images."""
    kind = _record(channels)
    count = file.stat().st_size // kind.itemsize if file.is_file() else 0
    if not count:
        return {}
    kept = np.memmap(file, kind, "r", shape=(count,))
    names = (name.tobytes().hex() for name in kept["image"])
    places = {name: place for place, name in enumerate(names) if name in wanted}
    return {name: np.array(kept["row"][place]) for name, place in places.items()}


def kept_records(folder: Path) -> NDArray[np.void] | None:
    """Return what a model has seen so far, in any dataset, without reading it all.

    Args:
        folder: Of the model.

    Returns:
        Fields `image` (the SHA-256 of its file) and `row` (its features); None if
        nothing is kept.

    Raises:
        CrackError: The model cannot be used.
    """
    file = features_file(folder)
    if not file.is_file():
        return None
    kind = _record(_channels(folder / GRAPH_FILE, file.stem))
    count = file.stat().st_size // kind.itemsize
    return np.memmap(file, kind, "r", shape=(count,)) if count else None


def features_file(folder: Path) -> Path:
    """Return where it is kept what a model has seen.

    Args:
        folder: Of the model.
    """
    return settings.cache_dir() / "features" / f"{model_hash(folder)}.bin"


@lru_cache(maxsize=8)
def _channels(graph: Path, content: str) -> int:
    return channels_of(graph, _FEATURES)


def _append(file: Path, rows: dict[str, _Row], channels: int) -> None:
    """Add rows; processes take turns."""
    records = np.empty(len(rows), _record(channels))
    for place, (name, row) in enumerate(rows.items()):
        records[place] = (bytes.fromhex(name), row)
    file.parent.mkdir(parents=True, exist_ok=True)
    with locked(file.with_name(f"{file.name}.lock")), file.open("ab") as kept:
        kept.truncate(kept.tell() - kept.tell() % records.itemsize)
        kept.write(records.tobytes())


def model_hash(folder: Path) -> str:
    """Return what tells one model from another that sees images differently.

    Args:
        folder: Of the model.
    """
    weights = (folder / GRAPH_FILE).with_suffix(".bin")
    return hashlib.sha256(weights.read_bytes()).hexdigest()[:16]
