"""The pretrained feature extractors on offer. A new one is one row."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from crack import settings
from crack.errors import CrackError


@dataclass(frozen=True)
class Backbone:
    """A row of the table.

    Attributes:
        name: What the user types.
        title: What the user reads in a list.
        summary: A sentence: what it has seen, and what that is good for.
        application: Class in `keras.applications`; it takes images in [-1, 1] and
            shrinks them by 32.
        weights: `embedded` in this program, `imagenet` as Keras publishes them, or
            None for random initialisation.
        layers: Number of layers, the bound of `fine_tune_at`.
        fine_tune_at: Index of the first layer unfrozen by default.
    """

    name: str
    title: str
    summary: str
    application: str
    weights: Literal["embedded", "imagenet"] | None
    layers: int
    fine_tune_at: int

    @property
    def embedded_weights(self) -> Path:
        """The file of its weights, if they are embedded."""
        return settings.SHIPPED_MODELS / "backbones" / self.name / "weights.npz"


BACKBONES = {
    row.name: row
    for row in (
        Backbone(
            name="surfaces",
            title="MobileNetV2, trained on drawn concrete",
            summary="Has seen drawn concrete surfaces only. It comes with the program "
            "and needs no download.",
            application="MobileNetV2",
            weights="embedded",
            layers=154,
            fine_tune_at=100,
        ),
        Backbone(
            name="imagenet",
            title="MobileNetV2, trained on ImageNet photos",
            summary="Has seen a million photos of everyday things. Published results "
            "start from it.",
            application="MobileNetV2",
            weights="imagenet",
            layers=154,
            fine_tune_at=100,  # the reference recipe
        ),
        Backbone(
            name="random",
            title="MobileNetV2, untrained",
            summary="Has seen nothing. It is there to show what pretraining is worth.",
            application="MobileNetV2",
            weights=None,
            layers=154,
            fine_tune_at=100,
        ),
    )
}


def find_backbone(name: str) -> Backbone:
    """Return the backbone called `name`.

    Raises:
        CrackError: There is none of that name.
    """
    if name not in BACKBONES:
        raise CrackError(
            f"There is no backbone named '{name}'.",
            f"Choose one of: {', '.join(BACKBONES)}.",
        )
    return BACKBONES[name]
