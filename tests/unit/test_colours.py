"""The colours that stand in two files agree."""

from __future__ import annotations

import tomllib

import pytest

from crack.reporting.figure_style import PALETTE
from crack.reporting.report.colours import DARK, LIGHT
from crack.settings import PROJECT

THEME = tomllib.loads((PROJECT / ".streamlit/config.toml").read_text())["theme"]


@pytest.mark.parametrize(("name", "report"), [("light", LIGHT), ("dark", DARK)])
def test_a_report_looks_like_the_dashboard(name, report):
    theme = THEME[name]
    assert report["paper"] == theme["backgroundColor"]
    assert report["panel"] == theme["secondaryBackgroundColor"]
    assert report["text"] == theme["textColor"]
    assert report["line"] == theme["borderColor"]
    assert report["accent"] == theme["linkColor"]


def test_curves_have_the_colours_of_the_theme():
    assert list(PALETTE[:5]) == THEME["light"]["chartCategoricalColors"][:5]
