"""Where files lie: a path of this computer, or the URL of something elsewhere."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO
from urllib.parse import unquote

from crack import storage
from crack.data.folders import check_inside
from crack.data.images import check_is_file
from crack.data.object_storage import (
    PACKAGES,
    delete_url,
    exists_at,
    names_below,
    open_url,
    read_url,
    write_url,
)
from crack.errors import CrackError, unreadable

Location = Path | str
"""A path, or a URL that `check_url` has accepted."""

_FILE = "file://"
_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")
_CONTROL = re.compile("[\x00-\x1f\x7f]")


def is_url(text: str) -> bool:
    """Return whether a text is a URL, of an accepted kind or not."""
    return _URL.match(text) is not None


def location_of(text: str) -> Location:
    """Return what somebody typed as a path or URL; a `file://` URL is a path.

    Raises:
        CrackError: As `check_url`, or nothing was typed: that would be the folder in
            which the program runs.
    """
    if not text:
        raise CrackError("A path is empty.", "Name a file or a folder; this one is '.'")
    if not is_url(text):
        return Path(text)
    check_url(text)
    return _local(text)


def path_of(text: str) -> Path:
    """Return what somebody typed as a path of this computer.

    Raises:
        CrackError: It is the URL of another place, or empty.
    """
    location = location_of(text)
    if isinstance(location, str):
        raise CrackError(
            "A path on this computer is needed here, and this is a URL.",
            "Name a file or a folder.",
        )
    return location


def check_url(url: str, roots: Sequence[Location] | None = None) -> None:
    """Refuse a URL that cannot be opened, or must not be.

    Args:
        url: As somebody typed it; the error does not repeat it.
        roots: Folders and URLs below which it must lie, as of
            `crack.settings.data_locations`; None if it may lie anywhere.

    Raises:
        CrackError: It is of an unknown kind, holds credentials, or leads elsewhere.
    """
    scheme, _, rest = url.partition("://")
    kinds = (*PACKAGES, "file")
    # First, as for a signed https:// URL it says what to do.
    _check_no_credentials(rest)
    if scheme not in kinds:
        accepted = ", ".join(f"{kind}://" for kind in kinds)
        raise CrackError(f"Expected a URL that begins with one of {accepted}.")
    _check_text(rest)
    if scheme != "file" and rest.startswith("/"):
        raise CrackError("This URL names no bucket.", "Write s3://BUCKET/FOLDER.")
    if roots is not None:
        _check_below(url, roots)


def open_location(location: Location) -> BinaryIO:
    """Open a file to read its bytes, from any place of it.

    Raises:
        CrackError: It cannot be opened.
    """
    place = _local(location)
    if isinstance(place, str):
        return open_url(place)
    check_is_file(place)
    try:
        return place.open("rb")
    except OSError as error:
        raise unreadable(f"The file {place.name}", error) from error


def read_location(location: Location) -> bytes:
    """Return the content of a file.

    Raises:
        CrackError: It cannot be read.
    """
    place = _local(location)
    if isinstance(place, str):
        return read_url(place)
    with open_location(place) as file:
        return file.read()


def write_location(location: Location, content: bytes) -> None:
    """Write a file, which appears whole or not at all, in place of one of its name.

    Raises:
        CrackError: It cannot be written.
    """
    place = _local(location)
    if isinstance(place, str):
        write_url(place, content)
    else:
        place.parent.mkdir(parents=True, exist_ok=True)
        storage.write_bytes(place, content)


def delete_location(location: Location) -> None:
    """Delete a file; nothing if it is not there.

    Raises:
        CrackError: It cannot be deleted.
    """
    place = _local(location)
    if isinstance(place, str):
        delete_url(place)
    else:
        place.unlink(missing_ok=True)


def exists(location: Location) -> bool:
    """Return whether there is a file.

    Raises:
        CrackError: That cannot be known.
    """
    place = _local(location)
    return exists_at(place) if isinstance(place, str) else place.exists()


def names_in(folder: Location) -> list[str]:
    """Return the sorted names in a folder, none if it is not there.

    Raises:
        CrackError: It cannot be read.
    """
    place = _local(folder)
    if isinstance(place, str):
        return names_below(place)
    return sorted(entry.name for entry in place.iterdir()) if place.exists() else []


def within(folder: Location, name: str) -> Location:
    """Return where a name in a folder lies."""
    place = _local(folder)
    return f"{place.rstrip('/')}/{name}" if isinstance(place, str) else place / name


def _local(location: Location) -> Location:
    """Return a `file://` URL as a path, and anything else as it is."""
    if isinstance(location, Path) or not location.startswith(_FILE):
        return location
    host, _, path = location.removeprefix(_FILE).partition("/")
    if host not in ("", "localhost"):
        raise CrackError(
            "This file:// URL names another computer.",
            "Write three slashes before the path: file:///FOLDER.",
        )
    return Path("/", unquote(path))


def _check_no_credentials(rest: str) -> None:
    """Refuse a user, a password or a signature, by their place in a URL."""
    if "@" in rest.partition("/")[0] or re.search(r"\?.*=", rest, re.DOTALL):
        raise CrackError(
            "This URL holds a user, a password or a signature.",
            "Leave it out, and give credentials by the means of the provider: its "
            "environment variables, a profile, or the role of the machine.",
        )


def _check_text(rest: str) -> None:
    """Refuse what could be understood as another place than it looks like."""
    plain = unquote(rest)
    climbs = {".", ".."} & set(plain.split("/"))
    if climbs or "\\" in plain or _CONTROL.search(plain):
        raise CrackError(
            "This URL has '.', '..', a backslash or a control character in its path.",
            "Name the file or folder itself.",
        )


def _check_below(url: str, roots: Sequence[Location]) -> None:
    place = _local(url)
    if isinstance(place, Path):
        check_inside(place, [root for root in roots if isinstance(root, Path)])
        return
    named = [root.rstrip("/") for root in roots if isinstance(root, str)]
    if not any(place == root or place.startswith(f"{root}/") for root in named):
        raise CrackError(
            "Here this program opens only the URLs it was told to, and this is not one "
            "of them.",
            "Name its bucket or folder in CRACK_DATA_ROOTS, or ask whoever runs the "
            "program to do so.",
        )
