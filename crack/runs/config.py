"""The configuration of a run: the presets, and which values are valid."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from typing import Any, Literal

from crack.data.split import SplitMethod
from crack.errors import CrackError
from crack.runs.backbones import find_backbone

Optimizer = Literal["adam", "rmsprop"]
Schedule = Literal["constant", "cosine"]


class ConfigError(CrackError):
    """A value that is invalid whatever the dataset."""


class Phase(StrEnum):
    """The two phases of transfer learning."""

    FROZEN = "frozen"
    FINE_TUNE = "fine_tune"

    @property
    def label(self) -> str:
        """What the user reads."""
        return "frozen" if self is Phase.FROZEN else "fine-tune"


@dataclass(frozen=True)
class PhaseConfig:
    """How one phase is trained.

    Attributes:
        epochs: Number of epochs, 0 to leave the phase out.
        optimizer: `adam` or `rmsprop`.
        learning_rate: At the first step.
        schedule: `constant`, or `cosine` down to 0 at the last step.
    """

    epochs: int
    optimizer: Optimizer
    learning_rate: float
    schedule: Schedule = "constant"


@dataclass(frozen=True)
class TrainConfig:
    """Everything that decides the outcome of a run.

    Attributes:
        dataset: Name of the dataset.
        preset: Name of the preset it was made from.
        backbone: Name of a row in `crack.runs.backbones`.
        image_size: Side of the square input, in px, a multiple of the stride of the
            backbone.
        batch_size: Images per step.
        dropout: Share of the features dropped before the Dense layer.
        split: `grouped` keeps near-copies on one side, `random` does not.
        seed: Of the split, the initial head, the order and the dropout.
        views: Versions of each training image, the first one unchanged; one is drawn
            per image and epoch. 1 means no augmentation.
        fine_tune_at: Index of the first backbone layer that is unfrozen in fine-tune.
        patience: End a phase after this many epochs without a lower validation loss;
            None to train all epochs.
        frozen: The phase that trains the head alone.
        fine_tune: The phase that also trains the top of the backbone.
    """

    dataset: str
    frozen: PhaseConfig
    fine_tune: PhaseConfig
    preset: str = "custom"
    backbone: str = "surfaces"
    image_size: int = 160
    batch_size: int = 32
    dropout: float = 0.3
    split: SplitMethod = "grouped"
    seed: int = 17
    views: int = 1
    fine_tune_at: int = 100
    patience: int | None = None

    @property
    def phases(self) -> list[tuple[Phase, PhaseConfig]]:
        """The phases that have epochs, in order."""
        both = [(Phase.FROZEN, self.frozen), (Phase.FINE_TUNE, self.fine_tune)]
        return [(phase, config) for phase, config in both if config.epochs > 0]

    @property
    def epochs(self) -> int:
        """Epochs of all phases together."""
        return self.frozen.epochs + self.fine_tune.epochs

    def with_backbone(self, name: str) -> TrainConfig:
        """Return it with a backbone and, for a new one, its default fine-tune layer.

        Raises:
            CrackError: There is no backbone of that name.
        """
        if name == self.backbone:
            return self
        backbone = find_backbone(name)
        return replace(self, backbone=name, fine_tune_at=backbone.fine_tune_at)

    def check(self) -> None:
        """Check that the values can be used for training.

        Raises:
            ConfigError: For the first value that cannot.
            CrackError: There is no backbone of that name.
        """
        network = find_backbone(self.backbone).network
        rules = [
            (self.epochs > 0, "epochs", "at least 1 in one of the phases", self.epochs),
            (
                self.frozen.epochs >= 0 and self.fine_tune.epochs >= 0,
                "epochs",
                "0 or more in each phase",
                (self.frozen.epochs, self.fine_tune.epochs),
            ),
            (
                self.image_size in network.image_sizes,
                "image size",
                f"a multiple of {network.stride} from {network.stride} to "
                f"{network.image_sizes[-1]}",
                self.image_size,
            ),
            (
                1 <= self.batch_size <= 1024,
                "batch size",
                "from 1 to 1024",
                self.batch_size,
            ),
            (0 <= self.dropout < 1, "dropout", "from 0 to below 1", self.dropout),
            (1 <= self.views <= 16, "views", "from 1 to 16", self.views),
            (
                0 <= self.fine_tune_at < network.layers,
                "fine-tune layer",
                f"from 0 to {network.layers - 1}",
                self.fine_tune_at,
            ),
            (
                self.patience is None or self.patience >= 1,
                "patience",
                "at least 1",
                self.patience,
            ),
            (
                self.split in ("grouped", "random"),
                "split",
                "grouped or random",
                self.split,
            ),
            (0 <= self.seed < 2**32, "seed", "from 0 to 4294967295", self.seed),
            (
                0 < self.frozen.learning_rate <= 1
                and 0 < self.fine_tune.learning_rate <= 1,
                "learning rate",
                "above 0 and at most 1",
                (self.frozen.learning_rate, self.fine_tune.learning_rate),
            ),
        ]
        for holds, name, wanted, got in rules:
            if not holds:
                raise ConfigError(
                    f"The {name} must be {wanted}, not {got}.",
                    "Change it and try again.",
                )

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain JSON values."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> TrainConfig:
        """Return the configuration that `to_dict` was called on."""
        phases = {name: PhaseConfig(**values[name]) for name in ("frozen", "fine_tune")}
        return cls(**{**values, **phases})


def labelled(config: TrainConfig) -> TrainConfig:
    """Return the configuration, marked as `custom` if it differs from its preset.

    Dataset, split and seed are free: they are not part of a recipe.
    """
    preset = PRESETS.get(config.preset)
    free = {name: getattr(config, name) for name in ("dataset", "split", "seed")}
    if preset and replace(preset.config, **free) == config:
        return config
    return replace(config, preset="custom")


@dataclass(frozen=True)
class Preset:
    """A ready-made recipe and the result to expect.

    Attributes:
        title: What the user reads in a list.
        expected: The result to expect, and on which data it was measured.
        config: The recipe; `dataset` is empty.
    """

    title: str
    expected: str
    config: TrainConfig

    def for_dataset(self, dataset: str) -> TrainConfig:
        """Return the recipe for a dataset."""
        return replace(self.config, dataset=dataset)


PRESETS = {
    "recommended": Preset(
        title="Recommended: faster learning rates that fall to zero",
        expected="Expect 99.7 % validation accuracy after the frozen phase and after "
        "fine-tune; from ImageNet 99.9 % and 99.95 % (12,000 METU photos, grouped "
        "split, means of 3 seeds).",
        config=TrainConfig(
            dataset="",
            preset="recommended",
            frozen=PhaseConfig(5, "adam", 3e-3, "cosine"),
            fine_tune=PhaseConfig(5, "adam", 1e-4, "cosine"),
        ),
    ),
    "reference": Preset(
        title="Reference: the published recipe to compare with",
        expected="Expect 99.6 % validation accuracy after the frozen phase, 99.9 % "
        "after fine-tune (12,000 METU photos, grouped split, seed 17); published are "
        "99.75 % and 99.92 % (40,000 photos, random split).",
        config=TrainConfig(
            dataset="",
            preset="reference",
            backbone="imagenet",
            frozen=PhaseConfig(5, "adam", 1e-4),
            fine_tune=PhaseConfig(5, "rmsprop", 1e-5),
        ),
    ),
}
