"""The network of a run, from photo to answer, and what learns in which phase."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from crack.runs.backbones import find_backbone
from crack.runs.config import Phase, TrainConfig
from crack.runs.layers import network_blocks

_CLASSES = 2


@dataclass(frozen=True)
class BuiltLayer:
    """A layer of the network of a run.

    Attributes:
        name: In Keras.
        type: Its class in Keras.
        shape: Of its output for one photo.
        parameters: All of them.
        trainable: Those that learn if the layer does.
        multiply_adds: Of one photo, as `crack.runs.layers` counts them.
        learns_in: The phases in which it is not frozen; empty without `trainable`.
    """

    name: str
    type: str
    shape: tuple[int, ...]
    parameters: int = 0
    trainable: int = 0
    multiply_adds: int = 0
    learns_in: tuple[Phase, ...] = ()


@dataclass(frozen=True)
class Part:
    """Layers that are drawn as one.

    Attributes:
        title: Its name.
        about: What it is made of.
        layers: In order.
    """

    title: str
    about: str
    layers: tuple[BuiltLayer, ...]

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of its output for one photo."""
        return self.layers[-1].shape

    @property
    def parameters(self) -> int:
        """Number of its parameters."""
        return sum(layer.parameters for layer in self.layers)

    @property
    def multiply_adds(self) -> int:
        """Of one photo."""
        return sum(layer.multiply_adds for layer in self.layers)

    @cached_property
    def with_weights(self) -> int:
        """Number of layers that can learn."""
        return sum(layer.trainable > 0 for layer in self.layers)

    def learning(self, phase: Phase) -> int:
        """Return how many of the layers that can learn do so in a phase."""
        return sum(phase in layer.learns_in for layer in self.layers)

    def trained(self, phase: Phase) -> int:
        """Return how many parameters learn in a phase."""
        return sum(layer.trainable for layer in self.layers if phase in layer.learns_in)


@dataclass(frozen=True)
class Architecture:
    """The network of a run.

    Attributes:
        phases: In which it is trained.
        parts: From the photo to the answer.
    """

    phases: tuple[Phase, ...]
    parts: tuple[Part, ...]

    @property
    def parameters(self) -> int:
        """Number of all parameters."""
        return sum(part.parameters for part in self.parts)

    @property
    def multiply_adds(self) -> int:
        """Of one photo."""
        return sum(part.multiply_adds for part in self.parts)

    def trained(self, phase: Phase) -> int:
        """Return how many parameters learn in a phase."""
        return sum(part.trained(phase) for part in self.parts)

    @property
    def head(self) -> Part:
        """The part that learns in every phase."""
        return self.parts[-1]


def architecture_of(config: TrainConfig) -> Architecture:
    """Return the network that a run trains.

    Args:
        config: Of the run. Without an epoch, as while a form is filled in, both phases
            are told of.

    Raises:
        CrackError: There is no backbone of that name.
    """
    phases = tuple(phase for phase, _ in config.phases) or tuple(Phase)
    return Architecture(
        phases,
        (_preprocessing(config), *_backbone(config, phases), *_head(config, phases)),
    )


def _preprocessing(config: TrainConfig) -> Part:
    side = config.image_size
    rescaling = BuiltLayer("rescaling", "Rescaling", (side, side, 3))
    return Part("Preprocessing", "0 to 255 becomes −1 to 1", (rescaling,))


def _backbone(config: TrainConfig, phases: tuple[Phase, ...]) -> list[Part]:
    """Return the blocks; from layer `fine_tune_at` on they learn in fine-tune."""
    later = tuple(phase for phase in phases if phase is Phase.FINE_TUNE)
    parts = []
    for block in network_blocks(find_backbone(config.backbone).network):
        layers = tuple(
            BuiltLayer(
                layer.name,
                layer.type,
                layer.shape(config.image_size),
                layer.parameters,
                layer.trainable,
                layer.multiply_adds(config.image_size),
                later if layer.trainable and index >= config.fine_tune_at else (),
            )
            for index, layer in enumerate(block.layers, start=block.first)
        )
        parts.append(Part(block.title, block.about, layers))
    return parts


def _head(config: TrainConfig, phases: tuple[Phase, ...]) -> list[Part]:
    features = find_backbone(config.backbone).network.features
    weights = features * _CLASSES
    pooling = BuiltLayer("pooling", "GlobalAveragePooling2D", (features,))
    dropout = BuiltLayer("dropout", "Dropout", (features,))
    dense = BuiltLayer(
        "head",
        "Dense",
        (_CLASSES,),
        parameters=weights + _CLASSES,
        trainable=weights + _CLASSES,
        multiply_adds=weights,
        learns_in=phases,
    )
    return [
        Part("Pooling", "mean over all positions", (pooling,)),
        Part("Dropout", f"{100 * config.dropout:g} % left out in training", (dropout,)),
        Part("Dense", "softmax over 2 classes", (dense,)),
    ]
