"""What was found in a source, before it becomes a dataset."""

from __future__ import annotations

import streamlit as st

from crack.data.importer import SourceSummary
from crack.data.mask_tiles import MOST
from crack.data.masks import MaskedPhotos
from crack.data.photo_sizes import is_too_large
from crack.data.published import Published
from crack.data.tiles import TILE_SIDE
from pages.shared.formatting import plain


def draw_contents(summary: SourceSummary) -> None:
    """Draw how much there is of what, and what the user should know of it."""
    st.subheader("What is in it")
    if summary.masked:
        _draw_masked(summary.masked)
        return
    counts = {plain(name): number for name, number in summary.class_counts.items()}
    _draw_numbers({"Files": sum(counts.values()), **counts})
    if summary.published:
        _draw_published(summary.published)
    if summary.side and is_too_large(summary.side):
        _draw_too_large(summary.side)


def _draw_numbers(numbers: dict[str, int]) -> None:
    grid = st.grid(3, min_column_width=140)
    for name, number in numbers.items():
        grid.metric(name, f"{number:,}", border=True)


def _draw_masked(masked: MaskedPhotos) -> None:
    numbers = {
        "Photos with a mask": len(masked.masks),
        "Sound photos": len(masked.sound),
        "Other files": len(masked.unused),
    }
    _draw_numbers({name: number for name, number in numbers.items() if number})
    photo, mask = next(iter(masked.masks.items()))
    st.markdown(
        f"Masks were found beside the photos: {plain(str(mask))} is the one of "
        f"{plain(str(photo))}. So the photos are cut into tiles of {TILE_SIDE} × "
        f"{TILE_SIDE} px, the size of the pictures that a network learns from."
    )
    st.markdown(
        "- A tile is **cracked** if a crack runs through its middle for at least 35 % "
        "of its width.\n"
        "- It is **sound** if no crack touches it.\n"
        "- All others are left out, since their label would be uncertain.\n"
        f"- Each photo is cut at the sizes at which a model looks at it, into at most "
        f"{MOST} tiles of each kind. The split keeps the tiles of a photo together."
    )


def _draw_published(published: Published) -> None:
    whole = not published.missing_count
    (st.success if whole else st.info)(
        f"This is **{published.title}**. {published.completeness()}",
        icon=":material/check_circle:" if whole else ":material/info:",
    )
    st.caption(
        f"{published.credit}. The licence asks to name the author wherever the images "
        "or results on them are shown. Both are kept with the dataset."
    )


def _draw_too_large(side: int) -> None:
    st.warning(
        f"These photos are about {side:,} px long. Training scales each down to "
        f"{TILE_SIDE} px, and a hairline is lost at that size. They are good for "
        "evaluating a model, which looks at whole photos at several sizes, but not for "
        "training.",
        icon=":material/warning:",
    )
    with st.expander("How to train on them", icon=":material/grid_on:"):
        st.markdown(
            "They must be cut into tiles. Every tile of a sound photo is sound, but "
            "which tiles of a cracked photo show the crack is not known yet. Say where "
            "it is in one of two ways:\n"
            "- **Masks**: a picture of the same name and size for each cracked photo, "
            "the crack white and the rest black, in a folder `masks` beside the two "
            "folders. Add all three as one source: cracked photos are cut by their "
            "masks, sound ones everywhere.\n"
            "- **Regions**: ask a model about the photos on the Predict page, keep "
            "them as an inspection, and confirm or mark the regions with cracks. Then "
            "choose **Train on the verdicts** on the Inspections page, and add that "
            "ZIP here: it has tiles, of the sound photos too."
        )
        st.page_link(
            "pages/inspection/predict.py",
            label="Go to Predict",
            icon=":material/image_search:",
        )
