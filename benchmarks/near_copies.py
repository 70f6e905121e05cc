"""How well near-copies are found: known pairs, and sheets of groups to look at.

    python -m benchmarks.near_copies metu PAIRS.csv --sheets FOLDER

`PAIRS.csv` has the columns `class`, `file_a` and `file_b`: near-copies known from
elsewhere. The sheets show the first and the last picture of random groups side by side,
so that a person can count those that are not of one surface.
"""

from __future__ import annotations

import argparse
import csv
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

from crack.data.dataset import Dataset, load_dataset
from crack.data.images import decode_image, resize_image
from crack.data.split import SplitMethod, make_split

_GROUPS, _ROWS, _COLUMNS = 200, 10, 5  # in all; of a sheet
_SEEDS = (17, 1, 2)
_SIDE, _GAP, _WORDS = 110, 8, 16  # px


def count_pairs(dataset: Dataset, pairs: list[tuple[str, str]]) -> None:
    """Print how many known pairs are in one group, and how many a split parts.

    Args:
        dataset: With the images.
        pairs: Files as in its samples.
    """
    group = dict(zip(dataset.samples["file"], dataset.groups, strict=True))
    together = sum(group[a] == group[b] for a, b in pairs)
    print(f"{together} of {len(pairs)} known pairs ({together / len(pairs):.1%}) found")
    methods: tuple[SplitMethod, ...] = ("grouped", "random")
    for method in methods:
        for seed in _SEEDS:
            split = make_split(dataset, method, seed)
            part = dict(zip(split["file"], split["split"], strict=True))
            parted = sum(part[a] != part[b] for a, b in pairs)
            share = parted / len(pairs)
            print(f"{method}, seed {seed}: {parted} pairs ({share:.1%}) straddle")


def draw_sheets(dataset: Dataset, folder: Path) -> None:
    """Write pictures of random groups of near-copies that are not exact copies.

    Args:
        dataset: With the images.
        folder: Gets `sheet-N.png`.
    """
    samples = dataset.samples
    contents = samples.groupby("group")["sha256"].nunique()
    groups = contents.index[contents > 1].to_numpy()
    rng = np.random.default_rng(1)
    chosen = rng.permutation(groups)[:_GROUPS]
    folder.mkdir(parents=True, exist_ok=True)
    by_group = dict(iter(samples.drop_duplicates("sha256").groupby("group")["file"]))
    on_sheet = _ROWS * _COLUMNS
    for first in range(0, len(chosen), on_sheet):
        sheet = _sheet(dataset, [list(by_group[g]) for g in chosen[first:][:on_sheet]])
        sheet.save(folder / f"sheet-{first // on_sheet + 1}.png")
    print(f"{len(chosen)} of {len(groups)} groups on sheets in {folder}")


def _sheet(dataset: Dataset, groups: list[list[str]]) -> Image.Image:
    width, height = 2 * _SIDE + _GAP, _SIDE + _WORDS + _GAP
    sheet = Image.new("RGB", (_COLUMNS * width, _ROWS * height), "white")
    pen = ImageDraw.Draw(sheet)
    for number, files in enumerate(groups):
        left, top = number % _COLUMNS * width, number // _COLUMNS * height
        for place, file in enumerate((files[0], files[-1])):
            image = resize_image(decode_image(dataset.path(file)), _SIDE, _SIDE)
            sheet.paste(Image.fromarray(image), (left + place * _SIDE, top + _WORDS))
        pen.text((left, top), f"{number + 1}: {len(files)}", fill="black")
    return sheet


def main() -> None:
    """Measure the dataset named on the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("dataset")
    parser.add_argument("pairs", type=Path)
    parser.add_argument("--sheets", type=Path)
    options = parser.parse_args()
    dataset = load_dataset(options.dataset)
    with options.pairs.open() as file:
        rows = list(csv.DictReader(file))
    keys = ("file_a", "file_b")
    pairs = [(f"{r['class']}/{r[keys[0]]}", f"{r['class']}/{r[keys[1]]}") for r in rows]
    count_pairs(dataset, pairs)
    if options.sheets:
        draw_sheets(dataset, options.sheets)


if __name__ == "__main__":
    main()
