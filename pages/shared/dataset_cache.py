"""What is kept between reruns about a dataset: its table, problems and maps.

Keyed by name and time of change, as everything in `cache`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import astuple
from pathlib import Path

import pandas as pd
import streamlit as st

from crack.data.dataset import Dataset
from crack.exploration import table
from crack.exploration.dataset_map import Map, kept_map, map_file
from crack.exploration.judgement import Judgement, judgement_file, kept_judgement
from crack.exploration.problems import Problem, problems
from crack.exploration.table import Answers
from crack.runs.registry import Model
from pages.shared.cache import Scored, score_key, scored_images, when_changed


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
    key = (*score_key(*scored), astuple(scored[1].thresholds)) if scored else None
    listed = tuple((problem.title, problem.images) for problem in found)
    return _image_table(
        *(shown.name, when_changed(shown.name), split_name, listed, key),
        *(shown, split, found, scored),
    )


@st.cache_resource(max_entries=4, show_spinner=False)
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


@st.cache_resource(max_entries=2, show_spinner=False)
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
