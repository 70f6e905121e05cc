"""The thresholds of a model: what others would cost, and how they are saved."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from crack.data.dataset import Dataset
from crack.evaluation.intervals import Interval
from crack.evaluation.kept import Evaluation
from crack.evaluation.scored import ScoredImages
from crack.evaluation.trade import (
    PHOTOS,
    Trade,
    thresholds_for_costs,
    thresholds_for_shares,
    trade,
    trade_intervals,
)
from crack.inference.thresholds import Thresholds
from crack.reporting.evaluation_figures import threshold_figure
from crack.reporting.evaluation_words import EXPECTED, expected_words
from crack.reporting.words import count, threshold
from crack.runs.registry import Model, save_thresholds
from pages.shared.feedback import errors_shown, notify
from pages.shared.formatting import plain
from pages.shared.permission import allowed

if TYPE_CHECKING:
    from streamlit.delta_generator import DeltaGenerator

_PRESENT, _LIMITS, _COSTS, _HAND = (
    "As they are",
    "Limit both errors",
    "Least cost",
    "By hand",
)
_STEPS = sorted(
    {0.0001, 0.0002, 0.0005, 0.001, 0.002, 0.005}
    | {n / 100 for n in range(1, 100)}
    | {0.995, 0.998, 0.999, 0.9995, 0.9998, 0.9999}
)
_MEANING = {
    "found": "Cracked, answered with crack",
    "missed": "Cracked, answered with no crack",
    "review": "Left for a person",
    "false_alarms": "Sound, answered with crack",
    "sound": "Sound, answered with no crack",
}


@st.fragment
def draw_thresholds(
    model: Model, dataset: Dataset, evaluation: Evaluation, images: ScoredImages
) -> None:
    """Draw what thresholds cost, and let the reader choose and save others."""
    present = model.card.thresholds
    share = _choose_share()
    before = trade(images, present, share)  # told at once if there is one class only
    policy = st.segmented_control(
        "Thresholds",
        [_PRESENT, _LIMITS, _COSTS, _HAND],
        default=_PRESENT,
        required=True,
        key="thresholds_policy",
    )
    chosen, reason = _choose(policy, present, images, share)
    st.plotly_chart(
        threshold_figure(images, chosen),
        key="thresholds_figure",
        width="stretch",
        config={"displayModeBar": False},
    )
    after = trade(images, chosen, share)
    ends = trade_intervals(images, chosen, share)
    missed, alarms = (
        expected_words(getattr(after, name), ends[name], 1)
        for name in ("missed", "false_alarms")
    )
    st.markdown(
        f"**No crack** below {threshold(chosen.no_crack)}, **crack** from "
        f"{threshold(chosen.crack)} on. Of {PHOTOS:,} photos, {PHOTOS * share:,.0f} of "
        f"them with a crack, **{missed}** cracks would be missed, **{alarms}** would "
        "be false alarms, and a person would still look at "
        f"**{expected_words(after.review, ends['review'], 0)}**."
    )
    now = _column(before, trade_intervals(images, present, share))
    _draw_table(now, _column(after, ends) if chosen != present else None)
    st.caption(
        f"Counted on {count(len(images), 'image')} of {plain(dataset.name)}. "
        f"{EXPECTED} Photos of another kind can fall differently."
    )
    if model.card.thresholds_from:
        st.caption(
            f"The present thresholds, {threshold(present.no_crack)} and "
            f"{threshold(present.crack)}: {plain(model.card.thresholds_from)}"
        )
    if st.button(
        "Save for this model",
        type="primary",
        icon=":material/save:",
        key="thresholds_save",
        **allowed(
            save_thresholds,
            disabled=chosen == present,
            help="Every answer, table and report follows; the thresholds of before are "
            "kept and can come back on the Models page.",
        ),
    ):
        about = evaluation.about
        with errors_shown():
            saved = save_thresholds(
                model,
                chosen,
                f"{reason} Chosen on {count(about['images'], 'image')} of "
                f"{about['dataset']}.",
            )
            notify(
                f"Saved as version {saved.card.version} of {model.name}. Predict and "
                "new reports answer by it."
            )
            st.rerun()


def _choose_share() -> float:
    share: float = st.slider(
        f"Photos with a crack, of {PHOTOS:,} of yours",
        1,
        500,
        100,
        key="thresholds_share",
        persist_state="session",
        help="Your own guess: the share among the images judged says nothing about "
        "your walls.",
    )
    return share / PHOTOS


def _choose(
    policy: str, present: Thresholds, images: ScoredImages, share: float
) -> tuple[Thresholds, str]:
    """Return thresholds by the reader's policy, and the reason in a sentence."""
    if policy == _LIMITS:
        return _by_limits(images)
    if policy == _COSTS:
        return _by_costs(images, share)
    if policy == _HAND:
        return _by_hand(present), "Chosen by hand."
    return present, ""


def _by_limits(images: ScoredImages) -> tuple[Thresholds, str]:
    left, right = st.columns(2)
    missed = _percent(left, "Cracks missed", "thresholds_missed")
    alarms = _percent(right, "False alarms among sound photos", "thresholds_alarms")
    st.caption(
        f"So at least {100 - missed:g} % of the cracks are found or left for a person."
    )
    chosen = thresholds_for_shares(images, missed / 100, alarms / 100)
    return chosen, (
        f"At most {missed:g} % of the cracks missed and {alarms:g} % of the sound "
        "images called crack."
    )


def _percent(place: DeltaGenerator, what: str, key: str) -> float:
    return place.number_input(f"{what}, at most (%)", 0.0, 50.0, 2.0, step=0.5, key=key)


def _by_costs(images: ScoredImages, share: float) -> tuple[Thresholds, str]:
    left, right = st.columns(2)
    miss = _looks(
        left,
        "A missed crack costs as much as so many looks of a person",
        100.0,
        "thresholds_miss_cost",
    )
    alarm = _looks(
        right,
        "A false alarm costs as much as so many looks",
        5.0,
        "thresholds_alarm_cost",
    )
    chosen = thresholds_for_costs(images, miss, alarm, share)
    return chosen, (
        f"Least cost where a missed crack costs {miss:g} looks, a false alarm "
        f"{alarm:g}, and {share:.1%} of the photos have a crack (Chow 1970)."
    )


def _looks(place: DeltaGenerator, what: str, usual: float, key: str) -> float:
    return place.number_input(what, 1.0, 10_000.0, usual, key=key)


def _by_hand(present: Thresholds) -> Thresholds:
    steps = sorted({*_STEPS, present.no_crack, present.crack})
    low, high = st.select_slider(
        "No crack below, crack from",
        steps,
        value=(present.no_crack, present.crack),
        format_func=threshold,
        key="thresholds_hand",
    )
    return Thresholds(low, high)


def _column(numbers: Trade, ends: Mapping[str, Interval]) -> list[str]:
    return [expected_words(getattr(numbers, name), ends[name], 1) for name in _MEANING]


def _draw_table(now: Sequence[str], chosen: Sequence[str] | None) -> None:
    columns = {f"Of {PHOTOS:,} photos": list(_MEANING.values()), "Now": now}
    if chosen:
        columns["With these thresholds"] = chosen
    st.table(pd.DataFrame(columns), hide_index=True)
