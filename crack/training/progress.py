"""How far a run is: told to those who watch it, with the time left."""

from __future__ import annotations

import time

import pandas as pd

from crack.adaptation import replay
from crack.runs.config import Phase
from crack.runs.estimate import MESSAGES, Stage, plan
from crack.runs.run import Run, RunStatus
from crack.training import ood_fit

_REPORT_EVERY = 0.5  # seconds; the page looks once per second


class Stopped(Exception):  # noqa: N818 - an outcome, not an error
    """The user asked the run to stop."""


class Progress:
    """Reports what a run does; called with a stage, what is done of it, and its total.

    Args:
        run: Where it is reported.
        split: Of its dataset.
        steps: Still to train in each phase that is left.
        cached: Images that must still pass through the frozen layers.
    """

    def __init__(
        self, run: Run, split: pd.DataFrame, steps: dict[Phase, int], cached: int
    ) -> None:
        self._run = run
        self._message, self._reported = "", 0.0
        train = int((split["split"] == "train").sum())
        self._estimate = plan(
            run.config,
            steps,
            cached=cached,
            described=min(train, ood_fit.MOST_IMAGES),
            kept=replay.most_kept(split),
            measured=len(split) - train,
        )

    def __call__(self, stage: Stage, done: int, total: int, message: str = "") -> None:
        """Report a new message at once, and else twice per second.

        Args:
            stage: What the run does.
            done: Units that are done of it.
            total: Units of it.
            message: For the user, where it is not that of the stage.

        Raises:
            Stopped: The user asked for it.
        """
        message = message or MESSAGES[stage]
        now = time.monotonic()
        is_new = message != self._message
        if not is_new and now - self._reported < _REPORT_EVERY and done < total:
            return
        self._message, self._reported = message, now
        eta = self._estimate.advance(stage, total - done)
        share = round(self._estimate.share, 4)
        self._run.report(RunStatus.RUNNING, message, done, total, round(eta, 1), share)
        if self._run.stop_requested:
            raise Stopped
