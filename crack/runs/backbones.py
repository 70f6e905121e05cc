"""The available feature extractors. A new one is one row."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from crack import settings
from crack.errors import CrackError

_LARGEST_IMAGE = 512  # px; a larger tile takes longer and shows no finer crack


@dataclass(frozen=True)
class Network:
    """What all backbones of one architecture share, whatever their weights.

    Attributes:
        name: Class in `keras.applications`; it takes images in [-1, 1].
        layers: Number of layers, the bound of `fine_tune_at`.
        stride: Side in pixels of one position of its last feature map.
        features: Channels of its last feature map.
        imagenet_file: Where Keras publishes its ImageNet weights, below the address in
            `crack.runs.imagenet`; `{side}` stands for one of `imagenet_sides`.
        imagenet_sides: Image sides in px for which weights are published.
        imagenet_mb: Size of that file, in millions of bytes.
    """

    name: str
    layers: int
    stride: int
    features: int
    imagenet_file: str
    imagenet_sides: tuple[int, ...]
    imagenet_mb: int

    @property
    def image_sizes(self) -> range:
        """Image sides in px that can be used for training."""
        return range(self.stride, _LARGEST_IMAGE + 1, self.stride)


@dataclass(frozen=True)
class Backbone:
    """A row of the table.

    Attributes:
        name: What the user types.
        title: What the user reads in a list.
        summary: In sentences: what it has seen, and what that is good for.
        network: Its layers.
        weights: `embedded` in this program, `imagenet` as Keras publishes them, or
            None for random initialisation.
        fine_tune_at: Index of the first layer unfrozen by default.
    """

    name: str
    title: str
    summary: str
    network: Network
    weights: Literal["embedded", "imagenet"] | None
    fine_tune_at: int

    @property
    def embedded_weights(self) -> Path:
        """The file of its weights, if they are embedded."""
        return settings.SHIPPED_MODELS / "backbones" / self.name / "weights.npz"


MOBILENET_V2 = Network(
    name="MobileNetV2",
    layers=154,
    stride=32,
    features=1280,
    imagenet_file="mobilenet_v2/mobilenet_v2_weights_tf_dim_ordering_tf_kernels_1.0_"
    "{side}_no_top.h5",
    imagenet_sides=(96, 128, 160, 192, 224),
    imagenet_mb=9,
)

BACKBONES = {
    row.name: row
    for row in (
        Backbone(
            name="surfaces",
            title="MobileNetV2, trained on drawn concrete",
            summary="Has seen drawn concrete surfaces only. It comes with the program "
            "and needs no download.",
            network=MOBILENET_V2,
            weights="embedded",
            fine_tune_at=100,
        ),
        Backbone(
            name="imagenet",
            title="MobileNetV2, trained on ImageNet photos",
            summary="Has seen a million photos of everyday things. Published results "
            "start from it.",
            network=MOBILENET_V2,
            weights="imagenet",
            fine_tune_at=100,  # the reference recipe
        ),
        Backbone(
            name="random",
            title="MobileNetV2, untrained",
            summary="Has seen nothing. It is there to show what pretraining is worth.",
            network=MOBILENET_V2,
            weights=None,
            fine_tune_at=100,
        ),
    )
}


IMPORTED = "imported"
"""What the card of a model that was trained elsewhere has in place of a name."""


def find_backbone(name: str) -> Backbone:
    """Return the backbone called `name`.

    Raises:
        CrackError: There is no backbone of that name.
    """
    if name not in BACKBONES:
        raise CrackError(
            f"There is no backbone named '{name}'.",
            f"Choose one of: {', '.join(BACKBONES)}.",
        )
    return BACKBONES[name]
