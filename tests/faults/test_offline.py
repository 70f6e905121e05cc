"""The whole path from photos to an exported model on a machine without a network."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from crack.settings import PROJECT
from tests.slow.conftest import draw_folder

COMMANDS = """
import os, socket, subprocess, sys
home, folder = sys.argv[1:]
try:
    socket.create_connection(("192.0.2.1", 80), 2)
    sys.exit("there is a network")
except OSError:
    pass
small = "--backbone random --image-size 32 --views 1"
small += " --frozen-epochs 1 --fine-tune-epochs 1"
for words in (
    "sample",
    f"dataset add walls {folder} --crack-class Positive",
    f"train walls {small}",
    "runs list",
    f"predict {home}/sample/scenes",
    "adapt default walls --name mine --force",
    "evaluate walls --split all --model default",
    f"models export default {home}/out.onnx --format onnx",
    f"models export default {home}/out.tflite --format tflite",
):
    command = [sys.executable, "-m", "crack", *words.split()]
    done = subprocess.run(command, capture_output=True, text=True)
    why = done.stderr[-300:].replace("\\n", " ") if done.returncode else ""
    print(done.returncode, words, why, flush=True)
"""


def test_no_network(tally, tmp_path):
    """A command is run without any network."""
    home = tmp_path / "workspace"
    folder = draw_folder(tmp_path / "patches", 30, 30)
    alone = ["unshare", "-rn", "sh", "-c"]
    try:
        tried = subprocess.run(
            [*alone, "true"], capture_output=True, text=True, check=False
        )
    except FileNotFoundError:
        pytest.skip("there is no program `unshare`")
    if tried.returncode:
        pytest.skip(f"a network of its own is not allowed: {tried.stderr.strip()}")
    script = tmp_path / "commands.py"
    script.write_text(COMMANDS)
    done = subprocess.run(
        [*alone, f"ip link set lo up; {sys.executable} {script} {home} {folder}"],
        cwd=PROJECT,
        env={**os.environ, "CRACK_HOME": str(home), "PYTHONPATH": str(PROJECT)},
        capture_output=True,
        text=True,
        check=False,
    )
    lines = done.stdout.splitlines()
    assert done.returncode == 0, done.stderr
    tally.tried += len(lines)
    failed = [line for line in lines if not line.startswith("0 ")]
    tally.lost += len(failed)
    assert failed == []
    assert len(lines) == 9
