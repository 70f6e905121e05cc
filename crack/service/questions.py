"""What a caller may ask besides the photos: parameters in the address."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Query, Request

from crack.data.locations import check_url
from crack.errors import CrackError
from crack.inference.scale import Scale, check_scale
from crack.runs.registry import Model, default_name, find_model, model_names
from crack.service.answers import Wanted
from crack.service.problems import Refused
from crack.service.urls import check_allowed

NAME = r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$"
"""What models and batches are called, see `crack.storage.check_name`."""

ModelName = Annotated[
    str | None, Query(pattern=NAME, description="By default that of the service.")
]
MmPerPixel = Annotated[
    float | None,
    Query(ge=0.001, le=10_000, description="Millimetres of wall that a pixel shows."),
]
ShownWidth = Annotated[
    float | None,
    Query(
        ge=1,
        le=10_000_000,
        description="Width of wall in mm that a photo shows from edge to edge. Give "
        "this or mm_per_pixel.",
    ),
]
Regions = Annotated[bool, Query(description="Add the regions most like a crack.")]
Heatmap = Annotated[
    bool, Query(description="Add the heatmap, as `crack predict --maps` writes it.")
]


@dataclass(frozen=True)
class Question:
    """What is asked about photos.

    Attributes:
        model: Whom.
        wanted: Of each answer.
    """

    model: Model
    wanted: Wanted


def _question(
    request: Request,
    model: ModelName = None,
    mm_per_pixel: MmPerPixel = None,
    shown_width: ShownWidth = None,
    regions: Regions = False,
) -> Question:
    asked = model_called(model or request.app.state.model or default_name())
    try:
        scale = Scale(mm_per_pixel, shown_width)
        check_scale(asked.card, scale)
    except CrackError as error:
        raise Refused(422, error) from error
    return Question(asked, Wanted(scale, regions=regions))


Asked = Annotated[Question, Depends(_question)]


def model_called(name: str) -> Model:
    """Return a model.

    Raises:
        Refused: There is none of that name.
        CrackError: It is damaged.
    """
    try:
        return find_model(name)
    except CrackError as error:
        if name in model_names():
            raise
        raise Refused(404, CrackError(error.message)) from error


def refuse_unless_allowed(urls: Sequence[str]) -> None:
    """Refuse URLs before anything of them is opened.

    Raises:
        Refused: One cannot be opened, or may not be named here.
    """
    for url in urls:
        try:
            check_url(url)
        except CrackError as error:
            raise Refused(422, error) from error
        try:
            check_allowed(url)
        except CrackError as error:
            raise Refused(403, error) from error
