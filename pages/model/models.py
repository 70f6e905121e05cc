"""Models: what each is, how good, and what can be done with it."""

from __future__ import annotations

import streamlit as st

from crack.runs.registry import default_name, find_model, list_models, model_names
from pages.model.model_actions import draw_actions
from pages.model.model_card import draw_card
from pages.model.model_export import draw_export
from pages.model.model_import import draw_import
from pages.model.model_table import draw_table
from pages.shared.address import tell_if_gone
from pages.shared.feedback import errors_shown

st.title("Models")
models = {model.name: model for model in list_models()}
for broken in sorted(set(model_names()) - set(models)):
    with errors_shown():
        find_model(broken)
if not models:
    st.info(
        "There is no model yet. Train one, then promote its run on the Runs page.",
        icon=":material/deployed_code:",
    )
    st.page_link(
        "pages/training/train.py",
        label="Train a model",
        icon=":material/arrow_forward:",
    )
    draw_import()
    st.stop()

tell_if_gone("model", "model", models)
if len(models) > 1:
    draw_table(list(models.values()))
default = default_name()
with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
    chosen = st.selectbox(
        "Model",
        list(models),
        format_func=lambda name: f"{name} (the default)" if name == default else name,
        key="model",
        bind="query-params",
        width=320,
    )
    draw_actions(models[chosen])
draw_card(models[chosen])
draw_export(models[chosen])
draw_import()
