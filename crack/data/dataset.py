"""A dataset: a folder of labelled images, and the index made of it once.

`datasets/NAME/` holds `dataset.json`, `samples.csv` and `unreadable.csv`; the images
stay where they are, or are in `images/` if they came in a ZIP or from object storage.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, NotRequired, TypedDict

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from crack import settings, storage
from crack.access import Role, change
from crack.checked import check
from crack.data.edits import Action, Edit, changes, edited, give_edit, read_edits
from crack.data.source_photos import join_photos
from crack.errors import CrackError

SAMPLES, UNREADABLE = "samples.csv", "unreadable.csv"

Progress = Callable[[str, int, int], None]
"""Called with the activity, the number of steps done, and their total."""


@dataclass(frozen=True)
class Dataset:
    """Labelled images of two classes.

    Attributes:
        name: Name of the folder that holds the index.
        root: Folder of the images.
        class_names: The two class folders; their order is the order of the model's
            outputs.
        crack_class: The class that means crack.
        samples: One row per readable image: `file` (relative to `root`), `class`,
            `width` and `height` in px, `bytes`, `sha256`, `brightness` and `contrast`
            (mean and standard deviation of the grey value, 0 to 1), `sharpness`
            (variance of the Laplacian of the 8-bit grey image) and `group` (number
            shared by near-copies). If there is a `photos.csv`, also `photo`: the photo
            the image was cut from, "" if it is not known, and if anything tells it
            `photo_sha256` of that photo's file.
        unreadable: One row per file left out: `file`, `reason`.
        source: Where the images came from, in the user's words.
        added: When, as ISO 8601 in UTC.
        note: What a reader must know about numbers measured on it, "" if nothing. The
            part before a colon can be used within a sentence.
        credit: Who published it and the licence, "" if that is not known.
        edits: What was done to images since the import, the newest last; `samples`
            has it already.
    """

    name: str
    root: Path
    class_names: tuple[str, str]
    crack_class: str
    samples: pd.DataFrame
    unreadable: pd.DataFrame
    source: str
    added: str
    note: str = ""
    credit: str = ""
    edits: tuple[Edit, ...] = ()

    def path(self, file: str) -> Path:
        """Return the path of the image `file`."""
        return self.root / file

    @cached_property
    def changes(self) -> dict[str, Action]:
        """What was done to each image left out or relabelled, the newest last."""
        return changes(self.edits)

    @cached_property
    def kept(self) -> frozenset[tuple[str, str]]:
        """Image and problem of all that somebody looked at and kept as it is."""
        kept = (edit for edit in self.edits if edit["action"] == "keep")
        return frozenset((edit["file"], edit.get("problem", "")) for edit in kept)

    @property
    def counts(self) -> dict[str, int]:
        """Number of samples of each class."""
        counts = self.samples["class"].value_counts()
        return {name: int(counts.get(name, 0)) for name in self.class_names}

    @property
    def is_crack(self) -> NDArray[np.bool_]:
        """Shape (n,): whether each sample belongs to the crack class."""
        return (self.samples["class"] == self.crack_class).to_numpy()

    @property
    def near_copies(self) -> int:
        """Number of samples that have at least one near-copy in the dataset."""
        return int(self.samples["group"].duplicated(keep=False).sum())

    @cached_property
    def in_both_classes(self) -> list[list[str]]:
        """Files of each picture that is, byte for byte, in both classes.

        One of the labels is likely wrong, so there should be none.
        """
        classes = self.samples.groupby("sha256")["class"].transform("nunique")
        both = self.samples[classes > 1].groupby("sha256", sort=False)["file"]
        return [files.tolist() for _, files in both]

    @cached_property
    def groups(self) -> NDArray[np.int64]:
        """Shape (n,): number shared by near-copies and by images of one photo."""
        groups = self.samples["group"].to_numpy()
        if "photo" not in self.samples:
            return groups
        return join_photos(groups, self.samples["photo"])

    @property
    def photos(self) -> int:
        """Number of photos that images are known to be parts of."""
        if "photo" not in self.samples:
            return 0
        names = self.samples["photo"]
        return int(names[names != ""].nunique())

    @cached_property
    def fingerprint(self) -> str:
        """Hash of every file name, class and content: the identity of the data."""
        columns = ["file", "class", "sha256"]
        # An explicit line end, so that Windows computes the same hash.
        rows = self.samples[columns].to_csv(index=False, lineterminator="\n")
        return hashlib.sha256(rows.encode()).hexdigest()[:16]


class _About(TypedDict):
    """The content of `dataset.json`; the first versions wrote no more than must be."""

    class_names: tuple[str, str]
    crack_class: str
    root: str | None
    parent: NotRequired[str]
    source: str
    added: str
    note: NotRequired[str]
    credit: NotRequired[str]
    files: NotRequired[dict[str, str]]


def load_dataset(name: str) -> Dataset:
    """Return the dataset called `name`.

    Raises:
        CrackError: There is no dataset of that name, or its index is damaged.
    """
    folder = _folder_of(name)
    try:
        return _read_index(name, folder)
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise CrackError(
            f"The index of the dataset '{name}' cannot be read: it is damaged or "
            "incomplete.",
            "Delete it and add it again "
            f"(on the command line: python -m crack dataset delete {name}).",
        ) from error


def _folder_of(name: str) -> Path:
    # Looked up in the list of names, so that a name such as `../x` cannot lead
    # elsewhere.
    names = dataset_names()
    if name not in names:
        known = ", ".join(names) or "none yet"
        raise CrackError(
            f"There is no dataset named '{name}'. Known datasets: {known}.",
            "Add one (on the command line: python -m crack dataset add NAME SOURCE).",
        )
    return settings.datasets_dir() / name


def _read_index(name: str, folder: Path) -> Dataset:
    about = storage.read_json(folder / "dataset.json")
    check(about, _About)
    first, second = about["class_names"]
    for file, content_hash in about.get("files", {}).items():
        if file_hash(folder / file) != content_hash:
            raise ValueError(f"{file} is not as it was written")
    samples = pd.read_csv(folder / SAMPLES, dtype=_TEXT, keep_default_na=False)
    edits = read_edits(folder)
    return Dataset(
        name=name,
        root=_root_of(folder, about),
        class_names=(first, second),
        crack_class=about["crack_class"],
        samples=edited(samples, changes(edits), (first, second)),
        unreadable=pd.read_csv(folder / UNREADABLE, dtype=str, keep_default_na=False),
        source=about["source"],
        added=about["added"],
        note=about.get("note", ""),
        credit=about.get("credit", ""),
        edits=tuple(edits),
    )


def file_hash(path: Path) -> str:
    """Return the SHA-256 of a file, in hexadecimal."""
    with path.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


def _root_of(folder: Path, about: dict[str, Any]) -> Path:
    if about["root"] is None:
        return folder / "images" / str(about["parent"])
    # A relative path starts at the workspace; an absolute one stays as it is.
    return settings.home() / str(about["root"])


# A class folder named "1" or "NA" must stay text.
_TEXT = dict.fromkeys(("file", "class", "sha256", "photo", "photo_sha256"), str)


def dataset_names() -> list[str]:
    """Return the names of all datasets, sorted."""
    # A leading dot: still being made, or left behind by a killed process.
    found = settings.datasets_dir().glob("[!.]*/dataset.json")
    return sorted(path.parent.name for path in found)


@change("delete a dataset", Role.ADMIN, on="{name}")
def delete_dataset(name: str) -> None:
    """Delete the index of a dataset, and its images if they are in its folder.

    Images of a folder that the user pointed at are left where they are.

    Raises:
        CrackError: There is no dataset of that name.
    """
    storage.remove_folder(_folder_of(name))


@change("edit an image of a dataset", on="{name}, {file}: {action}")
def edit_dataset(name: str, file: str, action: Action, problem: str = "") -> None:
    """Leave an image out, give it the other label, keep it, or undo all that.

    No file changes. Unless it is kept, the dataset has another fingerprint then: runs
    and evaluations of before say which images they are of.

    Args:
        name: Of the dataset.
        file: As in `Dataset.samples`.
        action: What is done to it.
        problem: What it is kept in spite of, a key of `crack.exploration.problems`.

    Raises:
        CrackError: There is no dataset of that name.
    """
    give_edit(_folder_of(name), file, action, problem)


@change("undo all edits of a dataset", on="{name}")
def undo_edits(name: str) -> None:
    """Bring every image of a dataset back to what it was when it was imported.

    Raises:
        CrackError: There is no dataset of that name, or its edits cannot be read.
    """
    folder = _folder_of(name)
    for file in {edit["file"]: None for edit in read_edits(folder)}:
        give_edit(folder, file, "undo")


def check_dataset(dataset: Dataset, progress: Progress | None = None) -> pd.DataFrame:
    """Compare the files with the index.

    Returns:
        One row per file that is no longer what was indexed: `file`, `problem`
        ("missing", "changed" or "unreadable").
    """
    problems = []
    total = len(dataset.samples)
    rows = dataset.samples[["file", "sha256"]].itertuples(index=False)
    for done, (file, sha256) in enumerate(rows, start=1):
        problem = _problem(dataset.path(file), sha256)
        if problem:
            problems.append((file, problem))
        if progress:
            progress("Checking files", done, total)
    return pd.DataFrame(problems, columns=["file", "problem"])


def _problem(path: Path, sha256: str) -> str | None:
    try:
        same = file_hash(path) == sha256
    except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
        return "missing"
    except OSError:
        return "unreadable"
    return None if same else "changed"
