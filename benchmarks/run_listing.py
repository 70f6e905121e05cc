"""The cost of the number of runs at each rerun of the dashboard.

    python -m benchmarks.run_listing [--runs 500]

makes run folders as trainings leave them, one of them at work, in a temporary
CRACK_HOME; then has Streamlit run pages again and again, without a browser. The page
Add shows no runs: it stands for the status in the sidebar.
"""

from __future__ import annotations

import argparse
import os
import statistics
import tempfile
import time

import pandas as pd
import psutil
from streamlit.testing.v1 import AppTest  # noqa: TID251 - the pages are measured

from crack import storage
from crack.runs.run import Run, RunStatus
from crack.settings import PROJECT
from tests.runs import ALL_PARAMETERS, PARAMETERS, create_run, write_rows

RERUNS = 15
PAGES = {
    "Train": "pages/training/train.py",
    "Runs": "pages/training/runs.py",
    "Add, with the sidebar": "pages/dataset/add.py",
}
_EPOCHS, _STEPS = 10, 20  # the epochs of a preset, the rows a worker writes for each
_IMAGES = 1000
_LEAK = {"count": 0, "total": 80, "share": 0.0}
_METRICS = {"n": 40, "accuracy": 0.95, "recall": 0.9, "precision": 0.97, "auroc": 0.99}


def main() -> None:
    """Print the milliseconds of the first run of each script and of those after it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=500)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as home:
        os.environ["CRACK_HOME"] = home
        _make_runs(options.runs)
        print(f"{options.runs} runs; a rerun is the median of {RERUNS}")
        for name, page in PAGES.items():
            first, again, cpu = _measure(page)
            print(
                f"{name}: first {first:.0f} ms, a rerun {again:.0f} ms, "
                f"{cpu:.0f} ms of it computing"
            )


def _measure(page: str) -> tuple[float, float, float]:
    """Return the milliseconds of the first run, of a rerun, and of its processor."""
    app = AppTest.from_file(str(PROJECT / "streamlit_app.py"), default_timeout=600)
    app.switch_page(page)
    times = []
    for _ in range(1 + RERUNS):
        began, computed = time.perf_counter(), time.process_time()
        app.run()
        ended = time.perf_counter() - began, time.process_time() - computed
        times.append([1000 * seconds for seconds in ended])
        if app.exception:
            raise SystemExit(app.exception[0].message)
    again, cpu = (statistics.median(column) for column in zip(*times[1:], strict=True))
    return times[0][0], again, cpu


def _make_runs(count: int) -> None:
    rows = [
        (f"{name}/{n}.png", name, n, "val" if n % 5 == 0 else "train")
        for name in ("Negative", "Positive")
        for n in range(_IMAGES // 2)
    ]
    split = pd.DataFrame(rows, columns=["file", "class", "group", "split"])
    for number in range(count):
        run = create_run(split)
        write_rows(run, _EPOCHS, _STEPS)
        parameters = {"total": ALL_PARAMETERS, **PARAMETERS}
        storage.write_json(run.path / "parameters.json", parameters)
        if number == count - 1:
            _put_to_work(run)
            return
        if number % 10 == 0:
            run.report(RunStatus.STOPPED, "Stopped after 10 finished epochs.")
        else:
            evaluation = {"val": _METRICS, "test": _METRICS, "leak": _LEAK, "note": ""}
            storage.write_json(run.path / "evaluation.json", evaluation)
            run.report(RunStatus.FINISHED, "Finished.", 1, 1, 0.0)
        _age(run)


def _age(run: Run) -> None:
    """Date the files of a run back: it ended an hour ago, not just now."""
    ended = time.time() - 3600
    for path in run.path.iterdir():
        os.utime(path, (ended, ended))


def _put_to_work(run: Run) -> None:
    """Make this process pass for the worker of a run."""
    process = psutil.Process()
    content = {"pid": process.pid, "started": process.create_time()}
    storage.write_json(run.path / "process.json", content)
    run.report(RunStatus.RUNNING, "Epoch 10 of 10 (fine-tune)", 3, 10, 12.5)


if __name__ == "__main__":
    main()
