"""The model that comes with the program, really adapted to drawn patches."""

from __future__ import annotations

import json
import subprocess
import sys

import numpy as np
import pytest

from crack import settings
from crack.data.dataset import load_dataset
from crack.data.images import decode_image, resize_image
from crack.evaluation.evaluate import scores_of
from crack.inference.engine import Engine
from crack.inference.predictor import Predictor
from crack.runs.registry import find_model
from crack.synthetic import sample

pytestmark = pytest.mark.slow

PER_CLASS = 24


@pytest.fixture
def adapted(crack_home, monkeypatch, tmp_path):
    """What the command printed, and what it kept of its progress at the end."""
    monkeypatch.setattr(sample, "_PER_CLASS", PER_CLASS)
    sample.make_sample()
    progress = tmp_path / "progress.json"
    command = [sys.executable, "-m", "crack", "adapt", "default", sample.SAMPLE]
    options = ["--name", "mine", "--force", "--json", "--progress", str(progress)]
    done = subprocess.run(
        command + options,
        cwd=settings.PROJECT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert sample.NOTE in done.stderr
    return json.loads(done.stdout), json.loads(progress.read_text())


def test_the_shipped_model_is_adapted_to_the_sample(adapted):
    told, progress = adapted
    assert (told["model"], told["base"]) == ("mine", "default")
    assert told["images"] == 2 * PER_CLASS
    assert told["after"]["auroc"] > 0.95
    assert told["old"]["auroc_after"] > told["old"]["auroc_before"] - 0.005
    assert progress["activity"] == "Writing the model"
    base, mine = find_model("default"), find_model("mine")
    assert mine.card.adaptation["dataset"] == sample.SAMPLE
    dataset = load_dataset(sample.SAMPLE)
    scores = [
        scores_of(Predictor(model.folder), dataset, dataset.samples["file"])
        for model in (base, mine)
    ]
    # The features are those of the old model, bit for bit.
    np.testing.assert_array_equal(*(table["distance"] for table in scores))
    assert not np.allclose(*(table["log_odds"] for table in scores))
    assert_keras_and_graph_agree(mine, dataset)


def assert_keras_and_graph_agree(model, dataset):
    import keras

    side = model.card.image_size
    files = dataset.samples["file"][:4]
    pictures = np.stack(
        [resize_image(decode_image(dataset.path(file)), side, side) for file in files]
    )
    network = keras.models.load_model(model.folder / "model.keras", compile=False)
    from_keras = network.predict(pictures.astype(np.float32), verbose=0)
    engine = Engine(model.folder / "graph.xml", side=side)
    from_graph, *_ = engine.run(pictures.astype(np.uint8))
    np.testing.assert_allclose(from_keras, from_graph, atol=1e-4)
