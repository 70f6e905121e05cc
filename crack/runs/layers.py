"""The layers of the networks, without Keras: kept in `networks/`, one file for each.

`python -m tools.network_layers` writes the files from the real Keras models, and a test
among the slow ones compares them.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from crack.runs.backbones import Network

NETWORKS = Path(__file__).parent / "networks"
"""Where the files are, `NAME.json` for each class of `keras.applications`."""


@dataclass(frozen=True)
class Layer:
    """A layer as `model.summary()` lists it, for images of any size.

    Attributes:
        name: In Keras.
        type: Its class in Keras.
        stride: Side in pixels of the photo of one position of its output.
        padding: Positions added to each side length of its output.
        channels: Of its output.
        parameters: All of them.
        trainable: Those that learn if the layer does; batch normalisation also keeps
            statistics, which do not.
        kernel: Shape of the kernel of a convolution; empty for other layers.
    """

    name: str
    type: str
    stride: int
    padding: int
    channels: int
    parameters: int
    trainable: int
    kernel: tuple[int, ...]

    def shape(self, image_size: int) -> tuple[int, int, int]:
        """Return height, width and channels of the output for square images."""
        side = image_size // self.stride + self.padding
        return side, side, self.channels

    def multiply_adds(self, image_size: int) -> int:
        """Return how many multiplications with an addition one square image needs.

        A convolution needs one for each weight of its kernel at each position of its
        output: K x K x M x N x H x W, a depthwise one K x K x M x H x W, for kernels of
        K x K, M channels in and N out, and an output of H x W (Howard et al. 2017,
        "MobileNets", arXiv:1704.04861, section 3.1). The other layers are not counted.
        """
        if not self.kernel:
            return 0
        height, width, _ = self.shape(image_size)
        return math.prod(self.kernel) * height * width


@dataclass(frozen=True)
class Block:
    """Layers that follow each other and are drawn as one.

    Attributes:
        title: Its name.
        about: What it is made of.
        first: Index of its first layer in the network.
        layers: In order.
    """

    title: str
    about: str
    first: int
    layers: tuple[Layer, ...]


@cache
def network_blocks(network: Network) -> tuple[Block, ...]:
    """Return all layers of a network, in blocks."""
    blocks, first = [], 0
    path = NETWORKS / f"{network.name}.json"
    for block in json.loads(path.read_text(encoding="utf-8")):
        layers = tuple(
            Layer(**{**layer, "kernel": tuple(layer["kernel"])})
            for layer in block["layers"]
        )
        blocks.append(Block(block["title"], block["about"], first, layers))
        first += len(layers)
    return tuple(blocks)
