"""Fixtures of the command line and of jobs."""

from __future__ import annotations

import shutil

import pytest

from crack.cli import main
from crack.runs import jobs


@pytest.fixture
def crack(capsys):
    """Run a command; return its exit status and what it said on stdout and stderr."""

    def run(*words: object) -> tuple[int, str, str]:
        capsys.readouterr()
        try:
            status = main([str(word) for word in words])
        except SystemExit as ended:  # argparse
            status = ended.code
        said = capsys.readouterr()
        return status, said.out, said.err

    return run


@pytest.fixture
def model(model_folder, crack_home):
    """The bright model, as "default"."""
    return shutil.copytree(model_folder, crack_home / "models" / "default")


@pytest.fixture
def launched(monkeypatch):
    """The runs whose process would have been started."""
    runs = []
    monkeypatch.setattr(jobs, "_launch", runs.append)
    return runs
