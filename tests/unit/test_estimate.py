from __future__ import annotations

from itertools import pairwise

import pytest

from crack import settings
from crack.runs import estimate
from crack.runs.estimate import Estimate, Stage


@pytest.fixture
def clock(monkeypatch):
    """A clock that the test sets."""
    now = [1000.0]
    monkeypatch.setattr(estimate.time, "monotonic", lambda: now[0])

    def wait(seconds):
        now[0] += seconds

    return wait


@pytest.fixture
def plan():
    """100 images, 60 steps, then the end of the run."""

    def make(**units):
        remaining = {
            Stage.CACHE: 100,
            Stage.FROZEN: 60,
            Stage.EXPORT: 1,
            Stage.DESCRIBE: 80,
            Stage.MEASURE: 20,
        }
        return Estimate("walls:", remaining | {Stage(k): n for k, n in units.items()})

    return make


@pytest.fixture
def work(clock):
    """Take so many seconds for the units of a stage from the first to the last left."""

    def through(run, stage, seconds, first, last):
        run.advance(stage, first)
        clock(seconds)
        return run.advance(stage, last)

    return through


def test_what_was_measured_counts_for_what_is_left(plan, clock, work):
    first = plan().advance(Stage.CACHE, 100)
    clock(10)
    halfway = work(plan(), Stage.CACHE, 10, 100, 50)
    # 10 s for 50 images, where the first guess was 1/350 s for each.
    slowness = (2 + 10) / (2 + 50 / 350)
    assert halfway == pytest.approx(10 + slowness * (first - 100 / 350))


def test_the_time_before_a_stage_is_not_taken_for_its_speed(plan, clock, work):
    run = plan(describe=0, measure=0, export=0)
    clock(60)  # building the network, tracing the first step
    assert work(run, Stage.FROZEN, 1, 59, 49) == pytest.approx(49 * 0.1)


def test_a_stage_that_is_over_counts_no_more_even_if_it_ended_early(plan, work):
    run = plan()
    work(run, Stage.FROZEN, 19 * 0.003, 59, 40)  # as guessed
    assert run.advance(Stage.MEASURE, 20) == pytest.approx(20 / 40)


def test_a_stage_may_report_another_number_than_was_planned(plan, work):
    run = plan(measure=0)
    assert work(run, Stage.DESCRIBE, 3, 300, 150) == pytest.approx(3)
    assert run.advance(Stage.DESCRIBE, 0) == 0


def test_what_is_to_come_takes_as_much_longer_as_what_was_done(plan, clock):
    """A computer six times as slow as guessed: known before the training ends."""
    stages = {Stage.CACHE: 100, Stage.FROZEN: 60, Stage.FINE_TUNE: 80, Stage.EXPORT: 1}
    stages |= {Stage.DESCRIBE: 80, Stage.KEEP: 500, Stage.MEASURE: 200}
    run = plan(**stages)
    told, shares = {stage: [] for stage in stages}, []
    for stage, units in stages.items():
        at_once = max(1, units // 20)
        for left in range(units, 0, -at_once):
            told[stage].append(run.advance(stage, left))
            shares.append(run.share)
            clock(6 * estimate._FIRST_GUESS[stage] * at_once)
    truth = 6 * (4 * 0.1 + 6 + 80 / 175 + 500 / 40 + 200 / 40)
    assert told[Stage.FINE_TUNE][-1] == pytest.approx(truth, rel=0.2)
    for before, after in pairwise((Stage.FINE_TUNE, Stage.EXPORT, Stage.KEEP)):
        assert told[after][0] < told[before][-1] * 1.05
    assert shares == sorted(shares)
    assert shares[-1] > 0.97


def test_how_slow_the_exported_model_is_tells_how_long_asking_it_takes(plan, clock):
    """On busy cores it slows down more than the training."""
    run = plan(describe=400, keep=500, measure=0)
    run.advance(Stage.DESCRIBE, 400)
    clock(10 * 400 * estimate._FIRST_GUESS[Stage.DESCRIBE])
    run.advance(Stage.DESCRIBE, 0)
    left = run.advance(Stage.KEEP, 500)
    assert left == pytest.approx(10 * 500 * estimate._FIRST_GUESS[Stage.KEEP], rel=0.4)


def test_what_was_never_measured_is_as_slow_as_what_was(plan, work):
    fresh = plan(keep=500).advance(Stage.KEEP, 500)
    work(plan(), Stage.CACHE, 200, 100, 0)
    assert plan(keep=500).advance(Stage.KEEP, 500) > 20 * fresh


def test_the_speed_of_a_stage_is_known_to_the_next_run(plan, work):
    work(plan(), Stage.CACHE, 200, 100, 0)
    before = plan().advance(Stage.CACHE, 0)
    assert plan().advance(Stage.CACHE, 100) - before == pytest.approx(200)


def test_few_units_tell_no_speed_to_the_next_run(plan, work):
    untold = plan().advance(Stage.CACHE, 100)
    work(plan(frozen=6), Stage.FROZEN, 40, 5, 0)
    assert plan().advance(Stage.CACHE, 100) == untold


def test_what_is_done_once_ends_with_the_next_stage_and_is_remembered(plan, clock):
    run = plan()
    run.advance(Stage.EXPORT, 1)
    clock(7)
    run.advance(Stage.DESCRIBE, 75)
    after = plan().advance(Stage.DESCRIBE, 80)
    assert plan().advance(Stage.EXPORT, 1) - after == pytest.approx(7)


@pytest.mark.parametrize("content", ["", "{", "\0\0"])
def test_damaged_speeds_are_forgotten(plan, work, content):
    fresh = plan().advance(Stage.CACHE, 100)
    path = settings.cache_dir() / "speeds.json"
    path.parent.mkdir(parents=True)
    path.write_text(content)
    assert plan().advance(Stage.CACHE, 100) == fresh
    work(plan(), Stage.CACHE, 200, 100, 0)
    assert plan().advance(Stage.CACHE, 100) > fresh
