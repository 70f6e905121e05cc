"""From a folder of class folders, or a ZIP of one, to an indexed dataset."""

from __future__ import annotations

import os
import zipfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from crack import settings, storage
from crack.access import change
from crack.data.archive import archive_files, open_zip, unpack
from crack.data.dataset import (
    SAMPLES,
    UNREADABLE,
    Dataset,
    Progress,
    file_hash,
    load_dataset,
)
from crack.data.folders import as_text, check_inside, files_below, is_folder
from crack.data.layout import (
    Layout,
    choose_crack_class,
    find_layout,
    propose_crack_class,
)
from crack.data.measure import measure
from crack.data.near_copies import near_copy_groups
from crack.data.source_photos import read_photos
from crack.errors import CrackError

ZipSource = Path | BinaryIO

_AT_ONCE = 16  # files measured by a thread before it tells: telling takes time too


@dataclass(frozen=True)
class SourceSummary:
    """What a source contains, counted before the import.

    Attributes:
        place: The folder, or the open ZIP.
        layout: Where its class folders are.
    """

    place: Path | zipfile.ZipFile
    layout: Layout

    @property
    def class_counts(self) -> dict[str, int]:
        """Number of files in each class folder, in name order."""
        return {name: len(files) for name, files in self.layout.by_class.items()}

    @property
    def proposed_crack_class(self) -> str | None:
        """The class whose name says crack, None if that is unclear."""
        return propose_crack_class(list(self.layout.by_class))


def inspect_source(
    source: ZipSource, roots: Sequence[Path] | None = None
) -> SourceSummary:
    """Look at the class folders of a folder or ZIP without importing it.

    Args:
        source: Of the images.
        roots: A path must be inside one of these; by default it may be anywhere.

    Raises:
        CrackError: It cannot be read, must not be, or does not hold exactly two class
            folders.
    """
    if isinstance(source, Path) and roots is not None:
        check_inside(source, roots)
    if isinstance(source, Path) and is_folder(source):
        folder = source.resolve()
        return SourceSummary(folder, find_layout(files_below(folder, roots)))
    archive = open_zip(source)
    return SourceSummary(archive, find_layout(archive_files(archive)))


@change("add a dataset", on="{name}")
def add_dataset(
    name: str,
    source: ZipSource,
    *,
    summary: SourceSummary | None = None,
    crack_class: str | None = None,
    note: str = "",
    origin: str = "",
    progress: Progress | None = None,
) -> Dataset:
    """Index the images of `source` as the dataset `name`.

    A folder is used where it is; a ZIP is unpacked into the workspace. Files that
    cannot be read are left out and listed in the dataset. An optional `photos.csv`
    beside the class folders says which images were cut from one photo.

    Args:
        name: Letters, digits, dot, dash and underscore.
        source: Folder of two class folders, or a ZIP of one (path or open file).
        summary: What `inspect_source` said of the source, if it was asked just now.
        crack_class: The class folder that means crack; by default the one whose name
            says so.
        note: What a reader must know about numbers measured on it, see `Dataset`.
        origin: Where the images are from, in words; by default the place of `source`.
        progress: Called with the current activity and its progress.

    Raises:
        CrackError: The name is taken or unusable, the source cannot be read or does
            not hold two classes, `photos.csv` is malformed or names none of the images,
            or the crack class is unclear. Nothing is left behind.
    """
    folder = settings.datasets_dir() / name
    storage.check_name(name, "a dataset")
    if folder.exists():
        raise CrackError(
            f"There is a dataset named '{name}' already.", "Choose another name."
        )
    summary = summary or inspect_source(source)
    layout = summary.layout
    class_names = list(layout.by_class)
    chosen = choose_crack_class(class_names, crack_class)
    report = progress or (lambda *_: None)
    with storage.new_folder(folder) as partial:
        refused: dict[PurePosixPath, CrackError] = {}
        if in_place := isinstance(summary.place, Path):
            top = summary.place
        else:
            top = partial / "images"
            refused = unpack(summary.place, top, report)
        root = top / layout.parent
        _write_index(partial, root, layout, refused, report)
        if not in_place:
            _keep_images_only(partial, root)
        about = {
            "class_names": class_names,
            "crack_class": chosen,
            # None: inside this folder, even after the workspace was moved.
            "root": _from_home(root) if in_place else None,
            "parent": str(layout.parent),
            "source": origin or _described(source),
            "added": datetime.now(UTC).isoformat(timespec="seconds"),
            "note": note,
            # What tells that they are whole, and of this import.
            "files": {
                name: file_hash(partial / name) for name in (SAMPLES, UNREADABLE)
            },
        }
        storage.write_json(partial / "dataset.json", about)
    return load_dataset(name)


def _described(source: ZipSource) -> str:
    """Return what the user called the source; an upload may have no name."""
    if isinstance(source, Path):
        return str(source)
    return str(getattr(source, "name", "an uploaded ZIP"))


def _from_home(root: Path) -> str:
    """Return a path, relative to the workspace if inside it, which may be moved."""
    home = settings.home()
    return str(root.relative_to(home) if root.is_relative_to(home) else root)


def _write_index(
    folder: Path,
    root: Path,
    layout: Layout,
    refused: dict[PurePosixPath, CrackError],
    report: Progress,
) -> None:
    """Measure every image once; write samples.csv and unreadable.csv."""
    files = [
        (file, name) for name, members in layout.by_class.items() for file in members
    ]
    photo_of = read_photos(root, [file for file, _ in files])  # first: it can raise
    rows: list[dict[str, Any]] = []
    signatures: list[NDArray[np.float16]] = []
    unreadable = [(f, "It is in neither class folder.") for f in layout.loose]
    # No more threads than cores: each holds a whole picture in memory.
    pool = ThreadPoolExecutor(os.cpu_count())
    try:
        measured = pool.map(
            lambda pairs: [
                refused.get(layout.parent / pair[0]) or measure(root, *pair)
                for pair in pairs
            ],
            [files[at : at + _AT_ONCE] for at in range(0, len(files), _AT_ONCE)],
        )
        results = chain.from_iterable(measured)
        for done, ((file, _), result) in enumerate(
            zip(files, results, strict=True), start=1
        ):
            if isinstance(result, CrackError):
                unreadable.append((file, result.message))
            else:
                rows.append(result[0])
                signatures.append(result[1])
            report("Reading images", done, len(files))
    finally:
        # A user who stops the import must not wait until the other files are read.
        pool.shutdown(cancel_futures=True)
    _check_readable(layout, rows, unreadable)
    samples = pd.DataFrame(rows)
    report("Looking for near-copies", 0, 1)
    samples["group"] = near_copy_groups(np.stack(signatures), list(samples["sha256"]))
    if photo_of:
        samples["photo"] = samples["file"].map(photo_of).fillna("")
    samples.to_csv(folder / SAMPLES, index=False)
    listed = [(as_text(str(file)), reason) for file, reason in unreadable]
    pd.DataFrame(listed, columns=["file", "reason"]).to_csv(
        folder / UNREADABLE, index=False
    )


def _keep_images_only(folder: Path, root: Path) -> None:
    """Delete what was unpacked but is no readable image: nobody can use it."""
    listed = pd.read_csv(folder / UNREADABLE, dtype=str, keep_default_na=False)
    for file in listed["file"]:
        (root / file).unlink(missing_ok=True)


def _check_readable(
    layout: Layout,
    rows: list[dict[str, Any]],
    unreadable: list[tuple[PurePosixPath, str]],
) -> None:
    """Raise a CrackError for a class without a readable image."""
    readable = {row["class"] for row in rows}
    reasons = dict(unreadable)
    for name, files in layout.by_class.items():
        if name not in readable:
            raise CrackError(
                f"None of the {len(files)} files in {name} can be read as an image.",
                f"The first one: {as_text(str(files[0]))}: {reasons[files[0]]}",
            )
