"""Exports begun in the dashboard: written, compared with the model, handed over."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from typing import Any, TypedDict

from crack import settings
from crack.access import change
from crack.runs import command_jobs
from crack.runs.command_jobs import CommandJob
from crack.runs.export_formats import Difference, ExportFormat
from crack.runs.registry import Model

_SUFFIXES: dict[ExportFormat, str] = {
    "keras": ".keras",
    "tflite": ".tflite",
    "openvino": "",  # a folder
    "onnx": ".onnx",
}


class _Order(TypedDict):
    """What is exported, and what the file is compared on."""

    of: tuple[str, int]
    dataset: str


class _Result(TypedDict):
    """What is used of what `crack models export --json` prints."""

    difference: Difference


@change("export a model", on="{model.name} as {wanted}")
def start_export(model: Model, wanted: ExportFormat, dataset: str) -> None:
    """Export a model in the background, and compare the file with the model.

    Args:
        model: What to export.
        wanted: The format.
        dataset: Name of the one whose images both answer for.

    Raises:
        CrackError: It is being exported already.
    """
    words = ["models", "export", model.name, str(_file(model, wanted))]
    options = ["--format", wanted, "--check", dataset]
    order = {"of": _version(model), "dataset": dataset}
    command_jobs.start(_folder(model, wanted), order, words + options)


def export_of(model: Model, wanted: ExportFormat) -> CommandJob | None:
    """Return the export of a model as it is now, None if none was begun."""
    job = command_jobs.read(_folder(model, wanted), _Order, _Result)
    current = job is not None and job.order["of"] == _version(model)
    return job if current else None


@change("cancel the export of a model", on="{model.name} as {wanted}")
def cancel_export(model: Model, wanted: ExportFormat) -> None:
    """End an export; nothing is left of it."""
    command_jobs.cancel(_folder(model, wanted))


def export_name(model: Model, wanted: ExportFormat) -> str:
    """Return the name of the file that is handed over."""
    suffix = _SUFFIXES[wanted] or f"-{wanted}.zip"
    return f"{model.name}{suffix}"


def export_content(model: Model, wanted: ExportFormat) -> bytes:
    """Return the exported file; a folder as a ZIP.

    Raises:
        FileNotFoundError: It was deleted.
    """
    file = _file(model, wanted)
    if _SUFFIXES[wanted]:
        return file.read_bytes()
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(file.iterdir()):
            archive.write(path, f"{model.name}/{path.name}")
    return content.getvalue()


def _folder(model: Model, wanted: ExportFormat) -> Path:
    return settings.cache_dir() / "exports" / f"{model.name}-{wanted}"


def _file(model: Model, wanted: ExportFormat) -> Path:
    return _folder(model, wanted) / f"{model.name}{_SUFFIXES[wanted]}"


def _version(model: Model) -> list[Any]:
    return [model.card.created, model.card.version]
