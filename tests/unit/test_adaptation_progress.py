from __future__ import annotations

import json

import pytest

from crack.adaptation import progress
from crack.adaptation.progress import Activity, ProgressFile


class Clock:
    now = 100.0

    def monotonic(self):
        return self.now

    def time(self):
        return 1_800_000_000 + self.now


@pytest.fixture
def clock(monkeypatch):
    clock = Clock()
    monkeypatch.setattr(progress, "time", clock)
    return clock


@pytest.fixture
def told(tmp_path, clock):
    """Report something at a time; return what the file says then."""
    file = ProgressFile(tmp_path / "progress.json")

    def tell(now, activity, done, total):
        clock.now = now
        file.report(activity, done, total)
        return json.loads((tmp_path / "progress.json").read_text())

    return tell


def test_the_time_left_follows_the_speed_of_the_machine(told):
    quick = told(100, Activity.LOOK, 1, 100)["eta_seconds"]
    slow = told(130, Activity.LOOK, 100, 100)["eta_seconds"]
    assert 0 < quick < slow / 2
    assert told(130, Activity.CHOOSE, 0, 1)["eta_seconds"] == slow


def test_the_time_left_falls_from_one_activity_to_the_next(told):
    left = [
        told(100 + n, activity, done, total)["eta_seconds"]
        for n, (activity, done, total) in enumerate(
            [
                (Activity.LOOK, 0, 40),
                (Activity.LOOK, 20, 40),
                (Activity.LOOK, 40, 40),
                (Activity.JUDGE, 40, 40),
                (Activity.FIT, 0, 1),
                (Activity.WRITE, 0, 1),
            ]
        )
    ]
    assert left == sorted(left, reverse=True)
    assert left[-1] > 0


def test_the_file_is_not_written_for_every_photo(told):
    assert told(100, Activity.LOOK, 1, 40)["done"] == 1
    assert told(100.1, Activity.LOOK, 2, 40)["done"] == 1
    assert told(100.3, Activity.LOOK, 3, 40)["done"] == 3
    assert told(100.31, Activity.LOOK, 40, 40)["done"] == 40
