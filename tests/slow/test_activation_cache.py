from __future__ import annotations

import shutil

import numpy as np
import pytest

from crack import settings
from crack.data.images import decode_image, resize_image
from crack.data.importer import add_dataset
from crack.errors import CrackError
from crack.runs.backbones import find_backbone
from tests.slow.conftest import draw_folder

pytestmark = pytest.mark.slow

POINTS = [None, 97, 0]


@pytest.fixture(scope="module")
def few_patches(tmp_path_factory):
    """40 cracked and 40 intact patches."""
    return draw_folder(tmp_path_factory.mktemp("few") / "patches", 40, 40)


@pytest.fixture
def dataset(few_patches):
    """80 patches, in the workspace of the test."""
    return add_dataset("few", few_patches, crack_class="Positive")


@pytest.fixture
def cache(dataset, network):
    from crack.model.activations import ActivationCache

    return ActivationCache(dataset, network)


def ignore(done):
    """Progress that nobody looks at."""


def files():
    """Time of the last change by file of the cache."""
    found = settings.cache_dir().rglob("*.npy")
    return {path: path.stat().st_mtime_ns for path in found}


def forget():
    """Delete the activations; the graphs stay, converting them takes seconds."""
    shutil.rmtree(settings.cache_dir() / "activations")


def test_what_is_cached_is_what_the_frozen_layers_say(cache, dataset, network):
    import keras

    from crack.model.classifier import backbone_of

    cache.compute(POINTS, 1, ignore)
    features, tensors, images = (cache.read(point, 1)[0] for point in POINTS)
    decoded = [
        resize_image(decode_image(dataset.path(file)), 32, 32)
        for file in dataset.samples["file"]
    ]
    np.testing.assert_array_equal(images, np.stack(decoded))

    backbone = backbone_of(network)
    below = keras.Model(
        backbone.input,
        [
            keras.layers.GlobalAveragePooling2D()(backbone.output),
            backbone.layers[97].output,
        ],
    )
    expected = below(network.layers[0](np.stack(decoded).astype(np.float32)))
    # float16 keeps 11 bits; near zero what counts is the error against the whole.
    for cached, exact in zip((features, tensors), expected, strict=True):
        assert cached.dtype == np.float16
        np.testing.assert_allclose(
            cached.astype(np.float32), np.asarray(exact), rtol=1e-3, atol=1e-4
        )


def test_points_asked_for_alone_or_together_are_the_same(cache, dataset, network):
    cache.compute([97], 1, ignore)
    alone = np.array(cache.read(97, 1)[0])
    forget()
    cache.compute(POINTS, 1, ignore)
    np.testing.assert_array_equal(cache.read(97, 1)[0], alone)


def test_images_alone_need_no_network(cache, dataset):
    done = []
    cache.compute([0], 1, done.append)
    assert done[-1] == len(dataset.samples)
    assert cache.read(0, 1)[0].shape == (80, 32, 32, 3)
    assert not (settings.cache_dir() / "graphs").exists()


def test_a_second_pass_does_nothing(cache, dataset, network):
    from crack.model.activations import ActivationCache

    counts = []
    assert cache.missing(POINTS, 2) == 160
    cache.compute(POINTS, 2, counts.append)
    assert counts == sorted(counts)
    assert counts[-1] == 160
    before = files()
    assert len(before) == 6

    again = ActivationCache(dataset, network)
    assert again.missing(POINTS, 2) == 0
    again.compute(POINTS, 2, lambda _: pytest.fail("computed again"))
    assert files() == before


def test_more_views_leave_the_first_ones_alone(cache):
    cache.compute([None], 1, ignore)
    before = files()
    assert cache.missing([None], 3) == 160
    cache.compute([None], 3, ignore)
    assert len(files()) == 3
    assert before.items() <= files().items()


def test_views_differ_and_are_the_same_at_every_call(cache):
    cache.compute([0, None], 3, ignore)
    images = [np.array(view) for view in cache.read(0, 3)]
    features = [np.array(view) for view in cache.read(None, 3)]
    for one, other in ((0, 1), (0, 2), (1, 2)):
        differs = (images[one] != images[other]).any(axis=(1, 2, 3))
        assert differs.all()
        assert (features[one] != features[other]).any(axis=1).all()

    forget()
    cache.compute([0, None], 3, ignore)
    np.testing.assert_array_equal(cache.read(0, 3), images)
    np.testing.assert_array_equal(cache.read(None, 3), features)


def test_other_data_sizes_and_weights_are_cached_elsewhere(
    cache, dataset, network, patch_folder
):
    import keras

    from crack.model.activations import ActivationCache
    from crack.model.classifier import backbone_of, build_classifier

    cache.compute(POINTS, 1, ignore)
    other_data = add_dataset("other", patch_folder, crack_class="Positive")
    assert ActivationCache(other_data, network).missing(POINTS, 1) == 24

    larger = build_classifier(find_backbone("random"), 64, dropout=0.3, seed=17)
    assert ActivationCache(dataset, larger).missing([0], 1) == 80
    backbone_of(larger).set_weights(backbone_of(network).get_weights())
    for point in POINTS:
        assert ActivationCache(dataset, larger).missing([point], 1) == 80

    twin = keras.models.clone_model(network)
    twin.set_weights(network.get_weights())
    assert ActivationCache(dataset, twin).missing(POINTS, 1) == 0
    above = backbone_of(twin).layers[98]
    assert above.name == "block_11_expand"
    above.set_weights([2 * weight for weight in above.get_weights()])
    # What lies above a freeze point does not matter to it.
    assert ActivationCache(dataset, twin).missing([0, 97], 1) == 0
    assert ActivationCache(dataset, twin).missing([None], 1) == 80
    statistics = backbone_of(twin).layers[97]
    statistics.moving_mean.assign(statistics.moving_mean + 1)
    assert ActivationCache(dataset, twin).missing([97], 1) == 80


def test_what_was_interrupted_is_never_read(cache):
    def interrupt(done):
        if done > 100:  # in the middle of the second view
            raise InterruptedError

    with pytest.raises(InterruptedError):
        cache.compute(POINTS, 2, interrupt)
    assert cache.missing(POINTS, 2) == 80
    with pytest.raises(FileNotFoundError):
        cache.read(97, 2)

    done = []
    cache.compute(POINTS, 2, done.append)
    assert done[-1] == 80
    interrupted = [np.array(view) for view in cache.read(97, 2)]
    forget()
    cache.compute(POINTS, 2, ignore)
    np.testing.assert_array_equal(cache.read(97, 2), interrupted)
    assert not list(settings.cache_dir().rglob("*.partial"))


@pytest.mark.parametrize("size", [0, 100, 5000])
def test_a_damaged_file_is_computed_again(cache, size):
    cache.compute(POINTS, 1, ignore)
    expected = np.array(cache.read(97, 1)[0])
    (path,) = (path for path in files() if path.name == "layer-97-view-0.npy")
    path.write_bytes(path.read_bytes()[:size])
    assert cache.missing(POINTS, 1) == 80
    cache.compute(POINTS, 1, ignore)
    np.testing.assert_array_equal(cache.read(97, 1)[0], expected)


def test_what_a_killed_pass_left_is_deleted_before_space_is_counted(cache):
    left = settings.cache_dir() / "activations" / "abc" / "features-view-0.partial"
    left.parent.mkdir(parents=True)
    left.write_bytes(b"half")
    cache.compute([None], 1, ignore)
    assert not left.exists()


def test_an_image_that_changed_since_it_was_added_is_named(network, patch_folder):
    from crack.model.activations import ActivationCache

    dataset = add_dataset("changing", patch_folder, crack_class="Positive")
    path = patch_folder / "Positive" / "00005.png"
    path.write_bytes((patch_folder / "Negative" / "00005.png").read_bytes())
    cache = ActivationCache(dataset, network)
    with pytest.raises(CrackError, match=r"Positive/00005\.png .* has changed"):
        cache.compute([None], 1, ignore)
    assert cache.missing([None], 1) == 24


def test_a_missing_image_is_named(network, patch_folder):
    from crack.model.activations import ActivationCache

    dataset = add_dataset("vanishing", patch_folder, crack_class="Positive")
    (patch_folder / "Positive" / "00005.png").unlink()
    cache = ActivationCache(dataset, network)
    with pytest.raises(CrackError, match=r"00005\.png"):
        cache.compute([None], 1, ignore)
    assert cache.missing([None], 1) == 24
