"""The tools of Plotly are only where something is chosen with them."""

from __future__ import annotations

import json

import pytest


@pytest.mark.parametrize("page", ["train", "runs"])
def test_curves_of_a_run_are_not_covered_by_tools(visit, finished_run, page):
    charts = visit(f"pages/training/{page}.py").get("plotly_chart")
    assert charts
    for chart in charts:
        assert json.loads(chart.proto.config)["displayModeBar"] is False
