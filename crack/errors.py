"""The one exception a user is meant to read, and what it says of unreadable files."""

from __future__ import annotations


class CrackError(Exception):
    """An expected failure, as a sentence with a way out.

    Args:
        message: What was expected and what happened instead.
        hint: What the user can do about it.
    """

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message} {self.hint}".strip()


def unreadable(what: str, error: OSError) -> CrackError:
    """Return why a file or folder of the user cannot be read, with a way out.

    Args:
        what: Its name or path, with which the sentence begins.
        error: From the attempt to read it.
    """
    return CrackError(
        f"{what} cannot be read: {error.strerror}.",
        "Check the path, its permissions and that the drive is connected.",
    )
