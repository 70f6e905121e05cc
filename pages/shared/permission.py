"""What a visitor may not do: shown as a disabled button that says why."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypedDict

from crack.access import refusal
from pages.shared.formatting import plain


class Permission(TypedDict):
    """Arguments of a button."""

    disabled: bool
    help: str | None


def allowed(
    change: Callable[..., Any], *, disabled: bool = False, help: str | None = None
) -> Permission:
    """Return how to draw the button of a change: as told, or disabled with a reason.

    The core refuses as well, whatever is drawn.

    Args:
        change: A function declared with `crack.access.change`.
        disabled: Whether the button is disabled for another reason.
        help: What its tooltip says otherwise.
    """
    refused = refusal(change)
    if refused is None:
        return {"disabled": disabled, "help": help}
    return {"disabled": True, "help": plain(str(refused))}
