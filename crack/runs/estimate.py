"""The time left: from speeds measured in this run, or earlier on this machine.

What a run has not come to yet takes as much longer than guessed as what it has done.
"""

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

# These ask the exported model. On cores that other programs use too they slow down more
# than the training does, so each tells more of the next than the training can.
_ASKING = {Stage.DESCRIBE, Stage.KEEP, Stage.MEASURE}

# Seconds per unit (image, step, or a whole stage of `_ONCE`) on 2 cores at 160 px, used
# until they were measured on this machine. Those of `_ASKING` are twice as long as on
# idle cores, for a run that ends sooner than was said is the lesser surprise.
_FIRST_GUESS = {
    Stage.CACHE: 1 / 350,
    Stage.PREPARE_FROZEN: 2.0,
    Stage.FROZEN: 0.003,
    Stage.PREPARE_FINE_TUNE: 8.0,
    Stage.FINE_TUNE: 0.1,
    Stage.EXPORT: 6.0,
    Stage.DESCRIBE: 1 / 175,
    Stage.KEEP: 1 / 40,
    Stage.MEASURE: 1 / 40,
}
_ENOUGH_UNITS = 50  # to predict the speed of the next run, perhaps on a larger dataset
_TRUST = 2.0  # seconds of work that say as much of the machine as the guesses do


@dataclass
class Estimate:
    """Remaining seconds of a run, stage by stage.

    Attributes:
        key: What speeds depend on besides the stage, such as the backbone and size.
        remaining: Units still to do in each stage that is to come, in their order.
        share: How much of the time is over, 0 to 1; it never falls.
    """

    key: str
    remaining: dict[Stage, int]
    share: float = 0.0
    _guesses: dict[Stage, float] = field(default_factory=dict)
    _stage: Stage | None = None
    _first: float = field(default_factory=time.monotonic)
    _began: float = 0.0
    _at_start: int = 0
    # Of each stage that was begun: the seconds it took, and those that were guessed.
    _took: dict[Stage, tuple[float, float]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        all_known = _known_speeds()
        keys = {stage: f"{self.key} {stage}" for stage in Stage}
        known = {
            s: float(all_known[key]) for s, key in keys.items() if key in all_known
        }
        units = {s: self.remaining.get(s, 0) for s in known}
        measured = sum(n * known[s] for s, n in units.items())
        guessed = sum(n * _FIRST_GUESS[s] for s, n in units.items())
        slowness = (_TRUST + measured) / (_TRUST + guessed)
        for stage in Stage:
            self._guesses[stage] = known.get(stage, _FIRST_GUESS[stage] * slowness)

    def advance(self, stage: Stage, left: int) -> float:
        """Record the progress of the run; return the seconds until its end.

        The clock of a stage starts with the first call for it.

        Args:
            stage: The current one; those before it are finished.
            left: Units still to do in it.
        """
        now = time.monotonic()
        if stage is not self._stage:
            self._end_stage(now)
            self._stage, self._began, self._at_start = stage, now, left
            for earlier in list(Stage)[: list(Stage).index(stage)]:
                self.remaining.pop(earlier, None)
        self.remaining[stage] = left
        done, took = self._at_start - left, now - self._began
        if left == 0 and done >= _ENOUGH_UNITS:
            self._remember(stage, took / done)
        seconds = self._seconds_left(stage, done, took)
        over = now - self._first
        self.share = max(self.share, over / (over + seconds) if over else 0.0)
        return seconds

    def _end_stage(self, now: float) -> None:
        """Count the current stage among those that are over, if there is one."""
        if self._stage is None:
            return
        took, done = now - self._began, self._at_start - self.remaining[self._stage]
        if self._stage in _ONCE:
            done = 1
            self._remember(self._stage, took)
        self._took[self._stage] = took, done * self._guesses[self._stage]

    def _seconds_left(self, stage: Stage, done: int, took: float) -> float:
        """Return the seconds to the end, with so much done of a stage in some time."""
        if done > 0:
            self._took[stage] = took, done * self._guesses[stage]
        usual = self._slowness(set(Stage), 1.0)
        asking = self._slowness(_ASKING, usual)
        seconds = 0.0
        for each, units in self.remaining.items():
            speed = self._guesses[each] * (asking if each in _ASKING else usual)
            seconds += units * (took / done if each is stage and done > 0 else speed)
        return seconds

    def _slowness(self, stages: set[Stage], before: float) -> float:
        """Return how many times as long as guessed some stages take.

        Args:
            stages: Those that count, as far as they were begun.
            before: What is thought of them before that.
        """
        worked, expected = _TRUST * before, _TRUST
        for stage in stages & self._took.keys():
            took, guessed = self._took[stage]
            worked, expected = worked + took, expected + guessed
        return worked / expected

    def _remember(self, stage: Stage, speed: float) -> None:
        """Save the speed of a stage for the next run on this machine."""
        path = _path()
        path.parent.mkdir(parents=True, exist_ok=True)
        speeds = {**_known_speeds(), f"{self.key} {stage}": speed}
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
