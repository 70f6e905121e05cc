"""Whether the program can do its work here: a sentence for each thing it needs."""

from __future__ import annotations

import logging
import os
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from crack import settings
from crack.access import read_only
from crack.database import engine, reading
from crack.database_url import described
from crack.errors import CrackError
from crack.inference.prediction import FailedPhoto
from crack.inference.predictor import Predictor
from crack.inspections.store import list_inspections
from crack.reporting.words import count, percent
from crack.runs.registry import default_model
from crack.storage import disk_error
from crack.synthetic.example import EXAMPLE

_log = logging.getLogger(__name__)

_LEAST_FREE = 500_000_000  # bytes; a training writes some 200 MB


@dataclass(frozen=True)
class Check:
    """What one check found.

    Attributes:
        name: What was checked.
        passed: Whether it is well.
        said: A sentence about it.
    """

    name: str
    passed: bool
    said: str


def run_checks() -> list[Check]:
    """Check all that the dashboard needs; whatever fails, the others are checked."""
    return [
        _check("workspace", _workspace),
        _check("disk", _disk),
        _check("database", _database),
        _check("model", _model),
    ]


def _check(name: str, look: Callable[[], str]) -> Check:
    try:
        return Check(name, True, look())
    except CrackError as error:
        return Check(name, False, str(error))
    except OSError as error:
        return Check(name, False, str(disk_error(error)))
    except Exception as error:  # noqa: BLE001 - whatever is wrong, it is not well
        _log.exception("the check of the %s failed", name)
        return Check(name, False, f"{type(error).__name__}: {error}")


def _workspace() -> str:
    home = settings.home()
    if read_only():
        os.listdir(home)  # noqa: PTH208 - raises if it cannot be read
        return f"The workspace {home} can be read; read-only mode is on."
    home.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryFile(dir=home, prefix=".check.") as file:
        file.write(b"written")
        file.flush()
    return f"The workspace {home} can be written."


def _disk() -> str:
    home = settings.home()
    place = next(path for path in (home, *home.parents) if path.exists())
    free = shutil.disk_usage(place).free
    said = f"{free / 1e9:.1f} GB are free on the disk of the workspace."
    if free < _LEAST_FREE:
        raise CrackError(said, "Make space: a training needs 0.5 GB.")
    return said


def _database() -> str:
    # Opening it has brought its tables up to date, or refused.
    with reading():
        found = len(list_inspections())
    return f"{described(engine().url)} answers and holds {count(found, 'inspection')}."


def _model() -> str:
    model = default_model()
    files = sorted(path for path in model.folder.iterdir() if path.is_file())
    versions = tuple((path.stat().st_mtime, path.stat().st_size) for path in files)
    return f"The model '{model.name}' {_answer(model.folder, versions)}"


@lru_cache(maxsize=1)
def _answer(folder: Path, _versions: tuple[tuple[float, int], ...]) -> str:
    """Ask a model about the drawn photo, once as long as its files do not change."""
    (outcome,) = Predictor(folder).predict([(EXAMPLE.name, EXAMPLE)])
    if isinstance(outcome, FailedPhoto):
        raise CrackError(f"The model cannot judge the drawn photo: {outcome.error}")
    return f"gives the drawn photo a probability of {percent(outcome.probability)}."
