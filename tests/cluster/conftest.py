"""Fixtures of what needs the packages of `requirements-cluster.txt`."""

from __future__ import annotations

import pytest

from crack.data import object_storage


@pytest.fixture
def memory(monkeypatch: pytest.MonkeyPatch):
    """Object storage that lies in the memory of this process: memory://bucket."""
    import fsspec

    monkeypatch.setitem(object_storage.PACKAGES, "memory", "fsspec")
    system = fsspec.filesystem("memory")
    yield system
    system.rm("/", recursive=True)
