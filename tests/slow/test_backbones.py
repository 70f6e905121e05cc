"""Where a backbone has its weights from: embedded, downloaded, or nowhere."""

from __future__ import annotations

import socket

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from crack.data.images import decode_image, resize_image
from crack.errors import CrackError
from crack.runs import imagenet, jobs
from crack.runs.backbones import find_backbone
from crack.runs.config import PhaseConfig
from crack.runs.run import RunStatus
from crack.synthetic.sample_files import CRACK, write_patches
from tests.slow.conftest import SIDE, new_run, quick_config, wait_for_end

pytestmark = pytest.mark.slow

SURFACES = find_backbone("surfaces")
KERNEL = np.linspace(-1, 1, 1280, dtype=np.float32)


@pytest.fixture
def backbone(network):
    """An untrained one; read only."""
    from crack.model.classifier import backbone_of

    return backbone_of(network)


@pytest.fixture
def own_backbone():
    """Another untrained one, to change."""
    import keras

    return keras.applications.MobileNetV2(
        include_top=False, weights=None, input_shape=(SIDE, SIDE, 3)
    )


@pytest.fixture
def embedded(shipped_models, backbone):
    """The weights of `backbone` in the place of the shipped ones."""
    from crack.model.embedded import save_weights

    save_weights(backbone, (KERNEL, 0.25), SURFACES.embedded_weights)
    assert SURFACES.embedded_weights.is_relative_to(shipped_models)
    return SURFACES.embedded_weights


def change(path, **changes):
    """Rewrite a file of weights with some arrays changed, or left out for None."""
    arrays = {**np.load(path), **{k.replace("__", "/"): v for k, v in changes.items()}}
    np.savez(path, **{key: array for key, array in arrays.items() if array is not None})


# Embedded


def test_weights_come_back_as_they_were_rounded(embedded, backbone, own_backbone):
    from crack.model.embedded import load_weights

    load_weights(own_backbone, embedded)
    for one, other in zip(backbone.weights, own_backbone.weights, strict=True):
        np.testing.assert_array_equal(one.numpy().astype(np.float16), other.numpy())
    images = np.random.default_rng(1).uniform(-1, 1, (4, SIDE, SIDE, 3))
    before, after = (
        np.asarray(b(images)).mean((1, 2)) for b in (backbone, own_backbone)
    )
    assert np.abs(before - after).mean() < 0.02 * before.std()


def test_the_file_is_small_and_the_same_for_the_same_weights(embedded, backbone):
    from crack.model.embedded import save_weights

    assert embedded.stat().st_size < 4.7e6
    first = embedded.read_bytes()
    save_weights(backbone, (KERNEL, 0.25), embedded)
    assert embedded.read_bytes() == first
    assert list(embedded.parent.iterdir()) == [embedded]
    with np.load(embedded) as arrays:
        assert arrays["Conv1/kernel"].dtype == np.float16
        assert arrays["Conv1/kernel"].shape == (3, 3, 3, 32)


def test_the_crack_head_comes_with_them(embedded, backbone):
    from crack.model.embedded import load_crack_head, save_weights

    kernel, bias = load_crack_head(embedded)
    assert kernel.dtype == np.float32
    np.testing.assert_allclose(kernel, KERNEL, atol=5e-4)
    assert bias == 0.25
    save_weights(backbone, None, embedded)
    with pytest.raises(CrackError, match="no crack head"):
        load_crack_head(embedded)


def test_a_new_network_starts_from_them(embedded, backbone):
    from crack.model.classifier import backbone_of, build_classifier

    model = build_classifier(SURFACES, SIDE, dropout=0.3, seed=5)
    for one, other in zip(backbone.weights, backbone_of(model).weights, strict=True):
        np.testing.assert_array_equal(one.numpy().astype(np.float16), other.numpy())


def test_a_run_from_them_is_trained(embedded, dataset, monkeypatch):
    from crack.training import trainer

    monkeypatch.setattr(trainer, "finish", lambda *_: None)
    config = quick_config(
        backbone="surfaces",
        views=1,
        frozen=PhaseConfig(1, "adam", 1e-3),
        fine_tune=PhaseConfig(0, "adam", 1e-4),
    )
    run = new_run(dataset, config)
    trainer.Trainer(run).train()
    assert [row["trainable_parameters"] for row in run.phases] == [2_562]


def test_missing_weights_are_told(shipped_models):
    from crack.model.classifier import build_backbone

    with pytest.raises(CrackError, match="are missing") as caught:
        build_backbone(SURFACES, SIDE)
    assert str(SURFACES.embedded_weights) in caught.value.message
    assert "--backbone imagenet" in caught.value.hint


@pytest.mark.parametrize(
    "content", [b"", b"not a zip", b"PK\x03\x04 cut off", b"\x93NUMPY half"]
)
def test_a_damaged_file_is_told(embedded, own_backbone, content):
    from crack.model.embedded import load_crack_head, load_weights

    embedded.write_bytes(content)
    with pytest.raises(CrackError, match="are damaged"):
        load_weights(own_backbone, embedded)
    with pytest.raises(CrackError, match="are damaged"):
        load_crack_head(embedded)


def test_a_flipped_byte_is_told(embedded, own_backbone):
    from crack.model.embedded import load_weights

    content = bytearray(embedded.read_bytes())
    content[len(content) // 2] ^= 0xFF
    embedded.write_bytes(content)
    with pytest.raises(CrackError, match="are damaged"):
        load_weights(own_backbone, embedded)


def test_nothing_is_unpickled(embedded, own_backbone):
    from crack.model.embedded import load_weights

    change(embedded, Conv1__kernel=np.array([{}], dtype=object))
    with pytest.raises(CrackError, match="are damaged"):
        load_weights(own_backbone, embedded)


@pytest.mark.parametrize(
    "changes",
    [
        {"Conv1__kernel": None},
        {"Conv1__kernel": np.zeros((3, 3, 3, 16), np.float16)},
        {"Conv2__kernel": np.zeros(3, np.float16)},
    ],
)
def test_the_weights_of_another_network_are_refused(embedded, own_backbone, changes):
    from crack.model.embedded import load_weights

    before = [weight.numpy() for weight in own_backbone.weights]
    change(embedded, **changes)
    with pytest.raises(CrackError, match="belong to another network"):
        load_weights(own_backbone, embedded)
    for old, weight in zip(before, own_backbone.weights, strict=True):
        np.testing.assert_array_equal(old, weight.numpy())


@pytest.mark.parametrize(
    ("key", "value", "sentence"),
    [
        ("moving_variance", np.nan, "are not finite"),
        ("gamma", np.inf, "are not finite"),
        ("moving_variance", 70_000, "beyond 65504"),
        ("kernel", 1.234e-6, "too small for float16"),
    ],
)
def test_what_float16_cannot_hold_is_not_written(
    tmp_path, own_backbone, key, value, sentence
):
    from crack.model.embedded import save_weights

    layer = "Conv1" if key == "kernel" else "bn_Conv1"
    weight = getattr(own_backbone.get_layer(layer), key)
    weight.assign(np.full(weight.shape, value))
    with pytest.raises(CrackError, match=sentence) as caught:
        save_weights(own_backbone, None, tmp_path / "weights.npz")
    assert f"{layer}/{key}" in caught.value.message
    assert not (tmp_path / "weights.npz").exists()


def test_small_statistics_and_single_small_weights_are_written(tmp_path, own_backbone):
    from crack.model.embedded import save_weights

    norm = own_backbone.get_layer("bn_Conv1")
    norm.moving_variance.assign(np.r_[np.ones(31), 1e-40])  # a channel never active
    norm.moving_mean.assign(np.full(32, 1e-7))
    kernel = own_backbone.get_layer("Conv1").kernel
    kernel.assign(np.where(kernel > 0, kernel, 1e-9))
    save_weights(own_backbone, (KERNEL, 1e-7), tmp_path / "weights.npz")


# ImageNet


def test_the_address_is_that_of_keras():
    from keras.src.applications.mobilenet_v2 import BASE_WEIGHT_PATH

    assert f"{imagenet.BASE_URL}mobilenet_v2/" == BASE_WEIGHT_PATH


def test_the_weights_are_those_keras_would_load(imagenet_home):
    import keras

    from crack.model.classifier import build_backbone

    ours = build_backbone(find_backbone("imagenet"), 160)
    theirs = keras.applications.MobileNetV2(
        include_top=False, weights="imagenet", input_shape=(160, 160, 3)
    )
    for one, other in zip(ours.weights, theirs.weights, strict=True):
        np.testing.assert_array_equal(one.numpy(), other.numpy())


def test_damaged_imagenet_weights_are_told(monkeypatch, tmp_path):
    from crack.model.classifier import build_backbone

    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    path = imagenet.imagenet_weights_path(SURFACES.network, SIDE)
    path.parent.mkdir()
    path.write_bytes(b"\x89HDF\r\n\x1a\n and no more")
    with pytest.raises(CrackError, match="are damaged") as caught:
        build_backbone(find_backbone("imagenet"), SIDE)
    assert "Delete the file" in caught.value.hint


def test_without_a_network_a_run_fails_with_the_way_out(
    dataset, monkeypatch, tmp_path, no_process_left
):
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "empty"))
    monkeypatch.setenv("HOME", str(tmp_path))
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    monkeypatch.setenv("https_proxy", f"http://127.0.0.1:{port}")
    run = jobs.start(quick_config(backbone="imagenet"))
    wait_for_end(run)
    assert run.status is RunStatus.FAILED
    assert "could not be downloaded" in run.progress.message
    assert "--backbone surfaces" in run.progress.message
    assert "Traceback" not in run.log_tail(1000)


def test_the_download_is_told_and_can_be_stopped(dataset, monkeypatch, tmp_path):
    from crack.training.progress import Stopped
    from crack.training.weights import fetch_weights

    run = new_run(dataset, quick_config(backbone="imagenet"))
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "empty"))
    monkeypatch.setenv("HOME", str(tmp_path))
    told = []

    def download(network, size, progress):
        assert (network.name, size) == ("MobileNetV2", SIDE)
        progress("Downloading", 3, 9)
        told.append(run.progress)
        jobs.stop(run)
        progress("Downloading", 4, 9)

    monkeypatch.setattr("crack.training.weights.fetch_imagenet_weights", download)
    with pytest.raises(Stopped):
        fetch_weights(run)
    (progress,) = told
    assert (progress.message, progress.done, progress.total) == ("Downloading", 3, 9)


def test_weights_that_are_here_are_not_downloaded(dataset, imagenet_home, monkeypatch):
    from crack.training.weights import fetch_weights

    monkeypatch.setattr(imagenet, "_download", lambda *_: pytest.fail("downloads"))
    for name in ("imagenet", "random", "surfaces"):
        fetch_weights(new_run(dataset, quick_config(backbone=name, image_size=160)))


# As shipped


def test_the_shipped_backbone_tells_drawn_cracks_without_further_training(tmp_path):
    from crack.model.classifier import build_backbone
    from crack.model.embedded import load_crack_head

    for number in range(1, 13):
        write_patches(tmp_path, number)
    files = sorted(tmp_path.glob("*crack/*.jpg"))
    images = np.stack([resize_image(decode_image(file), 128, 128) for file in files])
    features = build_backbone(SURFACES, 128).predict(images / 127.5 - 1, verbose=0)
    kernel, bias = load_crack_head(SURFACES.embedded_weights)
    log_odds = features.mean((1, 2)) @ kernel + bias
    cracked = np.array([file.parent.name == CRACK for file in files])
    assert roc_auc_score(cracked, log_odds) > 0.95
