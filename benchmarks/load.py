"""Many visitors at once, with a training beside them.

    python -m benchmarks.load --sessions 30 --seconds 120 --train

starts the dashboard on a workspace of its own, draws the sample, begins to train on it,
and lets each session predict patches and look at pages in turn, thinking for some
seconds in between, as people do. Each session has patches of its own, whose answers
were noted before anybody else was there: an answer or a file name of another session
is cross-talk.
"""

from __future__ import annotations

import argparse
import random
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from os import environ
from pathlib import Path

import psutil

from benchmarks.scripted_session import ScriptedSession
from crack.runs import background, jobs
from crack.runs.config import PRESETS
from crack.runs.run import RunStatus

PAGES = ("", "browse", "train", "runs", "models", "inspections")
THINKING = (3.0, 7.0)  # seconds between two actions of a visitor
_WARM_UP = 1  # actions of each session that are not counted
_PATCHES_EACH = 4


class Visitor(threading.Thread):
    """A session that predicts its own patches and pages on until told to end."""

    def __init__(
        self, number: int, address: str, patches: list[Path], answers: dict[Path, str]
    ) -> None:
        super().__init__(daemon=True)
        self.seconds: defaultdict[str, list[float]] = defaultdict(list)
        self.failures: list[str] = []
        self.ended = threading.Event()
        self._number, self._address = number, address
        self._patches, self._answers = patches, answers
        self._random = random.Random(number)

    def run(self) -> None:
        """Predict and look at a page in turn."""
        try:
            with ScriptedSession(self._address) as session:
                self._visit(session)
        except Exception as error:  # noqa: BLE001 - counted, and printed at the end
            self.failures.append(f"{type(error).__name__}: {error}")

    def _visit(self, session: ScriptedSession) -> None:
        session.look(self._random.uniform(0, THINKING[1]))
        turn = 0
        while not self.ended.is_set():
            self._predict(session, self._random.choice(self._patches))
            session.look(self._random.uniform(*THINKING))
            page = PAGES[turn % len(PAGES)]
            began = time.monotonic()
            session.open(page)
            self.seconds["page"].append(time.monotonic() - began)
            session.look(self._random.uniform(*THINKING))
            self.failures += session.errors
            session.errors.clear()
            turn += 1

    def _predict(self, session: ScriptedSession, patch: Path) -> None:
        session.open("predict")
        name = f"visitor-{self._number}-{patch.name}"
        began = time.monotonic()
        session.upload(name, patch.read_bytes())
        self.seconds["answer"].append(time.monotonic() - began)
        if answer_on(session, name) != self._answers[patch]:
            self.failures.append(f"{name} got another answer: {session.texts}")
        others = [t for t in session.texts if t.startswith("visitor-") and t != name]
        if others:
            self.failures.append(f"{name} saw {others}")


def answer_on(session: ScriptedSession, name: str) -> str:
    """Return the answer shown below the name of a photo."""
    texts = session.texts
    return texts[texts.index(name) + 1] if name in texts else f"no answer: {texts}"


def main() -> None:
    """Print the waiting times, errors and memory."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sessions", type=int, default=30)
    parser.add_argument("--seconds", type=float, default=120)
    parser.add_argument("--train", action="store_true", help="train beside them")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        home = Path(folder)
        crack(home, "sample")
        address, server = stack.enter_context(dashboard(home))
        them = visitors(options.sessions, home, address)
        run = stack.enter_context(training(home)) if options.train else None
        began, before = time.monotonic(), _epochs(run)
        peak = let_visit(them, options.seconds, server)
        elapsed = time.monotonic() - began
        print(f"in {elapsed:.0f} s, memory of the server at most {peak:.0f} MB")
        if run:
            print(f"the training went on: {_epochs(run) - before} epochs")
        report(them)


def visitors(sessions: int, home: Path, address: str) -> list[Visitor]:
    """Return visitors with patches of their own, and note the answers to these."""
    patches = sorted((home / "sample" / "patches").rglob("*.jpg"))
    own = [patches[n::sessions][:_PATCHES_EACH] for n in range(sessions)]
    answers = _answers_alone(address, [patch for some in own for patch in some])
    return [Visitor(n, address, some, answers) for n, some in enumerate(own)]


def let_visit(them: list[Visitor], seconds: float, server: psutil.Process) -> float:
    """Return the peak of the server's memory in megabytes."""
    for visitor in them:
        visitor.start()
    peak, end = 0.0, time.monotonic() + seconds
    while time.monotonic() < end:
        peak = max(peak, server.memory_info().rss / 1e6)
        time.sleep(0.5)
    for visitor in them:
        visitor.ended.set()
    for visitor in them:
        visitor.join(240)
    return peak


def report(them: list[Visitor]) -> None:
    """Print how long visitors waited, and what went wrong; exit if anything did."""
    for what in ("answer", "page"):
        times = [s for v in them for s in v.seconds[what][_WARM_UP:]]
        ranked = sorted(times)
        p95 = ranked[int(0.95 * (len(ranked) - 1))]
        print(
            f"{what}: {len(times)}, median {statistics.median(times):.2f} s, "
            f"p95 {p95:.2f} s, longest {ranked[-1]:.2f} s"
        )
    failures = [failure for visitor in them for failure in visitor.failures]
    print(f"errors and answers of others: {len(failures)}")
    for failure in failures[:10]:
        print(f"  {failure[:300]}")
    if failures:
        raise SystemExit(1)


def _answers_alone(address: str, patches: list[Path]) -> dict[Path, str]:
    answers = {}
    with ScriptedSession(address) as session:
        for patch in patches:
            session.open("predict")
            session.upload(patch.name, patch.read_bytes())
            answers[patch] = answer_on(session, patch.name)
    return answers


def crack(home: Path, *words: str) -> None:
    """Run a command on a workspace."""
    command = [sys.executable, "-m", "crack", *words]
    subprocess.run(
        command,
        env={**environ, "CRACK_HOME": str(home)},
        check=True,
        stdout=subprocess.DEVNULL,
    )


@contextmanager
def training(home: Path) -> Iterator[Path]:
    """Train for long on the sample; yield the folder of the run once it is at it."""
    environ["CRACK_HOME"] = str(home)
    recommended = PRESETS["recommended"].config
    endless = replace(recommended.fine_tune, epochs=500)
    run = jobs.start(
        replace(recommended, dataset="sample", fine_tune=endless, patience=None)
    )
    try:
        while _epochs(run.path) < 1:
            if run.status is RunStatus.FAILED:
                raise SystemExit(run.progress.message)
            time.sleep(0.2)
        yield run.path
    finally:
        jobs.stop(run)
        while background.find_process(run.path):
            time.sleep(0.2)
        background.reap()


def _epochs(run: Path | None) -> int:
    history = run and run / "history.jsonl"
    return len(history.read_text().splitlines()) if history and history.is_file() else 0


@contextmanager
def dashboard(home: Path) -> Iterator[tuple[str, psutil.Process]]:
    """Run the dashboard; yield its address and process."""
    with socket.socket() as probe:
        probe.bind(("localhost", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "streamlit", "run", "streamlit_app.py"]
    process = subprocess.Popen(
        [*command, "--server.port", str(port), "--server.headless", "true"],
        env={**environ, "CRACK_HOME": str(home)},
        stdout=subprocess.DEVNULL,
    )
    try:
        while True:
            with socket.socket() as probe:
                if probe.connect_ex(("localhost", port)) == 0:
                    break
            time.sleep(0.1)
        yield f"localhost:{port}", psutil.Process(process.pid)
    finally:
        process.terminate()
        process.wait()


if __name__ == "__main__":
    main()
