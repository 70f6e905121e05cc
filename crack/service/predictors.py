"""Models ready to answer, kept between requests."""

from __future__ import annotations

import threading
from functools import lru_cache
from pathlib import Path

from crack.inference.predictor import Predictor
from crack.runs.registry import Model

_KEPT = 2  # models, some 100 MB each
_loading = threading.Lock()


def predictor_of(model: Model) -> Predictor:
    """Return the predictor of a model, as its files are now.

    Raises:
        CrackError: The model cannot be used.
    """
    changed = (model.folder / "card.json").stat().st_mtime_ns
    with _loading:  # for several that ask first at once
        return _predictor(model.folder, changed)


@lru_cache(maxsize=_KEPT)
def _predictor(folder: Path, _changed: int) -> Predictor:
    return Predictor(folder)
