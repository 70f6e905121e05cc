"""The settings of a training that are seldom changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TypeVar, get_args

import streamlit as st

from crack.runs.backbones import BACKBONES
from crack.runs.config import Optimizer, PhaseConfig, Schedule, TrainConfig
from crack.runs.imagenet import needs_download

T = TypeVar("T")


def about_backbone(config: TrainConfig) -> str:
    """Return what the backbone is, and whether its weights are on this computer."""
    backbone = BACKBONES[config.backbone]
    if needs_download(config):
        size = backbone.network.imagenet_mb
        return f"{backbone.summary} It needs a download of {size} MB, once."
    if backbone.weights == "imagenet":
        return f"{backbone.summary} Its weights are on this computer."
    return backbone.summary


def choose_one(
    title: str, values: Sequence[T], chosen: T, key: str, what: str | None = None
) -> T:
    """Draw a choice of one of a few values, explained by `what`; return it."""
    return st.segmented_control(
        title, values, default=chosen, required=True, key=key, help=what
    )


def choose_epochs(phase: PhaseConfig, title: str, key: str, what: str) -> PhaseConfig:
    """Draw the number of epochs of a phase, explained by `what`; return the phase."""
    epochs = st.number_input(
        title,
        min_value=0,
        max_value=200,
        value=phase.epochs,
        key=key,
        help=what,
        width=140,
    )
    return replace(phase, epochs=int(epochs))


def advanced_settings(config: TrainConfig, key: str) -> TrainConfig:
    """Draw the settings, and return the configuration with the chosen values.

    Args:
        config: The initial values.
        key: Prefix of the widget keys.
    """
    network = BACKBONES[config.backbone].network
    with st.expander("Advanced", icon=":material/tune:"):
        frozen = _phase_settings(config.frozen, "Frozen phase", f"{key}_frozen")
        fine_tune = _phase_settings(
            config.fine_tune, "Fine-tune phase", f"{key}_fine_tune"
        )
        fine_tune_at = st.slider(
            "Fine-tune from layer",
            0,
            network.layers - 1,
            config.fine_tune_at,
            key=f"{key}_fine_tune_at",
            help="Layers of the backbone from this number on learn in the fine-tune "
            "phase. Lower means slower.",
        )
        image_size = st.select_slider(
            "Image size (px)",
            network.image_sizes,
            config.image_size,
            key=f"{key}_image_size",
            help="Each photo is scaled to a square of this side.",
        )
        batch_size = st.select_slider(
            "Batch size",
            [8, 16, 32, 64, 128, 256],
            config.batch_size,
            key=f"{key}_batch_size",
            help="Images per step.",
        )
        dropout = st.slider(
            "Dropout",
            0.0,
            0.9,
            config.dropout,
            0.05,
            key=f"{key}_dropout",
            help="Share of the features left out at random while learning.",
        )
        views = st.slider(
            "Views per image",
            1,
            16,
            config.views,
            key=f"{key}_views",
            help="Turned, mirrored, scaled and relit versions to learn from; 1 means "
            "only the image as it is. Preparation takes that many times as long.",
        )
        patience = st.number_input(
            "Patience (epochs)",
            min_value=1,
            max_value=200,
            value=config.patience,
            placeholder="Train all epochs",
            key=f"{key}_patience",
            help="Ends a phase after so many epochs without a lower validation loss.",
        )
        seed = st.number_input(
            "Seed",
            min_value=0,
            max_value=2**31 - 1,
            value=config.seed,
            key=f"{key}_seed",
            help="The same seed gives the same split and the same start.",
        )
    return replace(
        config,
        frozen=frozen,
        fine_tune=fine_tune,
        fine_tune_at=fine_tune_at,
        image_size=image_size,
        batch_size=batch_size,
        dropout=dropout,
        views=views,
        patience=None if patience is None else int(patience),
        seed=int(seed),
    )


def _phase_settings(config: PhaseConfig, title: str, key: str) -> PhaseConfig:
    st.markdown(f"**{title}**")
    rate = st.number_input(
        "Learning rate",
        min_value=1e-7,
        max_value=1.0,
        value=config.learning_rate,
        step=config.learning_rate / 10,
        format="%.2g",
        key=f"{key}_learning_rate",
    )
    with st.container(horizontal=True):
        optimizer = choose_one(
            "Optimiser", get_args(Optimizer), config.optimizer, f"{key}_optimizer"
        )
        schedule = choose_one(
            "Schedule",
            get_args(Schedule),
            config.schedule,
            f"{key}_schedule",
            "Cosine lets the learning rate fall to zero by the last step.",
        )
    return replace(config, learning_rate=rate, optimizer=optimizer, schedule=schedule)
