"""Nothing leaves the computer, and nothing is written outside the workspace.

Every Python process that a test starts, and all that these start in turn, writes down
what it looks up, connects to and writes, by an audit hook.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from crack.settings import PROJECT
from tests.e2e.conftest import dashboard
from tests.e2e.test_every_page import PAGES

pytestmark = pytest.mark.e2e

# Python imports a module of this name at its start, wherever it lies on the path.
HOOK = """
import json, os, sys

def note(*what):
    line = json.dumps([os.getpid(), *map(str, what)]) + "\\n"
    os.write(notes, line.encode())

def hook(event, args):
    if event in ("socket.getaddrinfo", "socket.gethostbyname"):
        note("look-up", args[0])
    elif event in ("socket.connect", "socket.sendto"):
        address = args[1]
        note("connection", address[0] if isinstance(address, tuple) else "local")
    elif event == "open" and isinstance(args[0], (str, bytes)) and args[2] & WRITES:
        note("file", os.path.abspath(os.fsdecode(args[0])))
    elif event in ("os.mkdir", "os.rename", "os.link", "os.symlink"):
        made = args[0] if event == "os.mkdir" else args[1]
        note("file", os.path.abspath(os.fsdecode(made)))

WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT
notes = os.open(os.environ["CRACK_AUDIT"], os.O_WRONLY | os.O_APPEND | os.O_CREAT)
sys.addaudithook(hook)
"""

ANSWER = re.compile("Crack|No crack|Needs review")
LOOPBACK = {"127.0.0.1", "::1", "localhost", "local", "None", "0.0.0.0", ""}


@dataclass
class Audit:
    """A home, a workspace and a temporary folder of its own for what is watched."""

    folder: Path
    environment: dict[str, str]

    @property
    def home(self) -> Path:
        return self.folder / "home"

    def run(self, *command: str) -> str:
        answer = subprocess.run(
            [sys.executable, *command],
            cwd=PROJECT,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert answer.returncode == 0, answer.stderr
        return answer.stdout

    def left(self) -> list[list[str]]:
        """Return what left the computer, or was written where nothing should be."""
        allowed = [str(self.folder / name) for name in ("workspace", "tmp", "out")]
        # A terminal, memory shared between processes, and so on are no files.
        allowed += ["/dev/", "/proc/"]
        lines = (self.folder / "notes").read_text().splitlines()
        notes = [json.loads(line) for line in lines]
        assert any(kind == "file" for _, kind, _ in notes), "the hook saw nothing"
        return [
            note
            for note in notes
            if not (
                note[2].startswith(tuple(allowed))
                if note[1] == "file"
                else note[2] in LOOPBACK
            )
        ]


@pytest.fixture
def audit(tmp_path: Path) -> Audit:
    return new_audit(tmp_path)


def new_audit(tmp_path: Path) -> Audit:
    for name in ("home", "workspace", "tmp", "out", "hook"):
        (tmp_path / name).mkdir()
    (tmp_path / "hook/sitecustomize.py").write_text(HOOK)
    environment = {
        **os.environ,
        # On a build server some libraries keep quiet; a user's computer is none.
        "CI": "",
        "CRACK_AUDIT": str(tmp_path / "notes"),
        "CRACK_HOME": str(tmp_path / "workspace"),
        "HOME": str(tmp_path / "home"),
        "TMPDIR": str(tmp_path / "tmp"),
        "PYTHONPATH": str(tmp_path / "hook"),
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    environment.pop("KERAS_HOME", None)
    return Audit(tmp_path, environment)


def test_the_hook_sees_what_leaves_even_from_a_process_of_a_process(audit: Audit):
    leak = (
        "import socket, pathlib; pathlib.Path('~/intel').expanduser().mkdir()\n"
        "try: socket.getaddrinfo('example.invalid', 443)\n"
        "except OSError: pass"
    )
    nested = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {leak!r}])"
    audit.run("-c", nested)
    assert [note[1:] for note in audit.left()] == [
        ["file", str(audit.home / "intel")],
        ["look-up", "example.invalid"],
    ]


def few_patches(audit: Audit) -> str:
    """Return a folder with 12 of the sample's patches of each class."""
    for folder in ("crack", "no crack"):
        drawn = sorted((audit.folder / "workspace/sample/patches" / folder).iterdir())
        (audit.folder / "few" / folder).mkdir(parents=True)
        for file in drawn[::20][:12]:
            shutil.copy(file, audit.folder / "few" / folder)
    return str(audit.folder / "few")


def test_no_command_and_no_page_lets_anything_out(audit: Audit, page: Page):
    audit.run("-m", "crack", "sample")
    epochs = ("--frozen-epochs", "1", "--fine-tune-epochs", "1")
    audit.run("-m", "crack", "train", "sample", *epochs)
    (run,) = (audit.folder / "workspace/runs").glob("*-*")
    audit.run("-m", "crack", "models", "promote", run.name, "mine")
    scenes, out = str(audit.folder / "workspace/sample/scenes"), audit.folder / "out"
    report = ("--report", str(out / "report.pdf"), "--maps", str(out / "maps"))
    audit.run("-m", "crack", "predict", scenes, "--model", "mine", *report)
    audit.run("-m", "crack", "evaluate", "sample", "--model", "mine")
    audit.run("-m", "crack", "dataset", "add", "few", few_patches(audit))
    audit.run("-m", "crack", "adapt", "default", "few", "--force")
    for name in ("keras", "tflite", "openvino", "onnx"):
        target = str(out / f"model.{name}")
        audit.run("-m", "crack", "models", "export", "mine", "--format", name, target)
    with dashboard(audit.environment, audit.folder / "server.log") as server:
        for path, title in PAGES.items():
            page.goto(f"{server}/{path}")
            expect(page.get_by_role("heading", level=1)).to_have_text(title)
        page.goto(f"{server}/predict?predict_model=mine")
        page.get_by_text("Sample scenes", exact=True).click()
        expect(page.get_by_role("heading", name=ANSWER)).to_be_visible(timeout=60_000)
    assert audit.left() == []
    assert list(audit.home.iterdir()) == []
