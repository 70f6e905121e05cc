"""From a folder of class folders, or a ZIP of one, to an indexed dataset."""

from __future__ import annotations

import hashlib
import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO, NoReturn

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import ndimage

from crack import settings, storage
from crack.data.archive import archive_files, is_hidden, unpack
from crack.data.dataset import Dataset, Progress, load_dataset
from crack.data.duplicates import near_copy_groups, signature
from crack.data.images import check_byte_count, decode_image
from crack.data.photos import PHOTOS_FILE, read_photos
from crack.errors import CrackError

ZipSource = Path | BinaryIO

# SDNET2018 calls cracked decks, walls and pavements CD, CW and CP.
_CRACK_NAMES = {"positive", "pos", "crack", "cracks", "cracked", "cd", "cw", "cp", "1"}


@dataclass(frozen=True)
class SourceSummary:
    """What a source holds before anything is imported.

    Attributes:
        class_counts: Number of files in each class folder, in name order.
        proposed_crack_class: The class whose name says crack, None if that is unclear.
    """

    class_counts: dict[str, int]
    proposed_crack_class: str | None


def propose_crack_class(class_names: list[str]) -> str | None:
    """Return the only class name that says crack, None if there is not just one."""
    says_crack = [n for n in class_names if n.strip().lower() in _CRACK_NAMES]
    return says_crack[0] if len(says_crack) == 1 else None


def inspect_source(source: ZipSource) -> SourceSummary:
    """Count the class folders of a folder or ZIP without importing it.

    Raises:
        CrackError: It cannot be read, or does not hold exactly two class folders.
    """
    if isinstance(source, Path) and _is_folder(source):
        layout = _find_layout(_files_below(source))
    else:
        layout = _find_layout(archive_files(source))
    counts = {name: len(members) for name, members in layout.by_class.items()}
    return SourceSummary(counts, propose_crack_class(list(counts)))


def add_dataset(
    name: str,
    source: ZipSource,
    *,
    crack_class: str | None = None,
    note: str = "",
    progress: Progress | None = None,
) -> Dataset:
    """Index the images of `source` as the dataset `name`.

    A folder is used where it lies; a ZIP is unpacked into the workspace. Files that
    cannot be read are listed in the dataset and left out. Beside the class folders may
    lie `photos.csv`, which tells the images that were cut from one photo.

    Args:
        name: Letters, digits, dot, dash and underscore.
        source: Folder of two class folders, or a ZIP of one (path or open file).
        crack_class: The class folder that means crack; by default the one whose name
            says so.
        note: What a reader of numbers measured on it must know, see `Dataset`.
        progress: Told what is being done and how far it is.

    Raises:
        CrackError: The name is taken or unusable, the source cannot be read or does
            not hold two classes, `photos.csv` is malformed, or the crack class is
            unclear. Nothing is left behind.
    """
    folder = settings.datasets_dir() / name
    storage.check_name(name, "a dataset")
    if folder.exists():
        raise CrackError(
            f"There is a dataset named '{name}' already.", "Choose another name."
        )
    chosen = _choose_crack_class(inspect_source(source), crack_class)
    report = progress or (lambda *_: None)
    with storage.new_folder(folder) as partial:
        in_place = isinstance(source, Path) and _is_folder(source)
        if isinstance(source, Path) and in_place:
            top = source.resolve()
        else:
            top = partial / "images"
            unpack(source, top, report)
        layout = _find_layout(_files_below(top))
        root = top / layout.parent
        _write_index(partial, root, layout, report)
        about = {
            "class_names": list(layout.by_class),
            "crack_class": chosen,
            # None: in this folder, wherever the workspace is moved to.
            "root": _from_home(root) if in_place else None,
            "parent": str(layout.parent),
            "source": _described(source),
            "added": datetime.now(UTC).isoformat(timespec="seconds"),
            "note": note,
        }
        storage.write_json(partial / "dataset.json", about)
    return load_dataset(name)


@dataclass(frozen=True)
class _Layout:
    """Where the class folders are: `parent / class / ... / file`."""

    parent: PurePosixPath
    by_class: dict[str, list[PurePosixPath]]  # relative to `parent`
    loose: list[PurePosixPath]  # beside or above the class folders, so of no class


def _find_layout(files: list[PurePosixPath]) -> _Layout:
    """Find the two class folders, below any folders that merely wrap them."""
    parent = PurePosixPath()
    loose: list[PurePosixPath] = []
    while any(len(f.parts) > 2 for f in files):
        folders = {f.parts[0] for f in files if len(f.parts) > 1}
        if len(folders) > 1:
            break
        wrapper = folders.pop()
        parent /= wrapper
        beside = [f for f in files if len(f.parts) == 1]
        loose = [PurePosixPath("..", f) for f in (*loose, *beside)]
        files = [f.relative_to(wrapper) for f in files if len(f.parts) > 1]
    loose += [f for f in files if len(f.parts) == 1 and f.name != PHOTOS_FILE]
    by_class: dict[str, list[PurePosixPath]] = {}
    for file in sorted(files):
        if len(file.parts) > 1:
            by_class.setdefault(file.parts[0], []).append(file)
    if len(by_class) != 2:
        names = ", ".join(list(by_class)[:8]) or "none"
        raise CrackError(
            f"Two class folders with images are needed, one of them with cracks; "
            f"found {len(by_class)} ({names}).",
            "Arrange the images as SOURCE/Positive/... and SOURCE/Negative/...",
        )
    return _Layout(parent, by_class, loose)


def _choose_crack_class(summary: SourceSummary, wanted: str | None) -> str:
    names = list(summary.class_counts)
    if wanted is not None and wanted not in names:
        raise CrackError(
            f"The crack class must be one of {' and '.join(names)}, not '{wanted}'.",
            "Give the name of the folder that holds the cracked images.",
        )
    chosen = wanted or summary.proposed_crack_class
    if chosen is None:
        raise CrackError(
            f"Neither or both of the class names {' and '.join(names)} say crack.",
            "Say which one holds the cracks, with --crack-class NAME.",
        )
    return chosen


def _files_below(top: Path) -> list[PurePosixPath]:
    found: list[PurePosixPath] = []
    # Links to folders are not followed: they may lead round in a circle.
    for folder, inner, names in os.walk(top, onerror=_refuse):
        inner[:] = [name for name in inner if not is_hidden(PurePosixPath(name))]
        paths = (Path(folder, name) for name in names)
        found += [PurePosixPath(p.relative_to(top)) for p in paths if _is_content(p)]
    return [file for file in found if not is_hidden(file)]


def _refuse(error: OSError) -> NoReturn:
    raise CrackError(
        f"{error.filename} cannot be opened: {error.strerror}.",
        "Check the path, its permissions and that the drive is connected.",
    ) from error


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except OSError as error:
        _refuse(error)


def _is_content(path: Path) -> bool:
    """Return whether it is a file: reading a pipe or a device may never end."""
    try:
        return path.is_file()
    except OSError:  # told when it is read
        return True


def _described(source: ZipSource) -> str:
    """Return what the user called the source; an upload may have no name."""
    if isinstance(source, Path):
        return str(source)
    return str(getattr(source, "name", "an uploaded ZIP"))


def _from_home(root: Path) -> str:
    """Return a path; within the workspace told from there, as that may move."""
    home = settings.home()
    return str(root.relative_to(home) if root.is_relative_to(home) else root)


def _write_index(folder: Path, root: Path, layout: _Layout, report: Progress) -> None:
    """Measure every image once; write samples.csv and unreadable.csv."""
    photo_of = read_photos(root)  # first, as it may be refused
    files = [
        (file, name) for name, members in layout.by_class.items() for file in members
    ]
    rows: list[dict[str, Any]] = []
    signatures: list[NDArray[np.float16]] = []
    unreadable = [(_text(file), "It lies in no class folder.") for file in layout.loose]
    pool = ThreadPoolExecutor()
    try:
        measured = pool.map(lambda pair: _measure(root, *pair), files)
        for done, ((file, _), result) in enumerate(
            zip(files, measured, strict=True), start=1
        ):
            if isinstance(result, CrackError):
                unreadable.append((_text(file), result.message))
            else:
                rows.append(result[0])
                signatures.append(result[1])
            report("Reading images", done, len(files))
    finally:
        # Who stops it must not wait until the other files are read.
        pool.shutdown(cancel_futures=True)
    for name in layout.by_class:
        if not any(row["class"] == name for row in rows):
            first, reason = next(u for u in unreadable if u[0].startswith(f"{name}/"))
            raise CrackError(
                f"None of the {len(layout.by_class[name])} files in {name} can be "
                "read as an image.",
                f"The first one: {first}: {reason}",
            )
    samples = pd.DataFrame(rows)
    report("Looking for near-copies", 0, 1)
    samples["group"] = near_copy_groups(np.stack(signatures), list(samples["sha256"]))
    if photo_of:
        samples["photo"] = samples["file"].map(photo_of).fillna("")
    samples.to_csv(folder / "samples.csv", index=False)
    pd.DataFrame(unreadable, columns=["file", "reason"]).to_csv(
        folder / "unreadable.csv", index=False
    )


def _text(file: PurePosixPath) -> str:
    """Return a name for a list; not every name that Linux allows is text."""
    return str(file).encode(errors="backslashreplace").decode()


def _measure(
    root: Path, file: PurePosixPath, class_name: str
) -> tuple[dict[str, Any], NDArray[np.float16]] | CrackError:
    """Return the index row and signature of an image, or why it has none."""
    try:
        str(file).encode()
        check_byte_count((root / file).stat().st_size)
        content = (root / file).read_bytes()
        image = decode_image(content)
    except UnicodeEncodeError:
        return CrackError("Its name is no valid text; give it another one.")
    except OSError as error:
        return CrackError(f"It cannot be opened: {error.strerror}.")
    except CrackError as error:
        return error
    grey = image @ np.array([0.299, 0.587, 0.114], dtype=np.float32)  # ITU-R BT.601
    row = {
        "file": str(file),
        "class": class_name,
        "width": image.shape[1],
        "height": image.shape[0],
        "bytes": len(content),
        "sha256": hashlib.sha256(content).hexdigest(),
        "brightness": round(float(grey.mean()) / 255, 4),
        "contrast": round(float(grey.std()) / 255, 4),
        # Pech-Pacheco et al. 2000, "Diatom autofocusing in brightfield microscopy".
        "sharpness": round(float(ndimage.laplace(grey).var()), 1),
    }
    return row, signature(image)
