from __future__ import annotations

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
    assert halfway == pytest.approx(first - 100 / 350 + 10)


def test_the_time_before_a_stage_is_not_taken_for_its_speed(plan, clock, work):
    run = plan()
    clock(60)  # building the network, tracing the first step
    after = work(run, Stage.FROZEN, 1, 59, 49)
    rest = run.advance(Stage.FROZEN, 0)
    assert after - rest == pytest.approx(49 * 0.1)


def test_a_stage_that_is_over_counts_no_more_even_if_it_ended_early(plan, work):
    run = plan()
    work(run, Stage.FROZEN, 1, 59, 40)
    assert run.advance(Stage.MEASURE, 20) == pytest.approx(20 / 80)


def test_a_stage_may_report_another_number_than_was_planned(plan, work):
    run = plan()
    work(run, Stage.DESCRIBE, 3, 300, 150)
    assert run.advance(Stage.DESCRIBE, 0) == pytest.approx(20 / 80)


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
