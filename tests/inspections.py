"""What inspections are made from in tests: a model, photos, answers and verdicts."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from PIL import Image

from crack.errors import CrackError
from crack.inference.prediction import (
    FailedPhoto,
    Label,
    Outcome,
    Prediction,
    Region,
)
from crack.inspections.records import InspectedPhoto, Inspection, Verdict, VerdictKind
from crack.inspections.store import add_photo, create_inspection
from crack.inspections.verdicts import give_verdict
from crack.runs.registry import Model
from tests.cards import PLAIN

DAY = date(2026, 11, 22)
WIDTH, HEIGHT = 120, 80  # pixels of a photo
REGIONS = (Region(10, 20, 30, 40, 0.97), Region(60, 30, 32, 32, 0.6))

ACCEPT = Verdict(VerdictKind.ACCEPT)
IS_CRACK = Verdict(VerdictKind.CORRECT, Label.CRACK)
IS_NO_CRACK = Verdict(VerdictKind.CORRECT, Label.NO_CRACK)
CANNOT_TELL = Verdict(VerdictKind.CANNOT_TELL)

CARD = replace(
    PLAIN,
    name="walls",
    created="2026-11-20T12:00:00+00:00",
    temperature=1.73,
    offset=-0.41,
    dataset={"name": "campus walls", "train": 800, "val": 200},
    run_id="20261120-120000-none-a1b2",
)


def model() -> Model:
    """The model of `CARD`, of which there are no files."""
    return Model(CARD.name, folder=None, card=CARD, shipped=False)


def inspect(
    structure: str = "Bridge 7",
    element: str = "Pier 2",
    day: date = DAY,
    note: str = "",
    *,
    asked: Model | None = None,
) -> Inspection:
    """Begin an inspection; without a model that was asked it is `model()`."""
    return create_inspection(structure, element, day, asked or model(), note)


def png(tone: int) -> bytes:
    """A photo of one shade of grey, 0 for black."""
    buffer = io.BytesIO()
    Image.new("RGB", (WIDTH, HEIGHT), (tone, tone, tone)).save(buffer, "PNG")
    return buffer.getvalue()


def noise_png(seed: int, side: int) -> bytes:
    """A square photo of noise, unlike that of any other seed."""
    noise = np.random.default_rng(seed).integers(0, 256, (side, side, 3), np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(noise).save(buffer, "PNG")
    return buffer.getvalue()


def answer(label: Label = Label.CRACK, **changes: object) -> Prediction:
    """An answer without heatmap and regions."""
    probability = {Label.CRACK: 0.99, Label.REVIEW: 0.5, Label.NO_CRACK: 0.01}
    plain = Prediction(
        file="a.png",
        label=label,
        probability=probability[label],
        threshold=0.95,
        width=WIDTH,
        height=HEIGHT,
        mm_per_pixel=None,
        seconds=0.25,
        log_odds=1.5,
        distance=0.5,
    )
    return replace(plain, **changes)


def full_answer(label: Label = Label.CRACK, **changes: object) -> Prediction:
    """An answer with heatmap and two regions."""
    heatmap = np.full((2, 3), 4, np.float32)
    return replace(answer(label), heatmap=heatmap, regions=REGIONS, **changes)


FAILED = FailedPhoto("a.png", "Damaged. Copy it again.", threshold=0.95, seconds=0.25)


def add(
    inspection: Inspection,
    prediction: Outcome,
    verdict: Verdict | None = None,
    *,
    tone: int = 120,
) -> InspectedPhoto:
    """Keep a photo of a shade, or what is none if it failed."""
    failed = isinstance(prediction, FailedPhoto)
    content = b"no photo" if failed else png(tone)
    kept = add_photo(inspection.id, content, prediction)
    return kept if verdict is None else give_verdict(kept.id, verdict)


def refuses(action: Callable[..., object], *arguments: object, match: str) -> None:
    """Expect an error for the user that says so."""
    with pytest.raises(CrackError, match=match):
        action(*arguments)
