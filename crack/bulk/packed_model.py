"""A model as bytes, which travels to other computers."""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory

from crack.inference.card import CARD_FILE
from crack.inference.ood import OOD_FILE
from crack.inference.predictor import GRAPH_FILE, Predictor

# What a predictor reads; what a model learned from stays where it is.
_FILES = (CARD_FILE, GRAPH_FILE, "graph.bin", OOD_FILE)

PackedModel = Mapping[str, bytes]
"""The content of each file."""


def pack_model(folder: Path) -> PackedModel:
    """Return what a predictor needs of a model folder."""
    return {name: (folder / name).read_bytes() for name in _FILES}


def fingerprint(model: PackedModel) -> str:
    """Return what changes with any file of a model."""
    digest = sha256()
    for name, content in sorted(model.items()):
        digest.update(f"{name} {len(content)} ".encode() + content)
    return digest.hexdigest()[:16]


def unpacked_predictor(model: PackedModel, threads: int) -> Predictor:
    """Return a predictor of the model.

    Args:
        model: Is unpacked into the folder for temporary files, and deleted from there.
        threads: That it computes on.
    """
    with TemporaryDirectory(prefix="crack-model-") as folder:
        for name, content in model.items():
            Path(folder, name).write_bytes(content)
        return Predictor(Path(folder), threads=threads)
