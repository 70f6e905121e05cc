"""Questions of users to a model: answered by the predictor, counted and logged."""

from __future__ import annotations

import logging
import time
from collections.abc import Generator, Iterable

from crack.inference.prediction import FailedPhoto, Outcome
from crack.inference.predictor import Predictor
from crack.inference.scale import UNKNOWN_SCALE, Scale
from crack.inference.sources import Item
from crack.metrics import PHOTO_SECONDS, PHOTOS

_log = logging.getLogger(__name__)


def answers_of(
    predictor: Predictor, items: Iterable[Item], scale: Scale = UNKNOWN_SCALE
) -> Generator[Outcome]:
    """Answer for each item, as `Predictor.predict` does.

    Its log has no names of photos: what they are called may be nobody else's business.

    Raises:
        CrackError: As there.
    """
    began, photos, unreadable = time.perf_counter(), 0, 0
    try:
        for outcome in predictor.predict(items, scale):
            failed = isinstance(outcome, FailedPhoto)
            photos, unreadable = photos + 1, unreadable + failed
            PHOTOS.labels("unreadable" if failed else "answered").inc()
            PHOTO_SECONDS.observe(outcome.seconds)
            yield outcome
    finally:
        asked = "1 photo" if photos == 1 else f"{photos} photos"
        _log.info(
            "model %s was asked about %s in %.1f s, unreadable: %d",
            *(predictor.card.name, asked, time.perf_counter() - began, unreadable),
        )
