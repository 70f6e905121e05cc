"""An evaluation as PDF: every number that the page and `crack evaluate --json` have."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from io import BytesIO

from reportlab.lib.units import mm
from reportlab.platypus import Flowable, HRFlowable

from crack import __version__
from crack.evaluation.baselines import Baseline
from crack.evaluation.holdout import fingerprints
from crack.evaluation.kept import About, Evaluation
from crack.evaluation.result import Result
from crack.reporting.evaluation_words import (
    ADVANTAGE,
    BASELINE_COLUMNS,
    MEANING,
    NUMBER_COLUMNS,
    SOURCE_COLUMNS,
    answer_rows,
    answers_words,
    baseline_rows,
    confusion_words,
    interval_words,
    number_rows,
    part_words,
    source_rows,
)
from crack.reporting.report.pdf.pages import WIDTH, Imprint, write_pages
from crack.reporting.report.pdf.parts import table, tiles
from crack.reporting.report.pdf.typography import (
    ACCENT,
    CELL,
    NUMBER,
    SECTION,
    SMALL,
    TITLE,
    facts,
    paragraph,
    register_fonts,
)
from crack.reporting.result_words import HARDER_ELSEWHERE
from crack.reporting.words import ANSWERS, count, day, version_words
from crack.runs.registry import Model

_PARTS = {"test": "held out from the model", "all": "all of the dataset"}


def evaluation_document(
    model: Model, evaluation: Evaluation, baselines: Sequence[Baseline]
) -> bytes:
    """Return an evaluation as PDF.

    Args:
        model: That was evaluated.
        evaluation: A finished one.
        baselines: What simple ways achieve on the same images.

    Raises:
        CrackError: The evaluation cannot be read.
    """
    register_fonts()  # the story measures its texts while it is told
    about = evaluation.about
    begun = datetime.fromisoformat(about["begun"])
    imprint = Imprint(
        title=f"Evaluation of {model.name} on {about['dataset']}",
        program=f"crack dashboard {__version__}",
        created=begun,
        about=begun,
    )
    file = BytesIO()
    story = _tell(imprint, model, about, evaluation.result(model.card), baselines)
    write_pages(story, imprint, file)
    return file.getvalue()


def _tell(
    imprint: Imprint,
    model: Model,
    about: About,
    result: Result,
    baselines: Sequence[Baseline],
) -> Iterator[Flowable]:
    yield paragraph(imprint.title, TITLE)
    yield HRFlowable("100%", 1.4, color=ACCENT, spaceBefore=3, spaceAfter=9)
    yield from facts(_about_rows(imprint, model, about))
    yield from _answers(result)
    yield paragraph("Numbers", SECTION)
    rest = [26 * mm, 40 * mm, 52 * mm]
    yield table(NUMBER_COLUMNS, number_rows(result), [WIDTH - sum(rest), *rest])
    yield paragraph(confusion_words(result))
    if sources := source_rows(result):
        yield paragraph("By source", SECTION)
        rest = [16 * mm, 20 * mm, 38 * mm, 26 * mm, 18 * mm]
        yield table(SOURCE_COLUMNS, sources, [WIDTH - sum(rest), *rest])
    if baselines:
        yield paragraph("How far one comes without a network", SECTION)
        rest = [30 * mm, 36 * mm, 24 * mm]
        rows = baseline_rows(model.name, result, baselines)
        yield table(BASELINE_COLUMNS, rows, [WIDTH - sum(rest), *rest])
        yield paragraph(ADVANTAGE, SMALL)


def _about_rows(imprint: Imprint, model: Model, about: About) -> list[tuple[str, str]]:
    images = f"{count(about['images'], 'image')}, {_PARTS[about['part']]}"
    fingerprint = fingerprints(model.folder).get("the split", "")
    rows = [
        ("Model", f"{model.name}, {version_words(model.card.created)}"),
        ("Dataset", f"{about['dataset']}, fingerprint {about['dataset_fingerprint']}"),
        ("Split of the model", fingerprint and f"fingerprint {fingerprint}"),
        ("Images", images),
        ("Evaluated", day(imprint.about)),
        ("Answers", answers_words(model.card.thresholds)),
        ("Remark", " ".join(filter(None, (about["remark"], about["note"])))),
    ]
    return [(name, text) for name, text in rows if text]


def _answers(result: Result) -> Iterator[Flowable]:
    yield paragraph("Answers", SECTION)
    cells = [
        [
            paragraph(title, CELL),
            paragraph(part_words(share), NUMBER),
            paragraph(f"{share['count']:,} of {share['total']:,}", CELL),
            paragraph(interval_words(share["interval"]), SMALL),
        ]
        for title, share in (
            ("Cracks missed", result["missed"]),
            ("False alarms", result["false_alarms"]),
            ("Left for a person", result["review"]),
        )
    ]
    yield tiles(cells, WIDTH)
    columns = ["", *(f"Answered with {words.lower()}" for words in ANSWERS.values())]
    yield table(columns, answer_rows(result), [WIDTH / 4] * 4)
    yield paragraph(f"{MEANING} {HARDER_ELSEWHERE}", SMALL)
