from __future__ import annotations

import sys
from dataclasses import asdict

import pytest

from crack import storage
from crack.runs import jobs
from crack.runs.listing import list_runs
from crack.runs.workers import Workers
from tests.unit.test_jobs import CONFIG


def test_a_run_keeps_where_it_is_trained(dataset, launched):
    elsewhere = jobs.start(CONFIG, Workers("ray://head:10001", 4))
    assert elsewhere.workers == Workers("ray://head:10001", 4)
    assert elsewhere.workers.from_outside
    assert jobs.start(CONFIG).workers is None


def test_what_is_no_list_of_workers_is_ignored(dataset, launched):
    run = jobs.start(CONFIG, Workers())
    storage.write_json(run.path / "workers.json", {**asdict(Workers()), "most": "all"})
    assert run.workers is None


def test_without_ray_nothing_is_begun(crack, dataset, launched, monkeypatch):
    monkeypatch.setitem(sys.modules, "ray", None)
    status, _, err = crack("train", dataset.name, "--engine", "ray")
    assert status == 1
    assert err.startswith("crack: Ray is not installed. Install it: pip install -r")
    assert list_runs() == []


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (("--workers", 2), "Add --engine ray"),
        (("--workers", 0), "Add --engine ray"),
        (("--address", "auto"), "Add --engine ray"),
        (("--engine", "ray", "--workers", 0), "at least one worker"),
    ],
)
def test_options_that_do_not_go_together_begin_nothing(
    crack, dataset, launched, options, told
):
    status, _, err = crack("train", dataset.name, *options)
    assert status == 1
    assert told in err
    assert list_runs() == []
