"""The photos of an inspection: side by side, one with its verdict, adding more."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

import streamlit as st

from crack.errors import CrackError
from crack.inference.prediction import Label, Prediction, label_of
from crack.inspections.records import InspectedPhoto, Inspection, common_scale
from crack.inspections.store import add_photo
from crack.reporting.words import count
from crack.runs.registry import find_version
from pages.inspection.answer_words import verdict_sign
from pages.inspection.inspection_steps import go_to, step_button
from pages.inspection.inspection_verdict import draw_verdict
from pages.inspection.intake import choose_photos, choose_way, put_away
from pages.inspection.keeping import start_keeping
from pages.inspection.photo_viewer import ShownPhoto, draw_photo
from pages.shared.answer_signs import answer_sign, answer_words
from pages.shared.cache import inspected_thumbnail
from pages.shared.formatting import plain
from pages.shared.permission import allowed

_PER_PAGE = 15

_ALL = "All"


def _has(label: Label | None, photo: InspectedPhoto) -> bool:
    return label_of(photo.prediction) is label


_FILTERS: dict[str, Callable[[InspectedPhoto], bool]] = {
    _ALL: lambda _: True,
    "Without verdict": lambda photo: photo.waits,
    **{answer_words(label): partial(_has, label) for label in (*Label, None)},
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
    """Return the chosen photos, and always the one being looked at."""
    shown = {photo.id for photo in _chosen(photos)} | {looked_at.id}
    return [photo for photo in photos if photo.id in shown]


def _chosen(photos: Sequence[InspectedPhoto]) -> list[InspectedPhoto]:
    shown = _FILTERS[st.session_state.get(_key("show", photos)) or _ALL]
    return [photo for photo in photos if shown(photo)]


def _key(what: str, photos: Sequence[InspectedPhoto]) -> str:
    """Return the key of a widget; each inspection remembers its own choice."""
    return f"inspection_{what}_{photos[0].inspection_id}"


def _to_first_page(key: str) -> None:
    st.session_state[key] = 1


def draw_photo_gallery(photos: Sequence[InspectedPhoto]) -> None:
    """Draw one card per photo, a page of them at a time."""
    if not photos:
        st.info(
            "There is no photo to show. Choose another filter above.",
            icon=":material/filter_alt:",
        )
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
    if isinstance(photo.prediction, Prediction):
        try:
            picture = inspected_thumbnail(photo)
        except CrackError as error:
            st.warning(plain(error.message))
        else:
            st.image(
                picture,
                alt=f"Photo {name}: {answer_words(label_of(photo.prediction))}",
                width="stretch",
            )
    step_button(
        plain(name.rpartition("/")[2]),
        photo.inspection_id,
        photo.id,
        key=f"inspection_photo_{photo.id}",
        icon=":material/open_in_full:",
    )
    signs = [answer_sign(photo.prediction)]
    if photo.readable or photo.verdict:
        signs.append(verdict_sign(photo))
    st.markdown("  \n".join(signs))


def draw_inspected_photo(
    inspection: Inspection,
    photo: InspectedPhoto,
    among: Sequence[InspectedPhoto],
    photos: Sequence[InspectedPhoto],
) -> None:
    """Draw one photo and the form for its verdict.

    Args:
        inspection: The inspection of the photo.
        photo: One of `among`.
        among: The photos to go through.
        photos: All of the inspection, in order.
    """
    _draw_steps(photo, among)
    model = find_version(inspection.model.name, inspection.model.created)
    draw_photo(
        ShownPhoto.of_inspection(photo),
        inspection.model.thresholds,
        None if model is None else model.card,
        beside=partial(draw_verdict, photo, photos),
    )


def _draw_steps(photo: InspectedPhoto, among: Sequence[InspectedPhoto]) -> None:
    """Draw links to the previous photo, the next one, and all of them."""
    at = next(n for n, other in enumerate(among) if other.id == photo.id)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(
            "All photos",
            icon=":material/grid_view:",
            key="inspection_all",
            on_click=go_to,
            args=(photo.inspection_id,),
        )
        st.button(
            "Previous",
            icon=":material/chevron_left:",
            key="inspection_previous",
            disabled=at == 0,
            on_click=go_to,
            args=(photo.inspection_id, among[max(at - 1, 0)].id),
        )
        after = among[at + 1].id if at + 1 < len(among) else None
        st.button(
            "Next",
            icon=":material/chevron_right:",
            icon_position="right",
            key="inspection_next",
            disabled=after is None,
            on_click=go_to,
            args=(photo.inspection_id, after),
        )
        st.caption(f"{plain(photo.prediction.file)}, {at + 1:,} of {len(among):,}")


def draw_more_photos(inspection: Inspection, photos: Sequence[InspectedPhoto]) -> None:
    """Draw the form to add photos, as long as the model that answers exists.

    Args:
        inspection: The inspection to add them to.
        photos: Its photos so far.
    """
    model = find_version(inspection.model.name, inspection.model.created)
    if model is None:
        st.info(
            f"The model {plain(inspection.model.name)} that answered here is no longer "
            "there. Begin a new inspection for more photos.",
            icon=":material/info:",
        )
        return
    key = f"inspection_more_{inspection.id}"
    more = choose_photos(key, choose_way(key))
    scale = common_scale(photos)
    answers = [photo.prediction for photo in photos]
    if scale is not None:
        st.caption(
            f"New photos are judged at the scale of those here: {scale:.3g} mm per "
            "pixel. Begin another inspection for photos at another scale."
        )
    elif any(isinstance(p, Prediction) and p.mm_per_pixel for p in answers):
        st.caption(
            "The photos here have no scale in common, so new ones are judged without "
            "one, in several sizes."
        )
    if st.button(
        "Add the photos",
        icon=":material/add_photo_alternate:",
        key="inspection_more_add",
        **allowed(add_photo, disabled=not more),
    ):
        start_keeping(inspection.id, more)
        put_away(key)
        st.rerun()
