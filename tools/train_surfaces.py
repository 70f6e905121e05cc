"""Train the embedded backbone `surfaces` from scratch, on drawn surfaces only.

    python -m tools.train_surfaces WORK_FOLDER

MobileNetV2 1.0, random initial weights. It learns to tell what was drawn (cracks, lines
that are none, pores, stains, shadows, the kind of surface) and to imitate the pooled
features of an ImageNet network on the same pictures (feature distillation, Romero et
al. 2015, ICLR, "FitNets"): its weights are not copied, only its answers to drawings.
No photograph is used, METU least of all.

Everything is stored in WORK_FOLDER and continues where it was interrupted. Runs on
any Keras backend. Writes models/backbones/surfaces/.
"""

from __future__ import annotations

import argparse
import json
import os
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from io import BytesIO
from itertools import repeat
from pathlib import Path
from typing import Any

import keras
import numpy as np
from keras import ops
from numpy.lib.format import open_memmap
from numpy.typing import NDArray
from PIL import Image

from crack import settings
from crack.model.embedded import save_weights
from crack.synthetic.drawing import EVERYTHING, MARK_NAMES, Drawing, draw_photo

SEED = 20_261
PICTURE = 480  # px of a drawn photo
CROPS = 4  # of each photo
SIDE = 128  # px of a crop as it is kept
TEACHER_SIDE = 160  # px at which the teacher looks at them, as the dashboard does
FEATURES = 1280
KINDS = [*MARK_NAMES, *EVERYTHING]  # what a crop is asked about


@dataclass(frozen=True)
class Round:
    """Drawings, and what is learned from them.

    Attributes:
        photos: Number of drawn photos.
        zoom: Mean and standard deviation of its logarithm.
        widest: Width of the widest cracks in px, at a zoom of 1.
        stages: Side of the crops in px, and passes over them: most is learned small
            and fast.
        peak_rate: Highest learning rate.
    """

    photos: int
    zoom: tuple[float, float]
    widest: float
    stages: tuple[tuple[int, float], ...]
    peak_rate: float


ROUNDS = (
    Round(12_000, (-0.1, 0.45), 12, ((96, 2.5), (128, 1.5)), 3e-3),
    # From nearer: after the first round wide cracks were mistaken for something else.
    Round(5_000, (0.4, 0.6), 12, ((128, 2.0),), 1e-3),
    Round(4_000, (0.4, 0.6), 30, ((96, 1.5), (128, 1.0)), 1e-3),
)

Crop = NDArray[np.uint8]
Answers = NDArray[np.float16]

BATCH = 64
WARM_UP = 200  # steps
WEIGHT_DECAY = 0.02
CHUNK = 4096  # crops between two checkpoints


def main() -> None:
    """Round by round: draw, ask the teacher, train. Then write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path, help="for drawings and checkpoints")
    folder = parser.parse_args().folder
    keras.utils.set_random_seed(SEED)
    network = new_network()
    spent = folder / "seconds.txt"
    for number, plan in enumerate(ROUNDS, start=1):
        place = folder / f"round-{number}"
        place.mkdir(parents=True, exist_ok=True)
        started = time.time()
        images, kinds = drawn_crops(place, number, plan)
        features = teacher_features(place, images, folder / "statistics.npy")
        train(place, network, Crops(images, kinds, features, plan), plan.peak_rate)
        before = float(spent.read_text()) if spent.exists() else 0.0
        spent.write_text(str(before + time.time() - started))
    write_backbone(network, float(spent.read_text()))


def drawn_crops(folder: Path, number: int, plan: Round) -> tuple[Crop, Answers]:
    """Return crops (n, SIDE, SIDE, 3) and what is in them, (n, kinds).

    1 is yes, 0 is no, -1 is too little of it to say.
    """
    paths = folder / "crops.npy", folder / "kinds.npy"
    done = folder / "drawn.txt"
    photos, seed = plan.photos, [SEED, *[number] * (number > 1)]
    shapes = (photos * CROPS, SIDE, SIDE, 3), (photos * CROPS, len(KINDS))
    if not done.exists():
        for path, shape, dtype in zip(paths, shapes, ("u1", "f2"), strict=True):
            open_memmap(path, "w+", np.dtype(dtype), shape)
        done.write_text("0")
    crops, kinds = (open_memmap(path, "r+") for path in paths)
    first = int(done.read_text())
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        todo = range(first, photos)
        same = [repeat(seed), repeat(plan)]
        results = pool.map(_crops_of, todo, *same, chunksize=8)
        for photo, (some, answers) in zip(todo, results, strict=True):
            rows = slice(photo * CROPS, (photo + 1) * CROPS)
            crops[rows], kinds[rows] = some, answers
            if (photo + 1) % 500 == 0 or photo + 1 == photos:
                done.write_text(str(photo + 1))
                print(f"drawn {photo + 1} of {photos} photos", flush=True)
    return crops, kinds


def _crops_of(photo: int, seed: list[int], plan: Round) -> tuple[Crop, Answers]:
    rng = np.random.default_rng([*seed, photo])
    zoom = float(np.exp(rng.normal(*plan.zoom)))
    cracked = photo % 3 > 0
    drawing = draw_photo(rng, PICTURE, PICTURE, cracked, EVERYTHING, zoom, plan.widest)
    picture = Image.fromarray(drawing.image)
    if rng.random() < 0.5:
        buffer = BytesIO()
        picture.save(buffer, "JPEG", quality=int(rng.integers(40, 95)))
        picture = Image.open(buffer)
    crops = np.empty((CROPS, SIDE, SIDE, 3), np.uint8)
    kinds = np.empty((CROPS, len(KINDS)), np.float16)
    for crop in range(CROPS):
        side = int(rng.integers(110, 330))
        top, left = (int(v) for v in rng.integers(0, PICTURE - side, 2))
        box = (left, top, left + side, top + side)
        resized = picture.resize((SIDE, SIDE), Image.Resampling.BILINEAR, box)
        crops[crop] = np.asarray(resized)
        kinds[crop] = _answers(
            drawing, slice(top, top + side), slice(left, left + side)
        )
    return crops, kinds


def _answers(drawing: Drawing, rows: slice, columns: slice) -> list[float]:
    """Return what can be seen in a part of a drawing."""
    side = rows.stop - rows.start
    answers = []
    for name in MARK_NAMES:
        # Pixels as they are left in the crop of SIDE.
        area = drawing.marks[name][rows, columns].sum() * (SIDE / side) ** 2
        answers.append(0.0 if area < 1 else 1.0 if area > 40 else -1.0)
    return answers + [float(drawing.surface == kind) for kind in EVERYTHING]


def teacher_features(folder: Path, images: Crop, statistics: Path) -> Answers:
    """Return the pooled features of the ImageNet network, standardised, (n, 1280).

    By the mean and deviation of the first round, which `statistics` keeps.
    """
    path = folder / "features.npy"
    if not path.exists():
        imagenet = keras.applications.MobileNetV2(
            include_top=False,
            input_shape=(TEACHER_SIDE, TEACHER_SIDE, 3),
            pooling="avg",
        )
        enlarge = keras.layers.Resizing(TEACHER_SIDE, TEACHER_SIDE)
        teacher = keras.Sequential([keras.Input((SIDE, SIDE, 3)), enlarge, imagenet])
        parts = []
        for start in range(0, len(images), CHUNK):
            scaled = images[start : start + CHUNK].astype("float32") / 127.5 - 1
            parts.append(teacher.predict(scaled, batch_size=BATCH, verbose=0))
            print(f"teacher {start + len(parts[-1])} of {len(images)}", flush=True)
        features = np.concatenate(parts)
        if not statistics.exists():
            np.save(statistics, [features.mean(0), features.std(0) + 1e-3])
        mean, deviation = np.load(statistics)
        features = (features - mean) / deviation
        np.save(path, features.clip(-6, 6).astype(np.float16))
    return np.load(path, mmap_mode="r")


class Crops(keras.utils.PyDataset):
    """The crops in random order; each epoch is a chunk of them at a certain side."""

    def __init__(
        self, images: Crop, kinds: Answers, features: Answers, plan: Round
    ) -> None:
        super().__init__(workers=2, max_queue_size=8)
        self.images, self.kinds, self.features = images, kinds, features
        chunks = len(images) / CHUNK
        self.sides = [
            side for side, passes in plan.stages for _ in range(round(passes * chunks))
        ]
        self.begin(0)

    def begin(self, epoch: int) -> None:
        """Choose the crops of an epoch."""
        self.side = self.sides[min(epoch, len(self.sides) - 1)]
        per_pass = len(self.images) // CHUNK
        order = np.random.default_rng([SEED, epoch // per_pass]).permutation(
            len(self.images)
        )
        first = epoch % per_pass * CHUNK
        self.rows = order[first : first + CHUNK]

    def __len__(self) -> int:
        """Return the number of batches of an epoch."""
        return CHUNK // BATCH

    def __getitem__(
        self, batch: int
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Return images in [-1, 1], and features with answers beside."""
        rows = np.sort(self.rows[batch * BATCH : (batch + 1) * BATCH])
        images = self.images[rows]
        if self.side != SIDE:
            size = (self.side, self.side)
            images = np.stack(
                [
                    Image.fromarray(i).resize(size, Image.Resampling.BILINEAR)
                    for i in images
                ]
            )
        wanted = np.concatenate([self.features[rows], self.kinds[rows]], axis=1)
        return images.astype("float32") / 127.5 - 1, wanted.astype("float32")


def loss(wanted: Any, got: Any) -> Any:
    """Return squared error of the features plus cross-entropy of the known answers."""
    imitation = ops.mean(ops.square(got[:, :FEATURES] - wanted[:, :FEATURES]), axis=-1)
    answer, logit = wanted[:, FEATURES:], got[:, FEATURES:]
    each = ops.softplus(logit) - answer * logit
    known = ops.cast(answer >= 0, "float32")
    weight = ops.convert_to_tensor([1.0] + [0.25] * (len(KINDS) - 1))
    return imitation + ops.sum(known * weight * each, axis=-1)


def crack_accuracy(wanted: Any, got: Any) -> Any:
    """Return the share of crops rightly told cracked or not, unclear ones left out."""
    answer, logit = wanted[:, FEATURES], got[:, FEATURES]
    known = ops.cast(answer >= 0, "float32")
    right = ops.cast((logit > 0) == (answer > 0.5), "float32")
    return ops.sum(known * right) / ops.maximum(ops.sum(known), 1.0)


def new_network() -> keras.Model:
    """Return the untrained network: images in [-1, 1] to features and answers."""
    backbone = keras.applications.MobileNetV2(
        include_top=False, weights=None, input_shape=(None, None, 3), pooling="avg"
    )
    for layer in backbone.layers:
        if isinstance(layer, keras.layers.BatchNormalization):
            layer.momentum = 0.9  # 0.999 is too slow for so short a training
    outputs = keras.layers.Dense(FEATURES + len(KINDS), name="answers")(backbone.output)
    return keras.Model(backbone.input, outputs)


def train(folder: Path, network: keras.Model, crops: Crops, peak_rate: float) -> None:
    """Train the epochs of a round that are not done yet."""
    steps = len(crops) * len(crops.sides)
    rate = keras.optimizers.schedules.CosineDecay(
        0.0, steps - WARM_UP, warmup_target=peak_rate, warmup_steps=WARM_UP
    )
    network.compile(
        keras.optimizers.AdamW(rate, weight_decay=WEIGHT_DECAY),
        loss,
        metrics=[crack_accuracy],
        jit_compile=False,
    )
    network.optimizer.build(network.trainable_variables)
    # With the weights goes the state of the optimizer, its step included.
    checkpoint, done = folder / "checkpoint.weights.h5", folder / "epochs.txt"
    first = int(done.read_text()) if done.exists() else 0
    if first:
        network.load_weights(checkpoint)
    for epoch in range(first, len(crops.sides)):
        crops.begin(epoch)
        # One epoch at a time: within a call of `fit` all images must be of one size.
        network.fit(crops, initial_epoch=epoch, epochs=epoch + 1, verbose=2)
        network.save_weights(checkpoint)
        done.write_text(str(epoch + 1))


def write_backbone(network: keras.Model, seconds: float) -> None:
    """Write models/backbones/surfaces/."""
    kernel, bias = network.get_layer("answers").get_weights()
    backbone = keras.applications.MobileNetV2(
        include_top=False, weights=None, input_shape=(SIDE, SIDE, 3)
    )
    backbone.set_weights(
        [w for layer in network.layers[:-2] for w in layer.get_weights()]
    )
    folder = settings.SHIPPED_MODELS / "backbones" / "surfaces"
    crack_head = kernel[:, FEATURES], float(bias[FEATURES])
    save_weights(backbone, crack_head, folder / "weights.npz")
    card = {
        "name": "surfaces",
        "title": "MobileNetV2 1.0, trained on drawn concrete surfaces",
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "data": f"{sum(plan.photos for plan in ROUNDS)} photos of {PICTURE} px, drawn "
        f"by crack.synthetic, {CROPS} crops of each at {SIDE} px. No photograph of "
        "any kind.",
        "targets": {
            "answers": KINDS,
            "features": "the 1280 pooled features of Keras' MobileNetV2 with ImageNet "
            "weights (Apache-2.0) on the same crops: imitated, not copied",
        },
        "initialisation": "random",
        "recipe": {
            "rounds": [asdict(plan) for plan in ROUNDS],
            "batch": BATCH,
            "optimizer": "AdamW",
            "schedule": f"{WARM_UP} steps of warm-up, then cosine to 0",
            "weight_decay": WEIGHT_DECAY,
            "batch_norm_momentum": 0.9,
            "seed": SEED,
        },
        "cost": {
            "minutes": round(seconds / 60, 1),
            "processors": os.cpu_count(),
            "keras_backend": keras.backend.backend(),
        },
        "licence": "Apache-2.0, as the program",
        "command": "python -m tools.train_surfaces WORK_FOLDER",
    }
    (folder / "card.json").write_text(json.dumps(card, indent=2) + "\n")


if __name__ == "__main__":
    main()
