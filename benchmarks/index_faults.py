"""Whether dark, overexposed and blurred images are known from the index alone.

    python -m benchmarks.index_faults metu damage drones roads textures

Up to 300 images of each dataset, as they are, darkened, brightened and blurred: what
the index tells is compared with the check that photos to be judged go through.
"""

from __future__ import annotations

import sys

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from crack.data.dataset import load_dataset
from crack.data.images import decode_image
from crack.data.measure import light_and_sharpness
from crack.exploration.judgement import MAY_BE_BLURRED
from crack.exploration.problems import is_dark, is_overexposed
from crack.inference.image_quality import quality_reasons
from crack.inference.prediction import Reason

_IMAGES = 300  # of each dataset
_INPUT = 160  # px, of the network


def variants(
    image: NDArray[np.uint8], rng: np.random.Generator
) -> list[NDArray[np.uint8]]:
    """Return an image as it is, darker, brighter and blurred."""
    blur = ImageFilter.GaussianBlur(rng.uniform(1, 4))
    return [
        image,
        (image * rng.uniform(0.1, 0.5)).astype(np.uint8),
        np.clip(image * rng.uniform(1.2, 2.2), 0, 255).astype(np.uint8),
        np.asarray(Image.fromarray(image).filter(blur)),
    ]


def main() -> None:
    """Print, for each fault, how many are found and how many of these are right."""
    rng = np.random.default_rng(1)
    rows = []
    for name in sys.argv[1:]:
        dataset = load_dataset(name)
        files = dataset.samples["file"]
        for file in files.sample(min(_IMAGES, len(files)), random_state=1):
            for image in variants(decode_image(dataset.path(file)), rng):
                mean, deviation, sharpness = light_and_sharpness(image)
                reasons = quality_reasons(image, _INPUT)
                light = np.array([mean]), np.array([deviation])
                rows.append(
                    (
                        (Reason.DARK in reasons, is_dark(*light)[0]),
                        (Reason.OVEREXPOSED in reasons, is_overexposed(*light)[0]),
                        (Reason.BLURRED in reasons, sharpness < MAY_BE_BLURRED),
                    )
                )
    table = np.array(rows, bool)
    for place, fault in enumerate(("dark", "overexposed", "perhaps blurred")):
        true, told = table[:, place].T
        both = (true & told).sum()
        print(
            f"{fault}: {true.sum()} of {len(table)}; {both / true.sum():.1%} of them "
            f"found, {both / told.sum():.1%} of {told.sum()} found are right"
        )


if __name__ == "__main__":
    main()
