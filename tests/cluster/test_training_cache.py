from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from crack.data.importer import add_dataset
from crack.settings import PROJECT
from tests.slow.conftest import draw_folder

pytest.importorskip("ray", reason="needs requirements-cluster-dev.txt: make cluster")

pytestmark = pytest.mark.slow

POINTS = 3
VIEWS = 2
# In a process of its own: Ray reads its environment only once.
FILL = f"""
import sys

import keras

from crack.data.dataset import load_dataset
from crack.errors import CrackError
from crack.model.activations import ActivationCache
from crack.model.classifier import build_classifier
from crack.runs.backbones import find_backbone
from crack.runs.workers import Workers
from crack.training.ray_cache import ClusterCache

keras.utils.set_random_seed(17)
network = build_classifier(find_backbone("random"), 32, dropout=0.3, seed=17)
dataset = load_dataset(sys.argv[1])
cache = ActivationCache(dataset, network)
if sys.argv[2] == "there":
    cache = ClusterCache(dataset, network, Workers(None, 2))
told = []
try:
    cache.compute([0, 97, None], {VIEWS}, told.append)
except CrackError as error:
    sys.exit(str(error))
assert told == sorted(told)
assert told[-1] == {VIEWS} * len(dataset.samples)
"""


def fill(dataset: str, where: str) -> str:
    """Fill the cache; return what was wrong."""
    command = [sys.executable, "-c", FILL, dataset, where]
    ended = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True)
    return ended.stderr if ended.returncode else ""


def files(home: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(home)): path.read_bytes()
        for path in home.glob("cache/activations/*/*")
    }


def test_a_cluster_fills_the_cache_with_the_same_bytes(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path / "user"))
    # More than a worker gets at a time, and no whole number of batches.
    patches = draw_folder(tmp_path / "patches", 60, 43)
    found = []
    for where in ("here", "there"):
        monkeypatch.setenv("CRACK_HOME", str(tmp_path / where))
        add_dataset("concrete", patches, crack_class="Positive")
        assert fill("concrete", where) == ""
        found.append(files(tmp_path / where))
    here, there = found
    assert len(here) == POINTS * VIEWS
    assert there.keys() == here.keys()
    for name in here:
        assert there[name] == here[name], name

    # A file that has changed is told, and then nothing is left behind.
    few = draw_folder(tmp_path / "few", 5, 5)
    dataset = add_dataset("few", few, crack_class="Positive")
    dataset.path(dataset.samples["file"][3]).write_bytes(b"changed")
    assert "is not the file that was added" in fill("few", "there")
    assert files(tmp_path / "there") == there
