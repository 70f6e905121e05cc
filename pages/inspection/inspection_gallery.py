"""The photos of an inspection: which to show, and all of them side by side."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import streamlit as st

from crack.errors import CrackError
from crack.inference.prediction import Label
from crack.inspections.records import InspectedPhoto
from crack.reporting.words import count
from pages.inspection.answers import answer_words
from pages.inspection.inspection_steps import step_button
from pages.inspection.inspection_words import answer_sign, verdict_sign
from pages.shared.cache import inspected_thumbnail
from pages.shared.formatting import plain

_PER_PAGE = 15

_ALL = "All"

_FILTERS: dict[str, Callable[[InspectedPhoto], bool]] = {
    _ALL: lambda _: True,
    "Without verdict": lambda photo: photo.verdict is None,
    answer_words(Label.CRACK): lambda photo: photo.prediction.label is Label.CRACK,
    answer_words(Label.REVIEW): lambda photo: photo.prediction.label is Label.REVIEW,
    answer_words(Label.NO_CRACK): lambda p: p.prediction.label is Label.NO_CRACK,
    answer_words(None): lambda photo: photo.prediction.label is None,
}


def choose_shown(photos: Sequence[InspectedPhoto]) -> list[InspectedPhoto]:
    """Let the reader choose which photos to show."""
    counts = {name: sum(map(shown, photos)) for name, shown in _FILTERS.items()}
    st.segmented_control(
        "Show",
        list(_FILTERS),
        default=_ALL,
        required=True,
        format_func=lambda name: f"{name} ({counts[name]:,})",
        key=_key("show", photos),
        persist_state="session",
        on_change=_to_first_page,
        args=(_key("page", photos),),
    )
    return _chosen(photos)


def shown_among(
    photos: Sequence[InspectedPhoto], looked_at: InspectedPhoto
) -> list[InspectedPhoto]:
    """Return the chosen photos, and the one being looked at in any case."""
    shown = {photo.id for photo in _chosen(photos)} | {looked_at.id}
    return [photo for photo in photos if photo.id in shown]


def _chosen(photos: Sequence[InspectedPhoto]) -> list[InspectedPhoto]:
    shown = _FILTERS[st.session_state.get(_key("show", photos)) or _ALL]
    return [photo for photo in photos if shown(photo)]


def _key(what: str, photos: Sequence[InspectedPhoto]) -> str:
    """Return the key of a widget; each inspection keeps what was chosen in it."""
    return f"inspection_{what}_{photos[0].inspection_id}"


def _to_first_page(key: str) -> None:
    st.session_state[key] = 1


def draw_photo_gallery(photos: Sequence[InspectedPhoto]) -> None:
    """Draw one card per photo, a page of them at a time."""
    if not photos:
        st.info("No photo is such. Choose others above.", icon=":material/filter_alt:")
        return
    pages = -(-len(photos) // _PER_PAGE)
    page = 1
    if pages > 1:
        with st.container(horizontal=True, vertical_alignment="center"):
            page = st.pagination(
                pages, key=_key("page", photos), persist_state="session"
            )
            st.caption(count(len(photos), "photo"))
    grid = st.grid("auto", min_column_width=150, gap="small")
    with st.spinner("Opening the photos", show_time=True):
        for photo in photos[(page - 1) * _PER_PAGE : page * _PER_PAGE]:
            with grid.container(border=True, gap="xsmall"):
                _draw_card(photo)


def _draw_card(photo: InspectedPhoto) -> None:
    name = photo.prediction.file
    if photo.prediction.label is not None:
        try:
            picture = inspected_thumbnail(photo)
        except CrackError as error:
            st.warning(plain(error.message))
        else:
            st.image(
                picture,
                alt=f"Photo {name}: {answer_words(photo.prediction.label)}",
                width="stretch",
            )
    step_button(
        plain(name.rpartition("/")[2]),
        photo.inspection_id,
        photo.id,
        key=f"inspection_photo_{photo.id}",
        icon=":material/open_in_full:",
    )
    st.markdown(f"{answer_sign(photo.prediction)}  \n{verdict_sign(photo)}")
