"""Photos that are named and not sent: only what `CRACK_DATA_ROOTS` allows is opened.

No address outside of that is ever asked for anything.
"""

from __future__ import annotations

from itertools import islice
from pathlib import Path

from crack import settings
from crack.data.locations import check_url, location_of
from crack.data.object_storage import list_photos
from crack.errors import CrackError
from crack.inference.sources import PhotoSource


def check_allowed(url: str) -> None:
    """Refuse a URL that callers may not name.

    Raises:
        CrackError: It is not below one of the `CRACK_DATA_ROOTS`.
    """
    try:
        check_url(url, settings.data_locations() or ())
    except CrackError as error:
        # Where the roots are is nothing to the caller.
        raise CrackError(
            "This URL is not below any of the places that this service may open.",
            "Send the photo itself, or ask whoever runs the service to name its "
            "folder or bucket in CRACK_DATA_ROOTS.",
        ) from error


def photo_at(url: str) -> PhotoSource:
    """Return the photo at a URL, or why it cannot be had."""
    try:
        check_allowed(url)
        location = location_of(url)
        if isinstance(location, Path):
            return location
        found = list(islice(list_photos(location), 2))
    except CrackError as error:
        return error
    if [photo.url for photo in found] != [location]:
        return CrackError("Expected the URL of one photo, got that of a folder.")
    return found[0]
