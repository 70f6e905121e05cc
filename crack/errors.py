"""The one exception a user is meant to read."""

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
