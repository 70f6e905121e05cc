"""Ways to fine-tune the ImageNet network, compared by `benchmarks.leave_one_out`.

All learn from the sources of the model `default` but one, and start alike: with the
network as it is and a head that was trained on its features.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any, NamedTuple

import keras
import numpy as np
import pandas as pd
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from benchmarks.averaging import EpochAverage
from crack.data.dataset import Dataset, load_dataset
from crack.model.activations import ActivationCache, FreezePoint
from crack.model.classifier import (
    TrainedPart,
    backbone_of,
    build_classifier,
    freeze,
    freeze_point,
)
from crack.runs.backbones import find_backbone
from crack.runs.listing import list_runs
from crack.training.batches import CachedBatches, class_weights
from tools.default_sources import SOURCES
from tools.train_default import CONFIG

PULL = 1e-3
"""Weight of the squared distance from the starting weights, summed."""
IMITATION = 0.5
"""Weight of the squared distance from ImageNet's features, as a share of their own."""
SLOWER = 2.6
"""Each stage learns so many times more slowly than the one above it (Howard and Ruder
2018, ACL, "Universal language model fine-tuning")."""


MOST = 0.6
"""Share of the stronger views that are blurred, and of those saved as JPEG."""


class PulledPart(TrainedPart):
    """Pulled towards where it started: L2-SP (Li et al. 2018, ICML)."""

    def __init__(self, model: keras.Sequential, cached_layer: FreezePoint) -> None:
        super().__init__(model, cached_layer)
        self.began = [weight.numpy() for weight in self.top.trainable_weights]

    def call(self, inputs: Any, training: bool | None = None) -> Any:
        """Return probabilities; in training, add what the distance costs."""
        if training:
            pairs = zip(self.top.trainable_weights, self.began, strict=True)
            self.add_loss(PULL * sum(keras.ops.sum((w - b) ** 2) for w, b in pairs))
        return super().call(inputs, training=training)


class ImitatingPart(TrainedPart):
    """Keeps its pooled features near those of the untouched network."""

    def __init__(self, model: keras.Sequential, cached_layer: FreezePoint) -> None:
        super().__init__(model, cached_layer)
        self.began = keras.models.clone_model(self.top)
        self.began.set_weights(self.top.get_weights())
        self.began.trainable = False

    def call(self, inputs: Any, training: bool | None = None) -> Any:
        """Return probabilities; in training, add what the distance costs."""
        features = self.pooling(self.top(inputs, training=False))
        if training:
            wanted = self.pooling(self.began(inputs, training=False))
            away = keras.ops.sum((features - wanted) ** 2, axis=1)
            share = away / (keras.ops.sum(wanted**2, axis=1) + 1e-6)
            self.add_loss(IMITATION * keras.ops.mean(share))
        return self.head(self.dropout(features, training=training))


class StrongerViews(ActivationCache):
    """Views of images as bad cameras take them, mixed as AugMix does.

    AugMix (Hendrycks et al. 2020, ICLR) is that of Keras. Most views then lose detail
    too: from 320 to 64 px a side, out of focus, saved as JPEG.
    """

    augmentation = "stronger 1"

    def seen(self, samples: list[tuple[str, str]], view: int) -> NDArray[np.uint8]:
        """Return what training sees of images."""
        images = super().seen(samples, view)
        if view == 0:
            return images
        key = int(samples[0][1][:8], base=16)
        mix = keras.layers.AugMix((0, 255), seed=key + view)
        mixed = np.asarray(mix(images, training=True)).clip(0, 255).astype(np.uint8)
        rng = np.random.default_rng((key, view))
        return np.stack([_worse(Image.fromarray(image), rng) for image in mixed])


def _worse(picture: Image.Image, rng: np.random.Generator) -> NDArray[np.uint8]:
    """Return a picture of the same size with less detail, most of the times."""
    size, side = picture.size, round(float(np.exp(rng.uniform(*np.log([64, 320])))))
    if side < size[0]:
        picture = picture.resize((side, side), Image.Resampling.BOX)
    if rng.random() < MOST:
        picture = picture.filter(ImageFilter.GaussianBlur(rng.uniform(0, 1)))
    if rng.random() < MOST:
        buffer = BytesIO()
        picture.save(buffer, "JPEG", quality=int(rng.integers(15, 90)))
        picture = Image.open(buffer).convert("RGB")
    return np.asarray(picture.resize(size, Image.Resampling.BICUBIC))


class StagedAdam(keras.optimizers.Adam):
    """Adam with a smaller rate the nearer a layer is to the image."""

    def build(self, variables: list[Any]) -> None:
        """Prepare for the variables to train."""
        super().build(variables)
        self.slower = [SLOWER ** _stages_below_head(v.path) for v in variables]

    def update_step(self, gradient: Any, variable: Any, learning_rate: Any) -> None:
        """Change one variable."""
        slower = self.slower[self._get_variable_index(variable)]
        super().update_step(gradient, variable, learning_rate / slower)


def _stages_below_head(path: str) -> int:
    """Return 0 for the head, 3 for the blocks 11 and 12 of MobileNetV2."""
    if "head/" in path:
        return 0
    block = re.search(r"block_(\d+)_", path)
    if block is None or int(block[1]) == 16:
        return 1
    return 2 if int(block[1]) > 12 else 3


@dataclass(frozen=True)
class Recipe:
    """What is trained, and how.

    Attributes:
        first: First layer of the backbone that trains; None if only the head does.
        part: The trained part, with what it adds to the loss.
        optimizer: Class of the optimiser.
        learning_rate: At the start, then falling as a cosine, except if `averaged`.
        averaged: Whether each epoch ends with the mean of its weights.
        views: How the images are varied in the fine-tune phase.
    """

    first: int | None = CONFIG.fine_tune_at
    part: type[TrainedPart] = TrainedPart
    optimizer: type[keras.optimizers.Adam] = keras.optimizers.Adam
    learning_rate: float = CONFIG.fine_tune.learning_rate
    averaged: bool = False
    views: type[ActivationCache] = ActivationCache


RECIPES = {
    "plain": Recipe(),
    "features": Recipe(part=ImitatingPart),
    "l2_sp": Recipe(part=PulledPart),
    "deeper": Recipe(first=134),
    "head": Recipe(first=None, learning_rate=CONFIG.frozen.learning_rate),
    "rates": Recipe(optimizer=StagedAdam, learning_rate=1e-3),
    "full": Recipe(first=0),
    "stronger": Recipe(views=StrongerViews),
    "averaged": Recipe(averaged=True),
}
"""By name. `deeper` trains block 15 and what is above it."""


class Lesson(NamedTuple):
    """What is learned: rows of a dataset, and the class index of every row."""

    dataset: Dataset
    rows: NDArray[np.int64]
    labels: NDArray[np.int64]


class Mixture(NamedTuple):
    """The images of all sources as the default learns from them."""

    dataset: Dataset
    split: pd.DataFrame
    source: NDArray[np.str_]


def read_mixture() -> Mixture:
    """Return what the default was trained on, with its split."""
    name = "-".join(["mixture", *SOURCES])
    run = next(run.live for run in list_runs() if run.config.dataset == name)
    split = run.split
    sources = [Path(file).name.partition("--")[0] for file in split["file"]]
    return Mixture(load_dataset(name), split, np.array(sources))


def lesson_without(without: str, mixture: Mixture, share: float) -> Lesson:
    """Return a share of the training images of every other source, class by class."""
    groups = rows_of_each(mixture, "train", without)
    rows = np.concatenate([group[: round(share * len(group))] for group in groups])
    names = mixture.dataset.class_names
    labels = mixture.split["class"].map(names.index).to_numpy()
    return Lesson(mixture.dataset, rows, labels)


def rows_of_each(
    mixture: Mixture, part: str, without: str
) -> Iterator[NDArray[np.int64]]:
    """Yield the rows of each source and class of a part, shuffled by the seed.

    Sources to do without are joined by "+".
    """
    rng = np.random.default_rng(CONFIG.seed)
    wanted = (mixture.split["split"] == part).to_numpy()
    for source in SOURCES:
        for class_name in mixture.dataset.class_names:
            of_class = (mixture.split["class"] == class_name).to_numpy()
            rows = np.flatnonzero(wanted & (mixture.source == source) & of_class)
            rows = rng.permutation(rows)  # of the left-out one too: others stay alike
            if source not in without.split("+"):
                yield rows


def starting_model(lesson: Lesson) -> keras.Sequential:
    """Return the ImageNet network with a head trained on its features."""
    keras.utils.set_random_seed(CONFIG.seed)
    row = find_backbone(CONFIG.backbone)
    model = build_classifier(row, CONFIG.image_size, CONFIG.dropout, CONFIG.seed)
    rate, epochs = CONFIG.frozen.learning_rate, CONFIG.frozen.epochs
    _fit(model, Recipe(first=None, learning_rate=rate), lesson, first=1, epochs=epochs)
    return model


def fine_tune(
    model: keras.Sequential, recipe: Recipe, lesson: Lesson, epochs: int
) -> None:
    """Train a starting model by a recipe."""
    _fit(model, recipe, lesson, first=1 + CONFIG.frozen.epochs, epochs=epochs)


def interpolate(start: keras.Model, end: keras.Model, share: float) -> None:
    """Move `start` a share of the way to `end`: WiSE-FT (Wortsman et al. 2022)."""
    pairs = zip(start.get_weights(), end.get_weights(), strict=True)
    start.set_weights([(1 - share) * a + share * b for a, b in pairs])


def _fit(
    model: keras.Sequential, recipe: Recipe, lesson: Lesson, first: int, epochs: int
) -> None:
    """Train as `crack.training` does, without validation: the last epoch is kept."""
    point = _cached_point(model, recipe)
    cache = recipe.views(lesson.dataset, model)
    cache.compute([point], CONFIG.views, lambda done: None)
    batches = CachedBatches(
        cache.read(point, CONFIG.views),
        lesson.rows,
        lesson.labels,
        CONFIG.batch_size,
        CONFIG.seed,
        first,
    )
    freeze(model, recipe.first)
    part = recipe.part(model, point)
    rate: Any = recipe.learning_rate
    if not recipe.averaged:
        steps = len(batches) * epochs
        rate = keras.optimizers.schedules.CosineDecay(recipe.learning_rate, steps)
    part.compile(recipe.optimizer(rate), "sparse_categorical_crossentropy")
    weights = class_weights(lesson.labels[lesson.rows])
    part.fit(
        batches,
        epochs=epochs,
        class_weight=weights,
        shuffle=False,
        verbose=0,
        callbacks=[EpochAverage()] if recipe.averaged else [],
    )


def _cached_point(model: keras.Sequential, recipe: Recipe) -> FreezePoint:
    """Return the layer to train from: the one that the default's cache holds."""
    if recipe.first is None:
        return None
    first = min(recipe.first, CONFIG.fine_tune_at)
    return freeze_point(backbone_of(model), first)
