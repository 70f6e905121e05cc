"""Where files are kept on disk."""

from __future__ import annotations

import os
import re
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
SHIPPED_MODELS = PROJECT / "models"


def home() -> Path:
    """Folder of everything the user makes: `$CRACK_HOME`, or `workspace/` here."""
    return Path(os.environ.get("CRACK_HOME") or PROJECT / "workspace").resolve()


def data_locations() -> tuple[Path | str, ...] | None:
    """Folders and URLs that visitors may read from: `$CRACK_DATA_ROOTS`.

    Several are separated as in `PATH`. None where the variable is not set.
    """
    named = os.environ.get("CRACK_DATA_ROOTS")
    if named is None:
        return None
    each = re.split(rf"{re.escape(os.pathsep)}(?!//)", named)
    return tuple(_root(root) for root in each if root)


def _root(named: str) -> Path | str:
    is_folder = named.startswith("file:///") or "://" not in named
    return Path(named.removeprefix("file://")).resolve() if is_folder else named


def data_roots() -> tuple[Path, ...] | None:
    """Folders among `data_locations`. None where the variable is not set."""
    roots = data_locations()
    if roots is None:
        return None
    return tuple(root for root in roots if isinstance(root, Path))


def datasets_dir() -> Path:
    """Folder with one folder per dataset."""
    return home() / "datasets"


def runs_dir() -> Path:
    """Folder with one folder per run."""
    return home() / "runs"


def models_dir() -> Path:
    """Folder with one folder per model promoted by the user."""
    return home() / "models"


def evaluations_dir() -> Path:
    """Folder with one folder per evaluated model, see `crack.evaluation.kept`."""
    return home() / "evaluations"


def adaptations_dir() -> Path:
    """Folder with one folder per adaptation of a model begun in the dashboard."""
    return home() / "adaptations"


def batches_dir() -> Path:
    """Folder with one folder per batch of the service, see `crack.service.batches`."""
    return home() / "batches"


def sample_dir() -> Path:
    """Folder of the drawn photos, made by `crack.synthetic.sample`."""
    return home() / "sample"


def cache_dir() -> Path:
    """Folder of files that can be computed again, so it may be deleted at any time."""
    return home() / "cache"


def keras_home() -> Path:
    """Folder of Keras, with its downloads: `$KERAS_HOME`, or `keras/` in the home."""
    return Path(os.environ.get("KERAS_HOME") or home() / "keras").expanduser()
