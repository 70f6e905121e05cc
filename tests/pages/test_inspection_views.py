"""History, report and details of an inspection."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from crack.inspections.store import find_inspection, list_inspections
from pages.inspection.inspection_report import report_name
from tests.inspections import ACCEPT, add, full_answer
from tests.pages.conftest import INSPECTIONS, all_said, links


def test_the_history_tells_state_trend_and_widths(visit, inspect):
    for year, width in ((2022, 0.15), (2024, 0.35)):
        inspection = inspect(day=date(year, 5, 1))
        measured = replace(ACCEPT, width_mm=width, exposure="aci-humid")
        add(inspection, full_answer(), measured)
    app = visit(INSPECTIONS, inspection=inspection.id, view="Element history")
    written = all_said(app)
    assert "Crack, first recorded :material/flag:" in written
    assert "Crack, grown" in written
    assert "Widest crack: 0.15 mm" in written
    assert "**1 May 2024** (this inspection)" in links(app)
    (chart,) = app.get("plotly_chart")
    assert "0.35" in chart.proto.spec
    assert "guide value of ACI 224R-01 Table 4.1: 0.30 mm" in chart.proto.spec


def test_without_two_widths_there_is_no_chart(visit, full):
    app = visit(INSPECTIONS, inspection=full.id, view="Element history")
    assert not app.get("plotly_chart")
    assert "two inspections or more" in all_said(app)


def test_the_file_of_a_report_is_named_after_the_element(full):
    assert report_name(full) == f"inspection-{full.inspected_on}-Bridge-7-Pier-2"


def test_the_report_is_offered_in_both_formats_and_the_table_beside_it(visit, full):
    app = visit(INSPECTIONS, inspection=full.id, view="Report")
    assert [button.label for button in app.get("download_button")] == [
        "Report as HTML",
        "Report as PDF",
        "Table as CSV",
    ]
    assert "1 of 3 photos has a verdict; 1 file could not be read" in app.info[0].value


def test_the_list_leaves_inspection_and_view_behind(visit, full):
    app = visit(INSPECTIONS, inspection=full.id, view="Report")
    assert app.get("download_button")
    app.button(key="inspection_list").click().run()
    assert app.title[0].value == "Inspections"
    assert not app.query_params


def test_details_show_names_as_they_stand(visit, inspect):
    old = inspect("bridge 7", "pier 2", date(2020, 5, 1))
    inspect("Bridge 7", "Pier 2")
    app = visit(INSPECTIONS, inspection=old.id, view="Details")
    for name, spelt in (("structure", "bridge 7"), ("element", "pier 2")):
        field = app.selectbox(key=f"inspection_{old.id}_{name}")
        assert (field.value, field.options) == (spelt, [spelt])


def test_the_facts_can_be_changed(visit, inspect):
    inspection = inspect(note="dry")
    app = visit(INSPECTIONS, inspection=inspection.id, view="Details")
    app.text_area(key=f"inspection_{inspection.id}_note").set_value("wet").run()
    app.button(key="inspection_change").click().run()
    assert find_inspection(inspection.id).note == "wet"
    assert "Saved" in app.success[0].value


def test_deleting_asks_first_and_leads_back_to_the_list(visit, full):
    app = visit(INSPECTIONS, inspection=full.id, view="Details")
    app.button(key="inspection_delete").click().run()
    assert "4 photos and all verdicts" in all_said(app)
    assert list_inspections()
    app.button(key="confirm_yes").click().run()
    assert not list_inspections()
    assert app.title[0].value == "Inspections"
    assert "Deleted" in app.success[0].value
