"""Values that are kept between reruns: the only place for `st.cache_*`.

Everything is keyed by name *and* time of change, so that a dataset or model that was
deleted and made again under its old name is read anew.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import astuple, dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import streamlit as st
from numpy.typing import NDArray

from crack import settings
from crack.data import dataset as datasets
from crack.data.dataset import Dataset
from crack.data.edits import EDITS_FILE
from crack.data.images import decode_image, shrink_image
from crack.data.split import SplitMethod, make_split
from crack.evaluation.difference import Difference, differences
from crack.evaluation.kept import Evaluation
from crack.evaluation.scored import ScoredImages
from crack.exploration import table
from crack.exploration.dataset_map import Map, kept_map, map_file
from crack.exploration.judgement import Judgement, judgement_file, kept_judgement
from crack.exploration.problems import Problem, problems
from crack.exploration.table import Answers
from crack.inference.card import ModelCard
from crack.inference.prediction import Outcome, Region
from crack.inference.predictor import Predictor
from crack.inspections.photo_files import photo_content
from crack.inspections.records import Box, InspectedPhoto
from crack.reporting.close_up import CloseUp, close_up
from crack.runs.registry import Model
from pages.shared.thumbnails import small_jpeg

PREVIEW_SEED = 17
_THUMBNAIL_PIXELS = 320
_DISPLAY_PIXELS = 1400


def dataset(name: str) -> Dataset:
    """Return a dataset; all sessions share it, so it must not be changed."""
    return _dataset(name, _changed(name))


def _changed(name: str) -> float:
    folder = settings.datasets_dir() / name
    files = [folder / "dataset.json", folder / EDITS_FILE]
    return max((path.stat().st_mtime for path in files if path.is_file()), default=0)


@st.cache_resource(max_entries=8, show_spinner=False)
def _dataset(name: str, changed: float) -> Dataset:
    return datasets.load_dataset(name)


def split_preview(name: str, method: SplitMethod) -> pd.DataFrame:
    """Return the split that a run with the default seed would make."""
    return _split_preview(name, method, _changed(name))


@st.cache_data(max_entries=8, show_spinner="Splitting the dataset")
def _split_preview(name: str, method: SplitMethod, changed: float) -> pd.DataFrame:
    return make_split(dataset(name), method, PREVIEW_SEED)


def image_table(
    shown: Dataset,
    split_name: str,
    split: pd.DataFrame | None,
    scored: Scored | None = None,
    found: Sequence[Problem] = (),
) -> pd.DataFrame:
    """Return a row per image of a dataset; shared, so it must not be changed.

    Args:
        shown: The dataset, as `dataset` returns it.
        split_name: Says which split it is.
        split: Columns file and split.
        scored: The evaluation whose answers are wanted, and the card that reads it.
        found: What may be wrong with the dataset.

    Raises:
        CrackError: The evaluation cannot be read.
    """
    key = (*_key(*scored), astuple(scored[1].thresholds)) if scored else None
    listed = tuple((problem.title, problem.images) for problem in found)
    return _image_table(
        *(shown.name, _changed(shown.name), split_name, listed, key),
        *(shown, split, found, scored),
    )


@st.cache_resource(max_entries=8, show_spinner=False)
def _image_table(
    name: str,
    changed: float,
    split_name: str,
    listed: tuple[tuple[str, int], ...],
    key: tuple[object, ...] | None,
    _shown: Dataset,
    _split: pd.DataFrame | None,
    _found: Sequence[Problem],
    _scored: Scored | None,
) -> pd.DataFrame:
    answers = (
        Answers(scored_images(*_scored), _scored[1].thresholds) if _scored else None
    )
    files = _shown.samples["file"]
    has = {problem.title: problem.among(files) for problem in _found}
    return table.image_table(_shown, _split, has, answers)


def dataset_problems(
    model: Model, shown: Dataset
) -> tuple[list[Problem], Judgement | None]:
    """Return what may be wrong with a dataset; what a model makes of it, if asked."""
    key = _work_key(judgement_file(model.folder, shown), shown)
    return _dataset_problems(*key, model, shown)


def _work_key(file: Path, shown: Dataset) -> tuple[str, float, str]:
    made = file.stat().st_mtime if file.is_file() else 0
    # Not the time of change: what is kept after a look changes no list.
    return str(file), made, shown.fingerprint


@st.cache_resource(max_entries=4, show_spinner=False)
def _dataset_problems(
    file: str, made: float, content: str, _model: Model, _shown: Dataset
) -> tuple[list[Problem], Judgement | None]:
    judged = kept_judgement(_model.folder, _shown)
    return problems(_shown, _model.card.image_size, judged), judged


def dataset_map(model: Model, shown: Dataset, *, fine: bool) -> Map | None:
    """Return a map of a dataset, None if it was not made yet."""
    key = _work_key(map_file(model.folder, shown, fine=fine), shown)
    return _dataset_map(*key, fine, model, shown)


@st.cache_resource(max_entries=4, show_spinner=False)
def _dataset_map(
    file: str, made: float, content: str, fine: bool, _model: Model, _shown: Dataset
) -> Map | None:
    return kept_map(_model.folder, _shown, fine=fine)


def thumbnail(path: Path) -> bytes:
    """Return a small JPEG of an image, upright.

    Raises:
        CrackError: It can no longer be read.
    """
    changed = path.stat().st_mtime if path.is_file() else 0
    return _thumbnail(str(path), changed)


@st.cache_data(max_entries=2000, show_spinner=False)
def _thumbnail(path: str, changed: float) -> bytes:
    return small_jpeg(Path(path), _THUMBNAIL_PIXELS)


@dataclass(frozen=True)
class PhotoViews:
    """A photo as it is shown, decoded once for all of it.

    Attributes:
        picture: uint8 array (height, width, 3), upright and small enough for the
            screen.
        close_ups: One for each region, at full resolution; none without a heatmap.
    """

    picture: NDArray[np.uint8]
    close_ups: tuple[CloseUp, ...]


@st.cache_data(max_entries=8, show_spinner="Opening the photo")
def photo_views(
    photo_id: str,
    _read: Callable[[], bytes],
    heatmap: NDArray[np.float32] | None,
    regions: tuple[Region, ...],
) -> PhotoViews:
    """Return what is shown of a photo.

    Args:
        photo_id: Says which content it is.
        _read: Returns the content.
        heatmap: As in `crack.inference.prediction.Prediction`.
        regions: To be seen from close by.

    Raises:
        CrackError: The content cannot be had or cannot be read.
    """
    photo = decode_image(_read())
    parts = () if heatmap is None else (close_up(photo, heatmap, r) for r in regions)
    return PhotoViews(shrink_image(photo, _DISPLAY_PIXELS), tuple(parts))


def inspected_part(photo: InspectedPhoto, box: Box) -> NDArray[np.uint8]:
    """Return a part of a photo of an inspection, as sharp as the screen can show it.

    Raises:
        CrackError: Its file is gone or cannot be read.
    """
    return _inspected_part(photo, f"{photo.inspection_id}/{photo.stored}", box)


@st.cache_data(max_entries=8, show_spinner="Opening the photo")
def _inspected_part(_photo: InspectedPhoto, stored: str, box: Box) -> NDArray[np.uint8]:
    left, top, width, height = box
    part = decode_image(photo_content(_photo))[top : top + height, left : left + width]
    return shrink_image(part, _DISPLAY_PIXELS)


def inspected_thumbnail(photo: InspectedPhoto) -> bytes:
    """Return a small JPEG of a photo of an inspection, upright.

    Raises:
        CrackError: Its file is gone or cannot be read.
    """
    return _inspected_thumbnail(photo, f"{photo.inspection_id}/{photo.stored}")


@st.cache_data(max_entries=2000, show_spinner=False)
def _inspected_thumbnail(_photo: InspectedPhoto, stored: str) -> bytes:
    return small_jpeg(photo_content(_photo), _THUMBNAIL_PIXELS)


def scored_images(evaluation: Evaluation, card: ModelCard) -> ScoredImages:
    """Return the images of a finished evaluation, as a card reads their scores.

    Raises:
        CrackError: The evaluation cannot be read.
    """
    return _scored_images(str(evaluation.path), card.temperature, card.offset, card)


@st.cache_resource(max_entries=8, show_spinner=False)
def _scored_images(
    path: str, temperature: float, offset: float, _card: ModelCard
) -> ScoredImages:
    return Evaluation(Path(path)).scored(_card)


def metric_differences(first: Scored, second: Scored) -> list[Difference]:
    """Return how the metrics of two evaluations differ, with intervals.

    Args:
        first: A finished evaluation and the card that reads it.
        second: The other.

    Raises:
        CrackError: One of them cannot be read.
    """
    return _metric_differences(_key(*first), _key(*second), first, second)


def _key(evaluation: Evaluation, card: ModelCard) -> _ScoredKey:
    return str(evaluation.path), card.temperature, card.offset


Scored = tuple[Evaluation, ModelCard]
_ScoredKey = tuple[str, float, float]


@st.cache_data(max_entries=16, show_spinner="Drawing images again for the intervals")
def _metric_differences(
    first_key: _ScoredKey, second_key: _ScoredKey, _first: Scored, _second: Scored
) -> list[Difference]:
    return differences(scored_images(*_first), scored_images(*_second))


def photo_answer(model: Model, path: Path) -> Outcome:
    """Return the answer of a model to an image file.

    Raises:
        CrackError: The model cannot be used.
    """
    return _photo_answer(model, _version(model), str(path))


@st.cache_data(max_entries=64, show_spinner="Looking at the photo")
def _photo_answer(_model: Model, version: tuple[str, float], path: str) -> Outcome:
    (outcome,) = predictor(_model).predict([(Path(path).name, Path(path))])
    return outcome


def predictor(model: Model) -> Predictor:
    """Return the predictor of a model; shared by all sessions."""
    return _predictor(*_version(model))


def _version(model: Model) -> tuple[str, float]:
    return str(model.folder), (model.folder / "card.json").stat().st_mtime


@st.cache_resource(max_entries=2, show_spinner="Loading the model")
def _predictor(folder: str, changed: float) -> Predictor:
    return Predictor(Path(folder))
