"""The network: a pretrained backbone, a small head, and which part is trained.

`Rescaling -> backbone -> GlobalAveragePooling2D -> Dropout -> Dense(2, softmax)`
"""

from __future__ import annotations

from typing import Any

import keras
import numpy as np

from crack.errors import CrackError
from crack.model.embedded import load_weights
from crack.runs.backbones import Backbone
from crack.runs.imagenet import fetch_imagenet_weights

_NOISE_IMAGES = 32  # enough for a mean and a variance per channel


def build_backbone(row: Backbone, side: int | None) -> keras.Model:
    """Return the convolutional part, float32 (n, side, side, 3) in [-1, 1] as input.

    Args:
        row: The backbone.
        side: Image side in px; None for any size, without pretrained weights.

    Raises:
        CrackError: The pretrained weights are not on this machine.
    """
    application = getattr(keras.applications, row.network.name)
    backbone = application(include_top=False, weights=None, input_shape=(side, side, 3))
    if side is not None:
        _initialise(backbone, row, side)
    return backbone


def _initialise(backbone: keras.Model, row: Backbone, side: int) -> None:
    if row.weights == "embedded":
        load_weights(backbone, row.embedded_weights)
    elif row.weights == "imagenet":
        path = fetch_imagenet_weights(row.network, side)
        try:
            # By path: with "imagenet" Keras could look elsewhere, and download.
            backbone.load_weights(path)
        except (OSError, ValueError, KeyError) as error:
            raise CrackError(
                f"The ImageNet weights in {path} are damaged.",
                "Delete the file, so that it is downloaded again.",
            ) from error
    else:
        _settle(backbone, side)


def _settle(backbone: keras.Model, side: int) -> None:
    """Give the BatchNorm of an untrained backbone the statistics of noise.

    It always runs in inference mode. With its initial statistics the signal would fade
    to 1e-13 on its way through the layers, and nothing could be learned.
    """
    rng = np.random.default_rng(0)
    light = rng.uniform(-0.7, 0.7, (_NOISE_IMAGES, 1, 1, 3))
    noise = light + rng.normal(0, 0.2, (_NOISE_IMAGES, side, side, 3))
    norms = [
        layer
        for layer in backbone.layers
        if isinstance(layer, keras.layers.BatchNormalization)
    ]
    momentum = norms[0].momentum
    for layer in norms:
        layer.momentum = 0.0  # uses the statistics of this one batch
    backbone(noise.clip(-1, 1).astype(np.float32), training=True)
    for layer in norms:
        layer.momentum = momentum


def build_classifier(
    row: Backbone, image_size: int, dropout: float, seed: int
) -> keras.Sequential:
    """Return the full network, uint8-range RGB (n, size, size, 3) to (n, 2).

    Args:
        row: The backbone.
        image_size: Side of the input in px.
        dropout: Share of the pooled features dropped in training.
        seed: Of the initial head.
    """
    return keras.Sequential(
        [
            keras.Input((image_size, image_size, 3), name="image"),
            keras.layers.Rescaling(1 / 127.5, offset=-1, name="rescaling"),
            build_backbone(row, image_size),
            keras.layers.GlobalAveragePooling2D(name="pooling"),
            keras.layers.Dropout(dropout, seed=seed, name="dropout"),
            keras.layers.Dense(
                2,
                activation="softmax",
                kernel_initializer=keras.initializers.GlorotUniform(seed),
                name="head",
            ),
        ]
    )


def backbone_of(model: keras.Sequential) -> keras.Model:
    """Return the backbone inside the full network."""
    return model.layers[1]


def freeze(model: keras.Sequential, first_trainable: int | None) -> None:
    """Freeze the backbone, all of it or the layers before an index.

    Args:
        model: The full network.
        first_trainable: Index of the first backbone layer that trains, None to freeze
            the whole backbone.
    """
    backbone = backbone_of(model)
    backbone.trainable = first_trainable is not None
    for layer in backbone.layers[: first_trainable or 0]:
        layer.trainable = False


def count_parameters(model: keras.Model) -> tuple[int, int]:
    """Return the number of trainable and of all parameters."""
    trainable = sum(int(np.prod(w.shape)) for w in model.trainable_weights)
    return trainable, int(model.count_params())


def freeze_point(backbone: keras.Model, first_trainable: int) -> int:
    """Return the index of the layer whose output is cached.

    It is the last layer before `first_trainable` through which all data passes: the
    layers above need no other output from below. If `first_trainable` is inside a
    residual block, this is the output of the block before, and the few frozen layers in
    between are computed again. 0, the input, means that images are cached.
    """
    position = {layer.name: index for index, layer in enumerate(backbone.layers)}
    for candidate in range(max(first_trainable - 1, 0), 0, -1):
        needed = {
            position[parent.operation.name]
            for layer in backbone.layers[candidate + 1 :]
            # Only the first node: models made of parts of the network add nodes.
            for parent in layer._inbound_nodes[0].parent_nodes
        }
        if all(index >= candidate for index in needed):
            return candidate
    return 0


class TrainedPart(keras.Model):
    """The layers above the freeze point, shared with the full network.

    BatchNorm always runs in inference mode. Otherwise `fit` would call it with
    `training=True`, even in a graph recorded with False.

    Args:
        model: The full network.
        cached_layer: Index of the backbone layer whose output comes in (0: the image),
            None if the pooled features do.
    """

    def __init__(self, model: keras.Sequential, cached_layer: int | None) -> None:
        super().__init__()
        backbone = backbone_of(model)
        rescaling, _, self.pooling, self.dropout, self.head = model.layers
        self.rescaling = rescaling if cached_layer == 0 else None
        self.top: keras.Model | None = None
        if cached_layer is not None:
            source = backbone.layers[cached_layer].output
            self.top = (
                keras.Model(source, backbone.output) if cached_layer else backbone
            )

    def call(self, inputs: Any, training: bool | None = None) -> Any:
        """Return probabilities (n, 2) for a batch of cached activations."""
        return self.head(self.dropout(self.features(inputs), training=training))

    def features(self, inputs: Any) -> Any:
        """Return what dropout is applied to, for a batch of cached activations."""
        x = inputs
        if self.rescaling is not None:
            x = self.rescaling(x)
        if self.top is not None:
            x = self.pooling(self.top(x, training=False))
        return x
