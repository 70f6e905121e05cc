"""Which photos are called blurred, too dark or overexposed, rightly or wrongly.

    python -m benchmarks.photo_quality DATA_FOLDER [--crack-home HOME]

takes real photos from `metu/`, `uav_cc0/images/` and `mdmcs_ccby/images/` of the
folder, draws some, and takes the scenes of the sample where HOME has them. Each photo
is judged as it is, and made worse in known ways. Below, other measures of sharpness on
the same photos, and the time a photo takes.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Iterable
from io import BytesIO
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy.ndimage import convolve, gaussian_filter, laplace, uniform_filter1d

from crack.data.images import decode_image
from crack.inference.image_quality import quality_reasons, sharpness
from crack.inference.prediction import Reason
from crack.synthetic.drawing import EVERYTHING, draw_photo

SEED = 17
DRAWN = 100  # photos
IMAGE_SIZE = 160  # px, of the model
JUDGED = 1000  # px; made worse at the size at which sharpness is judged
TIMED = ((227, 227), (3000, 4000), (9000, 12000))  # px

Photo = NDArray[np.uint8]
Grey = NDArray[np.float32]


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("--crack-home", type=Path)
    options = parser.parse_args()
    sources = _photos(options.data, options.crack_home)
    _print_head("as they are", sources)
    print(_row("photos", [f"{len(photos):,}" for photos in sources.values()]))
    for reason in (Reason.BLURRED, Reason.DARK, Reason.OVEREXPOSED, Reason.SMALL):
        print(_row(reason, [_rate(photos, reason) for photos in sources.values()]))
    sources = {name: [_reduced(p) for p in ps] for name, ps in sources.items()}
    _print_head("made worse", sources)
    for name, (worsen, reason) in WORSE.items():
        cells = [
            _rate([worsen(photo) for photo in photos], reason)
            for photos in sources.values()
        ]
        print(_row(f"{name}: {reason}", cells))
    _compare(sources)
    _time()


def _photos(data: Path, home: Path | None) -> dict[str, list[Photo]]:
    """Return the photos of each source."""
    folders = {
        "METU, crack": data / "metu" / "Positive",
        "METU, no crack": data / "metu" / "Negative",
        "drone": data / "uav_cc0" / "images",
        "damage": data / "mdmcs_ccby" / "images",
    }
    sources = {
        name: [
            decode_image(path)
            for path in sorted(folder.iterdir())[:: 20 if "METU" in name else 1]
        ]
        for name, folder in folders.items()
    }
    sources["drawn"] = [_draw(number) for number in range(DRAWN)]
    scenes = sorted((home / "sample" / "scenes").glob("*.jpg")) if home else []
    if scenes:
        sources["scenes"] = [decode_image(path) for path in scenes]
    return sources


def _draw(number: int) -> Photo:
    """Draw what the model `default` learns from; one in five is a little soft."""
    rng = np.random.default_rng([SEED, 1, number])
    zoom = float(np.exp(rng.normal(0.1, 0.6)))
    cracked = number % 3 > 0
    return draw_photo(rng, 600, 600, cracked, EVERYTHING, zoom, widest=25).image


def _reduced(photo: Photo) -> Photo:
    factor = -(-max(photo.shape[:2]) // JUDGED)
    return np.asarray(Image.fromarray(photo).reduce(factor))


def _rounded(values: NDArray[np.floating]) -> Photo:
    return np.clip(np.round(values), 0, 255).astype(np.uint8)


def _gauss(sigma: float) -> Callable[[Photo], Photo]:
    return lambda photo: _rounded(
        gaussian_filter(photo.astype(np.float32), (sigma, sigma, 0))
    )


def _motion(length: int, kernel: NDArray[np.float64]) -> Callable[[Photo], Photo]:
    weights = (kernel / length)[..., None]
    return lambda photo: _rounded(convolve(photo.astype(np.float32), weights))


def _taken(worsen: Callable[[Photo], Photo]) -> Callable[[Photo], Photo]:
    """As a camera takes it: noise of 2 grey levels, then JPEG."""

    def take(photo: Photo) -> Photo:
        rng = np.random.default_rng(SEED)
        noise = rng.normal(0, 2, (*photo.shape[:2], 1))
        file = BytesIO()
        Image.fromarray(_rounded(worsen(photo) + noise)).save(file, "JPEG", quality=85)
        return decode_image(file.getvalue())

    return take


def _stops(stops: float) -> Callable[[Photo], Photo]:
    """Give so many stops more light, in linear light (sRGB, IEC 61966-2-1)."""
    value = np.arange(256) / 255
    linear = np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4)
    linear = np.clip(linear * 2.0**stops, 0, 1)
    power = 1.055 * linear ** (1 / 2.4) - 0.055
    table = _rounded(np.where(linear <= 0.0031308, 12.92 * linear, power) * 255)
    return lambda photo: table[photo]


WORSE = {
    **{f"sigma {s} px": (_gauss(s), Reason.BLURRED) for s in (1, 2, 3, 4, 8, 30)},
    **{
        f"motion {n} px": (_motion(n, np.ones((1, n))), Reason.BLURRED) for n in (9, 15)
    },
    "motion 15 px, slanted": (_motion(11, np.eye(11)), Reason.BLURRED),
    **{
        f"sigma {s} px, then noise": (_taken(_gauss(s)), Reason.BLURRED) for s in (3, 4)
    },
    **{f"light / {2**n}": (_stops(-n), Reason.DARK) for n in (1, 2, 3, 4)},
    **{f"light x {2**n}": (_stops(n), Reason.OVEREXPOSED) for n in (1, 2, 3)},
}


def _laplacian_variance(grey: Grey) -> float:
    """Pech-Pacheco et al. 2000, ICPR, "Diatom autofocusing [...]"."""
    return float(laplace(grey).var())


def _crete(grey: Grey) -> float:
    """1 - blur of Crete et al. 2007, Proc. SPIE 6492, "The blur effect", 9 taps."""
    sharp = []
    for axis in (0, 1):
        before = np.abs(np.diff(grey, axis=axis))
        after = np.abs(np.diff(uniform_filter1d(grey, 9, axis=axis), axis=axis))
        sharp.append(np.maximum(before - after, 0).sum() / max(before.sum(), 1e-6))
    return float(min(sharp))


def _energy_ratio(grey: Grey) -> float:
    """Energy of gradients across 2 px over that across 8 px, less rounding."""

    def energy(lines: Grey, lag: int) -> float:
        return max(float(np.mean((lines[lag:] - lines[:-lag]) ** 2)) - 1 / 6, 1e-6)

    return min(energy(lines, 2) / energy(lines, 8) for lines in (grey, grey.T))


MEASURES: dict[str, Callable[[Photo], float]] = {
    "variance of the Laplacian": lambda p: _laplacian_variance(_green(p)),
    "blur effect": lambda p: _crete(_green(p)),
    "ratio of gradient energies": lambda p: _energy_ratio(_green(p)),
    "this program": sharpness,
}


def _green(photo: Photo) -> Grey:
    return photo[..., 1].astype(np.float32)


def _compare(sources: dict[str, list[Photo]]) -> None:
    """Print what each measure finds if it may call 1 % of a source blurred wrongly."""
    print("\nfound blurred, of the real sources: lowest rate, mean rate")
    worse = {
        name: worsen for name, (worsen, why) in WORSE.items() if why == Reason.BLURRED
    }
    # Some drawn photos are soft on purpose, and there are few scenes.
    real = [ps for name, ps in sources.items() if name not in ("drawn", "scenes")]
    worsened = {
        name: [[worsen(photo) for photo in photos[::3]] for photos in real]
        for name, worsen in worse.items()
    }
    _print_head("measure", worsened)
    for name, measure in MEASURES.items():
        limit = min(
            np.quantile([measure(photo) for photo in photos], 0.01) for photos in real
        )
        cells = []
        for groups in worsened.values():
            found = [np.mean([measure(p) < limit for p in group]) for group in groups]
            cells.append(f"{min(found):.0%}, {np.mean(found):.0%}".replace("%", " %"))
        print(_row(name, cells))


def _time() -> None:
    print("\nmedian time of 9")
    rng = np.random.default_rng(SEED)
    for height, width in TIMED:
        photo = rng.integers(60, 200, (height, width, 3), np.uint8)
        seconds = []
        for _ in range(9):
            began = time.perf_counter()
            quality_reasons(photo, IMAGE_SIZE)
            seconds.append(time.perf_counter() - began)
        print(f"{width} x {height} px: {np.median(seconds) * 1000:.1f} ms")


def _rate(photos: list[Photo], reason: Reason) -> str:
    found = np.mean([reason in quality_reasons(photo, IMAGE_SIZE) for photo in photos])
    return f"{found:.1%}".replace("%", " %")


def _print_head(title: str, columns: Iterable[str]) -> None:
    head = _row(title, list(columns))
    print(f"\n{head}\n|{'---|' * (head.count('|') - 1)}")


def _row(name: str, cells: list[str]) -> str:
    return f"| {' | '.join([name, *cells])} |"


if __name__ == "__main__":
    main()
