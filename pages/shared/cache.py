"""Values that are kept between reruns; those about a dataset: `dataset_cache`.

This one, that and `stored_cache` are the only places for `st.cache_*`.

Everything is keyed by name *and* time of change, so that a dataset or model that was
deleted and made again under its old name is read anew.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
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
    return _dataset(name)[1]


def when_changed(name: str) -> float:
    """Return when a dataset was added or edited, in seconds since 1970."""
    folder = settings.datasets_dir() / name
    files = [folder / "dataset.json", folder / EDITS_FILE]
    return max((path.stat().st_mtime for path in files if path.is_file()), default=0)


def _is_newest(held: tuple[float, Dataset]) -> bool:
    changed, shown = held
    return when_changed(shown.name) == changed


# As many as the Start page may list, but of each only the newest version: every edit
# makes one, of some 10 MB for 40,000 images.
@st.cache_resource(max_entries=32, show_spinner=False, validate=_is_newest)
def _dataset(name: str) -> tuple[float, Dataset]:
    changed = when_changed(name)  # first: what changes while it is read is read again
    return changed, datasets.load_dataset(name)


def split_preview(name: str, method: SplitMethod) -> pd.DataFrame:
    """Return the split that a run with the default seed would make."""
    return _split_preview(name, method, when_changed(name))


@st.cache_data(max_entries=4, show_spinner="Splitting the dataset")
def _split_preview(name: str, method: SplitMethod, changed: float) -> pd.DataFrame:
    return make_split(dataset(name), method, PREVIEW_SEED)


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
    return _metric_differences(score_key(*first), score_key(*second), first, second)


def score_key(evaluation: Evaluation, card: ModelCard) -> _ScoredKey:
    """Return what says which scores these are, and how they are read."""
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
