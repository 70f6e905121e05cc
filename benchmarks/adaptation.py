"""What adapting a model to 20 and to 100 images of a new source gains, and costs.

    CRACK_HOME=WORK python -m benchmarks.adaptation [--left-out RECIPE]

WORK is the CRACK_HOME in which `tools.train_default` made the default, which has
learned from other photos of each source. With `--left-out` the model is one that has
learned from no photo of the source, made by `benchmarks.leave_one_out` with that
recipe; it gets a sample of the validation images of the other sources, as a training
would keep.

Of the photos of a source that were held out, half give the images to adapt to, drawn at
random, equally many of each class; all images of the other half are tested. The old
sources are the other ones, in images the model has not seen. Each model is made even
where the command would refuse, which is counted.
"""

from __future__ import annotations

import argparse
import csv
import shutil
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import keras
import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import roc_auc_score

from benchmarks.adaptation_table import Row, Told, print_head, print_row
from benchmarks.transfer_recipes import read_mixture
from crack import settings
from crack.adaptation.adapt import Adapted, adapt
from crack.adaptation.examples import HeadChange
from crack.adaptation.photos import PhotoReader
from crack.adaptation.replay import REPLAY_FILE, write_replay
from crack.data.dataset import Dataset, delete_dataset, load_dataset
from crack.data.importer import add_dataset
from crack.evaluation.holdout import judged_samples, write_seen
from crack.inference.card import ModelCard
from crack.inference.prediction import Label
from crack.inference.thresholds import label_for
from crack.model.export import KERAS_FILE
from crack.runs.registry import DEFAULT_MODEL, Model, delete_model, find_model
from tools.default_sources import HELD_OUT, SOURCES

EACH = (10, 50)
"""Images of each class."""

_MOST_OLD = 300
"""Images of an old source."""

_SCRATCH = "adaptation-benchmark"


@dataclass(frozen=True)
class Images:
    """Some images of a source.

    Attributes:
        dataset: Of the source.
        rows: Which of its samples.
    """

    dataset: Dataset
    rows: NDArray[np.int64]

    @property
    def is_crack(self) -> NDArray[np.bool_]:
        """The truth."""
        return self.dataset.is_crack[self.rows]


@dataclass(frozen=True)
class Draw:
    """One adaptation, judged on the photos that gave no image to it.

    Attributes:
        each: How many images of each class it had.
        head: What was added to the head.
        adapted: Numbers of its own.
        tested: Rows of the new source.
    """

    each: int
    head: HeadChange
    adapted: Adapted
    tested: NDArray[np.int64]


def main() -> None:
    """Print a table with a row for each source and number of images."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--left-out", metavar="RECIPE")
    parser.add_argument("--draws", type=int, default=3)
    parser.add_argument("--to", nargs="*", default=["drones", "textures"])
    options = parser.parse_args()
    print_head()
    for name in options.to:
        recipe = options.left_out
        base = _left_out(recipe, name) if recipe else find_model(DEFAULT_MODEL)
        source = load_dataset(HELD_OUT[name])
        draws = [
            _draw(base, source, each, seed)
            for each in EACH
            for seed in range(options.draws)
        ]
        old = {other: _unseen(other) for other in SOURCES if other != name}
        _judge(SOURCES[name].held_out or SOURCES[name].title, base, source, old, draws)


def _left_out(recipe: str, source: str) -> Model:
    """Return the model that did not learn from a source, with what `adapt` needs."""
    name = f"{recipe}-{source}"
    folder = settings.models_dir() / name
    if not (folder / REPLAY_FILE).exists():
        shutil.copytree(settings.home() / "leave-one-out" / name, folder)
        replace(ModelCard.read(folder), name=name).write(folder)
        write_seen(folder, [])  # of the images asked about here it has seen none
        mixture = read_mixture()
        split = mixture.split.copy()
        split.loc[mixture.source == source, "split"] = "left out"
        sources = mixture.source.tolist()
        write_replay(folder, mixture.dataset, split, lambda *_: None, sources)
    return find_model(name)


def _unseen(name: str) -> Images:
    """Return images of a source that no model here has learned from."""
    dataset = load_dataset(HELD_OUT.get(name, name))
    unseen = dataset.samples["file"]
    if name not in HELD_OUT:  # the default has seen what the left-out models have
        default = find_model(DEFAULT_MODEL).folder
        unseen = judged_samples(default, dataset, "test").samples["file"]
    chosen = unseen.sample(min(_MOST_OLD, len(unseen)), random_state=0)
    return Images(dataset, np.flatnonzero(dataset.samples["file"].isin(chosen)))


def _draw(base: Model, source: Dataset, each: int, seed: int) -> Draw:
    """Adapt to some images of half of the photos."""
    rng = np.random.default_rng([seed, each])
    photos = rng.permutation(np.unique(source.groups))
    mine = np.isin(source.groups, photos[: len(photos) // 2])
    rows = rng.permutation(np.flatnonzero(mine))
    chosen = [rows[source.is_crack[rows] == c][:each] for c in (True, False)]
    with TemporaryDirectory() as scratch:
        dataset = _part(Path(scratch), source, np.concatenate(chosen))
        try:
            adapted = adapt(base, dataset, _SCRATCH, lambda *_: None, force=True)
        finally:
            delete_dataset(_SCRATCH)
    head = _head_change(base, adapted.model)
    delete_model(_SCRATCH)
    return Draw(each, head, adapted, np.flatnonzero(~mine))


def _part(folder: Path, source: Dataset, rows: NDArray[np.int64]) -> Dataset:
    """Add some images of a dataset as one of their own."""
    samples = source.samples.iloc[rows]
    for file in samples["file"]:
        (folder / file).parent.mkdir(exist_ok=True)
        (folder / file).symlink_to(source.path(file))
    with (folder / "photos.csv").open("w", newline="", encoding="utf-8") as table:
        pairs = samples[["file", "photo"]].itertuples(index=False)
        csv.writer(table).writerows([("file", "photo"), *pairs])
    return add_dataset(_SCRATCH, folder, crack_class=source.crack_class)


def _head_change(base: Model, new: Model) -> HeadChange:
    """Return what a new model adds to the log-odds of a crack."""
    card = base.card
    sides = [card.class_names.index(card.crack_class)]
    sides.append(1 - sides[0])
    (before, bias_before), (after, bias_after) = (
        keras.models.load_model(model.folder / KERAS_FILE, compile=False)
        .layers[-1]
        .get_weights()
        for model in (base, new)
    )
    kernel, bias = (after - before)[:, sides], (bias_after - bias_before)[sides]
    return HeadChange(kernel[:, 0] - kernel[:, 1], float(bias[0] - bias[1]))


def _judge(
    title: str,
    base: Model,
    source: Dataset,
    old: dict[str, Images],
    draws: Sequence[Draw],
) -> None:
    """Print a row for each number of images."""
    unchanged = HeadChange(np.zeros_like(draws[0].head.kernel), 0.0)
    heads = [unchanged, *(draw.head for draw in draws)]
    odds_of = partial(_log_odds, PhotoReader(base.folder), heads)
    new = Images(source, np.arange(len(source.samples)))
    on_new, on_old = odds_of(new), {key: odds_of(images) for key, images in old.items()}
    aurocs = {key: _aurocs(old[key], odds) for key, odds in on_old.items()}
    known = ", ".join(f"{key} {values[0]:.4f}" for key, values in aurocs.items())
    print(f"<!-- {base.name}, old sources before: {known} -->")
    for each in EACH:
        mine = [n for n, draw in enumerate(draws) if draw.each == each]
        rows = []
        for n in mine:
            tested = Images(source, draws[n].tested)
            changes = [float(values[n + 1] - values[0]) for values in aurocs.values()]
            odds = on_new[draws[n].tested][:, [0, n + 1]]
            rows.append(_row(draws[n], base.card, tested, odds, changes))
        print_row(title, each, rows)


def _row(
    draw: Draw,
    card: ModelCard,
    tested: Images,
    odds: NDArray[np.float64],
    old: list[float],
) -> Row:
    how, new = draw.adapted.comparison.adaptation, draw.adapted.model.card
    before, after = _aurocs(tested, odds)
    row = Row(
        how["photos"],
        len(tested.rows),
        before,
        after,
        _told(tested, card, odds[:, 0]),
        _told(tested, new, odds[:, 1]),
        old,
        draw.adapted.comparison.worse,
        (how["share"], how["strength"]),
        draw.adapted.seconds,
    )
    print(f"<!-- {row} -->", flush=True)
    return row


def _log_odds(
    reader: PhotoReader, heads: Sequence[HeadChange], images: Images
) -> NDArray[np.float64]:
    """Return the log-odds of images (n,) by heads (k,), as users would be told."""
    each = [heads] * len(images.rows)
    return reader.log_odds(images.dataset, images.rows, each, lambda *_: None)


def _aurocs(images: Images, odds: NDArray[np.float64]) -> NDArray[np.float64]:
    truth = images.is_crack
    return np.array([roc_auc_score(truth, by_head) for by_head in odds.T])


def _told(images: Images, card: ModelCard, odds: NDArray[np.float64]) -> Told:
    """Return what users would be told, by the probability alone."""
    answers = np.array(
        [label_for(float(p), card.thresholds) for p in card.probability(odds)]
    )
    says_crack = answers == Label.CRACK
    return Told(
        float(says_crack[images.is_crack].mean()),
        float(says_crack[~images.is_crack].mean()),
        float((answers == Label.REVIEW).mean()),
    )


if __name__ == "__main__":
    main()
