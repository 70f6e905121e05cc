"""Very many photos on this computer, part by part."""

from __future__ import annotations

from collections.abc import Generator

from crack.bulk.answering import Counts, Question, answer_part
from crack.bulk.photos import BulkPhoto, Photos
from crack.inference.predictor import Predictor


def ask_here(
    predictor: Predictor, question: Question, photos: Photos
) -> Generator[Counts]:
    """Ask about all photos; yield what became of those of each part.

    Raises:
        CrackError: The answers cannot be read or written.
    """
    for part, rows in photos.each_part():
        asked = [BulkPhoto(**row) for row in rows]
        yield answer_part(predictor, question, part, asked)
