from __future__ import annotations

from types import SimpleNamespace

import pytest


@pytest.mark.parametrize(
    ("free", "said"),
    [(3_000_000, "The disk is full (3 MB are free)"), (10**9, "(OSError)")],
)
def test_a_full_disk_is_told_from_what_nobody_expected(
    new_run, monkeypatch, free, said
):
    from crack.training import worker

    monkeypatch.setattr(
        worker.shutil, "disk_usage", lambda _: SimpleNamespace(free=free)
    )
    reason = worker._reason(new_run(), OSError("h5py has words of its own"))
    assert said in reason
