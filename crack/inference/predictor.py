"""The only way from a picture to an answer, for pages, batches and command line."""

from __future__ import annotations

import itertools
import time
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from crack.data.images import Source, decode_image, resize_image
from crack.errors import CrackError
from crack.inference.card import ModelCard, Thresholds
from crack.inference.engine import BATCH, Engine

GRAPH_FILE = "graph.xml"

_DECODERS = 2  # threads; a decoded photo takes up to 360 MB, so few at a time
_AHEAD = 2 * BATCH  # pictures decoded ahead, kept only at the model's image size


class Label(StrEnum):
    """The answer for one picture."""

    CRACK = "crack"
    REVIEW = "review"
    NO_CRACK = "no crack"


@dataclass(frozen=True)
class Prediction:
    """The answer for one picture, or why there is none.

    Attributes:
        file: Name of the picture.
        label: None where there is an error, as are all but the next and `seconds`.
        threshold: Probability from which on the label is `crack`.
        probability: Calibrated probability of a crack.
        width: Of the upright picture, in pixels.
        height: Of the upright picture, in pixels.
        seconds: Time waited for the picture's batch, shared evenly among its
            pictures, so that the sum over all is the time of the whole.
        error: What was wrong with the picture and what to do about it.
        activation_map: float32 array (rows, columns) of log-odds of a crack at each
            place; its mean is the picture's log-odds before calibration.
    """

    file: str
    label: Label | None
    probability: float | None
    threshold: float
    width: int | None
    height: int | None
    seconds: float
    error: str | None
    activation_map: NDArray[np.float32] | None


@dataclass(frozen=True)
class _Picture:
    """A decoded picture, reduced to what the model sees."""

    file: str
    width: int
    height: int
    pixels: NDArray[np.uint8]


@dataclass(frozen=True)
class _Failure:
    file: str
    error: str


class Predictor:
    """A model ready to answer.

    Args:
        folder: Model folder with `card.json`, `graph.xml` and `graph.bin`.

    Raises:
        CrackError: The model is missing or broken.
    """

    def __init__(self, folder: Path) -> None:
        self.card = ModelCard.read(folder)
        self._engine = Engine(folder / GRAPH_FILE)

    def predict(
        self, items: Iterable[tuple[str, Source | CrackError]]
    ) -> Iterator[Prediction]:
        """Answer for each item, in order, however many there are.

        Items are asked for a few ahead, decoded while the batch before is computed,
        and never held decoded at full size. A picture that cannot be read becomes a
        prediction with an error; nothing is raised.

        Args:
            items: Name and source of each picture. An error in place of a source is
                passed on.

        Yields:
            One prediction per item.
        """
        pool = ThreadPoolExecutor(_DECODERS, thread_name_prefix="decode")
        try:
            waiting_since = time.perf_counter()
            for batch, (_, maps) in self._engine.stream(self._batches(pool, items)):
                seconds = (time.perf_counter() - waiting_since) / len(batch)
                yield from self._answer(batch, maps, seconds)
                waiting_since = time.perf_counter()
        finally:
            pool.shutdown(cancel_futures=True)

    def _batches(
        self,
        pool: ThreadPoolExecutor,
        items: Iterable[tuple[str, Source | CrackError]],
    ) -> Iterator[tuple[list[_Picture | _Failure], NDArray[np.uint8]]]:
        size = self.card.image_size
        entries = _decode_ahead(pool, items, size)
        while batch := list(itertools.islice(entries, BATCH)):
            pixels = [entry.pixels for entry in batch if isinstance(entry, _Picture)]
            yield batch, np.array(pixels, np.uint8).reshape(-1, size, size, 3)

    def _answer(
        self,
        batch: list[_Picture | _Failure],
        maps: NDArray[np.float32],
        seconds: float,
    ) -> Iterator[Prediction]:
        """Join the batch with its maps, which the failures have none of."""
        threshold = self.card.thresholds.crack
        remaining = iter(maps)
        for entry in batch:
            if isinstance(entry, _Failure):
                yield Prediction(
                    entry.file,
                    label=None,
                    probability=None,
                    threshold=threshold,
                    width=None,
                    height=None,
                    seconds=seconds,
                    error=entry.error,
                    activation_map=None,
                )
                continue
            activation_map = next(remaining)
            probability = crack_probability(activation_map, self.card.temperature)
            yield Prediction(
                entry.file,
                label=label_for(probability, self.card.thresholds),
                probability=probability,
                threshold=threshold,
                width=entry.width,
                height=entry.height,
                seconds=seconds,
                error=None,
                activation_map=activation_map,
            )


def crack_probability(activation_map: NDArray[np.float32], temperature: float) -> float:
    """Return the calibrated probability of a crack, 0 to 1.

    Args:
        activation_map: Log-odds at each place; pooling is the mean, so the mean of
            the map is the picture's log-odds (Zhou et al. 2016, CVPR, eq. 2).
        temperature: Divisor of the log-odds (Guo et al. 2017, ICML, eq. 9).
    """
    return float(expit(np.mean(activation_map, dtype=np.float64) / temperature))


def label_for(probability: float, thresholds: Thresholds) -> Label:
    """Return the answer that a probability amounts to."""
    if probability >= thresholds.crack:
        return Label.CRACK
    if probability < thresholds.no_crack:
        return Label.NO_CRACK
    return Label.REVIEW


def _decode_ahead(
    pool: ThreadPoolExecutor,
    items: Iterable[tuple[str, Source | CrackError]],
    size: int,
) -> Iterator[_Picture | _Failure]:
    waiting: deque[Future[_Picture | _Failure]] = deque()
    for file, source in items:
        waiting.append(pool.submit(_decode, file, source, size))
        if len(waiting) == _AHEAD:
            yield waiting.popleft().result()
    while waiting:
        yield waiting.popleft().result()


def _decode(file: str, source: Source | CrackError, size: int) -> _Picture | _Failure:
    if isinstance(source, CrackError):
        return _Failure(file, str(source))
    try:
        image = decode_image(source)
    except CrackError as error:
        return _Failure(file, str(error))
    height, width, _ = image.shape
    return _Picture(file, width, height, resize_image(image, size))
