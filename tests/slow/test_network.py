from __future__ import annotations

import numpy as np
import pytest

from crack.runs.backbones import BACKBONES, find_backbone
from tests.slow.conftest import SIDE

pytestmark = pytest.mark.slow

LAYERS = 154


@pytest.fixture
def own_network():
    """A network to change, without dropout."""
    import keras

    from crack.model.classifier import build_classifier

    keras.utils.set_random_seed(17)
    return build_classifier(find_backbone("random"), SIDE, dropout=0, seed=17)


def below(network, point):
    """The model from images to what is cached at a freeze point."""
    import keras

    rescaling, backbone = network.layers[:2]
    image = keras.Input((SIDE, SIDE, 3))
    if point == 0:
        return keras.Model(image, keras.layers.Identity()(image))
    output = backbone.output if point is None else backbone.layers[point].output
    tensor = keras.Model(backbone.input, output)(rescaling(image))
    if point is None:
        tensor = keras.layers.GlobalAveragePooling2D()(tensor)
    return keras.Model(image, tensor)


def test_the_parameters_that_train_are_those_of_the_reference_recipe():
    from crack.model.classifier import (
        backbone_of,
        build_classifier,
        count_parameters,
        freeze,
    )

    model = build_classifier(find_backbone("random"), 160, dropout=0.3, seed=17)
    freeze(model, None)
    assert count_parameters(model) == (2_562, 2_260_546)
    freeze(model, 100)
    assert count_parameters(model) == (1_861_440 + 2_562, 2_260_546)
    assert count_parameters(backbone_of(model))[0] == 1_861_440
    freeze(model, None)
    assert count_parameters(model) == (2_562, 2_260_546)


@pytest.mark.parametrize("name", BACKBONES)
def test_the_table_tells_the_network_as_it_is(name):
    import keras

    network = find_backbone(name).network
    built = getattr(keras.applications, network.name)(
        include_top=False, weights=None, input_shape=(2 * network.stride,) * 2 + (3,)
    )
    assert len(built.layers) == network.layers
    assert built.output.shape[1:] == (2, 2, network.features)


def test_the_freeze_point_of_the_reference_recipe(network):
    from crack.model.classifier import backbone_of, freeze_point

    backbone = backbone_of(network)
    assert len(backbone.layers) == find_backbone("random").network.layers == LAYERS
    assert freeze_point(backbone, 100) == 97
    assert backbone.layers[97].name == "block_10_project_BN"


def test_every_layer_can_be_the_first_to_train(network):
    import keras

    from crack.model.classifier import backbone_of, freeze_point

    backbone = backbone_of(network)
    points = [freeze_point(backbone, first) for first in range(LAYERS)]
    assert all(point < max(first, 1) for first, point in enumerate(points))
    assert points == sorted(points)
    for point in set(points) - {0}:
        # Keras refuses to build it if something else of the layers below is needed.
        above = keras.Model(backbone.layers[point].output, backbone.output)
        assert above.output.shape == backbone.output.shape


@pytest.mark.parametrize("first_trainable", [0, 1, 30, 75, 100, 153, None])
def test_the_trained_part_on_the_cached_tensor_is_the_full_network(
    network, pixels, first_trainable
):
    from crack.model.classifier import TrainedPart, backbone_of, freeze_point

    point = None
    if first_trainable is not None:
        point = freeze_point(backbone_of(network), first_trainable)
    expected = np.asarray(network(pixels, training=False))
    assert expected.std() > 0.05
    cached = np.asarray(below(network, point)(pixels))
    answer = np.asarray(TrainedPart(network, point)(cached, training=False))
    np.testing.assert_allclose(answer, expected, atol=1e-5)


def test_batch_norm_stays_in_inference_mode_when_training(own_network, pixels):
    from crack.model.classifier import TrainedPart

    part = TrainedPart(own_network, 97)
    cached = np.asarray(below(own_network, 97)(pixels))
    at_rest, training = (np.asarray(part(cached, training=t)) for t in (False, True))
    np.testing.assert_allclose(training, at_rest, atol=1e-6)


def test_fine_tune_changes_the_layers_above_and_no_statistics(own_network, pixels):
    import keras

    from crack.model.classifier import TrainedPart, backbone_of, freeze

    backbone = backbone_of(own_network)
    cached = np.asarray(below(own_network, 97)(pixels))
    before = [[w.numpy().copy() for w in layer.weights] for layer in backbone.layers]
    freeze(own_network, 100)
    part = TrainedPart(own_network, 97)
    part.compile(keras.optimizers.Adam(1e-3), "sparse_categorical_crossentropy")
    part.fit(cached, np.arange(len(cached)) % 2, epochs=2, verbose=0)

    for index, (layer, old) in enumerate(zip(backbone.layers, before, strict=True)):
        for weight, was in zip(layer.weights, old, strict=True):
            same = np.array_equal(weight.numpy(), was)
            statistic = weight.name in ("moving_mean", "moving_variance")
            assert same == (index < 100 or statistic), (index, weight.path)


def test_the_full_network_has_learnt_with_its_trained_part(own_network, pixels):
    import keras

    from crack.model.classifier import TrainedPart, freeze

    freeze(own_network, 100)
    part = TrainedPart(own_network, 97)
    part.compile(keras.optimizers.Adam(1e-3), "sparse_categorical_crossentropy")
    cached = np.asarray(below(own_network, 97)(pixels))
    untrained = np.asarray(own_network(pixels))
    part.fit(cached, np.arange(len(cached)) % 2, epochs=1, verbose=0)
    learnt = np.asarray(own_network(pixels))
    assert np.abs(learnt - untrained).max() > 0.01
    np.testing.assert_allclose(np.asarray(part(cached)), learnt, atol=1e-5)


def test_an_untrained_backbone_is_the_same_for_the_same_seed(own_network, network):
    for one, other in zip(own_network.weights, network.weights, strict=True):
        np.testing.assert_array_equal(one.numpy(), other.numpy())


def test_the_features_of_an_untrained_backbone_do_not_fade(network, pixels):
    features = np.asarray(below(network, None)(pixels))
    assert features.std() > 0.1
    assert np.isfinite(features.astype(np.float16)).all()
