from __future__ import annotations

import os
from types import SimpleNamespace

import numpy as np
import pytest
from scipy.special import expit, logit

from crack.data.images import decode_image, resize_image
from crack.inference.engine import Engine
from crack.runs.backbones import find_backbone
from tests.slow.conftest import SIDE

pytestmark = [
    pytest.mark.slow,
    # tf2onnx asks numpy for a name that is gone; TensorFlow announces another package.
    pytest.mark.filterwarnings("ignore:In the future `np.object`:FutureWarning"),
    pytest.mark.filterwarnings("ignore:.*tf.lite.Interpreter is deprecated"),
]


@pytest.fixture(scope="module")
def model(network, tmp_path_factory):
    """The network as a model folder; the crack class is the second one."""
    from crack.model.export import write_model

    folder = tmp_path_factory.mktemp("model")
    write_model(network, find_backbone("random"), 1, folder)
    (folder / "card.json").write_text("{}")
    (folder / "familiarity.npz").touch()
    card = SimpleNamespace(
        backbone="random",
        image_size=SIDE,
        class_names=("Negative", "Positive"),
        crack_class="Positive",
    )
    return SimpleNamespace(folder=folder, card=card)


@pytest.fixture(scope="module")
def expected(network, pixels):
    """Probabilities by Keras, shape (n, 2); not all alike."""
    answers = np.asarray(network(pixels, training=False))
    assert answers[:, 1].std() > 0.05
    return answers


def test_openvino_says_what_keras_says(model, pixels, expected):
    probabilities, maps, *_ = Engine(model.folder / "graph.xml").run(
        pixels.astype(np.uint8)
    )
    assert maps.shape == (len(pixels), 1, 1)
    np.testing.assert_allclose(probabilities, expected, atol=1e-4)
    assert_mean_is_log_odds(maps, probabilities)


def assert_mean_is_log_odds(maps, probabilities):
    log_odds = logit(probabilities[:, 1].astype(float))
    np.testing.assert_allclose(maps.mean(axis=(1, 2)), log_odds, atol=1e-4)


def test_the_map_is_that_of_the_crack_class(network, pixels):
    from crack.model.export import inference_graph

    graphs = [inference_graph(network, find_backbone("random"), i) for i in (0, 1)]
    first, second = (graph(pixels)[1] for graph in graphs)
    np.testing.assert_allclose(np.asarray(first), -np.asarray(second), atol=1e-5)


def test_the_graph_takes_images_of_any_size(model):
    rng = np.random.default_rng(3)
    images = rng.integers(0, 256, (2, 64, 96, 3), dtype=np.uint8)
    probabilities, maps, features, moments = Engine(model.folder / "graph.xml").run(
        images
    )
    assert maps.shape == (2, 2, 3)
    assert features.shape == (2, 2, 3, 1280)
    assert moments.shape == (2, 2, 3, 2 * 96)
    mean, square = np.split(moments, 2, axis=-1)
    assert (square >= mean**2 - 1e-3 * square).all()
    assert maps.std() > 0
    mean = maps.mean(axis=(1, 2), dtype=float)
    np.testing.assert_allclose(probabilities[:, 1], expit(mean), atol=1e-4)


def by_keras(path, pixels):
    import keras

    return np.asarray(keras.models.load_model(path)(pixels)), None, None, None


def by_openvino(path, pixels):
    return Engine(path / "graph.xml").run(pixels.astype(np.uint8))


def by_tflite(path, pixels):
    import tensorflow as tf

    interpreter = tf.lite.Interpreter(str(path))
    interpreter.allocate_tensors()
    (image,) = interpreter.get_input_details()
    assert image["shape"].tolist() == [1, SIDE, SIDE, 3]
    rows = []
    for pixel in pixels:
        interpreter.set_tensor(image["index"], pixel[None])
        interpreter.invoke()
        details = interpreter.get_output_details()
        outputs = [interpreter.get_tensor(output["index"]) for output in details]
        # The features have more channels than the moments.
        rows.append(sorted(outputs, key=lambda o: (o.ndim, -o.shape[-1])))
    return [np.concatenate(parts) for parts in zip(*rows, strict=True)]


def by_onnx(path, pixels):
    from onnx.reference import ReferenceEvaluator

    evaluator = ReferenceEvaluator(str(path))
    (name,) = evaluator.input_names
    return evaluator.run(None, {name: pixels})


@pytest.mark.parametrize(
    ("wanted", "name", "answers_by"),
    [
        ("keras", "exported.keras", by_keras),
        ("openvino", "exported", by_openvino),
        ("tflite", "exported.tflite", by_tflite),
        ("onnx", "exported.onnx", by_onnx),
    ],
    ids=["keras", "openvino", "tflite", "onnx"],
)
def test_every_format_says_the_same(
    model, pixels, expected, tmp_path, wanted, name, answers_by
):
    from crack.model.export import export_model

    out = tmp_path / "new folder" / name
    export_model(model, wanted, out)
    assert [path.name for path in out.parent.iterdir()] == [name]
    probabilities, maps, features, moments = answers_by(out, pixels)
    np.testing.assert_allclose(probabilities, expected, atol=1e-4)
    if maps is not None:
        assert features.shape == (len(pixels), 1, 1, 1280)
        assert moments.shape == (len(pixels), 1, 1, 2 * 96)
        assert_mean_is_log_odds(maps, probabilities)


def test_nothing_is_overwritten(model, tmp_path):
    from crack.errors import CrackError
    from crack.model.export import export_model

    out = tmp_path / "taken.keras"
    out.write_text("mine")
    with pytest.raises(CrackError, match="exists already"):
        export_model(model, "keras", out)
    assert out.read_text() == "mine"


def test_openvino_says_what_keras_says_of_real_photos(
    test_data, imagenet_home, tmp_path
):
    from crack.model.classifier import build_classifier
    from crack.model.export import write_model

    row = find_backbone("imagenet")
    network = build_classifier(row, 160, dropout=0.3, seed=17)
    head = network.layers[-1]
    kernel, bias = head.get_weights()
    head.set_weights([4 * kernel, bias])  # so that not all answers are near 0.5
    write_model(network, row, 1, tmp_path)

    paths = [
        path
        for name in ("Positive", "Negative")
        for path in sorted((test_data / "metu" / name).iterdir())[:500]
    ]
    images = np.stack([resize_image(decode_image(path), 160, 160) for path in paths])
    keras_says = network.predict(images.astype(np.float32), verbose=0)
    openvino_says, maps, *_ = Engine(tmp_path / "graph.xml").run(images)
    assert keras_says[:, 1].std() > 0.05
    difference = float(np.abs(openvino_says - keras_says).max())
    assert difference < 1e-4
    mean = maps.mean(axis=(1, 2), dtype=float)
    np.testing.assert_allclose(expit(mean), keras_says[:, 1], atol=1e-4)


def test_a_name_that_keras_would_not_read_is_refused(model, tmp_path):
    from crack.errors import CrackError
    from crack.model.export import export_model

    with pytest.raises(CrackError, match="Keras does not read a file named model"):
        export_model(model, "keras", tmp_path / "model")
    assert not list(tmp_path.glob("model*"))


def test_a_folder_that_may_not_be_written_is_named(model, tmp_path, monkeypatch):
    from crack.errors import CrackError
    from crack.model.export import export_model

    monkeypatch.setattr(os, "access", lambda path, mode: path != tmp_path)
    with pytest.raises(CrackError, match=f"Nothing may be .* the folder {tmp_path}"):
        export_model(model, "openvino", tmp_path / "new" / "model")
