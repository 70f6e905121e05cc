"""The reference recipe as everyone writes it: the whole network, every epoch.

    python -m benchmarks.plain_keras RUN_DIR

reads the configuration and the split of a run, trains on the same images with plain
`fit`, and prints a JSON line per phase.
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path

import keras
import pandas as pd
import tensorflow as tf

from crack.data.dataset import Dataset, load_dataset
from crack.runs.config import PRESETS
from crack.runs.run import Run


def main() -> None:
    """Train both phases of the reference preset on the split of a run."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("run", type=Path)
    parser.add_argument("--frozen-epochs", type=int, default=5)
    parser.add_argument("--fine-tune-epochs", type=int, default=5)
    options = parser.parse_args()
    run = Run(options.run)
    dataset, config = load_dataset(run.config.dataset), PRESETS["reference"].config
    keras.utils.set_random_seed(run.config.seed)
    size = config.image_size
    train = _images(dataset, run.split, "train", size).prefetch(-1)
    val = _images(dataset, run.split, "val", size).prefetch(-1)
    backbone = keras.applications.MobileNetV2(
        include_top=False, weights="imagenet", input_shape=(size, size, 3)
    )
    model = keras.Sequential(
        [
            keras.Input((size, size, 3)),
            keras.layers.Rescaling(1 / 127.5, offset=-1),
            backbone,
            keras.layers.GlobalAveragePooling2D(),
            keras.layers.Dropout(config.dropout),
            keras.layers.Dense(2, activation="softmax"),
        ]
    )
    backbone.trainable = False
    rate = config.frozen.learning_rate
    _fit(
        "frozen", model, keras.optimizers.Adam(rate), train, val, options.frozen_epochs
    )
    backbone.trainable = True
    for layer in backbone.layers[: config.fine_tune_at]:
        layer.trainable = False
    rate = config.fine_tune.learning_rate
    epochs = options.fine_tune_epochs
    _fit("fine_tune", model, keras.optimizers.RMSprop(rate), train, val, epochs)


def _images(
    dataset: Dataset, split: pd.DataFrame, part: str, size: int
) -> tf.data.Dataset:
    """Return batches of images and labels, read as Keras' own loader reads them."""
    rows = split[split["split"] == part].sample(frac=1, random_state=0)
    labels = rows["class"].map(dataset.class_names.index).to_numpy()
    paths = [str(dataset.path(file)) for file in rows["file"]]

    def load(path: tf.Tensor, label: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        image = tf.io.decode_jpeg(tf.io.read_file(path), channels=3)
        return tf.image.resize(image, (size, size)), label

    files = tf.data.Dataset.from_tensor_slices((paths, labels))
    if part == "train":
        files = files.shuffle(len(paths))
    return files.map(load, num_parallel_calls=tf.data.AUTOTUNE).batch(32)


def _fit(
    phase: str,
    model: keras.Model,
    optimizer: keras.optimizers.Optimizer,
    train: tf.data.Dataset,
    val: tf.data.Dataset,
    epochs: int,
) -> None:
    if epochs == 0:
        return
    began = time.monotonic()
    model.compile(optimizer, "sparse_categorical_crossentropy", metrics=["accuracy"])
    history = model.fit(train, validation_data=val, epochs=epochs, verbose=0).history
    seconds = time.monotonic() - began
    result = {
        "phase": phase,
        "epochs": epochs,
        "seconds": round(seconds, 1),
        "val_accuracy": history["val_accuracy"],
    }
    print(json.dumps(result), flush=True)


if __name__ == "__main__":
    main()
