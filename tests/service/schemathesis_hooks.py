"""What Schemathesis cannot read in OpenAPI: what a photo is, and which two exclude."""

from __future__ import annotations

import os
from pathlib import Path

import schemathesis
from hypothesis import strategies

from tests.service.calls import png

PHOTOS = "CRACK_TEST_PHOTOS"

photos = strategies.integers(0, 255).map(png)
urls = sorted(path.as_uri() for path in Path(os.environ[PHOTOS]).iterdir())
schemathesis.openapi.media_type("image/png", photos)
schemathesis.openapi.format("photo-url", strategies.sampled_from(urls))


@schemathesis.hook
def before_call(context, case, kwargs):
    """Leave out one of the two ways to give a scale where what is sent shall be right.

    OpenAPI has no words for parameters that exclude one another.
    """
    both = {"mm_per_pixel", "shown_width"} <= set(case.query or {})
    if both and case.meta is not None and case.meta.generation.mode.is_positive:
        del case.query["shown_width"]
