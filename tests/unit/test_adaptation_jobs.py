from __future__ import annotations

import json
import time

import psutil
import pytest

from crack import settings, storage
from crack.adaptation import jobs
from crack.adaptation.jobs import JobStatus
from crack.data.dataset import dataset_names
from crack.inference.prediction import Label
from crack.inspections.records import RegionVerdict, RegionVerdictKind
from crack.inspections.store import add_photo
from crack.inspections.verdicts import give_region_verdict
from crack.runs import background
from crack.runs.registry import find_model, model_names
from tests.inspections import answer, inspect, noise_png

pytestmark = pytest.mark.usefixtures("shipped_models", "model")

SLEEP = "import time; time.sleep(60)"
BOXES = ((64, 0, 128, 128), (0, 128, 128, 128))


@pytest.fixture
def inspection():
    """Of six photos; the regions of three are confirmed, those of three rejected."""
    made = inspect()
    for number in range(6):
        found = answer(Label.REVIEW, file=f"{number}.png", width=256, height=256)
        photo = add_photo(made.id, noise_png(number, 256), found)
        cracked = number < 3
        kind = RegionVerdictKind.CONFIRMED if cracked else RegionVerdictKind.REJECTED
        for box in BOXES:
            give_region_verdict(photo.id, RegionVerdict(*box, cracked, kind))
    return made


@pytest.fixture
def asleep(monkeypatch):
    """The processes sleep."""

    def launch(path, order):
        background.launch(
            path, ["-c", SLEEP, str(path)], log="adapt.log", output="result.json"
        )

    monkeypatch.setattr(jobs, "_launch", launch)


def start(inspection, name="mine"):
    return jobs.start(inspection, find_model("default"), name, lambda *_: None)


def wait_until(holds):
    for _ in range(1200):
        if holds():
            return
        time.sleep(0.05)
    pytest.fail("waited a minute in vain")


def test_what_is_cancelled_ends_and_leaves_nothing(inspection, asleep):
    job = start(inspection)
    pid = storage.read_json(job.path / "process.json")["pid"]
    assert jobs.latest(inspection.id).status is JobStatus.RUNNING
    jobs.cancel(job)
    background.reap()
    assert not psutil.pid_exists(pid)
    assert jobs.latest(inspection.id) is None
    assert dataset_names() == []
    jobs.cancel(job)  # in another window, too late


def test_what_is_killed_has_failed(inspection, asleep):
    job = start(inspection)
    psutil.Process(storage.read_json(job.path / "process.json")["pid"]).kill()
    wait_until(lambda: jobs.latest(inspection.id).status is JobStatus.FAILED)
    assert "ended without a message" in jobs.latest(inspection.id).message


def test_the_command_really_runs_and_says_why_it_fails(inspection):
    """The made-up model cannot be adapted to noise; that it is tried is enough."""
    start(inspection)
    wait_until(lambda: jobs.latest(inspection.id).status is not JobStatus.RUNNING)
    job = jobs.latest(inspection.id)
    assert job.status in (JobStatus.REFUSED, JobStatus.FAILED)
    assert job.comparison or job.message
    told = json.loads((job.path / "progress.json").read_text())
    assert told["total"] > 0
    assert model_names() == ["default"]
    assert [*settings.models_dir().glob("mine*")] == []


def test_a_damaged_order_hides_no_other(inspection, asleep):
    broken = settings.adaptations_dir() / "20260101-000000-abcd"
    broken.mkdir(parents=True)
    (broken / "order.json").write_text("{")
    job = start(inspection)
    assert jobs.latest(inspection.id).path == job.path
    jobs.cancel(job)


@pytest.mark.usefixtures("asleep")
def test_what_is_deleted_with_an_inspection_leaves_nothing_of_its_photos(inspection):
    job = start(inspection)
    process = psutil.Process(background.noted_pid(job.path))

    jobs.delete_all(inspection.id)

    assert not psutil.pid_exists(process.pid) or not process.is_running()
    assert jobs.latest(inspection.id) is None
    assert not any(settings.adaptations_dir().glob("[!.]*"))
    assert dataset_names() == []


@pytest.mark.usefixtures("asleep")
def test_the_adaptations_to_other_inspections_stay(inspection):
    job = start(inspection)

    jobs.delete_all("another")

    assert jobs.latest(inspection.id) == job
    jobs.cancel(job)
