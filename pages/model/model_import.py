"""A classifier of the user's own as a model."""

from __future__ import annotations


def draw_import() -> None:
    """Draw the form to import a Keras file."""
