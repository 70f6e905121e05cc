"""The drawing of the network in a report, in both formats."""

from __future__ import annotations

from dataclasses import replace

import pytest

from crack.reporting.report.model_facts import model_facts
from crack.runs.config import PRESETS
from tests.reports import CARD, as_html, as_pdf, make_report, squeezed

TRAINED = replace(
    CARD, parameters=PRESETS["recommended"].for_dataset("walls").to_dict()
)
WORDS = ("Stage 5", "10 × 10 × 96; 309,888 parameters", "8 fixed", "10 learn")


@pytest.fixture
def report():
    return make_report(model=model_facts("default", TRAINED))


def test_the_page_draws_the_network_without_scripts(report):
    html = as_html(report)
    drawing = html.partition('<svg class="network"')[2].partition('<p class="small">')[
        0
    ]
    for words in WORDS:
        assert words in drawing
    assert "10 of 18 layers with weights learn in the fine-tune phase" in drawing
    assert "1,861,440 + 2,562 learn in the fine-tune phase" in html
    assert "<script" not in html
    assert "url(" not in html
    assert '<a href="#network">' in html


def test_the_document_draws_it_below_its_heading(report):
    (page,) = (
        squeezed(text)
        for text in (page.extract_text() for page in as_pdf(report).pages)
        if "Stage 5" in text
    )
    for words in ("The network", "1,861,440 + 2,562", *WORDS, "Each box tells"):
        assert squeezed(words) in page


@pytest.mark.parametrize("known", [{}, {**TRAINED.parameters, "backbone": "gone"}])
def test_a_report_leaves_out_what_a_card_does_not_tell(known):
    card = replace(CARD, parameters=known)
    assert model_facts("default", card).network is None
    report = make_report(model=model_facts("default", card))
    assert "The network" not in as_html(report)
    report = make_report(model=model_facts("default", card))
    text = "".join(page.extract_text() for page in as_pdf(report).pages)
    assert "The network" not in text
