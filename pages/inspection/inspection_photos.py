"""Photos on their way into an inspection: asked about one by one, kept at once."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass

import streamlit as st

from crack.errors import CrackError
from crack.inference.scale import Scale, predict_with_sources
from crack.inference.sources import Item
from crack.inspections.records import InspectedPhoto, Inspection, common_scale
from crack.inspections.store import add_photo
from crack.reporting.words import count
from crack.runs.registry import find_version
from pages.inspection.inspection_uploads import Upload, number_of, sources_of
from pages.shared.cache import predictor
from pages.shared.feedback import TimedBar, notify

_ADDING = "inspection_adding"
_BAR = "Looking at the photos"


@dataclass(frozen=True)
class _Adding:
    """What is still to be added; it outlasts the run of the script."""

    inspection_id: str
    uploads: tuple[Upload, ...]


def start_adding(inspection_id: str, uploads: Sequence[Upload]) -> None:
    """Have `go_on_adding` add photos to an inspection."""
    if uploads:
        st.session_state[_ADDING] = _Adding(inspection_id, tuple(uploads))


def go_on_adding(inspection: Inspection, photos: Sequence[InspectedPhoto]) -> None:
    """Add what `start_adding` was given; do nothing where that was nothing.

    A click ends a running script; the next run goes on with the photos that are not
    there yet. A photo that is there is never asked about again. The others are looked
    at in the scale that those have in common, if they have one.

    Args:
        inspection: To which they belong.
        photos: Those that are there.

    Raises:
        CrackError: The model or the inspection is gone, or something cannot be written
            or read; what was kept before stays.
    """
    adding: _Adding | None = st.session_state.get(_ADDING)
    if adding is None or adding.inspection_id != inspection.id:
        return
    bar = TimedBar()
    st.button(
        "Stop",
        icon=":material/stop:",
        key="inspection_stop",
        on_click=_stop,
        help="The photos so far stay; the others can be added later.",
    )
    try:
        kept = _keep(inspection, photos, adding.uploads, bar)
    except CrackError:
        _stop()
        bar.close()
        raise
    _stop()
    notify(
        f"Kept {count(kept, 'photo')}." if kept else "All of them are there already."
    )
    st.rerun()


def _stop() -> None:
    st.session_state.pop(_ADDING, None)


def _keep(
    inspection: Inspection,
    photos: Sequence[InspectedPhoto],
    uploads: Sequence[Upload],
    bar: TimedBar,
) -> int:
    """Return how many photos were added."""
    model = find_version(inspection.model.name, inspection.model.created)
    if model is None:
        raise CrackError(
            f"The model '{inspection.model.name}' that answers here is not there.",
            "Begin a new inspection with another model.",
        )
    total = sum(number_of(upload) for upload in uploads)
    known = {photo.sha256 for photo in photos if photo.sha256}
    before = {photo.id for photo in photos}
    scale = common_scale(photos)
    kept = set()
    passed = _Passed()
    bar.show(_BAR, 0, total)
    items = passed.new(sources_of(uploads), known)
    # Closed at once when a click ends the script, so that nothing decodes on.
    asked = predict_with_sources(predictor(model), items, Scale(scale))
    with closing(asked) as answers:
        for prediction, source in answers:
            content = source if isinstance(source, bytes) else b""
            kept.add(add_photo(inspection.id, content, prediction, scale).id)
            bar.show(_BAR, min(total, len(kept) + passed.number), total)
    return len(kept - before)


class _Passed:
    """Counts the photos that were there already."""

    def __init__(self) -> None:
        self.number = 0

    def new(self, items: Iterator[Item], known: set[str]) -> Iterator[Item]:
        """Yield the items whose content is not known."""
        for name, source in items:
            if isinstance(source, bytes):
                sha256 = hashlib.sha256(source).hexdigest()
                if sha256 in known:
                    self.number += 1
                    continue
            yield name, source
