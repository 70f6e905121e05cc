"""Which thresholds hold on sources that a model was not trained on.

    CRACK_HOME=WORK python -m benchmarks.left_out_thresholds [RECIPE] [--besides SOURCE]

reads the answers that `benchmarks.leave_one_out` kept for a recipe. Printed are the
thresholds at which at most 2 % of the sound images are answered with "crack" and at
most 5 % of the cracked ones with "no crack", for each source left out and for all
together, each source counting the same; below them, what these thresholds and those of
the model `default` do on the same answers.

Only the probability is looked at. The program answers "needs review" for other reasons
as well, so its answers are a little more careful than these.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import expit

from crack import settings
from crack.inference.thresholds import Thresholds
from crack.runs.registry import find_model

MAX_FALSE_ALARMS = 0.02
MAX_MISSED = 0.05
ALL = "all, each counting the same"


def main() -> None:
    """Print the thresholds, and what they and the default's give."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("recipe", nargs="?", default="chosen")
    parser.add_argument("--besides", help="a source to leave out of the mean as well")
    options = parser.parse_args()
    recipe, besides = options.recipe, options.besides
    cells = sorted((settings.home() / "leave-one-out").glob(f"{recipe}-*/scores.csv"))
    answers = {
        path.parent.name.removeprefix(f"{recipe}-"): read_answers(path)
        for path in cells
    }
    if besides is not None and besides not in answers:
        parser.error(f"'{besides}' is none of {', '.join(answers)}.")
    others = {name: part for name, part in answers.items() if name != besides}
    answers[ALL] = pool(answers)
    if besides is not None:
        answers[f"all besides {besides}"] = pool(others)
    fitting = {name: fitting_thresholds(scores) for name, scores in answers.items()}
    print("| source left out | no crack below | crack from | needs review |")
    print("|---|---|---|---|")
    for name, found in fitting.items():
        review = f"{100 * shares(answers[name], found)['review']:.1f} %"
        print(f"| {name} | {found.no_crack:.4f} | {found.crack:.4f} | {review} |")
    for thresholds in (find_model("default").card.thresholds, fitting[ALL]):
        print_shares(answers, thresholds)


def read_answers(path: Path) -> pd.DataFrame:
    """Return what a model answered for the source it was not trained on.

    Returns:
        Columns is_crack, probability, and weight: the images of a class add up to 1.
    """
    scores = pd.read_csv(path)
    size = scores.groupby("is_crack")["is_crack"].transform("size")
    return pd.DataFrame(
        {
            "is_crack": scores["is_crack"],
            "probability": expit(scores["log_odds"]),
            "weight": 1 / size,
        }
    )


def pool(answers: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Return the answers for all sources, each counting the same."""
    pooled = pd.concat(answers.values(), ignore_index=True)
    return pooled.assign(weight=pooled["weight"] / len(answers))


def fitting_thresholds(answers: pd.DataFrame) -> Thresholds:
    """Return the thresholds that leave least to review within the two limits.

    Where one threshold alone keeps both limits, it is both, and nothing is left.
    """
    sound, cracked = (answers[answers["is_crack"] == c] for c in (False, True))
    highest = -_limit(-sound["probability"], sound["weight"], MAX_FALSE_ALARMS)
    crack = float(np.nextafter(highest, 1))  # at the threshold the answer is "crack"
    no_crack = _limit(cracked["probability"], cracked["weight"], MAX_MISSED)
    if crack < no_crack:
        crack = no_crack = (crack + no_crack) / 2
    return Thresholds(no_crack=no_crack, crack=crack)


def _limit(values: pd.Series, weights: pd.Series, most: float) -> float:
    """Return the highest of the values with at most a share `most` below it."""
    order = np.argsort(values.to_numpy(), kind="stable")
    below: NDArray[np.float64] = np.cumsum(weights.to_numpy()[order])
    first = int(np.searchsorted(below, most + 1e-9, side="right"))
    return float(values.to_numpy()[order][first])


def shares(answers: pd.DataFrame, thresholds: Thresholds) -> dict[str, float]:
    """Return the shares of wrong answers, and of those left for review.

    Returns:
        false_alarms (of the sound images), missed and found (of the cracked ones), and
        review (mean of both classes).
    """
    p, weight = answers["probability"], answers["weight"]
    sound, cracked = ~answers["is_crack"], answers["is_crack"]
    review = (p >= thresholds.no_crack) & (p < thresholds.crack)
    return {
        "false_alarms": float(weight[sound & (p >= thresholds.crack)].sum()),
        "missed": float(weight[cracked & (p < thresholds.no_crack)].sum()),
        "found": float(weight[cracked & (p >= thresholds.crack)].sum()),
        "review": float(weight[review].sum()) / 2,
    }


def print_shares(answers: Mapping[str, pd.DataFrame], thresholds: Thresholds) -> None:
    """Print what two thresholds give, for each source and for all."""
    between = f"{thresholds.no_crack:.4f} and {thresholds.crack:.4f}"
    print(f"\n| at {between} | false alarms | missed | found | needs review |")
    print("|---|---|---|---|---|")
    for name, scores in answers.items():
        cells = [
            f"{100 * share:.1f} %" for share in shares(scores, thresholds).values()
        ]
        print(f"| {name} | {' | '.join(cells)} |")


if __name__ == "__main__":
    main()
