"""The report as a browser downloads it."""

from __future__ import annotations

import pytest

from crack.errors import CrackError
from crack.inference.prediction import Label
from crack.reporting.report import answers_document, inspection_document
from tests.inspections import ACCEPT, FAILED, add, full_answer, inspect, model, png

START = {".html": b"<!doctype html>", ".pdf": b"%PDF-"}


@pytest.mark.parametrize("suffix", START)
def test_answers_become_one_file(suffix):
    answers = [(full_answer(Label.CRACK), png(20)), (FAILED, CrackError("Damaged."))]
    document = answers_document(model(), answers, suffix)
    assert document[:15].lower().startswith(START[suffix].lower())


def test_the_report_on_answers_names_the_model_and_what_was_not_readable():
    answers = [(full_answer(Label.CRACK), png(20)), (FAILED, CrackError("Damaged."))]
    html = answers_document(model(), answers, ".html").decode()
    for words in ("Answers to photos", "model “walls”", "Damaged. Copy it again."):
        assert words in html


@pytest.mark.parametrize("suffix", START)
def test_an_inspection_becomes_one_file_with_its_inspector(suffix):
    inspection = inspect()
    add(inspection, full_answer(Label.CRACK), ACCEPT)
    document = inspection_document(inspection.id, "A. Weber", suffix)
    assert document[:15].lower().startswith(START[suffix].lower())
    assert suffix == ".pdf" or "A. Weber" in document.decode()


def test_there_is_no_report_of_an_inspection_that_was_deleted():
    with pytest.raises(CrackError):
        inspection_document("gone", "", ".html")
