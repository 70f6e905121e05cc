"""Answers for whole photos: composites of growing size, drawn and held-out photos.

    CRACK_HOME=WORK python -m benchmarks.whole_photos MODEL [DATA]
    CRACK_HOME=WORK python -m benchmarks.whole_photos MODEL --validation

Composites are walls of 0.3 to 24 megapixels, laid out from one METU image without a
crack; into half of them one METU image with a crack is blended, into the others another
one without. The images are of METU's test part, which the model has not seen (dataset
`metu` of the workspace). The drawn photos, of 1600 x 1200 px, are made for this alone.
DATA, as for `tools.train_default`, has the drone, damage and road photos; those of them
that were held out (WORK is its CRACK_HOME) are judged whole.

`--validation` makes composites of METU's validation images alone, twice as many: to
choose between trainings of a model, so that the other numbers remain a test.
"""

from __future__ import annotations

import argparse
import io
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from PIL import Image

from crack import settings
from crack.data.dataset import Dataset, load_dataset
from crack.data.images import decode_image
from crack.data.split import make_split
from crack.evaluation.holdout import seen_samples
from crack.inference.prediction import Label, Prediction
from crack.inference.predictor import Predictor
from crack.runs.registry import find_model
from crack.synthetic.drawing import draw_photo
from tools.far_walls import blend, sound_wall

SIZES = ((480, 640), (960, 1280), (1536, 2048), (3024, 4032), (4000, 6000))
"""Height and width of the composites, in pixels."""

SPLIT_SEED = 17  # as `crack evaluate` splits a dataset by default


class Photo(NamedTuple):
    """A whole photo, and whether there is a crack in it."""

    kind: str
    cracked: bool
    image: NDArray[np.uint8]


def main() -> None:
    """Print a row for each kind of photo."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("model")
    parser.add_argument("data", nargs="?", type=Path)
    parser.add_argument("--validation", action="store_true")
    options = parser.parse_args()
    if options.validation and options.data:
        parser.error("--validation makes composites alone: leave DATA out.")
    model = find_model(options.model)
    predictor = Predictor(model.folder)
    metu = load_dataset("metu")
    split = make_split(metu, "grouped", SPLIT_SEED)
    if options.validation:
        shown = split[split["split"] == "val"]
        first = ~shown["group"].duplicated()  # of near-copies
        _print_table(predictor, composites(metu, shown[first], count=40))
        return
    unseen = (split["split"] == "test").to_numpy() & ~seen_samples(model.folder, metu)
    _print_table(predictor, composites(metu, split[unseen], count=20))
    _print_table(predictor, drawn_photos(seed=4_000, count=120))
    for name in ("drones", "damage", "roads") if options.data else ():
        _print_table(predictor, held_out(options.data, name))


def composites(metu: Dataset, samples: pd.DataFrame, count: int) -> Iterator[Photo]:
    """Yield walls of each size, half of them with a crack."""
    rng = np.random.default_rng(5)
    is_crack = samples["class"] == metu.crack_class
    cracks = rng.permutation(samples.loc[is_crack, "file"])[:count]
    sound = rng.permutation(samples.loc[~is_crack, "file"])[: 2 * count]
    for height, width in SIZES:
        for number in range(count):
            wall = sound_wall(_read(metu, sound[number]), height, width)
            for cracked, other in ((True, cracks), (False, sound[count:])):
                place = np.random.default_rng([6, number, height])
                image = blend(wall, _read(metu, other[number]), place)
                yield Photo(f"composite, {width} x {height}", cracked, image)


def drawn_photos(seed: int, count: int) -> Iterator[Photo]:
    """Yield drawn photos of 1600 x 1200 px, every other one with cracks."""
    for number in range(count):
        cracked = number % 2 == 0
        rng = np.random.default_rng([seed, number])
        image = draw_photo(rng, 1200, 1600, cracked).image
        yield Photo("drawn, 1600 x 1200", cracked, image)


def held_out(data: Path, name: str) -> Iterator[Photo]:
    """Yield the photos of which nothing was trained on."""
    folder = {"drones": "uav_cc0", "damage": "mdmcs_ccby", "roads": "road_ccby"}[name]
    crops = settings.home() / "sources" / f"{name}-held-out" / "photos.csv"
    stems = {Path(f).name.rsplit("-", 3)[0] for f in pd.read_csv(crops)["file"]}
    for path in sorted((data / folder / "images").iterdir()):
        if path.stem not in stems:
            continue
        mask = next((data / folder / "masks").glob(f"{path.stem}.*"))
        red, *others = np.moveaxis(decode_image(mask).astype(int), -1, 0)
        marked = red > 127
        if name == "damage":  # other colours are other damage
            marked &= np.max(others, axis=0) < 100
        yield Photo(f"{name}, held out", bool(marked.any()), decode_image(path))


def _read(metu: Dataset, file: str) -> NDArray[np.uint8]:
    return decode_image(metu.path(file))


def _print_table(predictor: Predictor, photos: Iterator[Photo]) -> None:
    """Print the number of photos by kind and answer."""
    rows = []
    for photo in photos:
        content = io.BytesIO()
        Image.fromarray(photo.image).save(content, "BMP")  # quickly written and read
        (answer,) = predictor.predict([("", content.getvalue())])
        if not isinstance(answer, Prediction):
            raise SystemExit(f"{photo.kind}: {answer}")
        rows.append((photo.kind, photo.cracked, answer.label))
    frame = pd.DataFrame(rows, columns=["kind", "cracked", "label"])
    told = "with cracks: crack, review, no crack | without: the same"
    print(f"| photos | {told} |\n|---|---|---|")
    for kind, part in frame.groupby("kind", sort=False):
        counts = [
            ", ".join(
                str(((part["cracked"] == cracked) & (part["label"] == label)).sum())
                for label in (Label.CRACK, Label.REVIEW, Label.NO_CRACK)
            )
            for cracked in (True, False)
        ]
        print(f"| {kind} | {counts[0]} | {counts[1]} |", flush=True)


if __name__ == "__main__":
    main()
