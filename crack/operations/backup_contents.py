"""What a backup consists of, for those that write and read it.

It is a plain TAR: the files of the workspace under `workspace/`, the rows of the
database under `database/`, then `manifest.json` and its hash, which end a whole backup.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from crack import settings

FORMAT = 1
FILES, TABLES = "workspace/", "database/"
MANIFEST, MANIFEST_HASH = "manifest.json", "manifest.sha256"

_MADE_AGAIN = ("cache", "keras")  # computed or downloaded again when needed
_DATABASE = "inspections.db"  # with its journals and its lock


@dataclass(frozen=True)
class Member:
    """A file in a backup.

    Attributes:
        name: In the backup.
        size: In bytes.
        sha256: Of the content, in hex digits.
        rows: Of a table of the database; None for a file of the workspace.
    """

    name: str
    size: int
    sha256: str
    rows: int | None = None


@dataclass(frozen=True)
class Linked:
    """Images that are not in the backup, since they lie outside the workspace.

    Attributes:
        dataset: Name of the dataset.
        folder: Where they are.
        images: How many.
    """

    dataset: str
    folder: str
    images: int


@dataclass(frozen=True)
class Manifest:
    """The content of `manifest.json`.

    Attributes:
        version: Of the program that wrote the backup.
        created: When, as ISO 8601 in UTC.
        revision: Of the tables of the database.
        members: Everything in it.
        empty_folders: Of the workspace.
        linked: What is not in it.
        lost_photos: Of inspections, whose files were gone before.
        format: Of the backup.
    """

    version: str
    created: str
    revision: str
    members: tuple[Member, ...]
    empty_folders: tuple[str, ...]
    linked: tuple[Linked, ...]
    lost_photos: int
    format: int = FORMAT

    @property
    def files(self) -> list[Member]:
        """Those of the workspace."""
        return [member for member in self.members if member.rows is None]

    @property
    def rows(self) -> int:
        """Of all tables of the database."""
        return sum(member.rows or 0 for member in self.members)

    @property
    def size(self) -> int:
        """Of all members, in bytes."""
        return sum(member.size for member in self.members)

    def to_bytes(self) -> bytes:
        """Return it as JSON."""
        return json.dumps(asdict(self), indent=1).encode()

    @classmethod
    def from_bytes(cls, content: bytes) -> Manifest:
        """Return it from JSON.

        Raises:
            ValueError: It is not one, or of a format that this program does not know.
        """
        try:
            fields = json.loads(content)
            if fields["format"] != FORMAT:
                raise ValueError(f"format {fields['format']} is unknown")
            fields["members"] = tuple(Member(**each) for each in fields["members"])
            fields["linked"] = tuple(Linked(**each) for each in fields["linked"])
            return cls(**fields)
        except (KeyError, TypeError) as error:
            raise ValueError(f"it is no manifest: {error}") from error


def hash_of(content: bytes) -> str:
    """Return the SHA-256 in hex digits."""
    return hashlib.sha256(content).hexdigest()


def kept_files() -> Iterator[tuple[Path, list[str]]]:
    """Yield each folder of the workspace with the files that a backup keeps.

    Whatever is not known to be dispensable is kept, so that a new kind of file needs no
    change here. Names with a leading dot are locks, or what is being made or deleted.
    """
    home = settings.home()
    # Links are followed: a user may have moved a folder to another disk.
    for place, folders, names in os.walk(home, followlinks=True):
        folder = Path(place)
        top = folder == home
        skipped = _MADE_AGAIN if top else ()
        folders[:] = sorted(
            name for name in folders if name[0] != "." and name not in skipped
        )
        yield (
            folder,
            sorted(
                name
                for name in names
                if name[0] != "." and not (top and name.startswith(_DATABASE))
            ),
        )
