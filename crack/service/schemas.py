"""What OpenAPI says of requests and answers.

The answers are sent as `crack predict` prints them, digit by digit, and so not made by
Pydantic.
"""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from crack.service.batches import BatchStatus
from crack.service.limits import MOST_PHOTOS
from crack.service.uploads import JSON, MULTIPART

_URL = Field(max_length=2000, json_schema_extra={"format": "photo-url"})


class RegionRow(BaseModel):
    """A region of a photo that looks like a crack, in pixels of the upright photo."""

    left: int
    top: int
    width: int
    height: int
    probability: float


class Answer(BaseModel):
    """The answer for a photo: the columns of `crack predict --format jsonl`."""

    file: str
    label: str | None = Field(description="crack, review or no crack")
    probability: float | None = Field(description="Of a crack, 0 to 1, calibrated.")
    threshold: float = Field(description="Lowest probability for the label crack.")
    width: int | None
    height: int | None
    seconds: float
    error: str | None = Field(description="Why there is no answer.")
    reasons: str = Field(description="Why a person should look at it.")
    scale_missed: str | None = Field(
        default=None,
        description="Why not to rely on it. There if a scale was given.",
    )
    regions: list[RegionRow] | None = Field(default=None, description="If asked for.")
    heatmap: str | None = Field(
        default=None,
        description="If asked for: a grey PNG of the size of the photo, as Base64. 128 "
        "is a probability of 50 %, 8 steps are one unit of log-odds.",
    )


class BatchState(BaseModel):
    """How a batch stands."""

    id: str
    status: BatchStatus
    model: str
    total: int
    done: int
    message: str = Field(description="Why it failed, or nothing.")


class BatchAnswers(BatchState):
    """How a batch stands, and some of its answers."""

    answers: list[Answer]
    next: str | None = Field(description="Address of the answers after these.")


class ModelRow(BaseModel):
    """A model."""

    name: str
    is_default: bool
    created: str
    shipped: bool


class PhotoUrl(BaseModel):
    """A photo that is fetched from below one of the `CRACK_DATA_ROOTS`."""

    model_config = ConfigDict(extra="forbid")
    url: Annotated[str, _URL]


class PhotoUrls(BaseModel):
    """Photos that are fetched from below the `CRACK_DATA_ROOTS`."""

    model_config = ConfigDict(extra="forbid")
    urls: Annotated[
        list[Annotated[str, _URL]], Field(min_length=1, max_length=MOST_PHOTOS)
    ]


def request_body(field: str, body: type[BaseModel], *, many: bool) -> dict[str, Any]:
    """Return what OpenAPI says of a body, which the operation reads by itself.

    Args:
        field: What files are called in a form.
        body: The same as JSON.
        many: Whether there may be several files.
    """
    file = {"type": "string", "format": "binary"}
    several = {"type": "array", "items": file, "minItems": 1, "maxItems": MOST_PHOTOS}
    form = {
        "type": "object",
        "required": [field],
        "additionalProperties": False,
        "properties": {field: several if many else file},
    }
    content = {
        MULTIPART: {
            "schema": form,
            "encoding": {field: {"contentType": "image/*"}},
        },
        JSON: {"schema": body.model_json_schema()},
    }
    return {"requestBody": {"required": True, "content": content}}
