"""The models: the shipped ones and those promoted from runs."""

from __future__ import annotations

import shutil
from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypedDict

from crack import settings, storage
from crack.access import Role, change
from crack.disk_space import check_space, size_of
from crack.errors import CrackError
from crack.inference.card import ModelCard
from crack.inference.card_versions import add_version, card_version
from crack.inference.thresholds import Thresholds
from crack.runs.run import Run, RunStatus

DEFAULT_MODEL = "default"
"""Name of the model that is used if none is named and the user chose no other."""

_CHOICE = "default.json"


class _Choice(TypedDict):
    """The content of `default.json`."""

    name: str


@dataclass(frozen=True)
class Model:
    """A model folder with its card.

    Attributes:
        name: What `--model` takes.
        folder: Holds `card.json`, `graph.xml`, `graph.bin` and `model.keras`.
        card: What is known of it.
        shipped: Whether it came with the program and so cannot be changed.
    """

    name: str
    folder: Path
    card: ModelCard
    shipped: bool

    @property
    def hides_shipped(self) -> bool:
        """Whether one that came with the program is used once this is deleted."""
        return not self.shipped and _came_with_program(self.name)


def list_models() -> list[Model]:
    """Return the readable models: the default, the user's, then other shipped ones."""
    models = []
    for name, folder in _folders().items():
        with suppress(CrackError):
            models.append(_read(name, folder))
    return models


def model_names() -> list[str]:
    """Return the names of all models, damaged ones too, in the order of `list_models`.

    A model of the user takes the place of a shipped one of its name: it has got other
    thresholds, or was promoted when such names were not refused yet.
    """
    return list(_folders())


def _folders() -> dict[str, Path]:
    folders: dict[str, Path] = {}
    for parent in (settings.models_dir(), settings.SHIPPED_MODELS):
        for path in sorted(parent.glob("[!.]*/card.json")):
            folders.setdefault(path.parent.name, path.parent)
    # A model trained on the drawn sample, for example, must not replace it unasked.
    default = _default_of(folders)
    first = {default: folders[default]} if default in folders else {}
    return first | folders


def _default_of(names: Collection[str]) -> str:
    chosen = storage.read_record(settings.models_dir() / _CHOICE, _Choice)
    if chosen is None or chosen["name"] not in names:
        return DEFAULT_MODEL
    return str(chosen["name"])


def default_name() -> str:
    """Return the name of the model that is used if none is named."""
    return _default_of(_folders())


def default_model() -> Model:
    """Return the model that is used if none is named.

    Raises:
        CrackError: There is none, or its card is damaged.
    """
    return find_model(default_name())


@change("choose the default model", Role.ADMIN, on="{name}")
def set_default(name: str) -> Model:
    """Let a model be used if none is named.

    Raises:
        CrackError: There is no model of that name, or its card is damaged.
    """
    model = find_model(name)
    settings.models_dir().mkdir(parents=True, exist_ok=True)
    storage.write_json(settings.models_dir() / _CHOICE, {"name": name})
    return model


def find_model(name: str) -> Model:
    """Return the model called `name`.

    Raises:
        CrackError: There is no model of that name, or its card is damaged.
    """
    return _read(name, _folder_of(name))


def find_version(name: str, created: str) -> Model | None:
    """Return the model exported at that time, whatever it is called now.

    Args:
        name: That it had; where several were exported at that time, it decides.
        created: As in its card.

    Returns:
        None if it was deleted.
    """
    found = [model for model in list_models() if model.card.created == created]
    found.sort(key=lambda model: model.name != name)
    return found[0] if found else None


def _read(name: str, folder: Path) -> Model:
    return Model(name, folder, ModelCard.read(folder), _is_shipped(folder))


def _folder_of(name: str) -> Path:
    folders = _folders()
    if name not in folders:
        raise CrackError(
            f"There is no model named '{name}'. "
            f"Known models: {', '.join(folders) or 'none yet'}.",
            "Train one, then promote its run on the Runs page "
            "(on the command line: python -m crack models promote RUN NAME).",
        )
    return folders[name]


def _came_with_program(name: str) -> bool:
    return (settings.SHIPPED_MODELS / name / "card.json").is_file()


def _is_shipped(folder: Path) -> bool:
    return folder.parent == settings.SHIPPED_MODELS


@change("promote a run to a model", on="{name}, run {run.id}")
def promote(run: Run, name: str) -> Model:
    """Copy the exported model of a finished run to the models, under a name.

    Raises:
        CrackError: The run is not finished, or the name is taken or unusable.
    """
    if run.status is not RunStatus.FINISHED:
        raise CrackError(
            f"Run {run.id} is {run.status}.", "Only a finished run has a model."
        )
    check_new_name(name)
    needed = size_of(run.model_folder)
    check_space(settings.models_dir(), needed, f"A copy of the model of run {run.id}")
    with storage.new_folder(settings.models_dir() / name) as folder:
        shutil.copytree(run.model_folder, folder, dirs_exist_ok=True)
        replace(ModelCard.read(folder), name=name).write(folder)
    return find_model(name)


def check_new_name(name: str) -> None:
    """Refuse a name that a new model cannot have.

    Raises:
        CrackError: It is taken, also by a shipped model, or unusable.
    """
    storage.check_name(name, "a model")
    if _came_with_program(name):
        raise CrackError(
            f"'{name}' is the name of a model that came with the program.",
            "Choose another name. 'Make it the default' on the Models page lets any "
            "model answer first (on the command line: python -m crack models default "
            "NAME).",
        )
    if (settings.models_dir() / name).exists():
        raise CrackError(
            f"There is a model named '{name}' already.",
            "Choose another name, or delete that model first on the Models page "
            f"(on the command line: python -m crack models delete {name}).",
        )


@change("rename a model", on="{name} to {new_name}")
def rename_model(name: str, new_name: str) -> Model:
    """Give a model of the user another name; it stays the default if it is.

    Inspections find it by the day of its export.

    Raises:
        CrackError: There is no model of that name, it is a shipped one, or the new name
            is taken or unusable.
    """
    folder = _own_folder(name, "renamed")
    check_new_name(new_name)
    was_default = name == default_name()
    card = ModelCard.read(folder)
    try:
        renamed = folder.rename(folder.with_name(new_name))
    except OSError as error:  # as if another window had been quicker
        raise CrackError(
            f"The model '{name}' cannot be renamed ({error.strerror}).",
            "It may have been renamed or deleted just now: look at the list of models.",
        ) from error
    replace(card, name=new_name).write(renamed)
    if was_default:
        set_default(new_name)
    return find_model(new_name)


@change("delete a model", Role.ADMIN, on="{name}")
def delete_model(name: str) -> None:
    """Delete a model of the user.

    Raises:
        CrackError: There is no model of that name, or it is a shipped one.
    """
    storage.remove_folder(_own_folder(name, "deleted"))


def _own_folder(name: str, verb: str) -> Path:
    folder = _folder_of(name)
    if _is_shipped(folder):
        raise CrackError(
            f"The model '{name}' came with the program.", f"It cannot be {verb}."
        )
    return folder


@change(
    "change the thresholds of a model",
    on="{model.name}, version {result.card.version}",
)
def save_thresholds(model: Model, thresholds: Thresholds, reason: str) -> Model:
    """Give a model other thresholds, as a new version of its card.

    The program's folder is not written to: for a shipped model a copy of the user takes
    its place, and deleting that brings the shipped one back.

    Args:
        model: Whose thresholds change.
        thresholds: Probabilities at which the answer changes.
        reason: Why these, as a sentence.
    """
    folder = _writable(model)
    add_version(folder, ModelCard.read(folder).with_thresholds(thresholds, reason))
    return _read(model.name, folder)


@change(
    "bring back the thresholds of a model",
    on="{model.name}, version {version} as {result.card.version}",
)
def restore_version(model: Model, version: int) -> Model:
    """Make an earlier card of a model its present one again, as a new version.

    Raises:
        CrackError: It has had no such version.
    """
    earlier = card_version(model.folder, version)
    folder = _writable(model)
    add_version(folder, earlier)
    return _read(model.name, folder)


def _writable(model: Model) -> Path:
    """Return the folder of a model in the workspace; a shipped one is copied there."""
    if not model.shipped:
        return model.folder
    needed = size_of(model.folder)
    check_space(settings.models_dir(), needed, f"A copy of the model '{model.name}'")
    with storage.new_folder(settings.models_dir() / model.name) as folder:
        shutil.copytree(model.folder, folder, dirs_exist_ok=True)
    return settings.models_dir() / model.name
