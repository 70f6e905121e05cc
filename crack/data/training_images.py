"""What training sees of the images of a dataset."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from crack.data.augment import training_view
from crack.data.dataset import Dataset
from crack.data.images import decode_image, read_source
from crack.errors import CrackError


def training_images(
    dataset: Dataset, samples: Sequence[tuple[str, str]], view: int, side: int
) -> NDArray[np.uint8]:
    """Return what training sees of images, shape (n, side, side, 3).

    Args:
        dataset: Whose images.
        samples: The file and the hash of each.
        view: 0 for the images as they are, otherwise the number of a variation.
        side: Of the input of the network, in px.

    Raises:
        CrackError: A file has changed since it was added, or cannot be read.
    """
    return np.stack(
        [
            training_view(
                decode_image(_content(dataset, file, sha256)), view, sha256, side
            )
            for file, sha256 in samples
        ]
    )


def _content(dataset: Dataset, file: str, sha256: str) -> bytes:
    """Return the bytes of an image, which must match the hash in its dataset."""
    content = read_source(dataset.path(file))
    if hashlib.sha256(content).hexdigest() != sha256:
        name = dataset.name
        raise CrackError(
            f"{file} is not the file that was added to the dataset '{name}': it "
            "has changed since.",
            f"See all such files with: python -m crack dataset check {name}. Then "
            "delete the dataset and add it again.",
        )
    return content
