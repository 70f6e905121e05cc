"""Who may call from outside this computer: a file of tokens, of which it has no token.

`$CRACK_SERVICE_TOKENS` names it. A line is a name, a role and the SHA-256 of a token in
hex digits. A token has 256 random bits, so that the hash need not be a slow one.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import re
import secrets
from pathlib import Path

from crack.access import Actor, Role, change
from crack.errors import CrackError, unreadable

VARIABLE = "CRACK_SERVICE_TOKENS"

_BYTES = 32
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@+-]{0,99}")
_HASH = re.compile(r"[0-9a-f]{64}")

Known = tuple[tuple[str, Actor], ...]
"""The hash of each token, and whose it is."""


def tokens_file() -> Path | None:
    """Return the file with the tokens, None if none is named."""
    named = os.environ.get(VARIABLE)
    return Path(named) if named else None


def read_tokens(path: Path) -> Known:
    """Return whose tokens are known.

    Raises:
        CrackError: The file cannot be read, or one of its lines is damaged: it must not
            open the door wider than somebody meant.
    """
    try:
        lines = path.read_text("utf-8").splitlines()
    except OSError as error:
        raise unreadable(f"The file of tokens {path}", error) from error
    except UnicodeDecodeError as error:
        raise _damaged(path, 1) from error
    known = []
    for number, line in enumerate(lines, start=1):
        words = line.split()
        if words and not line.startswith("#"):
            known.append(_entry(path, number, words))
    return tuple(known)


def whose(token: str, known: Known) -> Actor | None:
    """Return whose token it is, None if nobody's; how long that takes tells nothing."""
    given, found = _hash(token), None
    for kept, actor in known:
        if hmac.compare_digest(kept, given):
            found = actor
    return found


@change("make a token", Role.ADMIN, on="{name}, {role.words}")
def new_token(name: str, role: Role) -> str:
    """Add a line to the file of tokens, and return the token, which is kept nowhere.

    Args:
        name: Of whoever will call, as log and audit name them.
        role: What they may do.

    Raises:
        CrackError: No file is named, it cannot be written or is damaged, or the name is
            taken or unusable.
    """
    path = tokens_file()
    if path is None:
        raise CrackError(
            "It is not said where tokens are kept.", f"Set {VARIABLE} to a file."
        )
    if not _NAME.fullmatch(name):
        raise CrackError(
            f"'{name}' cannot be the name of a caller.",
            "Use up to 100 letters, digits and . _ @ + -",
        )
    known = read_tokens(path) if path.exists() else ()
    if any(actor.name == name for _, actor in known):
        raise CrackError(
            f"'{name}' has a token already.", f"Delete that line of {path} first."
        )
    token = secrets.token_urlsafe(_BYTES)
    _append(path, f"{name} {role.words} {_hash(token)}\n")
    return token


def _entry(path: Path, number: int, words: list[str]) -> tuple[str, Actor]:
    roles = {role.words: role for role in Role}
    if len(words) != 3 or words[1] not in roles or not _HASH.fullmatch(words[2]):
        raise _damaged(path, number)
    return words[2], Actor(words[0], roles[words[1]])


def _append(path: Path, line: str) -> None:
    def owner_only(file: str, flags: int) -> int:
        return os.open(file, flags, 0o600)

    try:
        with open(path, "a", encoding="utf-8", opener=owner_only) as file:
            file.write(line)
    except OSError as error:
        raise CrackError(
            f"The file of tokens {path} cannot be written: {error.strerror}."
        ) from error


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _damaged(path: Path, number: int) -> CrackError:
    return CrackError(
        f"Line {number} of the file of tokens {path} is none.",
        "A line is a name, a role (viewer, engineer, admin) and the SHA-256 of a "
        "token: python -m crack serve --new-token NAME ROLE",
    )
