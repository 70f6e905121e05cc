"""The data of a report, whatever it is filled from."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

import numpy as np
from numpy.typing import NDArray

from crack.inference.prediction import Label, Reason, Region
from crack.reporting.exposure import Exposure
from crack.reporting.report.model_facts import ModelFacts


@dataclass(frozen=True)
class ReportPhoto:
    """One photo with its answer and the inspector's verdict.

    Attributes:
        name: Of the file.
        width: Of the upright photo in px, None if it could not be read.
        height: As `width`.
        label: The answer, None if there is an error.
        probability: Calibrated probability of a crack, 0 to 1.
        reasons: Why a person should look at it.
        error: Why there is no answer.
        picture: uint8 array (h, w, 3), the upright photo reduced for the report; a
            longest side of about 1400 px prints well.
        overlay: As `picture`, under the heatmap of where the model sees a crack.
        regions: The strongest regions, in px of the full photo, the strongest first.
        verdict: Of the inspector, such as "accepted"; "" if there is none.
        settled: The answer that counts in the end, None if it is open.
        note: Of the inspector.
        width_mm: Crack width in mm, measured by the inspector.
        exposure: To compare it with.
    """

    name: str
    width: int | None = None
    height: int | None = None
    label: Label | None = None
    probability: float | None = None
    reasons: tuple[Reason, ...] = ()
    error: str | None = None
    picture: NDArray[np.uint8] | None = None
    overlay: NDArray[np.uint8] | None = None
    regions: tuple[Region, ...] = ()
    verdict: str = ""
    settled: Label | None = None
    note: str = ""
    width_mm: float | None = None
    exposure: Exposure | None = None


@dataclass(frozen=True)
class ElementFinding:
    """The state of the element at one inspection.

    Attributes:
        inspected_on: Day of the inspection.
        status: In words, such as "new" or "unchanged".
        widest_mm: The widest measured crack in mm, None if none was measured.
    """

    inspected_on: date
    status: str
    widest_mm: float | None


@dataclass(frozen=True)
class Report:
    """An inspection, or answers for photos, ready to be written.

    Attributes:
        title: Of the document.
        created: When the report was made.
        model: The model that answered.
        program: Name and version of this program.
        photos: Read once, in order; an iterator that makes them on request has room for
            hundreds of large photos.
        structure: Such as a bridge; "" if not known.
        element: Part of the structure.
        inspected_on: Day of the inspection.
        inspector: Who inspected.
        note: On the whole inspection.
        history: Of the element, the earliest first.
    """

    title: str
    created: datetime
    model: ModelFacts
    program: str
    photos: Iterable[ReportPhoto]
    structure: str = ""
    element: str = ""
    inspected_on: date | None = None
    inspector: str = ""
    note: str = ""
    history: tuple[ElementFinding, ...] = ()
