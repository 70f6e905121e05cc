"""Which share of wrong labels stands in the first 2 % of the list.

    python -m benchmarks.wrong_labels metu drones damage

Of each dataset 1 % of the labels is flipped, in memory, with three seeds; then all
images are put in the order of `crack.exploration.doubts`. The features are those of the
default model, which learned from a part of METU, drones and damage with their right
labels; other features are named with `--model`.
"""

from __future__ import annotations

import argparse
import time

import numpy as np

from crack.data.dataset import load_dataset
from crack.exploration.doubts import label_probability
from crack.exploration.features import features_of
from crack.runs.registry import default_name, find_model

_FLIPPED, _LOOKED_AT = 0.01, 0.02
_SEEDS = (1, 2, 3)


def measure(name: str, model: str) -> None:
    """Print the share that is found, for each seed.

    Args:
        name: Of the dataset.
        model: Whose features are used.
    """
    dataset = load_dataset(name)
    features = features_of(find_model(model).folder, dataset, lambda *_: None)
    seen = np.isfinite(features[:, 0])
    features, is_crack = features[seen], dataset.is_crack[seen]
    groups = dataset.samples["group"].to_numpy()[seen]
    first = round(_LOOKED_AT * len(features))
    for seed in _SEEDS:
        rng = np.random.default_rng(seed)
        number = round(_FLIPPED * len(features))
        wrong = rng.choice(len(features), number, replace=False)
        given = is_crack.copy()
        given[wrong] = ~given[wrong]
        began = time.perf_counter()
        probable = label_probability(features, given, groups)
        seconds = time.perf_counter() - began
        listed = np.argsort(probable, kind="stable")[:first]
        found = len(np.intersect1d(listed, wrong))
        print(
            f"{name}, seed {seed}: {found} of {number} ({found / number:.1%}) in the "
            f"first {first} of {len(features)}; {seconds:.0f} s",
            flush=True,
        )


def main() -> None:
    """Measure the datasets named on the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("datasets", nargs="+")
    parser.add_argument("--model", default=default_name())
    options = parser.parse_args()
    for name in options.datasets:
        measure(name, options.model)


if __name__ == "__main__":
    main()
