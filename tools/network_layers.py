"""Write the layers of the networks one can train: `python -m tools.network_layers`.

The files are read by `crack.runs.layers`. Run it after a network was added or a new
version of Keras has changed one.
"""

from __future__ import annotations

import json
import re
from itertools import groupby
from typing import TYPE_CHECKING

from crack.runs.backbones import BACKBONES, Network
from crack.runs.layers import NETWORKS

if TYPE_CHECKING:
    import keras

_SIDE = 512  # px; so large that a padding of one position is rounded away


def main() -> None:
    """Write a file for each network."""
    for network in {row.network for row in BACKBONES.values()}:
        path = NETWORKS / f"{network.name}.json"
        path.write_text(as_text(blocks_of(network)), encoding="utf-8")
        print(f"{path}: {path.stat().st_size:,} bytes")


def blocks_of(network: Network) -> list[dict[str, object]]:
    """Return the layers of a network in blocks, as they are kept."""
    import keras

    application = getattr(keras.applications, network.name)
    model = application(include_top=False, weights=None, input_shape=(_SIDE, _SIDE, 3))
    return [
        {"title": title, "about": about, "layers": [_row(layer) for layer in layers]}
        for title, about, layers in _GROUPED[network.name](model.layers)
    ]


def as_text(blocks: list[dict[str, object]]) -> str:
    """Return blocks as JSON with a line for each layer."""
    text = json.dumps(blocks, indent=1, ensure_ascii=False)
    return re.sub(r"\{\s+(\"name\"[^{}]+?)\s+\}", _one_line, text) + "\n"


def _one_line(found: re.Match[str]) -> str:
    return (
        "{" + re.sub(r"\s+", " ", found[1]).replace("[ ", "[").replace(" ]", "]") + "}"
    )


def _row(layer: keras.Layer) -> dict[str, object]:
    _, height, _, channels = layer.output.shape
    stride = round(_SIDE / height)
    kernel = getattr(layer, "kernel", None)
    trainable = layer.trainable_weights
    return {
        "name": re.sub(r"^input_layer_\d+$", "input_layer", layer.name),
        "type": type(layer).__name__,
        "stride": stride,
        "padding": height - _SIDE // stride,
        "channels": channels,
        "parameters": layer.count_params(),
        "trainable": sum(weight.numpy().size for weight in trainable),
        "kernel": [] if kernel is None else list(kernel.shape),
    }


def _mobilenet_v2(
    layers: list[keras.Layer],
) -> list[tuple[str, str, list[keras.Layer]]]:
    """Return the stages of Table 2 of Sandler et al. 2018, arXiv:1801.04381.

    A stage is a number of inverted residual blocks with the same number of channels.
    """
    names = [re.match(r"(block_\d+|expanded_conv)_", layer.name) for layer in layers]
    inside = [index for index, name in enumerate(names) if name]
    first, last = inside[0], inside[-1] + 1
    blocks = [
        [layers[index] for index in indices]
        for _, indices in groupby(inside, lambda index: names[index][1])
    ]
    stages = groupby(blocks, lambda block: block[-1].output.shape[-1])
    middle = []
    for number, (_, alike) in enumerate(stages, start=1):
        members = list(alike)
        about = f"{len(members)} inverted residual" + "s" * (len(members) > 1)
        flat = [layer for block in members for layer in block]
        middle.append((f"Stage {number}", about, flat))
    return [
        ("Stem", "convolution 3 × 3", layers[:first]),
        *middle,
        ("Top", "convolution 1 × 1", layers[last:]),
    ]


_GROUPED = {"MobileNetV2": _mobilenet_v2}
"""How the layers of a network are put into blocks, by its name."""


if __name__ == "__main__":
    main()
