"""Where the evaluations of a model are: under a hash of all that they depend on."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from pathlib import Path

from crack import settings
from crack.evaluation.holdout import SEEN_FILE, SPLIT_FILE
from crack.inference.card import ModelCard
from crack.inference.ood import OOD_FILE
from crack.inference.predictor import GRAPH_FILE


def of_model(folder: Path) -> Path:
    """Return where everything is kept that was evaluated of a model.

    Args:
        folder: Of the model.
    """
    card = ModelCard.read(folder)
    times = tuple(path.stat().st_mtime_ns for path in _files(folder) if path.exists())
    trained_on = card.dataset.get("fingerprint", "")
    key = _content_hash(
        folder, times, card.strongest_weight, card.image_size, trained_on
    )
    return settings.evaluations_dir() / key


@lru_cache(maxsize=64)
def _content_hash(folder: Path, times: tuple[int, ...], *of_card: float | str) -> str:
    """Return a hash of all that an evaluation depends on.

    Args:
        folder: Of the model.
        times: Of the last changes of its files.
        of_card: The values of the card that it depends on.
    """
    content = hashlib.sha256(repr(of_card).encode())
    for path in _files(folder):
        if path.exists():
            content.update(path.read_bytes())
    return content.hexdigest()[:16]


def _files(folder: Path) -> tuple[Path, ...]:
    graph = folder / GRAPH_FILE
    others = (OOD_FILE, SEEN_FILE, SPLIT_FILE)
    return graph, graph.with_suffix(".bin"), *(folder / name for name in others)
