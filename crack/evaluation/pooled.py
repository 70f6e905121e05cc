"""What the graph of a model says of images, pooled over each."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from crack.data.dataset import Dataset
from crack.data.images import decode_image, resize_image
from crack.inference.card import ModelCard
from crack.inference.engine import BATCH, Engine
from crack.inference.predictor import GRAPH_FILE


def pooled_outputs(
    folder: Path,
    dataset: Dataset,
    files: Sequence[str],
    report: Callable[[int, int], None],
) -> list[NDArray[np.float32]]:
    """Return the mean over each image of every output of the graph.

    The images are looked at as in training: once, scaled to the network's input. The
    mean of the activation map is then the log-odds of a crack in the image.

    Args:
        folder: Of the model, with its card and graph.
        dataset: Where the files belong.
        files: Names as in `dataset.samples`.
        report: Told how many images are done, and of how many; may raise to stop.

    Returns:
        For each output a float32 array with a row per file.
    """
    size = ModelCard.read(folder).image_size
    engine = Engine(folder / GRAPH_FILE)

    def batches() -> Iterator[tuple[int, NDArray[np.uint8]]]:
        for start in range(0, len(files), BATCH):
            paths = [dataset.path(file) for file in files[start : start + BATCH]]
            images = [resize_image(decode_image(path), size, size) for path in paths]
            yield start, np.stack(images)

    parts = []
    for start, outputs in engine.stream(batches()):
        # The first output has no positions.
        parts.append([outputs[0], *(places.mean((1, 2)) for places in outputs[1:])])
        report(start + len(outputs[0]), len(files))
    return [np.concatenate(pieces) for pieces in zip(*parts, strict=True)]
