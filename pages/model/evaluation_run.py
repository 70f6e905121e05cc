"""What is evaluated on, and the run of it: offered, watched, stopped, continued."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

import streamlit as st

from crack.data.dataset import Dataset, dataset_names
from crack.data.importer import add_dataset
from crack.errors import CrackError
from crack.evaluation.evaluated_model import begin
from crack.evaluation.holdout import Part, judged_samples
from crack.evaluation.kept import Evaluation
from crack.inspections.store import list_inspections
from crack.inspections.verdict_dataset import add_verdicts
from crack.reporting.words import count
from crack.runs.registry import Model
from crack.storage import free_name
from pages.shared.cache import predictor
from pages.shared.feedback import TimedBar, errors_shown
from pages.shared.formatting import plain
from pages.shared.permission import allowed

PARTS: dict[Part, str] = {"test": "Held out", "all": "All"}
"""Which images are judged, as the reader chooses them and as the address says."""

_RUNNING, _ADDED = "evaluate_running", "evaluate_added"


def choose_added() -> None:
    """Choose the images that were just added; to be called before the widgets."""
    if added := st.session_state.pop(_ADDED, None):
        st.session_state["evaluate_dataset"] = added
        st.session_state["evaluate_part"] = "all"


def choose_part() -> Part:
    """Let the reader choose which images are judged."""
    part: Part = st.segmented_control(
        "Which of them",
        list(PARTS),
        format_func=lambda each: PARTS[each],
        default="test",
        required=True,
        key="evaluate_part",
        bind="query-params",
        help="Held out: those the model has never seen, as far as that is known. All: "
        "the numbers flatter a model that was trained on some of them.",
    )
    return part


def draw_other_images() -> None:
    """Draw the ways to images that are no dataset yet."""
    with st.popover("Other images", icon=":material/add:"):
        archive = st.file_uploader(
            "A ZIP with one folder of cracked and one of sound photos",
            type="zip",
            key="evaluate_zip",
        )
        if archive and st.button(
            "Add and evaluate",
            type="primary",
            key="evaluate_zip_add",
            **allowed(add_dataset),
        ):
            name = free_name(Path(archive.name).stem, dataset_names())
            _add(lambda bar: add_dataset(name, archive, progress=bar.show))
        inspections = {
            f"{each.inspection.structure}, {each.inspection.element} "
            f"({each.inspection.inspected_on})": each.inspection
            for each in list_inspections()
        }
        if inspections:
            title = st.selectbox(
                "Or the verdicts of an inspection",
                list(inspections),
                index=None,
                placeholder="Choose one",
                key="evaluate_inspection",
            )
            if title and st.button(
                "Add its verdicts",
                key="evaluate_verdicts_add",
                **allowed(add_verdicts),
            ):
                chosen = inspections[title]
                name = free_name(f"{chosen.structure}-verdicts", dataset_names())
                _add(lambda bar: add_verdicts(name, chosen, bar.show))


def _add(make: Callable[[TimedBar], Dataset]) -> None:
    bar = TimedBar()
    with errors_shown():
        added = make(bar)
        st.session_state[_ADDED] = added.name
        st.rerun()
    bar.close()


def judge_next(model: Model, dataset: Dataset, part: Part) -> None:
    """Have images judged as soon as the page is drawn."""
    st.session_state[_RUNNING] = _wanted(model, dataset, part)


def _wanted(model: Model, dataset: Dataset, part: Part) -> list[str]:
    return [str(model.folder), dataset.fingerprint, part]


def run_or_offer(
    model: Model, dataset: Dataset, part: Part, evaluation: Evaluation | None
) -> None:
    """Judge the images if the reader has asked for it; else offer to.

    Args:
        model: To be evaluated.
        dataset: On its images.
        part: On which of them.
        evaluation: As far as it is, None before it begins.
    """
    if st.session_state.get(_RUNNING) != _wanted(model, dataset, part):
        if evaluation:
            total, done = evaluation.about["images"], evaluation.done
        else:
            total, done = len(judged_samples(model.folder, dataset, part).samples), 0
        these = "this" if total == 1 else "these"
        st.markdown(
            f"**{plain(model.name)}** has not been evaluated on "
            f"{these if done == 0 else f'all of {these}'} "
            f"{count(total, 'image')} of **{plain(dataset.name)}**"
            + (f"; {done:,} are judged." if done else ".")
        )
        st.button(
            "Go on" if done else "Evaluate",
            type="primary",
            icon=":material/play_arrow:",
            key="evaluate_start",
            on_click=partial(judge_next, model, dataset, part),
            **allowed(Evaluation.judge),
        )
        return
    _keep_place()
    bar = TimedBar()
    st.button(
        "Cancel",
        key="evaluate_cancel",
        on_click=lambda: st.session_state.pop(_RUNNING, None),
        help="What is judged so far stays.",
    )
    try:
        evaluation = begin(model.folder, dataset, part)
        judging = partial(bar.show, "Judging")
        evaluation.go_on(predictor(model), dataset, judging)
        trying = partial(bar.show, "Trying it without a network")
        evaluation.baselines(model.card, dataset, trying)
        bar.show("Drawing images again for the intervals", 0, 1)
        evaluation.result(model.card)
    except CrackError:
        st.session_state.pop(_RUNNING, None)
        raise
    st.session_state.pop(_RUNNING, None)
    st.rerun()


def _keep_place() -> None:
    """Keep what Streamlit forgets of widgets that are not drawn now."""
    for key in ("evaluate_view", "mistakes_place"):
        if key in st.session_state:
            st.session_state[key] = st.session_state[key]
