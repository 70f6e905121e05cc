"""Map: images that look alike to the default model lie close together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
import pandas as pd
import streamlit as st
from numpy.typing import NDArray

from crack.data.dataset import Dataset
from crack.errors import CrackError
from crack.exploration.dataset_map import positions, seconds_to_map
from crack.exploration.table import NO_SPLIT
from crack.exploration.worker import Work
from crack.reporting.figures import class_title
from crack.reporting.map_figure import map_figure, rows_of
from crack.reporting.words import count
from crack.runs.registry import Model, default_model
from pages.dataset.gallery import draw_cards
from pages.dataset.image_dialog import draw_opened, open_image
from pages.dataset.model_answers import choose_evaluation
from pages.dataset.network_work import offer_work
from pages.dataset.selection import select
from pages.dataset.split_choice import choose_split
from pages.shared.dataset_cache import dataset_map, image_table
from pages.shared.feedback import show_error
from pages.shared.formatting import plain

_COARSE, _FINE = "Quick", "Fine"
_AXES = {_COARSE: "principal component", _FINE: "direction of t-SNE, no unit"}
_CLASS, _PART, _RIGHT = "Class", "Part of the split", "Right or wrong"
_NOT_ASKED = "not asked"
_CARDS, _CARD = 6, 90  # images shown beside the map, px of each


@dataclass(frozen=True)
class _Colours:
    """What the colour of a point tells.

    Attributes:
        table: A row per image, as of `crack.exploration.table`.
        kinds: Shape (n,).
        order: The kinds, the ones to be seen above all last.
        unknown: The kind of which nothing is known.
    """

    table: pd.DataFrame
    kinds: NDArray[np.object_]
    order: Sequence[str]
    unknown: str = ""


def draw_map(dataset: Dataset) -> None:
    """Draw the map of a dataset; a lasso or a click chooses images."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        way = st.segmented_control(
            "Map",
            list(_AXES),
            default=_COARSE,
            required=True,
            key="map_way",
            bind="query-params",
            help="Quick: the two directions in which images differ most. Fine: t-SNE; "
            "neighbours stay neighbours, and distances between groups mean little.",
        )
        try:
            model = default_model()
            colours = _choose_colours(dataset)
        except CrackError as error:
            show_error(error)
            return
    if not _draw_offer(dataset, model, way):
        return
    chart = dataset_map(model, dataset, fine=way == _FINE)
    if chart is None:  # deleted in this moment
        return
    places = positions(chart)
    front, side = st.columns([3, 1], gap="medium")
    with front:
        event = st.plotly_chart(
            map_figure(
                places, colours.kinds, colours.order, _AXES[way], colours.unknown
            ),
            theme="streamlit",
            key=f"map_{dataset.name}_{way}_{'_'.join(colours.order)}",
            config={"displaylogo": False},
            on_select="rerun",
            selection_mode=("points", "box", "lasso"),
            alt=f"Map of {count(len(places), 'image')} of {dataset.name}: images that "
            f"look alike to the model lie close together",
        )
    with side:
        chosen = _chosen(event, places, colours)
        _draw_chosen(dataset, colours.table.iloc[chosen])
    draw_opened(dataset, colours.table, colours.table.iloc[chosen])


def _draw_offer(dataset: Dataset, model: Model, way: str) -> bool:
    """Offer to make a map, or to make it anew; return whether there is one."""
    chart = dataset_map(model, dataset, fine=way == _FINE)
    if chart is not None and np.isfinite(positions(chart)).all():
        return True
    if chart is None:
        words = f"The model {plain(model.name)} has to look at the images first."
        button = "Make the map"
    else:
        missing = int(np.isnan(positions(chart)[:, 0]).sum())
        words = (
            f"{count(missing, 'image')} came back since the map was made, or cannot "
            "be read any more."
        )
        button = "Make the map again"
    st.caption(words)
    seconds = seconds_to_map(dataset, fine=way == _FINE)
    what: Work = "fine map" if way == _FINE else "coarse map"
    offer_work(model, dataset, what, button, seconds)
    return chart is not None


def _choose_colours(dataset: Dataset) -> _Colours:
    """Let the reader choose what the colour tells."""
    told = st.segmented_control(
        "Colour and shape",
        [_CLASS, _PART, _RIGHT],
        default=_CLASS,
        required=True,
        key="map_colour",
        bind="query-params",
    )
    split = choose_split(dataset) if told == _PART else None
    scored = choose_evaluation(dataset) if told == _RIGHT else None
    name = st.session_state["browse_split"] if told == _PART else ""
    table = image_table(dataset, name, split, scored=scored)
    if told == _PART:
        order = [NO_SPLIT, "train", "val", "test"]
        return _Colours(table, table["split"].to_numpy(object), order, NO_SPLIT)
    if scored is not None:
        asked = table["answer"].to_numpy(object) != ""
        right = np.where(table["right"], "right", "wrong").astype(object)
        kinds = np.where(asked, right, _NOT_ASKED).astype(object)
        return _Colours(table, kinds, [_NOT_ASKED, "right", "wrong"], _NOT_ASKED)
    # The class with cracks last: in the same colour as in the other views, and on top.
    names = sorted(dataset.class_names, key=lambda name: name == dataset.crack_class)
    titles = {name: class_title(name, dataset.crack_class) for name in names}
    return _Colours(
        table, table["class"].map(titles).to_numpy(object), [*titles.values()]
    )


def _chosen(
    event: object, places: NDArray[np.float32], colours: _Colours
) -> NDArray[np.int64]:
    """Return the rows of the images that a lasso, a box or a click has chosen."""
    points = event["selection"]["points"]  # type: ignore[index]
    found: list[NDArray[np.int64]] = []
    for number, kind in enumerate(colours.order):
        rows = rows_of(places, colours.kinds, kind)
        mine = [p["point_index"] for p in points if p["curve_number"] == number]
        found.append(rows[[place for place in mine if place < len(rows)]])
    return np.sort(np.concatenate(found))


def _draw_chosen(dataset: Dataset, rows: pd.DataFrame) -> None:
    """Draw some of the chosen images, and the way to all of them."""
    if rows.empty:
        st.caption(
            "Draw around points to choose images, or click one to see it. A double "
            "click in the map forgets the choice."
        )
        return
    st.markdown(f"**{count(len(rows), 'image')}** chosen")
    st.button(
        "Show in the gallery",
        icon=":material/photo_library:",
        type="primary",
        key="map_show",
        on_click=partial(select, dataset, rows["file"].tolist(), "chosen on the map"),
    )
    few = rows.head(_CARDS)
    sizes = zip(few["width"], few["height"], strict=True)
    told = [f"{width:,} × {height:,} px" for width, height in sizes]
    draw_cards(dataset, few, told, _CARD, "map_open", open_image)
