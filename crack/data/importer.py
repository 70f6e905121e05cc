"""From a folder of class folders or of photos with masks, or a ZIP, to a dataset.

Either may be in object storage; it is brought here then.
"""

from __future__ import annotations

import shutil
import zipfile
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from crack import settings, storage
from crack.access import change
from crack.data import fetching
from crack.data.archive import archive_files, open_zip, rar_refused, unpack
from crack.data.dataset import (
    SAMPLES,
    UNREADABLE,
    Dataset,
    Progress,
    file_hash,
    load_dataset,
)
from crack.data.folders import check_inside, files_below, is_folder
from crack.data.index import keep_images_only, write_index
from crack.data.layout import (
    Layout,
    choose_crack_class,
    find_layout,
    propose_crack_class,
)
from crack.data.locations import check_url
from crack.data.masks import MaskedPhotos, find_masked
from crack.data.photo_sizes import some_sizes, typical_side
from crack.data.photo_tiles import cut_photos
from crack.data.published import Published, recognise
from crack.data.stored_source import (
    StoredFolder,
    StoredSource,
    StoredZip,
    list_source,
)
from crack.data.tiles import CRACK, NO_CRACK, TILE_SIDE
from crack.errors import CrackError

ImportSource = Path | str | BinaryIO
"""A folder or ZIP, the URL of one in object storage, or an open ZIP (an upload)."""

Place = Path | zipfile.ZipFile | StoredSource
"""Where the files of a source are."""


@dataclass(frozen=True)
class SourceSummary:
    """What a source contains, counted before the import.

    Attributes:
        place: The folder, the open ZIP, or what is in object storage.
        layout: Where its class folders are; empty ones if it has photos with masks.
        masked: The photos with masks that will be cut into tiles, None if there are
            class folders.
        published: The published dataset that it is, None if it is none that is known.
        side: How long a typical photo is, in pixels; None if that is not known.
    """

    place: Place
    layout: Layout
    masked: MaskedPhotos | None = None
    published: Published | None = None
    side: int | None = None

    @property
    def class_counts(self) -> dict[str, int]:
        """Number of files in each class folder, in name order."""
        return {name: len(files) for name, files in self.layout.by_class.items()}

    @property
    def proposed_crack_class(self) -> str | None:
        """The class whose name says crack, None if that is unclear."""
        return propose_crack_class(list(self.layout.by_class))


def inspect_source(
    source: ImportSource, roots: Sequence[Path] | None = None
) -> SourceSummary:
    """Look at the class folders of a folder or ZIP without importing it.

    Args:
        source: Of the images.
        roots: A path must be inside one of these; by default it may be anywhere. Where
            a URL may lead is up to the caller, see `check_url`.

    Raises:
        CrackError: It cannot be read, must not be, or does not hold exactly two class
            folders.
    """
    if isinstance(source, str):
        check_url(source)
        return _stored_summary(list_source(source))
    if isinstance(source, Path) and roots is not None:
        check_inside(source, roots)
    if isinstance(source, Path) and is_folder(source):
        folder = source.resolve()
        return _summary(folder, files_below(folder, roots))
    archive = open_zip(source)
    return _summary(archive, archive_files(archive))


def _stored_summary(stored: StoredSource) -> SourceSummary:
    if isinstance(stored, StoredFolder):
        return _summary(stored, stored.files)
    with stored.opened() as archive:
        return replace(_summary(archive, archive_files(archive)), place=stored)


def _summary(
    place: Path | zipfile.ZipFile | StoredFolder, files: Collection[PurePosixPath]
) -> SourceSummary:
    if masked := find_masked(files):
        empty = Layout(PurePosixPath(), {CRACK: [], NO_CRACK: []}, [])
        return SourceSummary(place, empty, masked)
    if [file.suffix.lower() for file in files] == [".rar"]:
        raise rar_refused()  # as Mendeley Data packs what is downloaded at once
    layout = find_layout(files)
    sizes = some_sizes(place, layout.parent, layout.by_class)
    published = recognise(layout.by_class, sizes)
    return SourceSummary(place, layout, None, published, typical_side(sizes))


@change("add a dataset", on="{name}")
def add_dataset(
    name: str,
    source: ImportSource,
    *,
    summary: SourceSummary | None = None,
    crack_class: str | None = None,
    note: str = "",
    origin: str = "",
    progress: Progress | None = None,
) -> Dataset:
    """Index the images of `source` as the dataset `name`.

    A folder is used where it is; a ZIP is unpacked into the workspace, and what is in
    object storage is copied there. Files that cannot be read are left out and listed in
    the dataset. An optional `photos.csv` beside the class folders says which images
    were cut from one photo. Photos with masks are cut into tiles, which are kept in the
    workspace.

    Args:
        name: Letters, digits, dot, dash and underscore.
        source: Folder of two class folders, or a ZIP of one.
        summary: What `inspect_source` said of the source, if it was asked just now.
        crack_class: The class folder that means crack; by default the one whose name
            says so.
        note: What a reader must know about numbers measured on it, see `Dataset`.
        origin: Where the images are from, in words; by default the place of `source`.
        progress: Called with the current activity and its progress.

    Raises:
        CrackError: The name is taken or unusable, the source cannot be read or does
            not hold two classes, `photos.csv` is malformed or names none of the images,
            or the crack class is unclear. Nothing is left behind, except what was
            fetched so far from object storage, in the cache.
    """
    folder = settings.datasets_dir() / name
    storage.check_name(name, "a dataset")
    if folder.exists():
        raise CrackError(
            f"There is a dataset named '{name}' already.", "Choose another name."
        )
    summary = summary or inspect_source(source)
    chosen = choose_crack_class(list(summary.layout.by_class), crack_class)
    report = progress or (lambda *_: None)
    with storage.new_folder(folder) as partial:
        layout, root, in_place = _write_images(summary, partial, report)
        about = {
            "class_names": list(layout.by_class),
            "crack_class": chosen,
            # None: inside this folder, even after the workspace was moved.
            "root": _from_home(root) if in_place else None,
            "parent": str(layout.parent),
            "source": origin or _described(source, summary),
            "added": datetime.now(UTC).isoformat(timespec="seconds"),
            "note": note,
            "credit": summary.published.credit if summary.published else "",
            # What tells that they are whole, and of this import.
            "files": {
                name: file_hash(partial / name) for name in (SAMPLES, UNREADABLE)
            },
        }
        storage.write_json(partial / "dataset.json", about)
    if isinstance(summary.place, StoredFolder | StoredZip):
        fetching.forget(summary.place)
    return load_dataset(name)


def _write_images(
    summary: SourceSummary, folder: Path, report: Progress
) -> tuple[Layout, Path, bool]:
    """Bring, unpack or cut what is needed, and write the index.

    Returns:
        Where the class folders are, the folder of them, and whether that is the user's.
    """
    refused: dict[PurePosixPath, CrackError] = {}
    images, layout, masked = folder / "images", summary.layout, summary.masked
    in_place = False
    if isinstance(summary.place, Path):
        in_place, top = True, summary.place
    else:
        top = folder / "photos" if masked else images
        refused = _copied(summary.place, top, report)
    if masked:
        left_out = cut_photos(top, masked, refused, images, report)
        if not in_place:
            shutil.rmtree(top)
        layout = find_layout(files_below(images))
        write_index(folder, images, layout, {}, left_out, report)
        return layout, images, False
    root = top / layout.parent
    left_out = [(file, "It is in neither class folder.") for file in layout.loose]
    write_index(folder, root, layout, refused, left_out, report)
    if not in_place:
        keep_images_only(folder, root)
    return layout, root, in_place


def _copied(
    place: zipfile.ZipFile | StoredSource, top: Path, report: Progress
) -> dict[PurePosixPath, CrackError]:
    if isinstance(place, zipfile.ZipFile):
        return unpack(place, top, report)
    return fetching.bring(place, top, report)


def _described(source: ImportSource, summary: SourceSummary) -> str:
    """Return what the user called the source; an upload may have no name."""
    named = isinstance(source, Path | str)
    called = source if named else getattr(source, "name", None)
    cut = f", cut into tiles of {TILE_SIDE} px by its masks" if summary.masked else ""
    return f"{called or 'an uploaded ZIP'}{cut}"


def _from_home(root: Path) -> str:
    """Return a path, relative to the workspace if inside it, which may be moved."""
    home = settings.home()
    return str(root.relative_to(home) if root.is_relative_to(home) else root)
