"""One model in the form of a model card."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from crack.evaluation.holdout import fingerprints
from crack.inference.card_versions import card_versions
from crack.reporting.adaptation_words import in_short
from crack.reporting.model_card_words import (
    INTENDED,
    NOT_INTENDED,
    calibration_rows,
    data_rows,
    recipe_rows,
    training_config,
)
from crack.reporting.words import count, threshold, version_words
from crack.runs.backbones import IMPORTED
from crack.runs.registry import Model, restore_version
from pages.model.model_results import draw_results
from pages.model.model_speed import draw_speed
from pages.shared.architecture import draw_architecture
from pages.shared.feedback import errors_shown, notify
from pages.shared.formatting import plain
from pages.shared.permission import allowed
from pages.shared.run_list import current_runs
from pages.shared.run_progress import link_to
from pages.training.run_numbers import draw_curves


def draw_card(model: Model) -> None:
    """Draw all that is known of a model."""
    _draw_purpose(model)
    st.subheader("How good it is")
    draw_results(model)
    st.subheader("From a score to an answer")
    _draw_rows(calibration_rows(model.card))
    _draw_versions(model)
    if model.card.backbone == IMPORTED:
        st.subheader("What it was calibrated and tested on")
        st.markdown("What it learned from is not known.")
    else:
        st.subheader("What it learned from")
    hashes = fingerprints(model.folder).items()
    kept = [(f"Fingerprint of {what}", text) for what, text in hashes]
    _draw_rows([*data_rows(model.card), *kept])
    _draw_credits(model)
    st.subheader("How it was trained")
    _draw_recipe(model)
    st.subheader("Speed and size")
    draw_speed(model)


def _draw_purpose(model: Model) -> None:
    card = model.card
    origin = "It came with the program" if model.shipped else "A model of yours"
    way_back = ""
    if model.hides_shipped:
        origin = (
            "A model of yours of the same name, in place of the one that came with the "
            "program"
        )
        way_back = " Delete it to have that back."
    about = f"{origin}, {version_words(card.created)}, version {card.version}."
    st.caption(about + way_back)
    if how := card.adaptation:
        st.markdown(
            f"Adapted from **{plain(how['model'])}** to {how['images']:,} images of "
            f"{plain(how['dataset'])}. {plain(in_short(how))}"
        )
    grid = st.grid(2, min_column_width=320)
    for title, text in (("What it is for", INTENDED), ("Not for", NOT_INTENDED)):
        with grid.cell():
            st.markdown(f"**{title}**\n\n{text}")
    if card.notes:
        st.markdown(plain(card.notes))


def _draw_rows(rows: Sequence[tuple[str, str]]) -> None:
    shown = [{"": name, " ": plain(text)} for name, text in rows]
    if shown:
        st.table(shown, hide_index=True, hide_header=True)
    else:
        st.markdown("Its card does not say.")


def _draw_versions(model: Model) -> None:
    """Draw the thresholds that the model has had, and a way back to each."""
    cards = card_versions(model.folder)
    if len(cards) == 1:
        return
    with st.expander(f"Its {count(len(cards), 'version')} of the thresholds"):
        for card in cards:
            low, high = card.thresholds.no_crack, card.thresholds.crack
            with st.container(horizontal=True, vertical_alignment="center"):
                st.markdown(
                    f"**{card.version}**: crack from {threshold(high)} on, no crack "
                    f"below {threshold(low)}. {plain(card.thresholds_from)}",
                    width="stretch",
                )
                if card is not cards[0] and st.button(
                    "Use again",
                    key=f"models_restore_{card.version}",
                    **allowed(restore_version),
                ):
                    with errors_shown():
                        restore_version(model, card.version)
                        notify(f"{model.name} answers as in version {card.version}.")
                        st.rerun()


def _draw_credits(model: Model) -> None:
    data = model.card.dataset
    sets = model.card.metrics.get("sets", [])
    if not (data.get("source") or sets):
        return
    with st.expander("Sources, authors and licences of the images"):
        if source := data.get("source"):
            st.markdown(plain(source))
        for result in sets:
            st.markdown(
                f"Tested on **{plain(result['title'])}**: {plain(result['credit'])}"
            )


def _draw_recipe(model: Model) -> None:
    card = model.card
    _draw_rows(recipe_rows(card))
    if config := training_config(card):
        draw_architecture(config, f"models_{model.name}")
    run = next((run for run in current_runs() if run.id == card.run_id), None)
    if run is not None:
        with st.expander("Curves of its training", icon=":material/monitoring:"):
            draw_curves(run)
            link_to(run, "Open the run")
    elif card.run_id:
        st.caption(f"Its run {plain(card.run_id)} was deleted, with the curves.")
    elif not card.adaptation:
        st.caption("It was trained elsewhere, so there are no curves here.")
