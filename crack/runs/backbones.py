"""The pretrained feature extractors on offer. A new one is one row."""

from __future__ import annotations

from dataclasses import dataclass

from crack.errors import CrackError


@dataclass(frozen=True)
class Backbone:
    """A row of the table.

    Attributes:
        name: What the user types.
        title: What the user reads.
        application: Class in `keras.applications`; it takes images in [-1, 1] and
            shrinks them by 32.
        weights: `imagenet`, or None for random initialisation.
        layers: Number of layers, the bound of `fine_tune_at`.
        fine_tune_at: Index of the first layer unfrozen by default.
    """

    name: str
    title: str
    application: str
    weights: str | None
    layers: int
    fine_tune_at: int


BACKBONES = {
    row.name: row
    for row in (
        Backbone(
            name="imagenet",
            title="MobileNetV2, trained on ImageNet photos",
            application="MobileNetV2",
            weights="imagenet",
            layers=154,
            fine_tune_at=100,  # the reference recipe
        ),
        Backbone(
            name="random",
            title="MobileNetV2, untrained (to see what pretraining is worth)",
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
