"""When will it be done: from speeds measured now, or last time on this machine."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

from crack import settings, storage

# Seconds per image or step on 2 cores at 160 px, until this machine has shown its own.
_FIRST_GUESS = {"cache": 1 / 350, "frozen": 0.003, "fine_tune": 0.1, "finish": 1 / 200}


@dataclass
class Estimate:
    """Remaining seconds of a run, stage by stage.

    Attributes:
        key: What speeds depend on besides the stage, such as the backbone and size.
        remaining: Units still to do in each stage, in the order of the stages.
    """

    key: str
    remaining: dict[str, int]
    _speeds: dict[str, float] = field(default_factory=dict)
    _began: tuple[str, float, int] | None = None

    def __post_init__(self) -> None:
        path = settings.cache_dir() / "speeds.json"
        known = storage.read_json(path) if path.is_file() else {}
        for stage in self.remaining:
            guess = known.get(f"{self.key} {stage}", _FIRST_GUESS[stage])
            self._speeds[stage] = float(guess)

    def begin(self, stage: str) -> None:
        """Start the clock of a stage."""
        self._began = (stage, time.monotonic(), self.remaining[stage])

    def advance(self, left: int) -> float:
        """Set the units left in the stage; return the seconds until the end."""
        if self._began is None:
            raise RuntimeError("begin() comes before advance()")
        stage, began, at_start = self._began
        self.remaining[stage] = left
        done = at_start - left
        if done:
            self._speeds[stage] = (time.monotonic() - began) / done
        return self.seconds()

    def seconds(self) -> float:
        """Return the seconds until the end."""
        return sum(n * self._speeds[stage] for stage, n in self.remaining.items())

    def end(self) -> None:
        """Close the stage and remember its speed for the next run on this machine."""
        if self._began is None:
            return
        stage, _, _ = self._began
        self.remaining[stage] = 0
        self._began = None
        path = settings.cache_dir() / "speeds.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        known = storage.read_json(path) if path.is_file() else {}
        storage.write_json(path, {**known, f"{self.key} {stage}": self._speeds[stage]})
