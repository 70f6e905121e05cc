"""Runs: all trainings, to compare, to promote to a model, to delete."""

from __future__ import annotations

import streamlit as st

from crack.data.dataset import dataset_names
from crack.reporting.figures import compare_figure
from crack.reporting.metric_titles import CURVES
from crack.reporting.words import percent
from crack.runs.run import RunStatus
from pages.shared.formatting import PERCENT, SCORE_COLUMNS, plain, run_title
from pages.shared.run_list import current_runs
from pages.shared.run_progress import TRAIN_PAGE
from pages.shared.sample_button import draw_sample_button
from pages.training.comparison import differences, final_numbers, overview
from pages.training.run_actions import draw_actions

st.title("Runs")
runs = current_runs()
if not runs:
    st.info("Nothing has been trained yet.", icon=":material/model_training:")
    st.page_link(
        TRAIN_PAGE if dataset_names() else "pages/dataset/add.py",
        label="Train a model" if dataset_names() else "Add a dataset first",
        icon=":material/arrow_forward:",
    )
    if not dataset_names():
        draw_sample_button("runs_sample")
    st.stop()

finished = [run.status is RunStatus.FINISHED for run in runs]
newest_finished = finished.index(True) if any(finished) else 0
st.caption(
    "Select one run to look at it, or several to compare them. Val accuracy is the "
    "best of all epochs, of the network as it trains."
)
selection = st.dataframe(
    overview(runs),
    hide_index=True,
    on_select="rerun",
    selection_mode="multi-row",
    selection_default={"selection": {"rows": [newest_finished]}},
    placeholder="–",
    column_config={
        "Test accuracy": PERCENT,
        "Val accuracy": PERCENT,
        "Test images": "Images",
        "Val images": "Images",
        "Created": st.column_config.DatetimeColumn(format="D MMM, HH:mm"),
    },
    # A selection refers to rows: with another list it would select other runs.
    key=f"runs_table_{len(runs)}_{runs[0].id}",
    alt="All runs with their settings and results",
)
chosen = [runs[row] for row in selection.selection.rows if row < len(runs)]
if not chosen:
    st.stop()

if len(chosen) == 1:
    st.subheader(plain(run_title(chosen[0])))
    draw_actions(chosen[0])
    if chosen[0].status is RunStatus.FAILED:
        st.error(plain(chosen[0].progress.message), icon=":material/error:")

st.subheader("Curves")
metric = st.segmented_control(
    "Metric",
    list(CURVES),
    default=next(iter(CURVES)),
    required=True,
    format_func=lambda column: CURVES[column].full_title,
    key="runs_metric",
    bind="query-params",
)
histories = {run_title(run): run.history for run in chosen}
if any(histories.values()):
    st.plotly_chart(
        compare_figure(histories, metric),
        theme="streamlit",
        key="runs_curves",
        config={"displayModeBar": False},
        alt=f"{CURVES[metric].full_title} by epoch of {', '.join(histories)}",
    )
else:
    st.caption("No epoch is finished yet.")

numbers = final_numbers(chosen)
if numbers:
    st.subheader("Final numbers")
    for run in chosen:
        leaked = run.evaluation["leak"] if run.evaluation else None
        if run.config.split == "random" and leaked and leaked["count"]:
            one = leaked["count"] == 1
            are = "is a near-copy" if one else "are near-copies"
            st.warning(
                f"{plain(run_title(run))}: the split was random. {leaked['count']:,} "
                f"of its validation and test images ({percent(leaked['share'])}) {are} "
                "of training images or from the same photo, so its numbers are too "
                "good.",
                icon=":material/content_copy:",
            )
    st.caption(
        "Measured on the exported model, which was calibrated on the validation "
        "images. So the validation row is too good, and differs from the training "
        "above: trust the test row."
    )
    st.dataframe(
        numbers,
        hide_index=True,
        column_config=SCORE_COLUMNS | {"Note": st.column_config.TextColumn(width=270)},
        placeholder="–",
        key="runs_numbers",
        alt="Metrics of the chosen runs on validation and test",
    )

different = differences(chosen)
if different:
    st.subheader("What was set differently")
    st.dataframe(
        different,
        hide_index=True,
        # As wide as the longest name of a setting, which is else cut off.
        column_config={"Setting": st.column_config.TextColumn(width=190)},
        key="runs_differences",
        alt="Settings that are not the same in the chosen runs",
    )
