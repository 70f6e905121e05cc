"""Nothing of TensorFlow's own stands beside what a command says, or in the home."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from crack.settings import PROJECT

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("shipped_models")]


@pytest.mark.parametrize("kind", ["keras", "onnx"])
def test_an_export_says_only_its_result(crack_home, tmp_path, kind):
    out = tmp_path / f"model.{kind}"
    words = ["models", "export", "default", "--format", kind, str(out), "--json"]
    environment = {**os.environ, "HOME": str(tmp_path)}
    environment.pop("KERAS_HOME", None)
    program = subprocess.run(
        [sys.executable, "-m", "crack", *words],
        env=environment,
        capture_output=True,
        text=True,
        cwd=PROJECT,
        timeout=300,
    )
    assert program.stderr == ""
    assert json.loads(program.stdout) == {"out": str(out), "difference": None}
    assert not (tmp_path / ".keras").exists()
