"""The mistakes of a model, the worst first: why, and what to do about the label."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial

import numpy as np
import streamlit as st

from crack.data.dataset import Dataset, edit_dataset
from crack.data.edits import Action
from crack.data.images import decode_image, shrink_image
from crack.errors import CrackError
from crack.evaluation.holdout import Part
from crack.evaluation.kept import Evaluation
from crack.evaluation.metrics import DECISION
from crack.evaluation.mistakes import losses, traits
from crack.evaluation.scored import ScoredImages
from crack.exploration.features import features_of
from crack.exploration.training_images import training_images
from crack.inference.frames import with_frames
from crack.inference.overlay import overlay
from crack.inference.prediction import Prediction
from crack.reporting.words import count, percent, threshold
from crack.runs.registry import Model
from pages.model.evaluation_run import judge_next
from pages.shared import cache
from pages.shared.answer_signs import framed_words
from pages.shared.cache import photo_answer, thumbnail
from pages.shared.feedback import TimedBar, notify, show_error
from pages.shared.formatting import plain
from pages.shared.permission import allowed

_OPACITY = 0.6
_SIDE = 700  # px, of a picture
_NEAREST = 4
_TELLING = 4  # traits shown
_MUCH_MORE = 1.5  # times as often as among all images

_Edit = Callable[[str, Action], None]
"""Told a file and what is done to it."""


def draw_mistakes(
    model: Model, dataset: Dataset, evaluation: Evaluation, images: ScoredImages
) -> None:
    """Draw the mistakes of a model, one at a time."""
    edit = partial(_edit, model, dataset.name, evaluation.about["part"])
    _draw_edited(dataset, edit)
    loss = losses(images)
    wrong = images.is_crack != (images.probability >= DECISION)
    order = np.argsort(-loss, kind="stable")
    order = order[wrong[order]]
    if not len(order):
        st.success(
            f"None of the {count(len(images), 'image')} is on the wrong side of "
            f"{threshold(DECISION)}.",
            icon=":material/check_circle:",
        )
        return
    st.markdown(
        f"**{count(len(order), 'image')}** of {len(images):,} "
        f"{'is' if len(order) == 1 else 'are'} on the wrong side of "
        f"{threshold(DECISION)}{', the worst first' if len(order) > 1 else ''}."
    )
    place = 1
    if len(order) > 1:
        _draw_traits(dataset, images, wrong)
        with st.container(horizontal=True, vertical_alignment="center"):
            place = st.pagination(len(order), key="mistakes_place")
            st.caption(f"Mistake {place:,} of {len(order):,}", width="content")
    _draw_mistake(model, dataset, images, int(order[min(place, len(order)) - 1]), edit)


def _draw_edited(dataset: Dataset, edit: _Edit) -> None:
    """Draw what was done to images of the dataset, with a way back."""
    if not dataset.changes:
        return
    with st.expander(
        f"{count(len(dataset.changes), 'image')} left out or relabelled so far",
        icon=":material/edit:",
    ):
        for file, action in reversed(list(dataset.changes.items())):
            with st.container(horizontal=True, vertical_alignment="center"):
                st.markdown(f"{plain(file)}: {action}", width="content")
                st.button(
                    "Undo",
                    key=f"mistakes_undo_{file}",
                    on_click=partial(edit, file, "undo"),
                    **allowed(edit_dataset),
                )


def _draw_traits(dataset: Dataset, images: ScoredImages, wrong: np.ndarray) -> None:
    more = [
        trait
        for trait in traits(images, dataset, wrong)
        if trait.mistakes > _MUCH_MORE * trait.everything
    ][:_TELLING]
    if not more:
        st.caption(
            "They share no trait: brightness, contrast, sharpness, size and source are "
            "much like those of all images."
        )
        return
    said = "; ".join(
        f"{trait.name} ({percent(trait.mistakes)} of the mistakes, "
        f"{percent(trait.everything)} of all images)"
        for trait in more
    )
    st.caption(
        f"What they share: {plain(said)}. Dark, blurred, small and so on mean the "
        "tenth of all images that is most so."
    )


def _draw_mistake(
    model: Model, dataset: Dataset, images: ScoredImages, place: int, edit: _Edit
) -> None:
    file, is_crack = images.file[place], bool(images.is_crack[place])
    label = "with a crack" if is_crack else "without a crack"
    st.markdown(
        f"**{plain(file)}** is labelled {label}; the probability that "
        f"the model gives is {percent(float(images.probability[place]))}."
    )
    _draw_pictures(model, dataset, file)
    other = "without a crack" if is_crack else "with a crack"
    choices: tuple[tuple[str, Action, str], ...] = (
        (f"The label is wrong: it is {other}", "relabel", ":material/swap_horiz:"),
        ("Leave this image out", "leave out", ":material/visibility_off:"),
    )
    with st.container(horizontal=True):
        for words, action, icon in choices:
            st.button(
                words,
                key=f"mistakes_{action}",
                icon=icon,
                on_click=partial(edit, file, action),
                **allowed(
                    edit_dataset,
                    help="The file stays as it is; this can be undone. The numbers are "
                    "worked out again; the model is asked only what it was not before.",
                ),
            )
    if st.toggle("Nearest training images", key="mistakes_nearest"):
        _draw_nearest(model, dataset, file)


def _draw_pictures(model: Model, dataset: Dataset, file: str) -> None:
    outcome = photo_answer(model, dataset.path(file))
    if not isinstance(outcome, Prediction) or outcome.heatmap is None:
        st.error(f"{plain(file)} cannot be read any more.")
        return
    picture = shrink_image(decode_image(dataset.path(file)), _SIDE)
    row = st.container(horizontal=True)
    row.image(picture, caption="As taken", alt=f"{file} as taken", width=320)
    marked = overlay(picture, outcome.heatmap, outcome.probability, _OPACITY)
    row.image(
        with_frames(marked, outcome),
        caption=f"Where the model sees a crack; {framed_words(outcome)}",
        alt=f"{file} with the heatmap of where the model sees a crack",
        width=320,
    )


def _draw_nearest(model: Model, dataset: Dataset, file: str) -> None:
    bar = TimedBar()
    try:
        trained = training_images(
            model.folder, partial(bar.show, "Looking at the training images, once")
        )
        samples = dataset.samples[dataset.samples["file"] == file]
        shown = replace(dataset, samples=samples)
        (features,) = features_of(model.folder, shown, lambda *_: None)
    except CrackError as error:
        bar.close()
        show_error(error)
        return
    bar.close()
    if np.isnan(features).any():  # it is said above that it cannot be read
        return
    grid = st.grid("auto", min_column_width=130, gap="small")
    classes = trained.dataset.samples.set_index("file")["class"]
    for name, alike in trained.nearest(features, _NEAREST):
        grid.image(
            thumbnail(trained.dataset.path(name)),
            caption=f"{plain(name)}  \n{plain(classes[name])}, {percent(alike)} alike",
            alt=f"Training image {name}, labelled {classes[name]}",
            width="stretch",
        )
    st.caption(
        f"Of {len(trained.features):,} training images. Alike: the cosine of what the "
        "network sees in both."
    )


def _edit(model: Model, name: str, part: Part, file: str, action: Action) -> None:
    try:
        edit_dataset(name, file, action)
        judge_next(model, cache.dataset(name), part)
    except CrackError as error:
        notify(error)
        return
    done = {"relabel": "has the other label now", "leave out": "is left out now"}
    notify(f"{file} {done.get(action, 'is as it was')}.")
