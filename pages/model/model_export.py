"""The model as a file for other programs, compared with the model before it goes."""

from __future__ import annotations

from functools import partial

import streamlit as st

from crack.data.dataset import dataset_names
from crack.reporting.export_words import difference_words
from crack.runs.command_jobs import CommandJob, JobStatus
from crack.runs.export_formats import EXPORT_FORMATS, RUNTIMES, ExportFormat, is_close
from crack.runs.exports import (
    cancel_export,
    export_content,
    export_name,
    export_of,
    start_export,
)
from crack.runs.registry import Model
from pages.model.command_watch import watch
from pages.shared.feedback import errors_shown
from pages.shared.formatting import plain
from pages.shared.permission import allowed
from pages.shared.sample_button import draw_sample_button

_ABOUT: dict[ExportFormat, str] = {
    "keras": "One file for Keras and TensorFlow; probabilities alone.",
    "tflite": "One file for phones and small computers.",
    "openvino": "A ZIP of the graph and the card, as this program uses them.",
    "onnx": "One file for ONNX Runtime and many other programs.",
}


def draw_export(model: Model) -> None:
    """Draw the export of a model: choice of the format, progress, proof, download."""
    st.subheader("Take it elsewhere")
    st.markdown(
        "The file is written, loaded again by its own runtime, and asked about up to "
        "500 images. You see how far its answers are from those of the model before "
        "you download it."
    )
    names = dataset_names()
    if not names:
        st.info(
            "The comparison needs images, and there is no dataset yet.",
            icon=":material/photo_library:",
        )
        draw_sample_button("models_sample")
        return
    wanted: ExportFormat = st.segmented_control(
        "Format",
        EXPORT_FORMATS,
        default="onnx",
        required=True,
        format_func=lambda each: RUNTIMES[each].removesuffix(" Runtime"),
        key="models_format",
    )
    st.caption(_ABOUT[wanted])
    job = export_of(model, wanted)
    if job is not None and job.status is JobStatus.RUNNING:
        watch(
            partial(export_of, model, wanted),
            "It takes a minute or two, and goes on if you close this page.",
            lambda _: cancel_export(model, wanted),
            cancel_export,
            key="models_export_cancel",
        )
        return
    if job is not None:
        _draw_outcome(model, wanted, job)
    dataset = st.selectbox("Compare on images of", names, key="models_check", width=320)
    if st.button(
        "Export again" if job else "Export and compare",
        type="secondary" if job else "primary",
        icon=":material/ios_share:",
        key="models_export",
        **allowed(start_export),
    ):
        with errors_shown():
            start_export(model, wanted, dataset)
            st.rerun()


def _draw_outcome(model: Model, wanted: ExportFormat, job: CommandJob) -> None:
    if job.result is None:
        st.error(plain(job.message), icon=":material/error:")
        return
    found = job.result["difference"]
    if not is_close(found):
        st.error(plain(difference_words(found)), icon=":material/error:")
        return
    st.success(plain(difference_words(found)), icon=":material/check_circle:")
    name = export_name(model, wanted)
    st.download_button(
        f"Download {name}",
        partial(export_content, model, wanted),
        file_name=name,
        type="primary",
        icon=":material/download:",
        key="models_download",
        on_click="ignore",
    )
