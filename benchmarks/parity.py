"""Do OpenVINO and Keras agree, and is the mean of the activation map the log-odds?

    python -m benchmarks.parity MODEL DATASET

compares the exported graph of a model with its Keras file, on images of a dataset.
"""

from __future__ import annotations

import argparse

import keras
import numpy as np

from crack.data.dataset import load_dataset
from crack.data.images import decode_image, resize_image
from crack.inference.engine import Engine
from crack.inference.predictor import GRAPH_FILE
from crack.model.export import KERAS_FILE, inference_graph
from crack.runs.backbones import find_backbone
from crack.runs.registry import find_model


def main() -> None:
    """Print the largest differences over a thousand images."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("model")
    parser.add_argument("dataset")
    parser.add_argument("--images", type=int, default=1000)
    options = parser.parse_args()
    model, dataset = find_model(options.model), load_dataset(options.dataset)
    card = model.card
    files = dataset.samples["file"].sample(options.images, random_state=0)
    images = np.stack(
        [
            resize_image(
                decode_image(dataset.path(file)), card.image_size, card.image_size
            )
            for file in files
        ]
    )
    probabilities, maps, *_ = Engine(model.folder / GRAPH_FILE).run(images)
    network = keras.models.load_model(model.folder / KERAS_FILE)
    crack = card.class_names.index(card.crack_class)
    graph = inference_graph(network, find_backbone(card.backbone), crack)
    inputs = images.astype(np.float32)
    by_keras, keras_maps, *_ = graph.predict(inputs, batch_size=32, verbose=0)
    log_odds = _log_odds(network, inputs, crack)
    print(f"{len(images)} images of '{dataset.name}', model '{model.name}'")
    print(f"log-odds from {log_odds.min():.1f} to {log_odds.max():.1f}")
    for name, left, right in (
        ("probabilities, OpenVINO - Keras", probabilities, by_keras),
        ("map's mean - log-odds, both Keras", _means(keras_maps), log_odds),
        ("map's mean by OpenVINO - log-odds by Keras", _means(maps), log_odds),
    ):
        differences = np.abs(left - right)
        print(
            f"{name}: at most {differences.max():.1e}, "
            f"{differences[:100].max():.1e} over the first 100"
        )


def _means(maps: np.ndarray) -> np.ndarray:
    return maps.mean(axis=(1, 2), dtype=np.float64)


def _log_odds(network: keras.Sequential, inputs: np.ndarray, crack: int) -> np.ndarray:
    """Return what the head computes before its softmax, crack minus the other class."""
    pooled = keras.Sequential(network.layers[:-1])
    features = pooled.predict(inputs, batch_size=32, verbose=0).astype(np.float64)
    kernel, bias = network.layers[-1].get_weights()
    both = features @ kernel + bias
    return both[:, crack] - both[:, 1 - crack]


if __name__ == "__main__":
    main()
