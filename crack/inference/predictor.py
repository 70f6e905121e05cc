"""The only way from a photo to an answer: pages, batches and commands all use it."""

from __future__ import annotations

import math
import time
from collections import deque
from collections.abc import Generator, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from copy import copy
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from crack.data.image_formats import image_format_of
from crack.data.images import decode_image, resize_image, upright_size
from crack.data.pyramid import image_pyramid, scales_for
from crack.errors import CrackError
from crack.inference.card import ModelCard
from crack.inference.engine import Engine
from crack.inference.heatmap import find_regions, photo_heatmap, tile_log_odds
from crack.inference.image_quality import quality_reasons
from crack.inference.ood import OodDetector
from crack.inference.photo_rule import photo_log_odds
from crack.inference.prediction import (
    THUMBNAIL,
    FailedPhoto,
    Label,
    Outcome,
    Prediction,
    Reason,
    Region,
)
from crack.inference.scale import UNKNOWN_SCALE, Scale, check_scale
from crack.inference.sources import Item, PhotoSource, read_photo
from crack.inference.thresholds import label_for
from crack.inference.tiling import Level, run_level

GRAPH_FILE = "graph.xml"

_DECODERS = 2  # threads
_AHEAD = 16  # photos being decoded or waiting
# In all of them together, unless one photo alone has more.
_PIXELS_AHEAD = 30_000_000
_BYTES_AHEAD = 60_000_000


@dataclass(frozen=True)
class _Photo:
    """A decoded photo, or the error that prevents it."""

    file: str
    image: NDArray[np.uint8] | CrackError


class Predictor:
    """A model ready to answer.

    Args:
        folder: Model folder with `card.json`, `graph.xml`, `graph.bin` and
            `familiarity.npz`.
        threads: That it computes on; by default, one for each core.

    Raises:
        CrackError: The model is missing or damaged.
    """

    def __init__(self, folder: Path, *, threads: int | None = None) -> None:
        self.card = ModelCard.read(folder)
        graph, side = folder / GRAPH_FILE, self.card.image_size
        self._engine = Engine(graph, threads=threads)
        # The coarsest size of every small square picture.
        self._tile_engine = Engine(graph, side=side, threads=threads)
        self._ood_detector = OodDetector.read(folder)

    def reading_by(self, card: ModelCard) -> Predictor:
        """Return a predictor of the same network with another card of its model."""
        other = copy(self)
        other.card = card
        return other

    def predict(
        self, items: Iterable[Item], scale: Scale = UNKNOWN_SCALE
    ) -> Generator[Outcome]:
        """Answer for each item, in order, however many there are.

        A few items are requested and decoded ahead while the one before is computed. A
        photo that cannot be read gives a `FailedPhoto`; no exception is raised.

        Args:
            items: Name and source of each photo. An error in place of a source is
                passed through to its `FailedPhoto`.
            scale: Of the photos. If it is known, each photo is looked at in the one
                size that fits.

        Yields:
            One outcome per item.

        Raises:
            CrackError: The scale is given, but the model does not know its own.
        """
        check_scale(self.card, scale)
        waiting_since = time.perf_counter()
        try:
            for photo in _decoded_ahead(items):
                yield self._answer(photo, scale, waiting_since)
                waiting_since = time.perf_counter()
        finally:
            for engine in (self._engine, self._tile_engine):
                engine.give_back_memory()

    def _answer(self, photo: _Photo, scale: Scale, waiting_since: float) -> Outcome:
        try:
            if isinstance(photo.image, CrackError):
                raise photo.image
            return self._judge(photo.file, photo.image, scale, waiting_since)
        except CrackError as error:
            return FailedPhoto(
                photo.file,
                str(error),
                threshold=self.card.thresholds.crack,
                seconds=time.perf_counter() - waiting_since,
            )

    def _judge(
        self, file: str, image: NDArray[np.uint8], scale: Scale, waiting_since: float
    ) -> Prediction:
        thresholds, tile = self.card.thresholds, self.card.image_size
        height, width, _ = image.shape
        mm_per_pixel = scale.at(width)
        fitting = self.card.fitting_scale(mm_per_pixel)
        scales = scales_for(height, width, tile, fitting)
        # All sizes first: scaling a photo of 100 megapixels needs as much memory as a
        # pass through the network, and must not come on top of it.
        sizes = list(image_pyramid(image, scales, tile))
        levels = [run_level(self._fitting(size), size, tile) for size in sizes][::-1]
        tiles = [tile_log_odds(level, tile) for level in levels]
        log_odds = photo_log_odds(tiles, self.card.strongest_weight)
        probability = float(self.card.probability(log_odds))
        distance = self._distance(levels)
        regions = find_regions(levels, tiles, self.card, height, width)
        reasons = self._reasons(image, probability, regions, distance)
        return Prediction(
            file,
            label=Label.REVIEW if reasons else label_for(probability, thresholds),
            probability=probability,
            threshold=thresholds.crack,
            width=width,
            height=height,
            mm_per_pixel=mm_per_pixel,
            seconds=time.perf_counter() - waiting_since,
            log_odds=log_odds,
            distance=distance,
            reasons=reasons,
            regions=regions,
            heatmap=photo_heatmap(levels, self.card),
            # Of the coarsest size, which is the smallest to begin with.
            thumbnail=_thumbnail(sizes[-1], height, width),
        )

    def _fitting(self, image: NDArray[np.uint8]) -> Engine:
        """Return the engine for a size."""
        tile = self.card.image_size
        return self._tile_engine if image.shape[:2] == (tile, tile) else self._engine

    def _distance(self, levels: Sequence[Level]) -> float:
        """Return the distance of the photo from the training images.

        One size close to them is enough, since the scale of the training images is
        unknown.
        """
        return min(
            float(np.median(self._ood_detector.distances(level.described)))
            for level in levels
        )

    def _reasons(
        self,
        image: NDArray[np.uint8],
        probability: float,
        regions: Sequence[Region],
        distance: float,
    ) -> tuple[Reason, ...]:
        """Return why a person should look at the photo."""
        reasons = list(quality_reasons(image, self.card.image_size))
        thresholds = self.card.thresholds
        label = label_for(probability, thresholds)
        strongest = regions[0].probability if regions else 0.0
        if label is Label.REVIEW:
            reasons.insert(0, Reason.CLOSE_CALL)
        elif label is Label.NO_CRACK and strongest >= thresholds.crack:
            # Whatever the rest of the wall says: here the program shows a crack.
            reasons.insert(0, Reason.REGION)
        if distance > self._ood_detector.limit:
            reasons.append(Reason.OUT_OF_DISTRIBUTION)
        return tuple(reasons)


def _decoded_ahead(items: Iterable[Item]) -> Iterator[_Photo]:
    """Yield photos in order, decoding the next ones as far as memory allows."""
    pool = ThreadPoolExecutor(_DECODERS, thread_name_prefix="decode")
    waiting: deque[tuple[Future[_Photo], int, int]] = deque()
    try:
        for file, source in items:
            data, pixels = _content(source)
            held = 0 if isinstance(data, CrackError) else len(data)
            while waiting and (
                len(waiting) >= _AHEAD
                or pixels + sum(count for _, count, _ in waiting) > _PIXELS_AHEAD
                or held + sum(count for *_, count in waiting) > _BYTES_AHEAD
            ):
                yield waiting.popleft()[0].result()
            waiting.append((pool.submit(_decode, file, data), pixels, held))
            del data  # the next one is read before this one is done
        while waiting:
            yield waiting.popleft()[0].result()
    finally:
        pool.shutdown(cancel_futures=True)


def _content(source: PhotoSource) -> tuple[bytes | CrackError, int]:
    """Return the bytes of a photo, and the number of pixels that they declare."""
    try:
        data = read_photo(source)
        image_format_of(data)  # what is no picture must not wait in memory
    except CrackError as error:
        return error.with_traceback(None), 0  # which would hold on to the content
    return data, math.prod(upright_size(data) or (0,))


def _decode(file: str, data: bytes | CrackError) -> _Photo:
    if isinstance(data, CrackError):
        return _Photo(file, data)
    try:
        return _Photo(file, decode_image(data))
    except CrackError as error:
        return _Photo(file, error)


def _thumbnail(image: NDArray[np.uint8], height: int, width: int) -> NDArray[np.uint8]:
    """Return a small picture of a photo, with the proportions of the photo.

    Args:
        image: uint8 array, the photo at some size; a thin strip may be stretched.
        height: Of the photo in pixels.
        width: Of the photo in pixels.
    """
    share = min(1.0, THUMBNAIL / max(height, width))
    return resize_image(
        image, max(1, round(height * share)), max(1, round(width * share))
    )
