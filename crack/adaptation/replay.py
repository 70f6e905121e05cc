"""A sample of what a model learned from, kept so that adapting it loses nothing old.

An image is kept as its features, a byte each. A head is fitted to new photos and these
together (rehearsal: Robins 1995, Connection Science 7, 123-146).
"""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from crack import storage
from crack.adaptation.examples import Examples, HeadChange
from crack.adaptation.photos import PhotoReader
from crack.checked import BAD_ARRAY
from crack.data.dataset import Dataset
from crack.errors import CrackError
from crack.inference.card import ModelCard

REPLAY_FILE = "replay.npz"

MOST_IMAGES = 1000
"""Images kept, where there are as many: 0.9 MB with 1,280 channels."""

FEWEST_OLD = 10
"""Images of each class, to fit to or to measure on."""

_ENOUGH = 500  # without training images, which tell less
_LEVELS = 255  # of a byte


@dataclass(frozen=True)
class Replay:
    """Images that a model knows, as its head sees them.

    Attributes:
        features: float32 array (n, channels), see `Examples`.
        log_odds: float32 array (n,) of a crack, before calibration.
        is_crack: bool array (n,), the truth.
        source: str array (n,), where each image is from, as the user reads it.
        group: int array (n,), equal within a source for near-copies and images of one
            photo.
        measures: bool array (n,): no head is fitted to these; they tell what an
            adaptation costs on old images. The network did not learn from them.
    """

    features: NDArray[np.float32]
    log_odds: NDArray[np.float32]
    is_crack: NDArray[np.bool_]
    source: NDArray[np.str_]
    group: NDArray[np.int64]
    measures: NDArray[np.bool_]

    def write(self, folder: Path) -> None:
        """Write the file into a model's folder."""
        scale = self.features.max(0, initial=0) / _LEVELS
        scale[scale == 0] = 1
        content = io.BytesIO()
        np.savez_compressed(
            content,
            features=np.round(self.features / scale).astype(np.uint8),
            scale=scale.astype(np.float32),
            log_odds=self.log_odds.astype(np.float32),
            is_crack=self.is_crack,
            source=self.source,
            group=self.group,
            measures=self.measures,
        )
        storage.write_bytes(folder / REPLAY_FILE, content.getvalue())

    @classmethod
    def read(cls, folder: Path) -> Replay | None:
        """Return what a model's folder has; None for a model made before there was one.

        Raises:
            CrackError: The file is damaged.
        """
        path = folder / REPLAY_FILE
        try:
            with path.open("rb") as file, np.load(file) as content:
                return cls(
                    features=content["features"] * content["scale"],
                    log_odds=content["log_odds"],
                    is_crack=content["is_crack"],
                    source=content["source"],
                    group=content["group"],
                    measures=content["measures"],
                )
        except FileNotFoundError:
            return None
        except BAD_ARRAY as error:
            raise CrackError(
                f"{path} is damaged.", "Choose another model, or delete the file."
            ) from error

    def __getitem__(self, rows: NDArray[np.bool_] | NDArray[np.int64]) -> Replay:
        """Return some of the images."""
        return Replay(*(getattr(self, field.name)[rows] for field in fields(self)))

    def examples(self, card: ModelCard, *, measures: bool) -> Examples | None:
        """Return images with calibrated log-odds; None if there are too few of a class.

        Args:
            card: Of the model.
            measures: Whether those for measuring, or those to fit a head to.
        """
        kept = self[self.measures == measures]
        group = pd.MultiIndex.from_arrays([kept.source, kept.group]).factorize()[0]
        found = Examples(
            features=kept.features,
            log_odds=kept.log_odds.astype(np.float64),
            is_crack=kept.is_crack,
            group=group,
            weight=np.ones(len(group)),
            is_view=np.zeros(len(group), np.bool_),
        )
        return found.calibrated(card) if min(found.of_class) >= FEWEST_OLD else None

    def after(self, change: HeadChange, new: Examples, source: str) -> Replay:
        """Return what a model keeps whose head was changed for new photos.

        Args:
            change: Of the head.
            new: The photos it was fitted to, with log-odds by the head before. Half of
                them will be for measuring, if the new model is adapted again.
            source: Where they are from.
        """
        mine = new[~new.is_view]
        both = (
            (self.features, mine.features),
            (
                self.log_odds + change.of(self.features),
                mine.log_odds + change.of(mine.features),
            ),
            (self.is_crack, mine.is_crack),
            (self.source, np.full(len(mine), source)),
            (self.group, mine.group),
            (self.measures, half_of_groups(mine.group, mine.group)),
        )
        joined = Replay(*(np.concatenate(pair) for pair in both))
        order = np.random.default_rng(0).permutation(len(joined.is_crack))
        return joined[_balanced(order, joined.is_crack, joined.source, MOST_IMAGES)]


def write_replay(
    folder: Path,
    dataset: Dataset,
    split: pd.DataFrame,
    report: Callable[[int, int], None],
    sources: Sequence[str] | None = None,
) -> None:
    """Write a sample of what a model was trained on into its folder.

    Validation images come first: the weights of the network were not fitted to them,
    so they tell how old images that it has not seen would fare. Half of their photos
    are kept for measuring alone. Training images are added where there are few.

    Args:
        folder: Of the model, with its card and graph.
        dataset: What it was trained on.
        split: Which sample served for what; rows in the order of the samples.
        report: Told how many images are done, and of how many; may raise to stop.
        sources: Where each sample is from; by default all from this dataset.
    """
    part = split["split"].to_numpy()
    rng = np.random.default_rng(0)
    val, train = (
        rng.permutation(np.flatnonzero(part == name)) for name in ("val", "train")
    )
    source = np.array(sources or [dataset.name] * len(split))
    chosen = _balanced(val, dataset.is_crack, source, MOST_IMAGES)
    if len(chosen) < _ENOUGH:
        both = np.concatenate([val, train])
        chosen = _balanced(both, dataset.is_crack, source, _ENOUGH)
    seen = PhotoReader(folder).examples(dataset, chosen, report, turned=False)
    is_val = part[chosen] == "val"
    Replay(
        features=seen.features,
        log_odds=seen.log_odds.astype(np.float32),
        is_crack=seen.is_crack,
        source=source[chosen],
        group=seen.group,
        measures=is_val & half_of_groups(seen.group[is_val], seen.group),
    ).write(folder)


def most_kept(split: pd.DataFrame) -> int:
    """Return how many images `write_replay` keeps, at most."""
    of_val = min(int((split["split"] == "val").sum()), MOST_IMAGES)
    trained_on = int((split["split"] != "test").sum())
    return of_val if of_val >= _ENOUGH else min(trained_on, _ENOUGH)


def half_of_groups(
    groups: NDArray[np.int64], members: NDArray[np.int64]
) -> NDArray[np.bool_]:
    """Return which members belong to a random half of the groups."""
    half = np.random.default_rng(0).permutation(np.unique(groups))[::2]
    return np.isin(members, half)


def _balanced(
    order: NDArray[np.int64],
    is_crack: NDArray[np.bool_],
    source: NDArray[np.str_],
    most: int,
) -> NDArray[np.int64]:
    """Return the first of an order, equally many of each class of each source."""
    kinds = pd.MultiIndex.from_arrays([source[order], is_crack[order]])
    place = pd.Series(order, index=kinds).groupby(level=[0, 1]).cumcount()
    each = most // kinds.nunique()
    return order[(place < each).to_numpy()]
