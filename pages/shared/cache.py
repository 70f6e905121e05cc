"""What is kept between reruns: the only place for `st.cache_*`.

Everything is keyed by name *and* time of change, so that a dataset or model that was
deleted and made again under its old name is read anew.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import streamlit as st
from numpy.typing import NDArray

from crack import settings
from crack.data import dataset as datasets
from crack.data.dataset import Dataset
from crack.data.images import decode_image, shrink_image
from crack.data.split import SplitMethod, make_split
from crack.inference.prediction import Region
from crack.inference.predictor import Predictor
from crack.inspections.photo_files import photo_content
from crack.inspections.records import InspectedPhoto
from crack.reporting.close_up import CloseUp, close_up
from crack.runs.registry import Model
from pages.shared.thumbnails import small_jpeg

PREVIEW_SEED = 17
_THUMBNAIL_PIXELS = 320
_DISPLAY_PIXELS = 1400


def dataset(name: str) -> Dataset:
    """Return a dataset; shared by all sessions, so not to be changed."""
    return _dataset(name, _changed(name))


def _changed(name: str) -> float:
    path = settings.datasets_dir() / name / "dataset.json"
    return path.stat().st_mtime if path.is_file() else 0


@st.cache_resource(max_entries=8, show_spinner=False)
def _dataset(name: str, changed: float) -> Dataset:
    return datasets.load_dataset(name)


def split_preview(name: str, method: SplitMethod) -> pd.DataFrame:
    """Return how a run with the usual seed would split a dataset."""
    return _split_preview(name, method, _changed(name))


@st.cache_data(max_entries=8, show_spinner="Splitting the dataset")
def _split_preview(name: str, method: SplitMethod, changed: float) -> pd.DataFrame:
    return make_split(dataset(name), method, PREVIEW_SEED)


def thumbnail(path: Path) -> bytes:
    """Return a small JPEG of an image, upright.

    Raises:
        CrackError: It cannot be read any more.
    """
    changed = path.stat().st_mtime if path.is_file() else 0
    return _thumbnail(str(path), changed)


@st.cache_data(max_entries=2000, show_spinner=False)
def _thumbnail(path: str, changed: float) -> bytes:
    return small_jpeg(Path(path), _THUMBNAIL_PIXELS)


@st.cache_data(max_entries=4, show_spinner="Opening the photo")
def display_picture(content: bytes) -> NDArray[np.uint8]:
    """Return a photo upright, and small enough for the screen."""
    return shrink_image(decode_image(content), _DISPLAY_PIXELS)


def inspected_thumbnail(photo: InspectedPhoto) -> bytes:
    """Return a small JPEG of a photo of an inspection, upright.

    Raises:
        CrackError: Its file is gone or cannot be read.
    """
    return _inspected_thumbnail(photo, f"{photo.inspection_id}/{photo.stored}")


@st.cache_data(max_entries=2000, show_spinner=False)
def _inspected_thumbnail(_photo: InspectedPhoto, stored: str) -> bytes:
    return small_jpeg(photo_content(_photo), _THUMBNAIL_PIXELS)


def inspected_picture(photo: InspectedPhoto) -> NDArray[np.uint8]:
    """Return a photo of an inspection upright, and small enough for the screen.

    Raises:
        CrackError: Its file is gone or cannot be read.
    """
    return _inspected_picture(photo, f"{photo.inspection_id}/{photo.stored}")


@st.cache_data(max_entries=8, show_spinner="Opening the photo")
def _inspected_picture(_photo: InspectedPhoto, stored: str) -> NDArray[np.uint8]:
    return shrink_image(decode_image(photo_content(_photo)), _DISPLAY_PIXELS)


@st.cache_data(max_entries=4, show_spinner="Opening the photo")
def cached_close_up(
    content: bytes, heatmap: NDArray[np.float32], region: Region
) -> CloseUp:
    """Return a region of a photo at full resolution."""
    return close_up(content, heatmap, region)


def predictor(model: Model) -> Predictor:
    """Return the predictor of a model; shared by all sessions."""
    return _predictor(str(model.folder), (model.folder / "card.json").stat().st_mtime)


@st.cache_resource(max_entries=2, show_spinner="Loading the model")
def _predictor(folder: str, changed: float) -> Predictor:
    return Predictor(Path(folder))
