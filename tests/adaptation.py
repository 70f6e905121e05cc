"""Shades of grey to adapt the made-up model to, which sees a crack from 127.5 on.

And what is measured of an adaptation, made up.
"""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
from PIL import Image

from crack.adaptation import folder
from crack.data.dataset import Dataset
from crack.data.importer import add_dataset
from tests.conftest import MODEL_SIDE

HEAD = np.array([[0, 0.1], [0, 0]], np.float32), np.array([0, -12.75], np.float32)
"""Kernel and bias of the made-up model, with the crack class as the second."""

MEASURED = {
    "n": 20,
    "accuracy": 0.6,
    "accuracy_interval": [0.4, 0.8],
    "auroc": 0.7,
    "recall": 0.5,
    "false_alarms": {"count": 1, "total": 10, "interval": [0.0, 0.4]},
}
"""What was measured of a model before it was adapted; made up."""

ADAPTED = {
    "model": "walls-1",
    "fingerprint": "0" * 16,
    "dataset": "Bridge-7-Pier-2",
    "dataset_fingerprint": "1" * 16,
    "images": 20,
    "photos": 6,
    "refit": ["head", "calibration"],
    "share": 0.5,
    "strength": 0.1,
    "before": MEASURED,
    "after": {**MEASURED, "accuracy": 0.9, "auroc": 0.95},
    "old": {"n": 200, "auroc_before": 0.9969, "auroc_after": 0.9961},
}
"""How a model was made from another, as its card says; made up."""

ANSWERED = {
    "with_crack": {"crack": 2, "review": 5, "no_crack": 3},
    "without_crack": {"crack": 1, "review": 4, "no_crack": 5},
}
"""What it answered on those images."""


def no_keras(monkeypatch) -> None:
    """Leave out the Keras file, which the made-up model does not have."""

    def write(_, __, change, crack_index):
        kernel, bias = HEAD[0].copy(), HEAD[1].copy()
        kernel[:, crack_index] += change.kernel
        bias[crack_index] += change.bias
        return kernel, bias

    monkeypatch.setattr(folder, "_write_keras", write)


def grey_dataset(
    parent: Path,
    name: str,
    is_crack: Callable[[float, np.random.Generator], bool],
    *,
    count: int = 40,
    photos: int = 10,
    seed: int = 1,
) -> Dataset:
    """Add images of one shade, with a little noise, of so many photos."""
    rng = np.random.default_rng(seed)
    root = parent / f"{name}-images"
    rows = []
    for number, shade in enumerate(rng.permutation(np.linspace(60, 240, count))):
        cracked = is_crack(float(shade), rng)
        file = f"{'crack' if cracked else 'sound'}/{number}.png"
        (root / file).parent.mkdir(parents=True, exist_ok=True)
        noise = rng.normal(0, 4, (MODEL_SIDE, MODEL_SIDE, 3))
        pixels = (shade + noise).clip(0, 255).astype(np.uint8)
        Image.fromarray(pixels).save(root / file)
        rows.append((file, f"photo {number % photos}"))
    with (root / "photos.csv").open("w", newline="") as table:
        csv.writer(table).writerows([("file", "photo"), *rows])
    return add_dataset(name, root, crack_class="crack")


def half_validation(dataset: Dataset) -> pd.DataFrame:
    """Every second photo calibrates, the others train."""
    part = np.where(dataset.groups % 2 == 0, "val", "train")
    return dataset.samples[["file", "class"]].assign(split=part)
