from __future__ import annotations

import numpy as np
import pytest

pytestmark = pytest.mark.slow


@pytest.fixture
def model():
    import keras

    keras.utils.set_random_seed(1)
    layers = [keras.layers.Input((4,)), keras.layers.Dense(3), keras.layers.Dense(2)]
    model = keras.Sequential(layers)
    model.layers[0].trainable = False
    model.compile(keras.optimizers.SGD(0.1), "mse")
    return model


@pytest.mark.parametrize("with_validation", [True, False])
def test_an_epoch_ends_with_the_mean_of_its_weights(model, with_validation):
    import keras

    from crack.training.averaging import EpochAverage

    steps, validated = [], []
    noted = keras.callbacks.LambdaCallback(
        on_epoch_begin=lambda *_, **__: (steps.clear(), validated.clear()),
        on_train_batch_end=lambda *_, **__: steps.append(model.get_weights()),
        on_test_batch_begin=lambda *_, **__: validated.append(model.get_weights()),
    )
    rng = np.random.default_rng(1)
    data = rng.normal(size=(70, 4)).astype("float32"), rng.normal(size=(70, 2))
    frozen = model.layers[0].get_weights()
    for epoch in range(2):  # the second one begins at the mean of the first
        model.fit(
            *data,
            initial_epoch=epoch,
            epochs=epoch + 1,
            batch_size=16,
            validation_data=data if with_validation else None,
            callbacks=[noted, EpochAverage()],
            verbose=0,
        )
        assert len(steps) == 5
        assert not np.allclose(steps[-1][2], model.get_weights()[2])
        assert len(validated) == (5 if with_validation else 0)
        means = [np.mean(weights, axis=0) for weights in zip(*steps, strict=True)]
        for weights in (model.get_weights(), *validated):
            for weight, mean in zip(weights, means, strict=True):
                np.testing.assert_allclose(weight, mean, rtol=1e-5)
    for weight, before in zip(model.layers[0].get_weights(), frozen, strict=True):
        np.testing.assert_array_equal(weight, before)
