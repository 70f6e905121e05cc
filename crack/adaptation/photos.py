"""From labelled photos to examples a head can be fitted to, and back to answers.

Photos are looked at as the predictor does: in up to three sizes, joined by the rule for
photos. So the head is fitted to what users are told of photos of any size.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray
from scipy.signal import convolve2d

from crack.adaptation.examples import Examples, HeadChange
from crack.data.dataset import Dataset
from crack.data.images import decode_image
from crack.data.pyramid import image_pyramid, scales_for
from crack.errors import CrackError
from crack.inference.card import ModelCard
from crack.inference.engine import Engine
from crack.inference.heatmap import tile_log_odds
from crack.inference.photo_rule import photo_log_odds, tile_weights
from crack.inference.predictor import GRAPH_FILE
from crack.inference.tiling import Level, run_level

Report = Callable[[int, int], None]
"""Told how many photos are done, and of how many; may raise to stop."""

_Answer = TypeVar("_Answer")

_TURNED_PIXELS = 1_000_000  # a larger photo has tiles enough, and takes seconds a view
_THREADS = 2  # one decodes while the engine works for the other


class PhotoReader:
    """A model that tells what its head sees of photos.

    Args:
        folder: Of the model.
    """

    def __init__(self, folder: Path) -> None:
        self.card = ModelCard.read(folder)
        self._engine = Engine(folder / GRAPH_FILE)
        self._tile_engine = Engine(folder / GRAPH_FILE, side=self.card.image_size)

    def examples(
        self,
        dataset: Dataset,
        rows: NDArray[np.int64],
        report: Report,
        *,
        turned: bool,
    ) -> Examples:
        """Return the examples of images of a dataset.

        Args:
            dataset: With the images.
            rows: Which of its samples.
            report: See `Report`.
            turned: Whether two views come beside each image, one turned by a quarter,
                one mirrored. Blurred, coarser and recoloured views, as in training,
                made a new head worse: fine cracks do not survive them.

        Raises:
            CrackError: An image cannot be read any more.
        """
        views = partial(self._views, turned=turned)
        seen = self._each(dataset, rows, [views] * len(rows), report)
        count = [len(log_odds) for _, log_odds in seen]
        image = np.repeat(np.arange(len(rows)), count)
        return Examples(
            features=np.concatenate([features for features, _ in seen]),
            log_odds=np.concatenate([log_odds for _, log_odds in seen]),
            is_crack=dataset.is_crack[rows][image],
            group=dataset.groups[rows][image],
            weight=1 / np.array(count, np.float64)[image],
            is_view=np.diff(image, prepend=-1) == 0,
        )

    def log_odds(
        self,
        dataset: Dataset,
        rows: NDArray[np.int64],
        changes: Sequence[Sequence[HeadChange]],
        report: Report,
    ) -> NDArray[np.float64]:
        """Return the log-odds of a crack in images of a dataset by other heads.

        Args:
            dataset: With the images.
            rows: Which of its samples.
            changes: For each image what each head has beyond that of the model.
            report: See `Report`.

        Returns:
            float64 array (images, heads of each).

        Raises:
            CrackError: An image cannot be read any more.
        """
        asked = [partial(self._by_heads, heads=heads) for heads in changes]
        return np.array(self._each(dataset, rows, asked, report))

    def _by_heads(
        self, image: NDArray[np.uint8], heads: Sequence[HeadChange]
    ) -> list[float]:
        levels = self._levels(image)
        return [self._joined(_changed(levels, head))[0] for head in heads]

    def _views(
        self, image: NDArray[np.uint8], turned: bool
    ) -> tuple[NDArray[np.float32], NDArray[np.float64]]:
        """Return features (views, channels) and log-odds (views,) of a photo."""
        views = [image]
        if turned and image.shape[0] * image.shape[1] <= _TURNED_PIXELS:
            views += [np.rot90(image), image[:, ::-1]]
        features, log_odds = [], []
        for view in views:
            levels = self._levels(np.ascontiguousarray(view))
            odds, weights = self._joined(levels)
            log_odds.append(odds)
            parts = map(_weighted_features, levels, weights)
            features.append(np.sum(list(parts), axis=0))
        return np.stack(features), np.array(log_odds)

    def _levels(self, image: NDArray[np.uint8]) -> list[Level]:
        """Return all sizes of a photo with their features, coarse to fine."""
        tile = self.card.image_size
        height, width, _ = image.shape
        levels = []
        for size in image_pyramid(image, scales_for(height, width, tile), tile):
            small = size.shape[:2] == (tile, tile)
            engine = self._tile_engine if small else self._engine
            levels.append(run_level(engine, size, tile, keep_features=True))
        return levels[::-1]

    def _joined(self, levels: list[Level]) -> tuple[float, list[NDArray[np.float32]]]:
        """Return the log-odds of a photo, and how much each tile counts for them."""
        tiles = [tile_log_odds(level, self.card.image_size) for level in levels]
        strongest = self.card.strongest_weight
        return photo_log_odds(tiles, strongest), tile_weights(tiles, strongest)

    def _each(
        self,
        dataset: Dataset,
        rows: NDArray[np.int64],
        asked: Sequence[Callable[[NDArray[np.uint8]], _Answer]],
        report: Report,
    ) -> list[_Answer]:
        """Return an answer for each of some images of a dataset, in their order."""
        files = dataset.samples["file"].to_numpy()[rows]
        found = []
        with ThreadPoolExecutor(_THREADS) as pool:
            try:
                for answer in pool.map(partial(_answer, dataset), files, asked):
                    found.append(answer)
                    report(len(found), len(files))
            finally:
                # One that cannot be read, or a stop, ends the others too.
                pool.shutdown(cancel_futures=True)
        return found


def _answer(
    dataset: Dataset, file: str, asked: Callable[[NDArray[np.uint8]], _Answer]
) -> _Answer:
    try:
        image = decode_image(dataset.path(file))
    except CrackError as error:
        raise CrackError(
            f"{file} cannot be read any more: {error}",
            f"See what changed with: python -m crack dataset check {dataset.name}",
        ) from error
    return asked(image)


def _weighted_features(
    level: Level, weights: NDArray[np.float32]
) -> NDArray[np.float32]:
    """Return the mean features of the tiles of a size, each times its weight."""
    assert level.features is not None
    rows, columns = level.activation_map.shape
    window = (rows - weights.shape[0] + 1, columns - weights.shape[1] + 1)
    of_cells = convolve2d(weights, np.full(window, 1 / np.prod(window)))
    return np.tensordot(of_cells.astype(np.float32), level.features.astype(np.float32))


def _changed(levels: Sequence[Level], change: HeadChange) -> list[Level]:
    """Return what the sizes of a photo would be by another head."""
    changed = []
    for level in levels:
        assert level.features is not None
        added = change.of(level.features)
        changed.append(replace(level, activation_map=level.activation_map + added))
    return changed
