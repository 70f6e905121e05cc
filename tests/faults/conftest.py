"""What is tried against the program, and how it came out."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import pytest

# A training made small, as the slow tests have it.
from tests.slow.conftest import concrete_folder, dataset, finished, no_process_left

__all__ = ["concrete_folder", "dataset", "finished", "no_process_left"]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "tests/faults" in item.path.as_posix():
            item.add_marker("slow")


@dataclass
class Tally:
    """How the cases of a test came out.

    Attributes:
        tried: Number of cases.
        lost: After which something was torn or gone, or ended with other numbers.
        let_in: Accepted though they should not be, or ended with a traceback.
        sent_out: After which something had left the computer.
    """

    tried: int = 0
    lost: int = 0
    let_in: int = 0
    sent_out: int = 0

    @property
    def survived(self) -> int:
        return self.tried - self.lost - self.let_in - self.sent_out


_tallies: dict[str, Tally] = {}


@pytest.fixture
def tally(request: pytest.FixtureRequest) -> Tally:
    """Counts the cases of a test; its first sentence names them."""
    name = (request.function.__doc__ or request.node.name).split(".")[0]
    return _tallies.setdefault(name, Tally())


@pytest.fixture(scope="session", autouse=True)
def written() -> Iterator[None]:
    """Write all counts where `python -m tests.faults` reads them."""
    yield
    if file := os.environ.get("CRACK_FAULTS"):
        counts = [
            {"case": name, **asdict(tally), "survived": tally.survived}
            for name, tally in _tallies.items()
        ]
        Path(file).write_text(json.dumps(counts))


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A folder on a disk of 24 MB of its own."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=24m", "tmpfs", str(folder)]
    try:
        done = subprocess.run(mount, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        pytest.skip("there is no program `mount`")
    if done.returncode:
        pytest.skip(f"mounting is not allowed: {done.stderr.strip()}")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=False)


def crack(*words: str, home: Path) -> subprocess.CompletedProcess[str]:
    """Run a command of the program on a workspace."""
    return subprocess.run(
        [sys.executable, "-m", "crack", *words],
        env={**os.environ, "CRACK_HOME": str(home)},
        capture_output=True,
        text=True,
        check=False,
    )
