"""Where the two class folders of a source are, and which of them means crack."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import PurePosixPath

from crack.data.folders import as_text, is_text
from crack.data.source_photos import PHOTOS_FILE
from crack.errors import CrackError

# SDNET2018 calls cracked decks, walls and pavements CD, CW and CP.
_CRACK_NAMES = {"positive", "pos", "crack", "cracks", "cracked", "cd", "cw", "cp", "1"}

_ByClass = dict[str, list[PurePosixPath]]


@dataclass(frozen=True)
class Layout:
    """Where the class folders are: `parent / class / ... / file`.

    Attributes:
        parent: The folder of the class folders, within the source.
        by_class: The files of each of the two classes in name order, within `parent`.
        loose: Files beside or above the class folders, which have no class.
    """

    parent: PurePosixPath
    by_class: _ByClass
    loose: list[PurePosixPath]


def find_layout(files: Collection[PurePosixPath]) -> Layout:
    """Find the two class folders, which may be inside folders that hold nothing else.

    Args:
        files: Paths within the source.

    Raises:
        CrackError: There are not exactly two, they look like parts of a split rather
            than classes, or the name of a class is not valid text.
    """
    files = sorted(files)
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
    by_class: _ByClass = {}
    for file in files:
        if len(file.parts) > 1:
            by_class.setdefault(file.parts[0], []).append(file)
    _check_classes(by_class)
    return Layout(parent, by_class, loose)


def _check_classes(by_class: _ByClass) -> None:
    names = list(by_class)
    inner = _inner_classes(by_class)
    if inner:
        raise CrackError(
            f"{_listed(names)} each hold the folders {_listed(inner)}, so it is "
            "unclear which are the classes.",
            f"Put all images of {inner[0]} into one folder and all of {inner[1]} into "
            "another: this program makes its own split. Or give just one of "
            f"{_listed(names)} as the source.",
        )
    if len(names) != 2:
        found = ", ".join(map(as_text, names[:8])) or "none"
        raise CrackError(
            f"Two class folders with images are needed, one of them with cracks; "
            f"found {len(names)} ({found}).",
            "Put the images with cracks into one folder and those without into "
            "another, such as Positive and Negative, and give the folder or the ZIP "
            "that holds these two and no third.",
        )
    for name in names:
        if not is_text(name):
            raise CrackError(
                f"The name of the class folder {as_text(name)} is not valid text.",
                "Give the folder another name.",
            )


def _inner_classes(by_class: _ByClass) -> list[str]:
    """Return the two subfolders that all folders share, if any."""
    inner = {
        frozenset(file.parts[1] for file in files if len(file.parts) > 2)
        for files in by_class.values()
    }
    if len(by_class) < 2 or len(inner) > 1 or propose_crack_class(list(by_class)):
        return []
    (same,) = inner
    return sorted(same) if len(same) == 2 else []


def _listed(names: list[str]) -> str:
    *most, last = map(as_text, names)
    return f"{', '.join(most)} and {last}"


def propose_crack_class(class_names: list[str]) -> str | None:
    """Return the only class name that says crack, None if there is not exactly one."""
    says_crack = [n for n in class_names if n.strip().lower() in _CRACK_NAMES]
    return says_crack[0] if len(says_crack) == 1 else None


def choose_crack_class(class_names: list[str], wanted: str | None) -> str:
    """Return the class that means crack: the given one, else the one named so.

    Raises:
        CrackError: The given one is not among them, or none is given and it is unclear.
    """
    if wanted is not None and wanted not in class_names:
        raise CrackError(
            f"The crack class must be one of {' and '.join(class_names)}, not "
            f"'{wanted}'.",
            "Give the name of the folder that holds the cracked images.",
        )
    chosen = wanted or propose_crack_class(class_names)
    if chosen is None:
        raise CrackError(
            f"Neither or both of the class names {' and '.join(class_names)} say "
            "crack.",
            "Add it on the page Add, which asks which one holds the cracks (on the "
            "command line: --crack-class NAME).",
        )
    return chosen
