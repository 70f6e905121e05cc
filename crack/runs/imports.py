"""Imports of models begun in the dashboard, and how a file is to be read."""

from __future__ import annotations

from pathlib import Path
from typing import Literal, TypedDict, get_args

from crack import settings, storage
from crack.access import change
from crack.disk_space import check_space
from crack.errors import CrackError
from crack.runs import command_jobs
from crack.runs.command_jobs import CommandJob, JobStatus
from crack.runs.registry import check_new_name

PixelRange = Literal["0..255", "0..1", "-1..1"]
"""Values of pixels that a network was trained on."""

PIXEL_RANGES: tuple[PixelRange, ...] = get_args(PixelRange)


class _Order(TypedDict):
    """What becomes of which upload."""

    name: str
    file: str


@change("begin the import of a model", on="{name}")
def start_import(
    file_name: str,
    content: bytes,
    name: str,
    crack_class: int,
    pixels: PixelRange | None,
    dataset: str | None,
) -> None:
    """Import a Keras file in the background.

    Args:
        file_name: Of the file, as the user knows it.
        content: Of the file.
        name: Of the new model.
        crack_class: As of `crack.training.importing.Wanted`.
        pixels: The same.
        dataset: Name of the one to calibrate and test it on.

    Raises:
        CrackError: The name is taken or unusable, or an import is under way.
    """
    check_new_name(name)
    job = last_import()
    if job is not None and job.status is JobStatus.RUNNING:
        raise CrackError("A model is being imported.", "Wait until that has ended.")
    file = _uploads() / f"{storage.free_name(Path(file_name).stem, [])}.keras"
    # The upload, and the model that is made of it.
    check_space(file.parent, 2 * len(content), f"The import of {file_name}")
    file.parent.mkdir(parents=True, exist_ok=True)
    storage.write_bytes(file, content)
    words = ["models", "import", str(file), "--name", name]
    words += ["--crack-class", str(crack_class)]
    # With "=", since a value may begin with a dash.
    words += [f"--pixels={pixels}"] if pixels else []
    words += [f"--dataset={dataset}"] if dataset else []
    command_jobs.start(_folder(), {"name": name, "file": str(file)}, words)


def last_import() -> CommandJob | None:
    """Return the last import as it is now, None if none was begun."""
    return command_jobs.read(_folder(), _Order)


@change("clear away the import of a model", on="{job.order[name]}")
def forget_import(job: CommandJob) -> None:
    """End an import if it is under way; its upload and messages are deleted."""
    command_jobs.cancel(_folder())
    Path(job.order["file"]).unlink(missing_ok=True)


def _folder() -> Path:
    return settings.cache_dir() / "import"


def _uploads() -> Path:
    return settings.cache_dir() / "uploads"
