"""The results of a run so far: numbers, curves, phases."""

from __future__ import annotations

from typing import Literal

import streamlit as st

from crack.reporting.figures import history_figure
from crack.reporting.metric_titles import CURVES
from crack.reporting.phases import phase_boundary
from crack.reporting.words import count
from crack.runs.config import Phase
from crack.runs.records import Metric
from crack.runs.run import RunStatus
from crack.runs.snapshot import RunSnapshot
from pages.shared.formatting import PERCENT, times_100


def draw_numbers(run: RunSnapshot) -> None:
    """Draw how far a run is, its best epoch, and its learning rate while it trains."""
    history, best, config = run.history, run.best_epoch, run.config
    images = count(run.validation_images, "image")
    # Drawn from the start, with dashes: appearing later they would move the rest.
    phase = Phase(history[-1]["phase"]) if history else config.phases[0][0]
    how = dict(config.phases)[phase]
    cells = [
        ("Epochs done", f"{len(history)} of {config.epochs}", f"{phase.label} phase"),
        (
            f"Best {CURVES['val_accuracy'].full_title.lower()}",
            f"{100 * best['val_accuracy']:.2f} %" if best else "–",
            f"epoch {best['epoch']}, {images}" if best else "no epoch yet",
        ),
    ]
    if run.status is not RunStatus.FINISHED:  # it has often fallen to zero by then
        rate = history[-1]["learning_rate"] if history else how.learning_rate
        how_it_falls = f"{how.optimizer}, {how.schedule}"
        cells.append(("Learning rate", f"{rate:.2g}", how_it_falls))
    grid = st.grid(len(cells), min_column_width=150, gap="xsmall")
    for label, value, remark in cells:
        grid.metric(
            label, value, remark, delta_color="off", delta_arrow="off", border=True
        )


def draw_curves(run: RunSnapshot) -> None:
    """Draw loss and accuracy by epoch."""
    history, best = run.history, run.best_epoch
    config = run.config
    # Patience may have ended a phase before its planned epochs.
    epochs = len(history) if run.status is RunStatus.FINISHED else config.epochs
    metrics: dict[Literal["loss", "accuracy"], Metric] = {
        "loss": "val_loss",
        "accuracy": "val_accuracy",
    }
    for metric, of_validation in metrics.items():
        figure = history_figure(
            metric,
            history,
            run.live.steps,
            epochs=epochs,
            boundary=phase_boundary(history, config.frozen.epochs),
            best_epoch=best["epoch"] if best else None,
        )
        now = history[-1][of_validation] if history else None
        values = "" if now is None else f" Validation now {now:.4f}."
        st.plotly_chart(
            figure,
            theme="streamlit",
            key=f"train_{metric}",
            config={"displayModeBar": False},
            alt=f"Training and validation {metric} by epoch.{values}",
        )


def draw_phase_table(run: RunSnapshot) -> None:
    """Draw what each finished phase trained, and the time it took."""
    st.caption("What each phase trained and took")
    st.dataframe(
        [
            {
                "Phase": Phase(row["phase"]).label,
                "Val accuracy": times_100(row["val_accuracy"]),
                "Epochs": row["epochs"],
                "Training (s)": round(row["train_seconds"], 1),
                "Preparing (s)": round(row["cache_seconds"], 1),
                "Parameters trained": f"{row['trainable_parameters']:,} "
                f"of {row['total_parameters']:,}",
            }
            for row in run.phases
        ],
        column_config={"Val accuracy": PERCENT},
        hide_index=True,
        key="train_phases",
        alt="Parameters, epochs and time of each phase",
    )
