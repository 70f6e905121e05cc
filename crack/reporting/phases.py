"""The phases of a training in a figure: their boundary and their names."""

from __future__ import annotations

from collections.abc import Sequence

from crack.reporting.figure_style import GREY, PlotlyJson
from crack.runs.config import Phase
from crack.runs.records import HistoryRow


def phase_boundary(history: Sequence[HistoryRow], planned: int) -> int | None:
    """Return after how many epochs the frozen phase ended or is planned to end.

    Args:
        history: Of the run so far.
        planned: Frozen epochs asked for; patience may have ended them earlier.

    Returns:
        The number of epochs, None if there is no frozen phase.
    """
    frozen = [row["epoch"] for row in history if row["phase"] == Phase.FROZEN]
    moved_on = any(row["phase"] == Phase.FINE_TUNE for row in history)
    return (max(frozen, default=None) if moved_on else planned) or None


def phase_marks(boundary: int | None, epochs: int) -> PlotlyJson:
    """Return a line where the frozen phase ends, and the names of the phases.

    Args:
        boundary: As from `phase_boundary`.
        epochs: Epochs shown.

    Returns:
        Entries of a Plotly layout; the names stand above the plot.
    """
    frozen, fine_tune = Phase.FROZEN.label, Phase.FINE_TUNE.label
    if boundary is None or boundary >= epochs:
        only = frozen if boundary else fine_tune
        return {"annotations": [_phase_name(only, epochs / 2)]}
    line = {
        "type": "line",
        "x0": boundary,
        "x1": boundary,
        "yref": "paper",
        "y0": 0,
        "y1": 1,
        "line": {"color": GREY, "width": 1, "dash": "dot"},
    }
    middles = boundary / 2, (boundary + epochs) / 2
    names = [
        _phase_name(*pair) for pair in zip((frozen, fine_tune), middles, strict=True)
    ]
    return {"shapes": [line], "annotations": names}


def _phase_name(text: str, x: float) -> PlotlyJson:
    return {
        "x": x,
        "y": 1,
        "yref": "paper",
        "yanchor": "bottom",  # above the plot: inside, a curve would strike it through
        "yshift": 5,  # clear of the ring around a best epoch at 100 %
        "text": text,
        "showarrow": False,
        "font": {"color": GREY, "size": 12},
    }
