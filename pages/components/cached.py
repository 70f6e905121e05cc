"""What is kept between reruns: the only place for `st.cache_*`.

Everything is keyed by name *and* time of change, so that a dataset or model that was
deleted and made again under its old name is read anew.
"""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import numpy as np
import pandas as pd
import streamlit as st
from numpy.typing import NDArray
from PIL import Image

from crack import settings
from crack.data import dataset as datasets
from crack.data.dataset import Dataset
from crack.data.images import decode_image
from crack.data.split import SplitMethod, make_split
from crack.inference.predictor import Predictor
from crack.runs.registry import Model

PREVIEW_SEED = 17
_THUMBNAIL_PIXELS = 320
_DISPLAY_PIXELS = 1400


def dataset(name: str) -> Dataset:
    """Return a dataset; shared by all sessions, so not to be changed."""
    path = settings.datasets_dir() / name / "dataset.json"
    return _dataset(name, path.stat().st_mtime if path.is_file() else 0)


@st.cache_resource(max_entries=8, show_spinner=False)
def _dataset(name: str, changed: float) -> Dataset:
    return datasets.load_dataset(name)


def split_preview(name: str, method: SplitMethod) -> pd.DataFrame:
    """Return how a run with the usual seed would split a dataset."""
    return _split_preview(name, method, dataset(name).fingerprint)


@st.cache_data(max_entries=8, show_spinner="Splitting the dataset")
def _split_preview(name: str, method: SplitMethod, fingerprint: str) -> pd.DataFrame:
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
    picture = Image.fromarray(decode_image(Path(path)))
    picture.thumbnail((_THUMBNAIL_PIXELS, _THUMBNAIL_PIXELS))
    buffer = BytesIO()
    picture.save(buffer, "JPEG", quality=85)
    return buffer.getvalue()


@st.cache_data(max_entries=4, show_spinner="Opening the photo")
def display_picture(content: bytes) -> NDArray[np.uint8]:
    """Return a photo upright, and small enough for the screen."""
    picture = Image.fromarray(decode_image(content))
    picture.thumbnail((_DISPLAY_PIXELS, _DISPLAY_PIXELS))
    return np.asarray(picture)


def predictor(model: Model) -> Predictor:
    """Return the predictor of a model; shared by all sessions."""
    return _predictor(str(model.folder), (model.folder / "card.json").stat().st_mtime)


@st.cache_resource(max_entries=2, show_spinner="Loading the model")
def _predictor(folder: str, changed: float) -> Predictor:
    return Predictor(Path(folder))
