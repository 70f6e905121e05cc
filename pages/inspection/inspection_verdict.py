"""The engineer's verdict on one photo, after which the next photo opens."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st

from crack.errors import CrackError
from crack.inference.prediction import Label, label_of
from crack.inspections.history import RULER_MM
from crack.inspections.records import InspectedPhoto, Verdict, VerdictKind
from crack.inspections.verdict_choices import (
    choice_of,
    last_exposure,
    verdict_choices,
)
from crack.inspections.verdicts import MAX_WIDTH_MM, give_verdict
from crack.reporting.exposure import (
    DESIGN_NOTE,
    EXPOSURES,
    Exposure,
    compare_width,
    find_exposure,
    in_mm,
)
from crack.reporting.words import capitalise, moment
from pages.inspection.answer_words import verdict_sign, width_doubt
from pages.inspection.inspection_steps import go_to
from pages.shared.feedback import notify, show_error
from pages.shared.permission import allowed


@dataclass(frozen=True)
class _Entered:
    """What stands in the form."""

    kind: VerdictKind | None
    label: Label | None
    note: str
    width_mm: float | None
    exposure: Exposure | None

    @property
    def verdict(self) -> Verdict | None:
        """The verdict to keep, None as long as nothing is chosen."""
        if self.kind is None:
            return None
        key = self.exposure.key if self.exposure else None
        return Verdict(self.kind, self.label, self.note, self.width_mm, key)

    def differs_from(self, photo: InspectedPhoto) -> bool:
        """Whether there is something that is not saved."""
        kept = photo.verdict
        if kept is None:
            # The exposure is suggested, so it alone is nothing entered.
            return bool(self.kind or self.note or self.width_mm)
        return (
            (self.kind, self.label) != choice_of(photo)
            or (self.note, self.width_mm) != (kept.note, kept.width_mm)
            or (self.exposure is not None and self.exposure.key != kept.exposure)
        )


@st.fragment
def draw_verdict(photo: InspectedPhoto, photos: Sequence[InspectedPhoto]) -> None:
    """Draw the form for the verdict on a photo.

    Args:
        photo: The photo to judge.
        photos: All of the inspection, in order.
    """
    verdict = photo.verdict
    said = f", {moment(verdict.given)}" if verdict else ""
    if not photo.readable:
        _draw_needs_none(photo, said)
        return
    st.markdown(f"{verdict_sign(photo)}{said}")
    entered = _enter(photo, photos)
    with st.container(horizontal=True):
        further = st.button(
            "Save and next",
            type="primary",
            key="verdict_next",
            **allowed(
                give_verdict,
                disabled=entered.kind is None,
                help="Keeps this verdict and opens the next photo without one.",
            ),
        )
        stay = st.button(
            "Save",
            key="verdict_save",
            **allowed(give_verdict, disabled=entered.kind is None),
        )
    if (further or stay) and (given := entered.verdict) and _keep(photo, given):
        if further:
            _go_on(photo, photos)
        st.rerun()
    # Below the buttons, so that they do not move under the pointer.
    if entered.differs_from(photo):
        st.caption(":material/edit: Not saved yet.")
    width, exposure = entered.width_mm, entered.exposure
    if doubt := width_doubt(width):
        st.caption(f":material/help: {doubt}")
    if width and exposure:
        st.info(f"{capitalise(compare_width(width, exposure))}.")
        st.caption(f"{exposure.remark} {DESIGN_NOTE}")


def _enter(photo: InspectedPhoto, photos: Sequence[InspectedPhoto]) -> _Entered:
    """Let the engineer enter a verdict; it stays until saved, unlike the page."""
    verdict, answer = photo.verdict, label_of(photo.prediction)
    choices = verdict_choices(answer)
    stored = [words for words in choices if choices[words] == choice_of(photo)]
    chosen = st.radio(
        "Your verdict",
        list(choices),
        index=list(choices).index(stored[0]) if stored else None,
        key=_key("verdict", photo),
        persist_state="session",
    )
    kind, label = choices[chosen] if chosen else (None, None)
    settled = answer if kind is VerdictKind.ACCEPT else label
    width, exposure = _measurement(photo, photos, cracked=settled is Label.CRACK)
    note = st.text_area(
        "Note",
        verdict.note if verdict else "",
        key=_key("verdict_note", photo),
        height=80,
        persist_state="session",
    )
    return _Entered(kind, label, note or "", width, exposure)


def _key(what: str, photo: InspectedPhoto) -> str:
    """Return the key of a field; once a verdict is given, its fields are new ones."""
    given = f"_{photo.verdict.given:%Y%m%d%H%M%S%f}" if photo.verdict else ""
    return f"{what}_{photo.id}{given}"


def _keep(photo: InspectedPhoto, given: Verdict) -> bool:
    """Keep a verdict, or show why it cannot be kept; return whether it is."""
    try:
        give_verdict(photo.id, given)
    except CrackError as error:
        show_error(error)
        return False
    if doubt := width_doubt(given.width_mm):
        # A width entered just before the click was not doubted in the form.
        notify(f"Kept the verdict on {photo.prediction.file}. {doubt}")
    return True


def _draw_needs_none(photo: InspectedPhoto, said: str) -> None:
    """Say why there is no form for a file that nobody can see."""
    if photo.verdict is not None:  # earlier versions asked for one
        st.markdown(f"{verdict_sign(photo)}{said}")
    st.caption("This file shows no photo, so it needs no verdict.")


def _measurement(
    photo: InspectedPhoto, photos: Sequence[InspectedPhoto], *, cracked: bool
) -> tuple[float | None, Exposure | None]:
    """Let the engineer enter what was measured; a width only if there is a crack."""
    verdict = photo.verdict
    stored = verdict.width_mm if verdict else None
    width = st.number_input(
        "Widest crack, measured (mm)",
        min_value=0.01,
        # Earlier versions took wider ones as well.
        max_value=max(MAX_WIDTH_MM, stored or 0),
        value=stored,
        step=RULER_MM,
        format="%.2f",
        placeholder="Not measured",
        key=_key("verdict_width", photo),
        persist_state="session",
        disabled=not cracked,
        help="Read from a crack width ruler or microscope, not from the photo. Counts "
        "only where the photo shows a crack.",
    )
    known = {exposure.key: exposure for exposure in EXPOSURES}
    before = verdict.exposure if verdict else last_exposure(photos)
    exposure = st.selectbox(
        "Exposure of the surface",
        list(known),
        index=list(known).index(before) if before in known else None,
        format_func=lambda key: exposure_words(find_exposure(key)),
        placeholder="Not given",
        key=_key("verdict_exposure", photo),
        help="The width is compared with the design value for it.",
    )
    return (width if cracked else None), (known[exposure] if exposure else None)


def exposure_words(exposure: Exposure) -> str:
    """Return an exposure as an entry of the list, which a narrow field cuts off."""
    limit = "no width" if exposure.limit_mm is None else in_mm(exposure.limit_mm)
    return f"{limit}: {exposure.words}, {exposure.standard}"


def _go_on(photo: InspectedPhoto, photos: Sequence[InspectedPhoto]) -> None:
    """Open the next photo without a verdict, starting over after the last photo.

    If there is none, all photos are shown.
    """
    at = next(n for n, other in enumerate(photos) if other.id == photo.id)
    for other in (*photos[at + 1 :], *photos[:at]):
        if other.waits:
            go_to(photo.inspection_id, other.id)
            return
    go_to(photo.inspection_id)
    notify(f"Kept the verdict on {photo.prediction.file}, the last one missing.")
