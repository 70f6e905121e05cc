"""Processes killed at random moments: nothing is torn, and what was done stays done."""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
import time

import numpy as np
import pytest

from crack import storage
from crack.data.dataset import check_dataset, dataset_names, load_dataset
from crack.inference.card import ModelCard
from crack.inference.predictor import Predictor
from crack.inspections.photo_files import photo_content
from crack.inspections.store import photos_of
from crack.runs import jobs
from crack.runs.config import PhaseConfig
from crack.runs.registry import find_model, model_names
from crack.runs.run import Run, RunStatus
from crack.settings import PROJECT
from tests.faults.large_pictures import noise
from tests.inspections import inspect, png
from tests.slow.conftest import kill, quick_config, wait_for, wait_for_end
from tests.slow.test_resume import assert_same_training

TRAINING_KILLS, KILLS = 11, 13  # of a training; of each of the other kinds

# Each does the same again and again, and says a name once that is done.
IMPORT = """
import sys
from pathlib import Path
from crack.data.importer import add_dataset
for number in range(1000):
    add_dataset(f"{sys.argv[1]}-{number}", Path(sys.argv[2]))
    print(f"{sys.argv[1]}-{number}", flush=True)
"""
PROMOTE = """
import sys
from pathlib import Path
from crack.runs.registry import promote
from crack.runs.run import Run
for number in range(1000):
    promote(Run(Path(sys.argv[2])), f"{sys.argv[1]}-{number}")
    print(f"{sys.argv[1]}-{number}", flush=True)
"""
KEEP = """
import sys
from crack.inspections.store import add_photo
from tests.inspections import full_answer, png
for number in range(1000):
    kept = add_photo(sys.argv[2], png(number % 256), full_answer(file=f"{number}.png"))
    print(kept.id, flush=True)
"""


def killed(code, rng, *arguments):
    """Run code, kill it at a random moment of its work; return what it had done."""
    child = subprocess.Popen(
        [sys.executable, "-c", code, *arguments],
        cwd=PROJECT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        first = child.stdout.readline()
        assert first, child.stderr.read()
        time.sleep(rng.uniform(0, 0.3))
    finally:
        child.send_signal(signal.SIGKILL)
    rest, _ = child.communicate()
    return [first.strip(), *rest.split("\n")[:-1]]


@pytest.fixture
def rng():
    return np.random.default_rng(17)


def test_import(tally, rng, tmp_path, crack_home, make_zip):
    """Killed while a ZIP is imported."""
    members = {
        f"{'crack' if n % 2 else 'sound'}/{n}.png": noise(64 + n, 64, "PNG")
        for n in range(8)
    }
    packed = make_zip(members)
    for turn in range(KILLS):
        tally.tried += 1
        done = killed(IMPORT, rng, f"site{turn}", str(packed))
        found = [n for n in dataset_names() if n.startswith(f"site{turn}-")]
        whole = all(check_dataset(load_dataset(name)).empty for name in found)
        tally.lost += not (set(done) <= set(found) and whole)
        for name in found:
            shutil.rmtree(crack_home / "datasets" / name)
    assert tally.lost == 0


def test_promote(tally, rng, crack_home, model_folder):
    """Killed while a model is promoted."""
    run = Run(crack_home / "runs/20261125-120000-none-abcd")
    shutil.copytree(model_folder, run.model_folder)
    (run.model_folder / "model.keras").write_bytes(bytes(20_000_000))
    run.report(RunStatus.FINISHED, "Finished.")
    for turn in range(KILLS):
        tally.tried += 1
        done = killed(PROMOTE, rng, f"model{turn}", str(run.path))
        found = [n for n in model_names() if n.startswith(f"model{turn}-")]
        # The name in the card is the last that is written.
        whole = all(
            ModelCard.read(find_model(name).folder).name == name
            and Predictor(find_model(name).folder)
            and (find_model(name).folder / "model.keras").stat().st_size == 20_000_000
            for name in found
        )
        tally.lost += not (set(done) <= set(found) and whole)
        for name in found:
            shutil.rmtree(crack_home / "models" / name)
    assert tally.lost == 0


def test_keep(tally, rng):
    """Killed while photos of an inspection are kept."""
    inspection = inspect()
    kept: set[str] = set()
    for _ in range(KILLS):
        tally.tried += 1
        kept |= set(killed(KEEP, rng, "x", inspection.id))
        found = {photo.id: photo for photo in photos_of(inspection.id)}
        contents = {photo_content(photo) for photo in found.values()}
        whole = contents <= {png(tone) for tone in range(256)}
        tally.lost += not (kept <= found.keys() and whole)
    assert tally.lost == 0


def test_training(tally, rng, dataset, finished, no_process_left):
    """Killed while a model is trained: cache, both phases, checkpoint, export."""
    run = jobs.start(quick_config())
    for turn in range(TRAINING_KILLS):
        wait_for(lambda: run.status is not RunStatus.QUEUED, run)
        if run.status is RunStatus.FINISHED:
            break
        # Spread over the whole run: a little later each time.
        time.sleep(float(rng.uniform(0, 1.2)) + 0.25 * turn)
        if not run.status.is_active:
            break
        tally.tried += 1
        kill(run)
        if run.status is RunStatus.FINISHED:
            break
        tally.lost += run.status is not RunStatus.FAILED
        for name in ("config.json", "status.json", "dataset.json"):
            storage.read_json(run.path / name)
        jobs.resume(run)
    wait_for_end(run)
    assert run.status is RunStatus.FINISHED, run.log_tail()
    try:
        assert_same_training(run, finished.run)
    except AssertionError:
        tally.lost += 1
        raise
    assert not list(run.path.glob(".model*"))
    assert tally.lost == 0


def test_two_workers(tally, dataset, finished, no_process_left):
    """Two trainings are started at once on one workspace."""
    runs = [jobs.start(quick_config(frozen=PhaseConfig(4, "adam", 3e-3))) for _ in "ab"]
    for run in runs:
        tally.tried += 1
        wait_for_end(run)
        assert run.status is RunStatus.FINISHED, run.log_tail()
        assert_same_training(run, finished.run)


def test_two_writers(tally, tmp_path, crack_home):
    """Two processes keep photos of one inspection at once."""
    inspection = inspect()
    code = KEEP.replace("range(1000)", "range(60)")
    children = [
        subprocess.Popen(
            [sys.executable, "-c", code, "x", inspection.id],
            cwd=PROJECT,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(2)
    ]
    told = [name for child in children for name in child.communicate()[0].split()]
    tally.tried += len(told)
    found = {photo.id for photo in photos_of(inspection.id)}
    tally.lost += len(set(told) - found)
    assert len(told) == 120
    assert tally.lost == 0
