"""The answers as files, each made when it is downloaded."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from io import BytesIO
from typing import BinaryIO

import streamlit as st

from crack.inference.prediction import Outcome
from crack.inference.sources import PhotoSource
from crack.reporting.heatmaps_zip import write_heatmaps
from crack.reporting.report import answers_document
from crack.reporting.tables import csv_lines, jsonl_lines
from crack.runs.registry import Model
from pages.inspection.answer_table import Answer


def draw_downloads(model: Model, answers: Sequence[Answer]) -> None:
    """Draw a menu of the files to download.

    Args:
        model: The model that gave the answers.
        answers: At least one.
    """
    # A file is made after this run, when the session may hold other answers.
    kept = tuple(answers)
    with st.popover("Download", icon=":material/download:", key="predict_downloads"):
        _button("CSV", "answers.csv", "text/csv", partial(_csv, kept))
        make = partial(_jsonl, kept)
        _button("JSON lines", "answers.jsonl", "application/jsonl", make)
        st.caption(
            "The files below contain pictures. Making one takes about a minute for a "
            "hundred large photos."
        )
        make = partial(_zip, kept)
        _button("heatmaps (ZIP)", "heatmaps.zip", "application/zip", make)
        for suffix, mime in ((".pdf", "application/pdf"), (".html", "text/html")):
            make = partial(_report, model, kept, suffix)
            _button(f"report ({suffix[1:].upper()})", f"answers{suffix}", mime, make)


def _button(what: str, file_name: str, mime: str, make: Callable[[], BinaryIO]) -> None:
    st.download_button(
        f"Download {what}",
        make,
        file_name=file_name,
        mime=mime,
        key=f"predict_{file_name}",
        on_click="ignore",
        width="stretch",
    )


def _predictions(answers: Sequence[Answer]) -> Iterator[Outcome]:
    return (answer.prediction for answer in answers)


def _with_sources(answers: Sequence[Answer]) -> Iterator[tuple[Outcome, PhotoSource]]:
    return ((answer.prediction, answer.photo.source) for answer in answers)


def _csv(answers: Sequence[Answer]) -> BinaryIO:
    return BytesIO("".join(csv_lines(_predictions(answers))).encode())


def _jsonl(answers: Sequence[Answer]) -> BinaryIO:
    return BytesIO("".join(jsonl_lines(_predictions(answers))).encode())


def _zip(answers: Sequence[Answer]) -> BinaryIO:
    file = BytesIO()
    write_heatmaps(_with_sources(answers), file)
    return file


def _report(model: Model, answers: Sequence[Answer], suffix: str) -> BinaryIO:
    return BytesIO(answers_document(model, _with_sources(answers), suffix))
