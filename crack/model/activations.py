"""Train only what moves: the output of the frozen layers, computed once per image.

Below the freeze point nothing changes from epoch to epoch, so its output is computed
once per image and view, by OpenVINO, into a file per view. A file is named after
everything its content depends on, and appears under that name only when it is complete.
"""

from __future__ import annotations

import hashlib
import os
from collections import deque
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import keras
import numpy as np
import openvino
import tensorflow as tf
from numpy.typing import NDArray

from crack import settings, storage
from crack.data import augment
from crack.data.dataset import Dataset
from crack.data.training_images import training_images
from crack.disk_space import check_space
from crack.inference.engine import BATCH, Engine
from crack.locks import locked
from crack.model.classifier import backbone_of

Activations = NDArray[np.float16] | NDArray[np.uint8]
FreezePoint = int | None
"""Index of the backbone layer whose output is cached: 0 for the image itself, None for
the pooled features at the end."""

_CORES = os.cpu_count() or 1
_BATCHES_AHEAD = 2 * _CORES  # decoded while the engine works


class ActivationCache:
    """The cached activations of one dataset under one pretrained network.

    Args:
        dataset: Whose images.
        model: The full network, with the weights it starts from.
    """

    augmentation = f"augmented {augment.VERSION}"
    """Names how `seen` varies an image: what another way made is not read."""

    def __init__(self, dataset: Dataset, model: keras.Sequential) -> None:
        self._dataset = dataset
        self._model = model
        self._size = int(model.input_shape[1])
        self._hashes: dict[FreezePoint, str] = {}

    def missing(self, points: list[FreezePoint], views: int) -> int:
        """Return how many images have yet to pass through the network."""
        files = len(self._dataset.samples)
        return files * sum(bool(self._lacking(points, v)) for v in range(views))

    def read(self, point: FreezePoint, views: int) -> list[Activations]:
        """Return one memory-mapped array (n, ...) per view, in the order of samples."""
        return [
            np.load(self._path(point, view), mmap_mode="r") for view in range(views)
        ]

    def compute(
        self, points: list[FreezePoint], views: int, progress: Callable[[int], None]
    ) -> None:
        """Compute what is missing in the cache, all points in one pass.

        Args:
            points: Freeze points needed.
            views: Number of views needed of each image.
            progress: Called with the number of images done; may raise to stop.

        Raises:
            CrackError: An image can no longer be read, or the disk is too small.
        """
        cache = settings.cache_dir()
        cache.mkdir(parents=True, exist_ok=True)
        # A training on another machine may need the same.
        with locked(cache / ".filling.lock", meanwhile=lambda: progress(0)):
            self._compute_missing(points, views, progress)

    def _compute_missing(
        self, points: list[FreezePoint], views: int, progress: Callable[[int], None]
    ) -> None:
        self._check_space(points, views)
        lacking = {view: self._lacking(points, view) for view in range(views)}
        to_do = {view: missing for view, missing in lacking.items() if missing}
        if to_do:
            self._compute_views(to_do, progress)

    def _compute_views(
        self, to_do: dict[int, list[FreezePoint]], progress: Callable[[int], None]
    ) -> None:
        count = len(self._dataset.samples)
        for turn, (view, points) in enumerate(to_do.items()):
            # What is half-written goes at once if `progress` ends this.
            with closing(self._compute_view(points, view)) as passed:
                for done in passed:
                    progress(turn * count + done)

    def _lacking(self, points: list[FreezePoint], view: int) -> list[FreezePoint]:
        return [p for p in points if not self._is_whole(p, view)]

    def _is_whole(self, point: FreezePoint, view: int) -> bool:
        try:
            stored = np.load(self._path(point, view), mmap_mode="r")
        except (FileNotFoundError, ValueError, EOFError):  # a cache: it may be lost
            return False
        expected = (len(self._dataset.samples), *self.shape(point))
        return bool(stored.shape == expected)

    def _compute_view(self, points: list[FreezePoint], view: int) -> Generator[int]:
        """Compute one view; yield the number of images done so far."""
        partial = {p: self._path(p, view).with_suffix(".partial") for p in points}
        try:
            yield from self._fill(partial, view)
            for point in points:
                storage.settle(partial[point], self._path(point, view))
        finally:
            # Stopped or failed: incomplete files are of no use and as large as the
            # cache.
            for path in partial.values():
                path.unlink(missing_ok=True)

    def _fill(self, partial: dict[FreezePoint, Path], view: int) -> Iterator[int]:
        count = len(self._dataset.samples)
        points = list(partial)
        arrays = {p: self._create(partial[p], p, count) for p in points}
        images = self._images(view)
        computed = [p for p in points if p != 0]
        if 0 in points:
            images = _kept(images, arrays[0])
        if computed:
            outputs = Engine(self._graph(computed), streams=_CORES).stream(images)
            for start, results in outputs:
                for point, result in zip(computed, results, strict=True):
                    arrays[point][start : start + len(result)] = result
                yield start + len(results[0])
        else:
            for start, batch in images:
                yield start + len(batch)

    def _images(self, view: int) -> Iterator[tuple[int, NDArray[np.uint8]]]:
        """Yield batches of decoded images with the index of their first one."""
        indexed = self._dataset.samples[["file", "sha256"]]
        samples = list(indexed.itertuples(index=False, name=None))

        def load_batch(start: int) -> NDArray[np.uint8]:
            return self.seen(samples[start : start + BATCH], view)

        # A batch at a time: passing single images between threads takes as long as
        # decoding.
        ahead: deque[tuple[int, Future[NDArray[np.uint8]]]] = deque()
        with ThreadPoolExecutor(_CORES) as pool:
            starts = iter(range(0, len(samples), BATCH))
            while True:
                while len(ahead) < _BATCHES_AHEAD:
                    start = next(starts, None)
                    if start is None:
                        break
                    ahead.append((start, pool.submit(load_batch, start)))
                if not ahead:
                    return
                start, batch = ahead.popleft()
                yield start, batch.result()

    def seen(self, samples: list[tuple[str, str]], view: int) -> NDArray[np.uint8]:
        """Return what training sees of images, shape (n, side, side, 3).

        Args:
            samples: The file and the hash of each.
            view: 0 for the images as they are, otherwise the number of a variation.
        """
        return training_images(self._dataset, samples, view, self._size)

    def _path(self, point: FreezePoint, view: int) -> Path:
        """Return a file name made of everything the content depends on."""
        made = self.augmentation if view else "as it is"
        key = f"{self._dataset.fingerprint} {self._size} {_name(point)} {made}"
        identity = hashlib.sha256(f"{key} {self._weights_hash(point)}".encode())
        folder = settings.cache_dir() / "activations" / identity.hexdigest()[:16]
        return folder / f"{_name(point)}-view-{view}.npy"

    def _weights_hash(self, point: FreezePoint) -> str:
        """Hash of the weights up to a freeze point, as of the first call."""
        if point in self._hashes:
            return self._hashes[point]
        backbone = backbone_of(self._model)
        below = backbone.layers if point is None else backbone.layers[: point + 1]
        digest = hashlib.sha256()
        for layer in below:
            for weight in layer.weights:
                digest.update(np.ascontiguousarray(weight.numpy()).tobytes())
        self._hashes[point] = digest.hexdigest()[:16]
        return self._hashes[point]

    def shape(self, point: FreezePoint) -> tuple[int, ...]:
        """Return the shape of what is cached for one image."""
        backbone = backbone_of(self._model)
        if point is None:
            return (int(backbone.output.shape[-1]),)
        return tuple(int(side) for side in backbone.layers[point].output.shape[1:])

    def _create(self, path: Path, point: FreezePoint, count: int) -> Activations:
        path.parent.mkdir(parents=True, exist_ok=True)
        dtype = np.uint8 if point == 0 else np.float16
        shape = (count, *self.shape(point))
        array = np.lib.format.open_memmap(path, "w+", dtype, shape)
        if hasattr(os, "posix_fallocate"):
            # Checked first: writing to a sparse file on a full disk would kill the
            # process.
            with path.open("rb+") as file:
                os.posix_fallocate(file.fileno(), 0, path.stat().st_size)
        return array

    def _check_space(self, points: list[FreezePoint], views: int) -> None:
        for left in (settings.cache_dir() / "activations").glob("*/*.partial"):
            left.unlink()  # left by a killed pass; only one fills the cache at a time
        per_image = sum(
            int(np.prod(self.shape(point))) * (1 if point == 0 else 2)
            for view in range(views)
            for point in self._lacking(points, view)
        )
        needed = per_image * len(self._dataset.samples)
        check_space(
            settings.cache_dir(),
            needed,
            "The activation cache",
            hint=f"Free some space ({settings.cache_dir()} may be deleted at any "
            "time), ask for fewer views, or point CRACK_HOME elsewhere.",
        )

    def _graph(self, points: list[FreezePoint]) -> Path:
        """Return the OpenVINO graph from images to the outputs at `points`."""
        names = "-".join(f"{_name(p)}-{self._weights_hash(p)[:8]}" for p in points)
        path = settings.cache_dir() / "graphs" / f"{self._size}-{names}.xml"
        if not path.is_file():
            path.parent.mkdir(parents=True, exist_ok=True)
            backbone = backbone_of(self._model)
            outputs = [
                keras.layers.GlobalAveragePooling2D()(backbone.output)
                if point is None
                else backbone.layers[point].output
                for point in points
            ]
            image = keras.Input(self._model.input_shape[1:])
            rescaled = self._model.layers[0](image)
            below = keras.Model(image, keras.Model(backbone.input, outputs)(rescaled))
            save_graph(below, path)
        return path


def _kept(
    images: Iterator[tuple[int, NDArray[np.uint8]]], array: Activations
) -> Iterator[tuple[int, NDArray[np.uint8]]]:
    """Store each batch, then yield it."""
    for start, batch in images:
        array[start : start + len(batch)] = batch
        yield start, batch


def save_graph(model: keras.Model, path: Path) -> None:
    """Convert a Keras model to an OpenVINO graph at `path` (.xml, with .bin beside)."""
    # The weights first: once the .xml exists, the .bin must be complete.
    partial = path.with_name(f"partial-{path.name}")
    # Traced here: OpenVINO would call the model with a tuple, which Keras warns about.
    image = tf.TensorSpec(model.input_shape, tf.float32, "image")
    traced = tf.function(model).get_concrete_function(image)
    openvino.save_model(openvino.convert_model(traced), partial, compress_to_fp16=False)
    partial.with_suffix(".bin").replace(path.with_suffix(".bin"))
    partial.replace(path)


def _name(point: FreezePoint) -> str:
    if point is None:
        return "features"
    return f"layer-{point}" if point else "image"
