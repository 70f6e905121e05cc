"""How often a photo is called unlike the training data.

    python -m benchmarks.ood_share MODEL DATASET...

Up to 200 images of each dataset, and 48 crops of each of the two photos that come with
scikit-learn, a temple and a flower, which no crack model should know.
"""

from __future__ import annotations

import argparse
import io
from collections.abc import Iterator

import numpy as np
from PIL import Image
from sklearn.datasets import load_sample_images

from crack.data.dataset import load_dataset
from crack.data.images import Source
from crack.inference.prediction import Reason
from crack.inference.predictor import Predictor
from crack.runs.registry import find_model

_IMAGES = 200
_CROPS = 48
_SIDES = (160, 227, 320, 427)  # px


def main() -> None:
    """Print a table with a row per dataset and photo."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("model")
    parser.add_argument("datasets", nargs="*")
    options = parser.parse_args()
    predictor = Predictor(find_model(options.model).folder)
    print("| images | how many | unlike the training data |")
    print("|---|---|---|")
    for name in options.datasets:
        dataset = load_dataset(name)
        files = dataset.samples["file"]
        chosen = files.sample(min(_IMAGES, len(files)), random_state=0)
        _print_row(predictor, name, ((file, dataset.path(file)) for file in chosen))
    for name, photo in zip(*_photos(), strict=True):
        _print_row(predictor, f"crops of {name}", _crops(photo))


def _print_row(
    predictor: Predictor, name: str, items: Iterator[tuple[str, Source]]
) -> None:
    unlike = [
        Reason.OUT_OF_DISTRIBUTION in answer.reasons
        for answer in predictor.predict(items)
    ]
    print(f"| {name} | {len(unlike)} | {np.mean(unlike):.1%} |")


def _photos() -> tuple[list[str], list[np.ndarray]]:
    found = load_sample_images()
    return [name.rpartition("/")[2] for name in found.filenames], found.images


def _crops(photo: np.ndarray) -> Iterator[tuple[str, Source]]:
    rng = np.random.default_rng(17)
    height, width, _ = photo.shape
    for number in range(_CROPS):
        side = _SIDES[number % len(_SIDES)]
        top = int(rng.integers(height - side + 1))
        left = int(rng.integers(width - side + 1))
        buffer = io.BytesIO()
        crop = photo[top : top + side, left : left + side]
        Image.fromarray(crop).save(buffer, "PNG")
        yield str(number), buffer.getvalue()


if __name__ == "__main__":
    main()
