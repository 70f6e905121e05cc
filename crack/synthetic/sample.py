"""The sample dataset: drawn photos, for users without photos of their own.

`$CRACK_HOME/sample/` holds `patches/` (the dataset `sample`, with the class folders and
`photos.csv`), `masks/` (where the cracks of those patches are, white), and a few large
photos in `scenes/` with their `scene-masks/`.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from functools import partial
from itertools import islice
from pathlib import Path

import pandas as pd

from crack import settings, storage
from crack.access import change
from crack.data.dataset import (
    Dataset,
    Progress,
    check_dataset,
    dataset_names,
    load_dataset,
)
from crack.data.importer import add_dataset
from crack.data.source_photos import PHOTOS_FILE
from crack.disk_space import check_space
from crack.errors import CrackError
from crack.locks import locked
from crack.synthetic.sample_files import CRACK, NO_CRACK, Scene
from crack.synthetic.sample_workers import Answer, answers

SAMPLE = "sample"
"""Name of the dataset."""

NOTE = (
    "Drawn by this program, not photographed: made-up surfaces to try things out. "
    "Numbers measured on them say nothing about real concrete."
)
"""Shown wherever the drawn photos, or numbers measured on them, are shown."""

_PER_CLASS = 300  # patches
_MOST_PHOTOS = 400  # never reached; only a bound for the search for patches

# The seeds were chosen by looking, so that no two scenes are alike; after a change of
# the drawing look again.
_SCENES = (
    Scene(1, seed=10, height=2000, width=3000, cracked=True),  # one wide crack
    Scene(2, seed=12, height=2000, width=3000, cracked=True),  # a crack across a joint
    Scene(3, seed=6, height=2000, width=3000, cracked=False),  # a wire
    Scene(4, seed=3, height=2000, width=3000, cracked=True),  # map cracking and a pipe
    Scene(5, seed=6, height=3000, width=2000, cracked=True),  # a fine crack
    Scene(6, seed=8, height=3000, width=2000, cracked=False),  # a pipe, boards, rust
)

_BYTES = 60_000_000  # while they are drawn; 18 MB stay

_README = """\
The pictures in this folder are drawn by a program, not photographed. They are there to
try the crack dashboard out. Numbers measured on them say nothing about real concrete.

patches/      two classes of small pictures; photos.csv tells which were cut from one
masks/        where the cracks of the patches are, in white
scenes/       large pictures, some with cracks and some with what looks like them
scene-masks/  where their cracks are, in white

The folder may be deleted; `python -m crack sample` draws it again.
"""


def make_sample(progress: Progress | None = None) -> Dataset:
    """Draw the sample photos and add them as a dataset, unless that was done before.

    The photos are the same each time, whatever the number of processors. If another
    process is drawing them, this waits for it.

    Args:
        progress: Called with the current activity and its progress.

    Returns:
        The dataset `SAMPLE`, made now or before.

    Raises:
        CrackError: There is another dataset of that name, or photos drawn earlier have
            changed.
    """
    report = progress or (lambda *_: None)
    if SAMPLE in dataset_names():
        return _checked(load_dataset(SAMPLE), report)
    return draw_sample(report)


@change("draw the sample photos", on="{result.name}")
def draw_sample(report: Progress) -> Dataset:
    """Draw the sample photos, see `make_sample`."""
    settings.home().mkdir(parents=True, exist_ok=True)
    # After a second click the first drawing ends when it next reports progress.
    waiting = partial(report, "Waiting for another drawing", 0, 1)
    with locked(settings.home() / ".drawing.lock", meanwhile=waiting):
        if SAMPLE in dataset_names():  # another process was drawing them
            return _checked(load_dataset(SAMPLE), report)
        _draw_all(report)
        return add_dataset(
            SAMPLE,
            settings.sample_dir() / "patches",
            crack_class=CRACK,
            note=NOTE,
            progress=report,
        )


def scene_files() -> list[Path]:
    """Return the large drawn photos by number; none before they are drawn."""
    return sorted((settings.sample_dir() / "scenes").glob("scene-*.jpg"))


def _checked(dataset: Dataset, report: Progress) -> Dataset:
    """Return the dataset if it is the drawn one and complete."""
    again = f"Delete the dataset '{SAMPLE}', then draw the sample photos again."
    if dataset.root != settings.sample_dir() / "patches":
        raise CrackError(
            f"The dataset '{SAMPLE}' is not the one that this program draws.", again
        )
    spoilt = len(check_dataset(dataset, report))
    spoilt += len(_SCENES) - len(scene_files())
    if spoilt:
        raise CrackError(f"{spoilt} of the sample photos were changed or lost.", again)
    return dataset


def _draw_all(report: Progress) -> None:
    """Fill the folder of the sample, replacing photos that are already there."""
    target = settings.sample_dir()
    check_space(target.parent, _BYTES, "Drawing the sample photos")
    if target.exists():
        storage.remove_folder(target)
    with storage.new_folder(target) as folder:
        # Photos are drawn ahead, so some of the files are not needed in the end.
        drawn = folder / "drawn"
        photos = range(1, _MOST_PHOTOS + 1)
        with answers(drawn, [*_SCENES, *photos]) as answered:
            _draw_scenes(answered, drawn, report)
            _draw_patches(answered, drawn, report)
        shutil.rmtree(drawn)
        (folder / "README.txt").write_text(_README, encoding="utf-8")


def _draw_scenes(answered: Iterator[Answer], drawn: Path, report: Progress) -> None:
    report("Drawing scenes", 0, len(_SCENES))
    for done, _ in enumerate(islice(answered, len(_SCENES)), start=1):
        report("Drawing scenes", done, len(_SCENES))
    for name in ("scenes", "scene-masks"):
        (drawn / name).rename(drawn.parent / name)


def _draw_patches(answered: Iterator[Answer], drawn: Path, report: Progress) -> None:
    """Keep patches of photo after photo until there are enough of both classes."""
    patches, masks = drawn.parent / "patches", drawn.parent / "masks"
    for made in (patches / CRACK, patches / NO_CRACK, masks):
        made.mkdir(parents=True)
    files: dict[str, list[str]] = {CRACK: [], NO_CRACK: []}
    for written in answered:
        for class_name, stems in written.items():
            kept = files[class_name]
            for stem in stems[: _PER_CLASS - len(kept)]:
                file, mask = f"{class_name}/{stem}.jpg", f"{stem}.png"
                (drawn / file).rename(patches / file)
                if class_name == CRACK:
                    (drawn / "masks" / mask).rename(masks / mask)
                kept.append(file)
        enough = sum(len(kept) for kept in files.values())
        report("Drawing patches", enough, 2 * _PER_CLASS)
        if enough == 2 * _PER_CLASS:
            break
    rows = [(file, Path(file).stem[:-3]) for kept in files.values() for file in kept]
    pd.DataFrame(rows, columns=["file", "photo"]).to_csv(
        patches / PHOTOS_FILE, index=False
    )
