"""The pages show a workspace that was made again from a backup as they showed it."""

from __future__ import annotations

import pytest

from crack.operations.backup import write_backup
from crack.operations.restore import restore
from tests.pages.test_old_workspace import *  # noqa: F403


@pytest.fixture(autouse=True)
def restored(old_workspace, crack_home, tmp_path, monkeypatch):
    """A backup of that of an earlier version, restored elsewhere."""
    write_backup(tmp_path / "crack.tar", lambda *_: None)
    again = tmp_path / "again"
    restore(tmp_path / "crack.tar", again, lambda *_: None)
    monkeypatch.setenv("CRACK_HOME", str(again))
    crack_home.rename(tmp_path / "gone")
