"""A classifier of the user's own as a model."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

import streamlit as st

from crack.access import refusal
from crack.data.dataset import dataset_names
from crack.data.transfers import name_at, small_file
from crack.runs.command_jobs import JobStatus
from crack.runs.imports import (
    PIXEL_RANGES,
    PixelRange,
    forget_import,
    last_import,
    start_import,
)
from crack.runs.registry import model_names
from crack.storage import free_name
from pages.model.command_watch import watch
from pages.shared.feedback import errors_shown
from pages.shared.formatting import plain
from pages.shared.model_name import ask_model_name
from pages.shared.permission import allowed
from pages.shared.visitors import URL_HELP, may_name_urls, url_typed

_NOT_CALIBRATED = "Do not calibrate it"
_SCALES_ITSELF = "It scales them itself"


def draw_import() -> None:
    """Draw the form to import a Keras file, and how the last import goes."""
    st.subheader("Bring a model of your own")
    st.markdown(
        "A Keras classifier of two classes, saved as a `.keras` file, that ends in "
        "GlobalAveragePooling2D, perhaps Dropout, and Dense with 2 softmax outputs or "
        "1 sigmoid output. A file that contains code is refused."
    )
    job = last_import()
    if job is not None and job.status is JobStatus.RUNNING:
        watch(
            last_import,
            "It goes on if you close this page.",
            forget_import,
            forget_import,
            key="models_import_cancel",
        )
        return
    if job is not None and job.status is JobStatus.FINISHED:
        if refusal(forget_import) is None:
            forget_import(job)
        st.success(
            plain(f"Imported {job.order['name']}."), icon=":material/check_circle:"
        )
    elif job is not None:
        st.error(plain(job.message), icon=":material/error:")
    file = st.file_uploader("Keras file", type="keras", key="models_file")
    if file is not None:
        _draw_form(file.name, file.getvalue)
    elif may_name_urls():
        _draw_url()


def _draw_url() -> None:
    """Let the reader name a file in object storage instead."""
    typed = st.text_input(
        "Or the URL of one",
        placeholder="s3://bridges/net.keras",
        key="models_url",
        help=URL_HELP,
    ).strip()
    if typed:
        with errors_shown():
            place = url_typed(typed)
            limit = st.get_option("server.maxUploadSize")
            _draw_form(name_at(place), partial(small_file, place, limit))


def _draw_form(file_name: str, read: Callable[[], bytes]) -> None:
    suggestion = free_name(Path(file_name).stem, model_names())
    name = ask_model_name(suggestion, key="models_import_name")
    crack_class = st.segmented_control(
        "Output that means a crack",
        (0, 1),
        default=1,
        required=True,
        key="models_import_class",
        help="Keras numbers classes by the alphabet of their folders, from 0. A single "
        "output is number 1.",
    )
    pixels: PixelRange | str = st.selectbox(
        "Values of pixels that it was trained on",
        (_SCALES_ITSELF, *PIXEL_RANGES),
        key="models_import_pixels",
        width=320,
        help="A wrong choice makes its answers worthless, and nothing can tell.",
    )
    dataset = st.selectbox(
        "Calibrate and test it on",
        (*dataset_names(), _NOT_CALIBRATED),
        key="models_import_dataset",
        width=320,
        help="Best images that it has not learned from.",
    )
    if st.button(
        "Import the model",
        type="primary",
        icon=":material/upload_file:",
        key="models_import",
        **allowed(start_import, disabled=not name),
    ):
        with errors_shown():
            with st.spinner("Reading the file"):
                content = read()
            start_import(
                file_name,
                content,
                name,
                crack_class,
                next((each for each in PIXEL_RANGES if each == pixels), None),
                None if dataset == _NOT_CALIBRATED else dataset,
            )
            st.rerun()
