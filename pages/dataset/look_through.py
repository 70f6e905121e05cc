"""A list of doubtful images, looked through by key or click."""

from __future__ import annotations

from functools import partial

import streamlit as st

from crack.data.dataset import Dataset, edit_dataset
from crack.exploration.problems import Problem
from crack.reporting.words import count
from pages.dataset.edit import DONE, edit
from pages.shared.formatting import plain
from pages.shared.permission import allowed
from pages.shared.small_picture import draw_small

_IN_A_ROW = 5
_ONE, _SEVERAL = "One at a time", "A row at a time"
_LARGE, _SMALL = 420, 150  # px of the screen
_MOST = 24  # copies of one picture


def draw_list(dataset: Dataset, problem: Problem) -> None:
    """Draw the images of a list that are still to be looked at.

    Args:
        dataset: With the images.
        problem: The list; its rows are known.
    """
    rows, places = problem.rows or (), problem.open_rows(dataset)
    if not places:
        done = (
            f"All {len(rows):,} are looked at." if rows else "Nothing is in this list."
        )
        st.success(done, icon=":material/check_circle:")
        _draw_undo(dataset)
        return
    # Copies belong together; single images can be looked at side by side.
    single = all(len(row) == 1 for row in rows)
    step = _IN_A_ROW if single and _choose_pace() == _SEVERAL else 1
    key = f"quality_at_{dataset.name}_{problem.key}"
    first = min(st.session_state.get(key, 0), len(places) - 1)
    shown = places[first : first + step]
    unit = "image" if single else "picture"
    st.caption(
        f"{count(len(places), unit)} left, {len(rows) - len(places):,} looked at. "
        + (f"This is number {first + 1:,}." if len(shown) == 1 else "")
    )
    files = tuple(file for place in shown for file in rows[place])
    with st.container(horizontal=True):
        _draw_buttons(dataset, problem, files, single)
        _draw_way(key, first, step, len(places))
        _draw_undo(dataset)
    remarks = [problem.remarks[p] for p in shown] if problem.remarks else []
    _draw_images(dataset, files[:_MOST], remarks)


def _choose_pace() -> str:
    pace: str = st.segmented_control(
        "Pace",
        [_ONE, _SEVERAL],
        default=_ONE,
        required=True,
        key="quality_pace",
        label_visibility="collapsed",
    )
    return pace


def _draw_undo(dataset: Dataset) -> None:
    """Draw the way back from the last edit, whoever made it."""
    if not dataset.edits:
        return
    last = dataset.edits[-1]
    st.button(
        "Undo last",
        icon=":material/undo:",
        shortcut="U",
        key="quality_undo",
        on_click=partial(edit, dataset, (last["file"],), "undo"),
        **allowed(edit_dataset, help=f"{plain(last['file'])}: {DONE[last['action']]}"),
    )


def _draw_buttons(
    dataset: Dataset, problem: Problem, files: tuple[str, ...], single: bool
) -> None:
    """Draw what can be done to all images shown."""
    one = len(files) == 1
    st.button(
        "Keep" if one else f"Keep all {len(files)}",
        icon=":material/check:",
        shortcut="K",
        type="primary",
        key="quality_keep",
        on_click=partial(edit, dataset, files, "keep", problem.key),
        **allowed(edit_dataset, help="Right as it is: this list shows it no more."),
    )
    if one:
        _draw_changes(dataset, files[0], "quality", keys=True)
    elif not single:
        st.button(
            "Keep the first, leave out the others",
            icon=":material/filter_1:",
            shortcut="X",
            key="quality_first",
            on_click=partial(_keep_first, dataset, files, problem.key),
            **allowed(edit_dataset),
        )


def _keep_first(dataset: Dataset, files: tuple[str, ...], problem: str) -> None:
    edit(dataset, files[:1], "keep", problem)
    edit(dataset, files[1:], "leave out")


def _draw_changes(
    dataset: Dataset, file: str, prefix: str, *, keys: bool = False
) -> None:
    """Draw the two changes of one image, with shortcuts or without."""
    samples = dataset.samples
    now = samples.loc[samples["file"] == file, "class"].item()
    (other,) = (name for name in dataset.class_names if name != now)
    st.button(
        f"It is {plain(other)}",
        icon=":material/swap_horiz:",
        shortcut="L" if keys else None,
        key=f"{prefix}_relabel",
        on_click=partial(edit, dataset, (file,), "relabel"),
        **allowed(edit_dataset, help="Gives it the other label; the file stays."),
    )
    st.button(
        "Leave out",
        icon=":material/visibility_off:",
        shortcut="X" if keys else None,
        key=f"{prefix}_leave_out",
        on_click=partial(edit, dataset, (file,), "leave out"),
        **allowed(edit_dataset, help="The file stays where it is."),
    )


def _draw_way(key: str, first: int, step: int, total: int) -> None:
    def go(to: int) -> None:
        st.session_state[key] = to

    st.button(
        "Previous",
        icon=":material/arrow_back:",
        shortcut="Left",
        key="quality_previous",
        on_click=partial(go, max(0, first - step)),
        disabled=first == 0,
    )
    st.button(
        "Next",
        icon=":material/arrow_forward:",
        shortcut="Right",
        key="quality_next",
        on_click=partial(go, first + step),
        disabled=first + step >= total,
    )


def _draw_images(dataset: Dataset, files: tuple[str, ...], remarks: list[str]) -> None:
    samples = dataset.samples[["file", "class", "width", "height"]]
    facts = samples.set_index("file").to_dict("index")
    single = len(files) == 1
    grid = st.grid("auto", min_column_width=_LARGE if single else _SMALL, gap="small")
    for place, file in enumerate(files):
        known = facts[file]
        told = ", ".join(
            [
                plain(known["class"]),
                f"{known['width']:,} × {known['height']:,} px",
                *filter(None, remarks[place : place + 1]),
            ]
        )
        card = grid.cell().container(width=_LARGE if single else "stretch")
        alt = f"Photo {file}, labelled {known['class']}"
        draw_small(card, dataset.path(file), f"{plain(file)}  \n{told}", alt)
        if not single:
            with card:
                _draw_changes(dataset, file, f"quality_{place}")
