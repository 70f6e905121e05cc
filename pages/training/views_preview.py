"""What training will see: the views of an image, made by the code that makes them then.

On the Train page, as it depends on the number of views and the size chosen there; a
page of the dataset knows neither.
"""

from __future__ import annotations

import streamlit as st

from crack.data.augment import training_view
from crack.data.images import decode_image
from crack.errors import CrackError
from crack.reporting.words import count
from crack.runs.config import TrainConfig
from pages.shared.cache import dataset
from pages.shared.feedback import show_error
from pages.shared.formatting import plain

_PLACE = "views_place"
_STRIDE = 97  # images apart, so that both classes are soon seen


def draw_views_button(config: TrainConfig) -> None:
    """Draw a button that opens the views of an image.

    Args:
        config: Of the training.
    """
    if config.dataset and st.button(
        "See what training sees",
        icon=":material/auto_awesome_motion:",
        key="train_views",
    ):
        st.dialog("What training sees", width="large")(_draw)(config)


def _draw(config: TrainConfig) -> None:
    shown = dataset(config.dataset)
    place = st.session_state.get(_PLACE, 0) * _STRIDE % max(1, len(shown.samples))
    row = shown.samples.iloc[place]
    times = (
        "Each training image is seen as it is."
        if config.views == 1
        else f"Each training image has {config.views} views: itself and "
        f"{count(config.views - 1, 'variation')}. Each epoch sees one of them, drawn "
        "at random."
    )
    st.markdown(
        f"{times} The network gets them at {config.image_size} × {config.image_size} "
        "px, exactly as here; validation and test images are never varied."
    )
    try:
        image = decode_image(shown.path(row["file"]))
    except CrackError as error:
        show_error(error)
    else:
        grid = st.grid("auto", min_column_width=130, gap="small")
        for view in range(config.views):
            words = f"Variation {view}" if view else "As it is"
            grid.image(
                training_view(image, view, row["sha256"], config.image_size),
                caption=words,
                alt=f"{words} of {row['file']}, labelled {row['class']}",
                width="stretch",
            )
    with st.container(horizontal=True, vertical_alignment="center"):
        if st.button(
            "Another image", icon=":material/shuffle:", key="train_views_next"
        ):
            st.session_state[_PLACE] = st.session_state.get(_PLACE, 0) + 1
            st.rerun(scope="fragment")
        st.caption(f"{plain(row['file'])}, {plain(row['class'])}", width="content")
