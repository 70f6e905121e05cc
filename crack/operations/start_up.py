"""What is put right before a new server shows anything.

Runs are settled at every look (`crack.runs.jobs.reconcile`). Adaptations, imports and
exports say how they stand when they are read, and evaluations go on where they were.
What remains are folders that a killed process was making or deleting.
"""

from __future__ import annotations

import logging
from contextlib import suppress
from pathlib import Path

from crack import settings, storage
from crack.access import read_only
from crack.errors import CrackError
from crack.locks import are_shared

_log = logging.getLogger(__name__)


def clear_remains() -> None:
    """Delete the folders that killed processes left; those being made now stay."""
    if read_only():
        return
    for folder in _parents():
        # Another window will say that the disk is in trouble, where it matters.
        with suppress(OSError):
            storage.clear_remains(folder)
    if are_shared():
        _forget_old_leases()


def _forget_old_leases() -> None:
    from crack.leases import forget_old

    try:
        forget_old()
    except CrackError as error:
        _log.warning("old leases stay: %s", error)


def _parents() -> list[Path]:
    """Return the folders in which folders are made and deleted."""
    home = settings.home()
    cache, evaluations = settings.cache_dir(), settings.evaluations_dir()
    return [
        settings.datasets_dir(),
        settings.runs_dir(),
        settings.models_dir(),
        settings.adaptations_dir(),
        settings.batches_dir(),
        evaluations,
        *evaluations.glob("[!.]*/"),
        home / "inspections",
        cache,
        cache / "exports",
        home,
    ]
