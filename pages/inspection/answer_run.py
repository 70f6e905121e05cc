"""Asks the model about many photos: one by one, to be cancelled and gone on with."""

from __future__ import annotations

import time
from collections.abc import Generator, Sequence
from contextlib import closing
from dataclasses import dataclass, field

import streamlit as st

from crack.inference.predictor import Predictor
from crack.inference.scale import Scale, predict_at
from crack.runs.registry import Model
from pages.inspection.answer_table import draw_latest
from pages.inspection.answers import Answer, Photo
from pages.shared.cache import predictor
from pages.shared.feedback import TimedBar

_BATCH = "predict_batch"
_DRAW_EVERY = 1.0  # seconds


@dataclass
class _Batch:
    """What was asked and answered so far; it outlasts the run of the script.

    Attributes:
        question: Which model, and at which scale.
        wanted: Ids of the photos.
        given: The answers by id.
        cancelled: Whether the reader stopped it.
    """

    question: tuple[str, str, Scale]
    wanted: tuple[str, ...]
    given: dict[str, Answer] = field(default_factory=dict)
    cancelled: bool = False

    def cancel(self) -> None:
        self.cancelled = True

    def go_on(self) -> None:
        self.cancelled = False


def ask(model: Model, photos: Sequence[Photo], scale: Scale) -> list[Answer]:
    """Return the answers to the photos; those given before are not asked for again.

    Any click ends a running script, and what it had not stored would be lost. So each
    answer goes into the session as it comes, and the next run goes on from there.

    Args:
        model: To ask.
        photos: At least one.
        scale: Of the photos.

    Returns:
        The answers in the order of the photos; fewer after a Cancel.
    """
    batch = _batch(model, photos, scale)
    missing = [photo for photo in photos if photo.id not in batch.given]
    if missing and not batch.cancelled:
        _go_through(batch, _answers(predictor(model), missing, scale), len(missing))
        # In a run of its own the answers take the place of the progress, and of the
        # answers to an earlier question, which a running script leaves on the page.
        st.rerun()
    return [batch.given[photo.id] for photo in photos if photo.id in batch.given]


def offer_to_go_on(answered: int, total: int) -> None:
    """Offer to ask about the photos that a Cancel left out."""
    batch: _Batch = st.session_state[_BATCH]
    with st.container(horizontal=True, vertical_alignment="center", border=True):
        st.markdown(
            f":material/pause_circle: Cancelled. {answered:,} of {total:,} photos "
            "have an answer.",
            width="content",
        )
        st.button("Go on", key="predict_go_on", type="primary", on_click=batch.go_on)


def _batch(model: Model, photos: Sequence[Photo], scale: Scale) -> _Batch:
    question = (str(model.folder), model.card.created, scale)
    wanted = tuple(photo.id for photo in photos)
    batch: _Batch | None = st.session_state.get(_BATCH)
    if batch is None or batch.question != question:
        batch = _Batch(question, wanted)
    elif batch.wanted != wanted:
        given = {id_: batch.given[id_] for id_ in wanted if id_ in batch.given}
        batch = _Batch(question, wanted, given)
    st.session_state[_BATCH] = batch
    return batch


def _go_through(batch: _Batch, answers: Generator[Answer], count: int) -> None:
    total = len(batch.wanted)
    done = total - count
    # The bar comes first and alone: an element takes the place of the container with
    # the earlier answers, where a container would leave them to be seen.
    bar = TimedBar()
    if total > 1:
        st.button("Cancel", key="predict_cancel", on_click=batch.cancel)
    latest = st.empty()
    activity = "Looking at the photos"
    bar.show(activity, done, total)
    drawn = time.monotonic()
    # Closed at once when a click ends the script, so that nothing decodes on.
    with closing(answers):
        for answer in answers:
            batch.given[answer.photo.id] = answer
            done += 1
            bar.show(activity, done, total)
            if time.monotonic() - drawn > _DRAW_EVERY:
                draw_latest(latest, list(batch.given.values()))
                drawn = time.monotonic()


def _answers(
    predictor: Predictor, photos: Sequence[Photo], scale: Scale
) -> Generator[Answer]:
    items = ((photo.name, photo.source()) for photo in photos)
    with closing(predict_at(predictor, items, scale)) as predictions:
        for photo, prediction in zip(photos, predictions, strict=True):
            yield Answer.of(photo, prediction, scale)
