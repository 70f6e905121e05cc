"""The parts of an inspection as values for the pages, not as database rows."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from enum import StrEnum

from crack.errors import CrackError
from crack.inference.card import ModelCard
from crack.inference.prediction import Label, Outcome, Prediction, label_of
from crack.inference.thresholds import Thresholds

Box = tuple[int, int, int, int]
"""Left, top, width and height of a region, in pixels of the upright photo."""


class VerdictKind(StrEnum):
    """What an engineer decides about the model's answer."""

    ACCEPT = "accept"
    CORRECT = "correct"
    CANNOT_TELL = "cannot tell"


@dataclass(frozen=True)
class Verdict:
    """An engineer's verdict on one photo.

    Attributes:
        kind: Whether the model's answer is accepted.
        label: The right answer where `kind` is `correct`, else None.
        note: Free text.
        width_mm: Widest crack measured in the photo, in millimetres; only used if the
            photo is settled as a crack.
        exposure: Key of the exposure of the surface, None if not given.
        given: When.
    """

    kind: VerdictKind
    label: Label | None = None
    note: str = ""
    width_mm: float | None = None
    exposure: str | None = None
    given: datetime = field(default_factory=lambda: datetime.now(UTC))

    def __post_init__(self) -> None:
        corrects = self.kind is VerdictKind.CORRECT
        if corrects and self.label not in (Label.CRACK, Label.NO_CRACK):
            raise CrackError(
                "A correction needs the right answer: crack or no crack; got "
                f"{self.label or 'none'}.",
                "Choose one, or say that you cannot tell.",
            )
        if not corrects and self.label is not None:
            raise CrackError(
                f"The verdict '{self.kind}' takes no answer of its own, got "
                f"'{self.label}'.",
                "Give an answer only with a correction.",
            )
        width = self.width_mm
        if width is not None and not (math.isfinite(width) and width > 0):
            raise CrackError(
                f"A crack width must be more than 0 mm, got {width}.",
                "Leave it empty if no width was measured.",
            )


class RegionVerdictKind(StrEnum):
    """How a verdict on a region came about."""

    CONFIRMED = "confirmed"
    REJECTED = "rejected"
    MARKED = "marked"


@dataclass(frozen=True)
class RegionVerdict:
    """An engineer's verdict on one region of a photo.

    Attributes:
        left: In pixels of the upright photo, as are the next three.
        top: From the upper edge.
        width: Of the region.
        height: Of the region.
        is_crack: Whether there is a crack in it.
        kind: `confirmed` or `rejected` for a region that the model pointed to, `marked`
            for a box that the engineer drew.
        given: When.
    """

    left: int
    top: int
    width: int
    height: int
    is_crack: bool
    kind: RegionVerdictKind
    given: datetime = field(default_factory=lambda: datetime.now(UTC))

    def __post_init__(self) -> None:
        if self.left < 0 or self.top < 0 or self.width < 1 or self.height < 1:
            raise CrackError(
                "A region lies within its photo and is at least 1 px wide and high, "
                f"got {self.width} × {self.height} px at {self.left}, {self.top}."
            )
        says = {RegionVerdictKind.CONFIRMED: True, RegionVerdictKind.REJECTED: False}
        if says.get(self.kind, self.is_crack) is not self.is_crack:
            raise CrackError(f"A region that is {self.kind} cannot be '{self.label}'.")

    @property
    def box(self) -> Box:
        """Its position, which identifies a region."""
        return self.left, self.top, self.width, self.height

    @property
    def label(self) -> Label:
        """The engineer's answer: `crack` or `no crack`."""
        return Label.CRACK if self.is_crack else Label.NO_CRACK


@dataclass(frozen=True)
class ModelVersion:
    """The model that answered, as its card was at that time.

    Attributes:
        name: Of the model.
        created: Day and time of its export, ISO 8601.
        run_id: Run it came from; empty for a model that came with the program.
        thresholds: Probabilities at which its answer changes.
        temperature: Divides the log-odds before they become a probability.
        offset: Taken from the log-odds before that.
    """

    name: str
    created: str
    run_id: str
    thresholds: Thresholds
    temperature: float
    offset: float

    def on(self, card: ModelCard) -> ModelCard:
        """Return the card of the model as it was when it answered."""
        return replace(
            card.with_thresholds(self.thresholds, "Those when it answered."),
            temperature=self.temperature,
            offset=self.offset,
        )


@dataclass(frozen=True)
class Inspection:
    """One inspection of one element of a structure.

    Attributes:
        id: Identifies it in links and on disk.
        structure: Such as a bridge.
        element: Part of the structure, such as a pier.
        inspected_on: Day on which the photos were taken.
        model: The model that answers for its photos.
        note: Free text.
        created: When it was entered.
    """

    id: str
    structure: str
    element: str
    inspected_on: date
    model: ModelVersion
    note: str
    created: datetime


@dataclass(frozen=True)
class InspectionSummary:
    """An inspection and its progress.

    Attributes:
        inspection: The inspection.
        photos: How many there are, those with an error included.
        answers: Number of photos by the model's answer; every label is there.
        errors: Number of photos without an answer.
        verdicts: Number of photos with an answer that have a verdict of any kind.
    """

    inspection: Inspection
    photos: int
    answers: dict[Label, int]
    errors: int
    verdicts: int


@dataclass(frozen=True)
class InspectedPhoto:
    """A photo of an inspection, the model's answer and the engineer's verdict.

    Attributes:
        id: Identifies it in links.
        inspection_id: The inspection it belongs to.
        sha256: Of its content; None if its content could not be read.
        stored: Name of its file in the inspection's folder; None as above.
        added: When.
        prediction: The model's answer, or why there is none; its heatmap is read by
            `crack.inspections.photo_files.stored_heatmap`.
        verdict: The engineer's, None until it is given.
        region_verdicts: The engineer's on regions, one for each, in the order in which
            they were given.
    """

    id: str
    inspection_id: str
    sha256: str | None
    stored: str | None
    added: datetime
    prediction: Outcome
    verdict: Verdict | None
    region_verdicts: tuple[RegionVerdict, ...] = ()

    @property
    def readable(self) -> bool:
        """Whether it can be seen, and so needs a verdict."""
        return isinstance(self.prediction, Prediction)

    @property
    def waits(self) -> bool:
        """Whether it needs a verdict and has none."""
        return self.readable and self.verdict is None


def settled_label(photo: InspectedPhoto) -> Label | None:
    """Return the answer that counts for a photo in the end.

    Returns:
        The answer accepted or corrected by an engineer: `crack` or `no crack`. None
        without a verdict, and if the verdict is `cannot tell`.
    """
    verdict = photo.verdict
    if verdict is None or verdict.kind is VerdictKind.CANNOT_TELL:
        return None
    accepts = verdict.kind is VerdictKind.ACCEPT
    return label_of(photo.prediction) if accepts else verdict.label


def common_scale(photos: Iterable[InspectedPhoto]) -> float | None:
    """Return the scale at which all photos with an answer were judged.

    Returns:
        Millimetres per pixel. None if they differ, if one was judged without a scale,
        or if there is no answer yet.
    """
    answers = (photo.prediction for photo in photos)
    scales = {p.mm_per_pixel for p in answers if isinstance(p, Prediction)}
    return scales.pop() if len(scales) == 1 else None
