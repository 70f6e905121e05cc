"""The time left: from speeds measured in this run, or earlier on this machine."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from crack import settings, storage
from crack.runs.config import Phase, TrainConfig


class Stage(StrEnum):
    """The stages of a run, in order; each has a speed of its own."""

    CACHE = "cache"
    PREPARE_FROZEN = "prepare_frozen"
    FROZEN = "frozen"
    PREPARE_FINE_TUNE = "prepare_fine_tune"
    FINE_TUNE = "fine_tune"
    EXPORT = "export"
    DESCRIBE = "describe"
    KEEP = "keep"
    MEASURE = "measure"


MESSAGES = {
    Stage.CACHE: "Passing each image through the frozen layers, once",
    Stage.PREPARE_FROZEN: "Preparing the frozen phase",
    Stage.PREPARE_FINE_TUNE: "Preparing the fine-tune phase",
    Stage.EXPORT: "Exporting the model",
    Stage.DESCRIBE: "Describing the training images",
    Stage.KEEP: "Keeping a sample of the images for later adaptations",
    Stage.MEASURE: "Measuring the exported model",
}
"""Messages for the user; in the two phases the message is the number of the epoch."""


# Done once, however large the dataset: each is one unit, finished when the next stage
# begins.
_ONCE = {Stage.PREPARE_FROZEN, Stage.PREPARE_FINE_TUNE, Stage.EXPORT}

# Seconds per unit (image, step, or a whole stage of `_ONCE`) on 2 cores at 160 px, used
# until they were measured on this machine.
_FIRST_GUESS = {
    Stage.CACHE: 1 / 350,
    Stage.PREPARE_FROZEN: 2.0,
    Stage.FROZEN: 0.003,
    Stage.PREPARE_FINE_TUNE: 8.0,
    Stage.FINE_TUNE: 0.1,
    Stage.EXPORT: 12.0,
    Stage.DESCRIBE: 1 / 350,
    Stage.KEEP: 1 / 80,
    Stage.MEASURE: 1 / 80,
}
_ENOUGH_UNITS = 50  # to predict the speed of the next run, perhaps on a larger dataset


@dataclass
class Estimate:
    """Remaining seconds of a run, stage by stage.

    Attributes:
        key: What speeds depend on besides the stage, such as the backbone and size.
        remaining: Units still to do in each stage that is to come, in their order.
    """

    key: str
    remaining: dict[Stage, int]
    _speeds: dict[Stage, float] = field(default_factory=dict)
    _stage: Stage | None = None
    _began: float = 0.0
    _at_start: int = 0

    def __post_init__(self) -> None:
        known = _known_speeds()
        for stage in self.remaining:
            guess = known.get(f"{self.key} {stage}", _FIRST_GUESS[stage])
            self._speeds[stage] = float(guess)

    def advance(self, stage: Stage, left: int) -> float:
        """Record the progress of the run; return the seconds until its end.

        The clock of a stage starts with the first call for it.

        Args:
            stage: The current one; those before it are finished.
            left: Units still to do in it.
        """
        if stage is not self._stage:
            if self._stage in _ONCE:
                self._speeds[self._stage] = time.monotonic() - self._began
                self._remember(self._stage)
            self._stage, self._began = stage, time.monotonic()
            self._at_start = left
            for earlier in list(Stage)[: list(Stage).index(stage)]:
                self.remaining.pop(earlier, None)
        self.remaining[stage] = left
        done = self._at_start - left
        if done > 0:
            self._speeds[stage] = (time.monotonic() - self._began) / done
            if left == 0 and done >= _ENOUGH_UNITS:
                self._remember(stage)
        return sum(n * self._speeds[s] for s, n in self.remaining.items())

    def _remember(self, stage: Stage) -> None:
        """Save the speed of a stage for the next run on this machine."""
        path = _path()
        path.parent.mkdir(parents=True, exist_ok=True)
        speeds = {**_known_speeds(), f"{self.key} {stage}": self._speeds[stage]}
        storage.write_json(path, speeds)


def plan(
    config: TrainConfig,
    steps: dict[Phase, int],
    *,
    cached: int,
    described: int,
    kept: int,
    measured: int,
) -> Estimate:
    """Return the estimate for what is left of a run.

    Args:
        config: Of the run.
        steps: Still to train in each phase that is left.
        cached: Images that must still pass through the frozen layers.
        described: Training images that are described at the end.
        kept: Images of which a sample is kept, at most.
        measured: Images that the exported model is measured on.
    """
    remaining = {Stage.CACHE: cached}
    for phase, count in steps.items():
        remaining |= {preparation(phase): 1, Stage(phase): count}
    remaining |= {Stage.EXPORT: 1, Stage.DESCRIBE: described, Stage.KEEP: kept}
    remaining |= {Stage.MEASURE: measured}
    speeds_of = (
        f"{config.backbone} {config.image_size} px, batch {config.batch_size}, "
        f"from {config.fine_tune_at}:"
    )
    return Estimate(speeds_of, remaining)


def preparation(phase: Phase) -> Stage:
    """Return the stage before a phase."""
    return Stage(f"prepare_{phase}")


def _known_speeds() -> dict[str, float]:
    return storage.read_json_if_whole(_path()) or {}  # a cache, it can be lost


def _path() -> Path:
    return settings.cache_dir() / "speeds.json"
