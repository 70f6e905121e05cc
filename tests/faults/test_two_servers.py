"""Two dashboards, each a process of its own, on one workspace."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

from benchmarks.load import dashboard
from benchmarks.scripted_session import ScriptedSession
from crack.data.dataset import check_dataset, dataset_names, load_dataset
from crack.runs import background, jobs
from crack.runs.listing import list_runs
from crack.runs.run import RunStatus
from crack.synthetic import sample
from tests.slow.conftest import wait_for

SESSIONS = 2  # at each server


def test_two_servers(tally, crack_home):
    """Two servers draw one dataset and start trainings at the same moment."""
    with ExitStack() as stack:
        sessions = [
            stack.enter_context(ScriptedSession(address))
            for address in [stack.enter_context(dashboard(crack_home))[0] for _ in "ab"]
            for _ in range(SESSIONS)
        ]

        def all_at_once(page: str, button: str) -> None:
            for session in sessions:
                session.open(page)
            with ThreadPoolExecutor(len(sessions)) as pool:
                list(pool.map(lambda session: session.click(button), sessions))
            tally.tried += len(sessions)

        all_at_once("browse", "Draw the sample photos")
        assert dataset_names() == [sample.SAMPLE]
        tally.lost += not check_dataset(load_dataset(sample.SAMPLE)).empty
        told = {error for session in sessions for error in session.errors}
        assert all("just being made" in error for error in told), told

        all_at_once("train", "Start training")
        runs = [run.live for run in list_runs()]
        tally.lost += len(sessions) - len(runs)
        running = [run for run in runs if run.status is RunStatus.RUNNING]
        assert len(running) <= 1
        for run in runs:
            jobs.stop(run)
        wait_for(lambda: not any(background.find_process(run.path) for run in runs))
        assert {run.status for run in runs} == {RunStatus.STOPPED}
    background.reap()
    assert tally.lost == 0
