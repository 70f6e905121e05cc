"""The quality of a backbone before any training: a linear probe of its features.

    python -m benchmarks.probe DATASET

fits a logistic regression on the pooled features of each backbone, for a grouped split:
fitted on train, its regularisation chosen on val, counted once on test. Below it, how
well the embedded backbone's own crack head answers without having seen the dataset.
"""

from __future__ import annotations

import argparse
from typing import NamedTuple

import keras
import numpy as np
from numpy.typing import NDArray
from scipy.special import expit
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from crack.data.dataset import Dataset, load_dataset
from crack.data.split import make_split
from crack.evaluation.metrics import binary_metrics
from crack.model.activations import ActivationCache
from crack.model.classifier import build_classifier
from crack.model.embedded import load_crack_head
from crack.runs.backbones import BACKBONES, Backbone, find_backbone

ORDER = ("random", "surfaces", "imagenet")
SEED = 17
SIDE = 160  # px
HEAD_SIDES = (96, 128, 160)  # px; it was trained at the first two
STRENGTHS = 10.0 ** np.arange(-6, 1)  # of the regularisation, sklearn's C


class Probe(NamedTuple):
    """A fitted probe: its regularisation, and how it does on val and test."""

    c: float
    log_loss: float
    val: dict[str, float]
    test: dict[str, float]


def main() -> None:
    """Print a table of the probes and one of the crack head."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("dataset")
    parser.add_argument("--backbones", nargs="+", choices=BACKBONES, default=ORDER)
    options = parser.parse_args()
    dataset = load_dataset(options.dataset)
    split = make_split(dataset, "grouped", SEED)["split"].to_numpy()
    features = {
        name: pooled_features(dataset, find_backbone(name))
        for name in options.backbones
    }
    print("| backbone | C | val accuracy | val AUROC | test accuracy | test AUROC |")
    print("|---|---|---|---|---|---|")
    for name, x in features.items():
        probe = best_probe(x, dataset.is_crack, split)
        cells = [f"{probe.c:g}", *_cells(probe.val), *_cells(probe.test)]
        print(f"| {name} | {' | '.join(cells)} |")
    if "surfaces" in features:
        row = find_backbone("surfaces")
        kernel, bias = load_crack_head(row.embedded_weights)
        images = f"all {len(split):,} images"
        print(f"\n| crack head of `surfaces`, {images} | accuracy | AUROC |")
        print("|---|---|---|")
        for side in HEAD_SIDES:
            probability = expit(pooled_features(dataset, row, side) @ kernel + bias)
            result = binary_metrics(dataset.is_crack, probability)
            print(f"| at {side} px | {' | '.join(_cells(result))} |")


def pooled_features(
    dataset: Dataset, row: Backbone, side: int = SIDE
) -> NDArray[np.float32]:
    """Return the pooled features (n, 1280) of all images, from the cache if there."""
    keras.utils.set_random_seed(SEED)
    model = build_classifier(row, side, dropout=0.0, seed=SEED)
    cache = ActivationCache(dataset, model)
    cache.compute([None], 1, lambda done: None)
    return cache.read(None, 1)[0].astype(np.float32)


def best_probe(
    features: NDArray[np.float32], is_crack: NDArray[np.bool_], split: NDArray[np.str_]
) -> Probe:
    """Return the probe of lowest log-loss on val."""
    train, val, test = (split == name for name in ("train", "val", "test"))
    probes = []
    for c in STRENGTHS:
        model = make_pipeline(StandardScaler(), LogisticRegression(C=c, max_iter=1000))
        model.fit(features[train], is_crack[train])
        probability = model.predict_proba(features)[:, 1]
        probes.append(
            Probe(
                float(c),
                log_loss(is_crack[val], probability[val]),
                binary_metrics(is_crack[val], probability[val]),
                binary_metrics(is_crack[test], probability[test]),
            )
        )
    return min(probes, key=lambda probe: probe.log_loss)


def _cells(metrics: dict[str, float]) -> list[str]:
    return [f"{metrics['accuracy']:.2%}".replace("%", " %"), f"{metrics['auroc']:.5f}"]


if __name__ == "__main__":
    main()
