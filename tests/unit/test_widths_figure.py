from __future__ import annotations

from datetime import date

from crack.inspections.history import ElementState, HistoryEntry
from crack.reporting.exposure import EXPOSURES, find_exposure
from crack.reporting.widths_figure import widths_figure
from tests.inspections import inspect


def entry(day: date, widest_mm: float | None) -> HistoryEntry:
    return HistoryEntry(inspect(day=day), ElementState.CRACK, widest_mm, None)


ENTRIES = ((2024, 0.2), (2025, None), (2026, 0.35))


def entries() -> list[HistoryEntry]:
    return [entry(date(year, 5, 2), width) for year, width in ENTRIES]


def test_only_measured_widths_are_drawn():
    (line,) = widths_figure(entries(), None).data
    assert list(line.x) == [date(2024, 5, 2), date(2026, 5, 2)]
    assert list(line.y) == [0.2, 0.35]
    assert line.text == ("0.20 mm", "0.35 mm")


def test_the_design_value_of_an_exposure_is_a_line_with_its_source():
    exposure = find_exposure("aci-humid")
    figure = widths_figure(entries(), exposure)
    assert figure.layout.shapes[0].y0 == exposure.limit_mm
    assert exposure.source in figure.layout.annotations[0].text


def test_an_exposure_without_a_width_has_no_line():
    (without,) = [exposure for exposure in EXPOSURES if exposure.limit_mm is None]
    assert not widths_figure(entries(), without).layout.shapes


def test_the_words_for_the_line_stand_clear_of_the_widths():
    figure = widths_figure(entries(), find_exposure("aci-humid"))
    (words,) = figure.layout.annotations
    assert (words.yref, words.y, words.yanchor) == ("paper", 1, "bottom")
