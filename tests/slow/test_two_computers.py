"""Two dashboards on two computers: one workspace, and one PostgreSQL server.

The second is a process with another host name, which takes Linux and root.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path

import psutil
import pytest

from benchmarks.scripted_session import ScriptedSession
from crack import access, computer, leases, settings, storage
from crack.data.dataset import check_dataset, dataset_names, load_dataset
from crack.inspections.store import list_inspections, photos_of
from crack.runs import background, claim, jobs
from crack.runs.listing import list_runs
from crack.runs.registry import list_models
from crack.runs.run import Run, RunStatus
from crack.synthetic import sample
from tests.slow.conftest import wait_for
from tests.slow.test_postgres import database, free_port, server  # noqa: F401

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("database")]

OTHER = "another-computer"
AS_OTHER = ["unshare", "--uts", "sh", "-c", f'hostname {OTHER}; exec "$@"', "sh"]
HERE: list[str] = []
INSPECTIONS, PHOTOS = 10, 3  # made on each computer
NAMES = 8  # of models, each wanted on both computers

WORK = """
import sys
sys.path.insert(0, "")
from crack.errors import CrackError
from crack.runs.registry import promote, save_thresholds, find_model
from crack.runs.listing import find_run
from crack.inference.thresholds import Thresholds
from crack.inspections.store import add_photo
from crack.inspections.verdicts import give_verdict
from tests.inspections import ACCEPT, answer, inspect, png
who, run, inspections, photos, names = sys.argv[1:]
print("ready", flush=True)
sys.stdin.readline()
run = find_run(run)
for number in range(int(inspections)):
    made = inspect(f"Bridge {who} {number}")
    for tone in range(int(photos)):
        give_verdict(add_photo(made.id, png(tone), answer()).id, ACCEPT)
    if number < int(names):
        for name in (f"both-{number}", f"{who}-{number}"):
            try:
                promote(run, name)
                print("promoted", name, flush=True)
            except CrackError as error:
                print("refused", name, flush=True)
        model = find_model("both-0")
        save_thresholds(model, Thresholds(0.1 + number / 100, 0.9), "A try.")
        print("changed", flush=True)
"""


@pytest.fixture(autouse=True)
def can_be_two():
    if subprocess.run([*AS_OTHER, "true"], check=False).returncode:
        pytest.skip("a process cannot get another host name here: that takes root")


@contextmanager
def dashboard(prefix: list[str]) -> Iterator[str]:
    """Run a dashboard; yield its address."""
    port = free_port()
    words = ["-m", "streamlit", "run", "server.py", "--server.headless", "true"]
    process = subprocess.Popen(
        [*prefix, sys.executable, *words, "--server.port", str(port)],
        cwd=settings.PROJECT,
        stdout=subprocess.DEVNULL,
    )
    try:
        wait_for(lambda: port in {c.laddr.port for c in psutil.net_connections("tcp4")})
        yield f"localhost:{port}"
    finally:
        process.terminate()
        process.wait()


def worker_of(run: Run) -> psutil.Process:
    return psutil.Process(storage.read_json(run.path / "process.json")["pid"])


def host_of(run: Run) -> str:
    return storage.read_json(run.path / "process.json")["host"]


def train_for_long(run: Run) -> None:
    """Have none finish while the test looks on. Its worker still loads TensorFlow."""
    config = storage.read_json(run.path / "config.json")
    config["frozen"]["epochs"] = 5000
    storage.write_json(run.path / "config.json", config)


@pytest.fixture
def no_worker_left(crack_home):
    yield
    for process in psutil.process_iter(["cmdline"]):
        if any(str(crack_home) in word for word in process.info["cmdline"] or []):
            process.kill()


@pytest.mark.usefixtures("no_worker_left")
def test_two_computers_draw_train_stop_and_notice_the_dead(crack_home):
    with ExitStack() as stack:
        sessions = [
            stack.enter_context(ScriptedSession(stack.enter_context(dashboard(prefix))))
            for prefix in (HERE, AS_OTHER)
        ]

        def on_both(page: str, button: str) -> None:
            for session in sessions:
                session.open(page)
            with ThreadPoolExecutor(len(sessions)) as pool:
                list(pool.map(lambda session: session.click(button), sessions))

        on_both("browse", "Draw the sample photos")
        assert dataset_names() == [sample.SAMPLE]
        assert check_dataset(load_dataset(sample.SAMPLE)).empty

        on_both("train", "Start training")
        on_both("train", "Start training")
        runs = [run.live for run in list_runs()]
        assert len(runs) == 4
        for run in runs:
            train_for_long(run)
        wait_for(lambda: all(background.noted_pid(run.path) for run in runs))
        counted = Counter(map(host_of, runs))
        assert counted == {computer.host(): 2, OTHER: 2}
        wait_for(lambda: any(run.status is RunStatus.RUNNING for run in runs))
        wait_for(lambda: all(claim.is_held(run.path) for run in runs))
        until = time.monotonic() + leases.TERM + 10
        while time.monotonic() < until:
            for session in sessions:
                session.look(1)
            status = Counter(run.status for run in runs)
            # Both are on one machine, which trains one run at a time.
            assert status[RunStatus.RUNNING] <= 1
            assert status[RunStatus.RUNNING] + status[RunStatus.QUEUED] == 4, status

        there = [run for run in runs if host_of(run) == OTHER]
        there.sort(key=lambda run: run.status is RunStatus.RUNNING)
        killed, stopped = there
        sessions[0].open("train", f"run={stopped.id}")
        assert any(OTHER in text for text in sessions[0].texts)
        sessions[0].click("Stop")
        wait_for(lambda: stopped.status is RunStatus.STOPPED)

        worker_of(killed).kill()
        began = time.monotonic()
        wait_for(lambda: jobs.reconcile() and killed.status is RunStatus.FAILED)
        assert time.monotonic() - began < leases.TERM + 20
        for run in runs:
            if run.status.is_active:
                jobs.stop(run)
        wait_for(lambda: not any(run.status.is_active for run in runs))
        assert Counter(run.status for run in runs) == {
            RunStatus.STOPPED: 3,
            RunStatus.FAILED: 1,
        }
        assert [error for session in sessions for error in session.errors] == []


def test_two_computers_inspect_and_promote_at_once(new_run):
    run = new_run(RunStatus.FINISHED)
    shutil.copytree(settings.SHIPPED_MODELS / "default", run.model_folder)
    list_inspections()
    numbers = map(str, (INSPECTIONS, PHOTOS, NAMES))
    order = [run.id, *numbers]
    both = [
        subprocess.Popen(
            [*prefix, sys.executable, "-c", WORK, who, *order],
            cwd=settings.PROJECT,
            env={**os.environ, "PYTHONPATH": "."},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for prefix, who in ((HERE, "here"), (AS_OTHER, "there"))
    ]
    for process in both:
        assert process.stdout.readline() == "ready\n"
    for process in both:
        process.stdin.write("\n")
        process.stdin.flush()
    told = [line for process in both for line in process.communicate()[0].splitlines()]
    assert [process.returncode for process in both] == [0, 0]

    made = list_inspections()
    assert len(made) == 2 * INSPECTIONS
    for each in made:
        photos = photos_of(each.inspection.id)
        assert len(photos) == PHOTOS
        assert all(photo.verdict for photo in photos)

    promoted = [line.split()[1] for line in told if line.startswith("promoted")]
    wanted = {f"{w}-{n}" for n in range(NAMES) for w in ("both", "here", "there")}
    assert sorted(promoted) == sorted(wanted)
    assert wanted <= {model.name for model in list_models()}
    changed = told.count("changed")
    assert changed == 2 * NAMES
    versions = settings.models_dir() / "both-0" / "cards"
    assert len(list(versions.glob("*.json"))) == changed

    lines = storage.read_jsonl(access.audit_path())
    what = Counter(line["what"] for line in lines)
    assert what["promote a run to a model"] == 3 * NAMES
    assert what["change the thresholds of a model"] == changed
    assert len(lines) == sum(what.values())
    assert not [p for p in Path(settings.models_dir()).glob(".*") if p.is_dir()]
