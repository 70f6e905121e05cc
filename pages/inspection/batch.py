"""Many photos, processed one by one: asked about here, kept in `keeping`.

Any click ends a running script, and whatever it has not stored is lost. So each answer
is stored in the session at once, and the next run continues with the next photo.
"""

from __future__ import annotations

import time
from collections.abc import Generator, Sequence
from contextlib import closing
from dataclasses import dataclass, field

import streamlit as st

from crack.inference.asking import answers_of
from crack.inference.scale import Scale
from crack.runs.registry import Model
from pages.inspection.answer_table import Answer, draw_latest
from pages.inspection.intake import Photo
from pages.shared.cache import predictor
from pages.shared.feedback import TimedBar

ASKING = "Looking at the photos"

_BATCH = "predict_batch"
_DRAW_EVERY = 1.0  # seconds


@dataclass
class Batch:
    """A batch of photos in progress; it is kept between runs of the script.

    Attributes:
        photos: All of them.
        given: The answers so far, by the ids of the photos.
        cancelled: Whether the reader stopped it.
    """

    photos: tuple[Photo, ...]
    given: dict[str, Answer] = field(default_factory=dict)
    cancelled: bool = False

    @property
    def missing(self) -> list[Photo]:
        """The photos that have no answer yet."""
        return [photo for photo in self.photos if photo.id not in self.given]

    def cancel(self) -> None:
        """Leave the missing photos for later."""
        self.cancelled = True

    def go_on(self) -> None:
        """Continue with the missing photos."""
        self.cancelled = False

    def go_through(self, activity: str, answers: Generator[Answer]) -> None:
        """Draw the progress while the answers come, and a button to stop.

        Args:
            activity: The name of the activity, for the reader.
            answers: To the missing photos. Closed at once when a click ends the script
                or there is an error, so that decoding stops.
        """
        total = len(self.photos)
        # The bar comes first and alone: an element takes the place of the container
        # with the earlier answers, whereas a container would leave them visible.
        bar = TimedBar()
        if total > 1:
            st.button(
                "Cancel",
                key="batch_cancel",
                on_click=self.cancel,
                help="What is done so far stays.",
            )
        latest = st.empty()
        bar.show(activity, len(self.given), total)
        drawn = time.monotonic()
        with closing(answers):
            for answer in answers:
                self.given[answer.photo.id] = answer
                bar.show(activity, len(self.given), total)
                if time.monotonic() - drawn > _DRAW_EVERY:
                    draw_latest(latest, list(self.given.values()))
                    drawn = time.monotonic()


@dataclass
class _Asked(Batch):
    """A batch for one model and one scale."""

    question: tuple[str, str, int, Scale] | None = None


def ask(model: Model, photos: Sequence[Photo], scale: Scale) -> list[Answer]:
    """Return the answers to the photos; answered photos are not asked about again.

    Args:
        model: The model to ask.
        photos: At least one.
        scale: Of the photos.

    Returns:
        The answers in the order of the photos; fewer after a Cancel.
    """
    batch = _batch(model, photos, scale)
    if batch.missing and not batch.cancelled:
        batch.go_through(ASKING, _answers(model, batch.missing, scale))
        # In a new run the answers replace the progress and the answers to an earlier
        # question, which a running script leaves on the page.
        st.rerun()
    return [batch.given[photo.id] for photo in photos if photo.id in batch.given]


def offer_to_go_on(answered: int, total: int) -> None:
    """Offer to continue with the photos that a Cancel left out."""
    batch: Batch = st.session_state[_BATCH]
    with st.container(horizontal=True, vertical_alignment="center", border=True):
        st.markdown(
            f":material/pause_circle: Cancelled. {answered:,} of {total:,} photos "
            "have an answer.",
            width="content",
        )
        st.button("Go on", key="predict_go_on", type="primary", on_click=batch.go_on)


def _batch(model: Model, photos: Sequence[Photo], scale: Scale) -> Batch:
    question = (str(model.folder), model.card.created, model.card.version, scale)
    batch: _Asked | None = st.session_state.get(_BATCH)
    if batch is None or batch.question != question:
        batch = _Asked(tuple(photos), question=question)
    elif [photo.id for photo in batch.photos] != [photo.id for photo in photos]:
        wanted = {photo.id for photo in photos}
        given = {id_: answer for id_, answer in batch.given.items() if id_ in wanted}
        batch = _Asked(tuple(photos), given, question=question)
    st.session_state[_BATCH] = batch
    return batch


def _answers(model: Model, photos: Sequence[Photo], scale: Scale) -> Generator[Answer]:
    items = ((photo.name, photo.source) for photo in photos)
    with closing(answers_of(predictor(model), items, scale)) as outcomes:
        for photo, outcome in zip(photos, outcomes, strict=True):
            yield Answer.of(photo, outcome)
