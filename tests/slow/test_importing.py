"""Keras classifiers made elsewhere become models, or are refused with a sentence."""

from __future__ import annotations

import json

import numpy as np
import pytest
from PIL import Image

from crack.adaptation.replay import REPLAY_FILE
from crack.cli import main
from crack.data.dataset import load_dataset
from crack.data.images import decode_image, resize_image
from crack.data.importer import add_dataset
from crack.errors import CrackError
from crack.inference.predictor import Predictor
from crack.runs.export_formats import MOST_DIFFERENCE
from crack.runs.registry import find_model, model_names

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("shipped_models")]

SIDE = 32


def network(head=None, *, inside=(), scaled=True, side=SIDE, body=None):
    """A small classifier that was not trained."""
    import keras

    keras.utils.set_random_seed(3)
    k = keras.layers
    return keras.Sequential(
        [
            keras.Input((side, side, 3)),
            *([k.Rescaling(1 / 255)] if scaled else []),
            *inside,
            k.Conv2D(8, 3, strides=2, padding="same", activation="relu"),
            k.Conv2D(8, 3, strides=2, padding="same", activation="relu"),
            *(body or [k.GlobalAveragePooling2D(), k.Dropout(0.3)]),
            head or k.Dense(2, activation="softmax", kernel_initializer="normal"),
        ]
    )


@pytest.fixture
def saved(tmp_path):
    """Save a network; return its file."""

    def save(model):
        path = tmp_path / "theirs.keras"
        model.save(path)
        return path

    return save


def take(path, *options):
    return main(["models", "import", str(path), "--name", "mine", *options])


def probabilities(dataset, model):
    images = [
        resize_image(decode_image(dataset.path(f)), SIDE, SIDE)
        for f in dataset.samples["file"]
    ]
    return np.asarray(model.predict_on_batch(np.stack(images).astype(np.float32)))


def test_it_answers_as_it_did(saved, dataset):
    theirs = network()
    assert take(saved(theirs), "--crack-class", "0") == 0
    model = find_model("mine")
    card = model.card
    assert (card.crack_class, card.class_names) == ("crack", ("crack", "no crack"))
    assert (card.image_size, card.temperature, card.metrics) == (SIDE, 1.0, {})
    assert (card.thresholds.no_crack, card.thresholds.crack) == (0.05, 0.95)
    assert "Not calibrated" in card.notes
    images = [
        resize_image(decode_image(dataset.path(f)), SIDE, SIDE)
        for f in dataset.samples["file"]
    ]
    from crack.inference.engine import Engine

    told, maps, *_ = Engine(model.folder / "graph.xml").run(np.stack(images))
    expected = probabilities(dataset, theirs)
    np.testing.assert_allclose(told, expected, atol=1e-5)
    log_odds = np.log(expected[:, 0] / expected[:, 1])
    np.testing.assert_allclose(maps.mean(axis=(1, 2)), log_odds, atol=1e-3)
    items = [(f, dataset.path(f)) for f in dataset.samples["file"][:3]]
    assert all(0 <= a.probability <= 1 for a in Predictor(model.folder).predict(items))


def test_a_single_output_is_that_of_class_1(saved, dataset):
    import keras

    theirs = network(keras.layers.Dense(1, activation="sigmoid"))
    assert take(saved(theirs)) == 0
    model = find_model("mine")
    ours = keras.models.load_model(model.folder / "model.keras")
    told = probabilities(dataset, ours)[:, 1]
    expected = probabilities(dataset, theirs)[:, 0]
    np.testing.assert_allclose(told, expected, atol=1e-6)
    assert model.card.class_names == ("no crack", "crack")


def test_a_network_inside_a_network_is_taken_apart_too(saved, dataset):
    import keras

    k = keras.layers
    inner = network().layers[1:3]
    image = keras.Input((SIDE, SIDE, 3))
    body = keras.Model(image, inner[1](inner[0](image)))
    whole = keras.Input((SIDE, SIDE, 3))
    pooled = k.GlobalAveragePooling2D()(body(whole / 127.5 - 1, training=False))
    theirs = keras.Model(whole, k.Dense(2, activation="softmax")(pooled))
    assert take(saved(theirs)) == 0
    ours = keras.models.load_model(find_model("mine").folder / "model.keras")
    np.testing.assert_allclose(
        probabilities(dataset, ours), probabilities(dataset, theirs), atol=1e-5
    )


def test_with_a_dataset_it_is_calibrated_tested_and_can_be_adapted(saved, dataset):
    assert take(saved(network()), "--dataset", "concrete") == 0
    model = find_model("mine")
    card = model.card
    assert card.temperature != 1.0
    assert card.metrics["test"]["n"] == card.dataset["test"] > 0
    assert card.dataset["fingerprint"] == load_dataset("concrete").fingerprint
    assert "Not calibrated" not in card.notes
    assert (model.folder / REPLAY_FILE).exists()
    assert main(["evaluate", "concrete", "--model", "mine"]) == 0


@pytest.fixture
def bright_and_dark(tmp_path):
    """A dataset whose cracks are bright."""
    rng = np.random.default_rng(5)
    for kind, level in (("Positive", 150), ("Negative", 0)):
        folder = tmp_path / "walls" / kind
        folder.mkdir(parents=True)
        for number in range(60):
            noise = rng.integers(level, level + 100, (64, 64, 3), np.uint8)
            Image.fromarray(noise).save(folder / f"{number}.png")
    return add_dataset("walls", tmp_path / "walls", crack_class="Positive")


@pytest.mark.parametrize(("crack_class", "told"), [("1", False), ("0", True)])
def test_a_crack_class_that_seems_to_be_the_other_is_told(
    saved, bright_and_dark, capsys, crack_class, told
):
    model = network()
    brighter = np.tile(np.float32([0, 3]), (8, 1))  # the second output says bright
    model.layers[-1].set_weights([brighter, np.zeros(2, np.float32)])
    path = saved(model)
    assert take(path, "--dataset", "walls", "--crack-class", crack_class) == 0
    said = capsys.readouterr().out
    assert "Tested: accuracy" in said
    assert ("--crack-class 1" in said) == told


def test_it_is_exported_like_any_other(saved, dataset, tmp_path, capsys):
    assert take(saved(network())) == 0
    capsys.readouterr()
    words = ["models", "export", "mine", "--format", "openvino", str(tmp_path / "out")]
    assert main([*words, "--check", "concrete", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)["difference"]
    assert found["largest_difference"] <= MOST_DIFFERENCE


def refusals():
    import keras

    k = keras.layers
    return {
        "'Lambda', which brings its own code": network(inside=[k.Lambda(lambda x: x)]),
        "3 outputs with softmax": network(k.Dense(3, activation="softmax")),
        "2 outputs with linear": network(k.Dense(2)),
        "Flatten, which fixes the size": network(body=[k.Flatten()]),
        "Resizing, which fixes the size": network(inside=[k.Resizing(24, 24)]),
        "comes GlobalMaxPooling2D": network(body=[k.GlobalMaxPooling2D()]),
        "which values it was trained on": network(scaled=False),
    }


def test_what_cannot_be_used_is_refused_in_a_sentence(saved, capsys):
    for sentence, model in refusals().items():
        assert take(saved(model)) == 1
        assert sentence in capsys.readouterr().err
    assert model_names() == []


def test_code_of_its_own_is_refused(saved, capsys):
    import keras

    @keras.saving.register_keras_serializable("theirs")
    class Own(keras.layers.Layer):
        def call(self, x):
            return x

    assert take(saved(network(inside=[Own()]))) == 1
    assert "which brings its own code" in capsys.readouterr().err


@pytest.mark.parametrize("content", [b"", b"PK", b"\x89HDF"])
def test_no_keras_file_is_told(tmp_path, content, capsys):
    path = tmp_path / "a.keras"
    path.write_bytes(content)
    assert take(path) == 1
    assert "is not a .keras file" in capsys.readouterr().err


def test_pixels_are_scaled_as_told(saved, dataset):
    from crack.model.foreign import read_foreign

    theirs = network(scaled=False)
    path = saved(theirs)
    with pytest.raises(CrackError, match="--pixels"):
        read_foreign(path, None)
    assert take(path, "--pixels=-1..1") == 0
    import keras

    ours = keras.models.load_model(find_model("mine").folder / "model.keras")
    image = np.full((1, SIDE, SIDE, 3), 200, np.float32)
    np.testing.assert_allclose(
        ours.predict_on_batch(image), theirs.predict_on_batch(image / 127.5 - 1), 1e-4
    )


def test_a_network_for_any_size_needs_to_be_told_one(saved, capsys):
    path = saved(network(side=None))
    assert take(path) == 1
    assert "--image-size" in capsys.readouterr().err
    assert take(path, "--image-size", "30") == 1
    assert "fixed number of pixels" in capsys.readouterr().err
    assert take(path, "--image-size", "64") == 0
    assert find_model("mine").card.image_size == 64
