"""The card from which the tests make those of their models."""

from __future__ import annotations

from crack.inference.card import ModelCard
from crack.inference.thresholds import Thresholds

PLAIN = ModelCard(
    name="made up",
    created="2026-11-22T12:00:00+00:00",
    backbone="none",
    image_size=64,
    class_names=("Negative", "Positive"),
    crack_class="Positive",
    temperature=1.0,
    thresholds=Thresholds(no_crack=0.05, crack=0.95),
    dataset={},
    metrics={},
)
"""Calibrated as it is; nothing is known about its training."""
