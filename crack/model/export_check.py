"""How far an exported file is from the model, each answering by its own runtime."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from pathlib import Path

import keras
import numpy as np
import onnxruntime
import tensorflow as tf
from numpy.typing import NDArray

from crack.data.dataset import Dataset, Progress
from crack.data.images import decode_image, resize_image
from crack.inference.engine import Engine
from crack.inference.predictor import GRAPH_FILE
from crack.model.export import KERAS_FILE
from crack.runs.export_formats import RUNTIMES, Difference, ExportFormat
from crack.runs.registry import Model

MOST_IMAGES = 500
"""Images that both answer for, where the dataset has as many."""

_BATCH = 32
_ACTIVITY = "Comparing the answers"

Answer = Callable[[NDArray[np.uint8]], NDArray[np.float32]]
"""From images (n, side, side, 3) to their probabilities (n, 2)."""


def largest_difference(
    model: Model, wanted: ExportFormat, out: Path, dataset: Dataset, report: Progress
) -> Difference:
    """Compare the probabilities of an exported file with those of the Keras model.

    Args:
        model: What was exported.
        wanted: The format.
        out: The exported file or folder.
        dataset: Has the images; the same ones are drawn from it each time.
        report: Told how many are done, and of how many; may raise to stop.

    Raises:
        CrackError: An image can no longer be read.
    """
    side, samples = model.card.image_size, dataset.samples["file"]
    files = list(samples.sample(min(MOST_IMAGES, len(samples)), random_state=0))
    by_keras, by_file = _by_keras(model.folder / KERAS_FILE), _READERS[wanted](out)
    here = _by_openvino(model.folder)
    from_keras, from_here = 0.0, 0.0
    for start in range(0, len(files), _BATCH):
        paths = [dataset.path(file) for file in files[start : start + _BATCH]]
        images = np.stack([resize_image(decode_image(p), side, side) for p in paths])
        told = by_file(images)
        from_keras = max(from_keras, float(np.abs(told - by_keras(images)).max()))
        from_here = max(from_here, float(np.abs(told - here(images)).max()))
        report(_ACTIVITY, start + len(paths), len(files))
    return {
        "largest_difference": from_keras,
        "from_this_program": from_here,
        "images": len(files),
        "dataset": dataset.name,
        "runtime": RUNTIMES[wanted],
    }


def _by_keras(path: Path) -> Answer:
    network = keras.models.load_model(path, compile=False, safe_mode=True)
    return lambda images: network.predict_on_batch(images.astype(np.float32))


def _by_openvino(path: Path) -> Answer:
    engine = Engine(path / GRAPH_FILE)
    return lambda images: engine.run(images)[0]


def _by_onnx(path: Path) -> Answer:
    onnxruntime.disable_telemetry_events()  # on Windows; elsewhere see `crack`
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    image, probabilities = session.get_inputs()[0].name, session.get_outputs()[0].name

    def answer(images: NDArray[np.uint8]) -> NDArray[np.float32]:
        (found,) = session.run([probabilities], {image: images.astype(np.float32)})
        return np.asarray(found)

    return answer


def _by_tflite(path: Path) -> Answer:
    with warnings.catch_warnings():
        # It names another package, which would be one more to install.
        warnings.filterwarnings("ignore", ".*tf.lite.Interpreter is deprecated")
        interpreter = tf.lite.Interpreter(str(path))
    interpreter.allocate_tensors()
    (image,) = interpreter.get_input_details()
    # The order of outputs is not kept: the probabilities are those of two axes.
    (output,) = [o for o in interpreter.get_output_details() if len(o["shape"]) == 2]

    def answer(images: NDArray[np.uint8]) -> NDArray[np.float32]:
        rows = []
        for pixels in images.astype(np.float32):
            interpreter.set_tensor(image["index"], pixels[None])
            interpreter.invoke()
            rows.append(interpreter.get_tensor(output["index"])[0])
        return np.stack(rows)

    return answer


_READERS: dict[ExportFormat, Callable[[Path], Answer]] = {
    "keras": _by_keras,
    "openvino": _by_openvino,
    "onnx": _by_onnx,
    "tflite": _by_tflite,
}
