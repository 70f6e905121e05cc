"""Pages that need a model or a dataset lead to one as long as there is none."""

from __future__ import annotations

import pytest

from tests.pages.conftest import PREDICT


@pytest.mark.parametrize(
    ("page", "missing", "way"),
    [
        (PREDICT, "no model yet", "Train a model"),
        ("pages/model/evaluate.py", "no model yet", "Train a model"),
        ("pages/model/models.py", "no model yet", "Train a model"),
        ("pages/dataset/browse.py", "no dataset", "Add a dataset"),
    ],
)
def test_what_is_missing_is_said_and_the_way_to_it_is_shown(visit, page, missing, way):
    app = visit(page)
    assert missing in app.info[0].value
    assert app.page_link[0].value == way
