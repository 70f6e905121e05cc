"""How long a photo takes, and how much memory.

    python -m benchmarks.prediction_speed MODEL

- a picture of 227 px from its bytes to its answer, next to `keras.Model.predict` doing
  the same (decoding, scaling, one answer at a time);
- a photo of 12 megapixels at one size and at all, without and with decoding;
- the peak memory of a process that answers for one of 12 or 100 megapixels.

The photos are drawn, and saved as JPEG.
"""

from __future__ import annotations

import argparse
import io
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from crack.data.images import decode_image, resize_image
from crack.inference.engine import Engine
from crack.inference.predictor import GRAPH_FILE, Predictor
from crack.inference.tiling import run_level
from crack.runs.registry import Model, find_model
from crack.synthetic.drawing import draw_photo

_TIMES = 200
_LARGE = {12: (3000, 4000), 100: (8660, 11547)}  # megapixels: height, width


def main() -> None:
    """Print times as medians, and peaks of memory."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("model")
    parser.add_argument("--peak", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    model = find_model(options.model)
    if options.peak:
        _answer_and_tell_peak(model, options.peak)
        return
    _small(model)
    with tempfile.TemporaryDirectory() as folder:
        for megapixels, (height, width) in _LARGE.items():
            path = Path(folder) / f"{megapixels}.jpg"
            Image.fromarray(_large_photo(height, width)).save(path, quality=92)
            if megapixels == 12:
                _large(model, path)
            command = [sys.executable, "-m", "benchmarks.prediction_speed", model.name]
            subprocess.run([*command, "--peak", str(path)], check=True)


def _small(model: Model) -> None:
    """Time a small picture, by this program and by Keras."""
    import keras

    from crack.model.export import KERAS_FILE

    rng = np.random.default_rng(17)
    buffer = io.BytesIO()
    drawing = draw_photo(rng, 227, 227, cracked=True)
    Image.fromarray(drawing.image).save(buffer, "JPEG", quality=92)
    content, size = buffer.getvalue(), model.card.image_size
    predictor = Predictor(model.folder)
    network = keras.models.load_model(model.folder / KERAS_FILE)

    def by_keras() -> None:
        picture = resize_image(decode_image(content), size, size)
        network.predict(picture[None].astype(np.float32), verbose=0)

    def by_us() -> None:
        list(predictor.predict([("a.jpg", content)]))

    # One after the other: each would wait for the threads of the other.
    ours = [_seconds(by_us) for _ in range(_TIMES)]
    theirs = [_seconds(by_keras) for _ in range(_TIMES)]
    ours_ms, keras_ms = (1e3 * statistics.median(times) for times in (ours, theirs))
    print(f"227 px, median of {_TIMES}: {ours_ms:.1f} ms, all sizes of the pyramid")
    print(f"  keras.Model.predict: {keras_ms:.1f} ms, one size")


def _large(model: Model, path: Path) -> None:
    """Time a photo of 12 megapixels."""
    predictor, engine = Predictor(model.folder), Engine(model.folder / GRAPH_FILE)
    image = decode_image(path)
    size = model.card.image_size
    for words, action in (
        ("decoding", lambda: decode_image(path)),
        ("its heatmap at one size", lambda: run_level(engine, image, size)),
        (
            "decoding and its heatmap at one size",
            lambda: run_level(engine, decode_image(path), size),
        ),
        (
            "from its bytes to its answer, all sizes",
            lambda: list(predictor.predict([("a.jpg", path)])),
        ),
    ):
        times = [_seconds(action) for _ in range(6)][1:]
        print(f"12 megapixels, {words}: {statistics.median(times):.2f} s")


def _answer_and_tell_peak(model: Model, path: Path) -> None:
    (answer,) = Predictor(model.folder).predict([(path.name, path)])
    # Not getrusage: on Linux a child begins with the peak of its parent.
    status = Path("/proc/self/status").read_text()
    peak = int(re.search(r"VmHWM:\s+(\d+) kB", status)[1]) / 1e6
    pixels = (answer.width or 0) * (answer.height or 0) / 1e6
    print(
        f"{pixels:.0f} megapixels: {answer.seconds:.1f} s, "
        f"peak of the process {peak:.2f} GB"
    )


def _large_photo(height: int, width: int) -> NDArray[np.uint8]:
    """Return a drawn surface, repeated over the whole photo."""
    rng = np.random.default_rng(17)
    tile = draw_photo(rng, 1000, 1000, cracked=True)
    down, across = -(-height // 1000), -(-width // 1000)
    return np.tile(tile.image, (down, across, 1))[:height, :width]


def _seconds(action: Callable[[], object]) -> float:
    began = time.perf_counter()
    action()
    return time.perf_counter() - began


if __name__ == "__main__":
    main()
