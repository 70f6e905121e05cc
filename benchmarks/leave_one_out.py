"""How well each way of training does on a source of photos it has never seen.

    CRACK_HOME=WORK python -m benchmarks.leave_one_out [--recipes a,b] [--without x,y]

WORK is the CRACK_HOME in which `tools.train_default` made the default; its datasets
and the activations it cached are used again. For each recipe and each source left out,
the network is trained on the training images of the other sources, exported, and asked
about images of that source by the call that answers for users. Equal budgets: half of
the images of each source and class, three epochs. `chosen` is the recipe of the default
with all images and all of its epochs, `whole-stronger` and `whole-averaged` are these
recipes so; they are asked about all images of the source, or 1,500 of each class of
METU. `--without metu+damage` leaves both out and asks about the first; the table does
not show it.

What is done is kept in WORK/leave-one-out/, so an interrupted command goes on: a row
in `results.jsonl`, and for each cell of the table a folder with the model and
`scores.csv`, which `benchmarks.left_out_thresholds` reads.
"""

from __future__ import annotations

import argparse
import shutil
import time
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import keras
import numpy as np
import pandas as pd
from scipy.special import expit
from sklearn.metrics import roc_auc_score

from benchmarks.transfer_recipes import (
    RECIPES,
    Lesson,
    Mixture,
    fine_tune,
    interpolate,
    lesson_without,
    read_mixture,
    rows_of_each,
    starting_model,
)
from crack import settings, storage
from crack.data.dataset import load_dataset
from crack.evaluation.calibration import fit_calibration
from crack.evaluation.evaluate import scores_of
from crack.inference.ood import OOD_FILE
from crack.inference.predictor import Predictor
from crack.model.export import KERAS_FILE, write_model
from crack.runs.backbones import find_backbone
from crack.training.finish import untested_card
from tools.default_results import keep_unseen
from tools.default_sources import HELD_OUT, SOURCES
from tools.train_default import CONFIG, THRESHOLDS

QUEUE = (
    "plain",
    "averaged",
    "wise",
    "features",
    "l2_sp",
    "deeper",
    "head",
    "rates",
    "stronger",
    "full",
)
CHOSEN = "chosen"
FULL_BUDGET = {
    CHOSEN: "plain",
    "whole-stronger": "stronger",
    "whole-averaged": "averaged",
}
WISE_SHARE = 0.7  # of the way from the starting model to the plain one
SHARE = 0.5  # of the training images, where recipes are compared
DRAWN = 300  # times the images are drawn anew
ASKED = {"metu": 1500}  # images of each class of a source too large to be asked whole
CALIBRATED_ON = 50  # validation images of each source and class


class Cell(NamedTuple):
    """One training: by which recipe, without which source or sources."""

    recipe: str
    without: str

    @property
    def folder(self) -> Path:
        """Where its model and scores are kept."""
        return _results_folder() / f"{self.recipe}-{self.without}"

    @property
    def asked(self) -> str:
        """The source about whose images it is asked."""
        return self.without.partition("+")[0]


def main() -> None:
    """Fill the cells of the table that are missing, then print it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--recipes", default=",".join(QUEUE))
    parser.add_argument("--without", default=",".join(SOURCES))
    parser.add_argument("--images", type=int, default=200, help="asked about, a class")
    parser.add_argument("--epochs", type=int, default=3)
    options = parser.parse_args()
    mixture = read_mixture()
    for recipe in options.recipes.split(","):
        for source in options.without.split(","):
            cell = Cell(recipe, source)
            if cell not in {Cell(r["recipe"], r["without"]) for r in results()}:
                fill(cell, mixture, options.images, options.epochs)
    print_table()
    print_differences()


def fill(cell: Cell, mixture: Mixture, images: int, epochs: int) -> None:
    """Train, export, ask and keep the answers."""
    began = time.monotonic()
    whole = cell.recipe in FULL_BUDGET
    epochs = CONFIG.fine_tune.epochs if whole else epochs
    lesson = lesson_without(cell.without, mixture, 1.0 if whole else SHARE)
    model = trained(cell, lesson, epochs)
    trained_at = time.monotonic()
    shutil.rmtree(cell.folder, ignore_errors=True)
    cell.folder.mkdir(parents=True)
    export(model, mixture, cell)
    scores = ask(cell, ASKED.get(cell.asked) if whole else images)
    scores.to_csv(cell.folder / "scores.csv", index=False)
    if cell.recipe == CHOSEN and cell.without == cell.asked:
        truth, probability = scores["is_crack"], expit(scores["log_odds"])
        keep_unseen(cell.without, truth.to_numpy(), probability.to_numpy(), THRESHOLDS)
    row = {
        "recipe": cell.recipe,
        "without": cell.without,
        "auroc": auroc(scores),
        "by_dataset": {n: auroc(part) for n, part in scores.groupby("dataset")},
        "images": len(scores),
        "trained_on": len(lesson.rows),
        "epochs": epochs,
        "train_seconds": round(trained_at - began),
        "seconds": round(time.monotonic() - began),
    }
    storage.append_jsonl(_results_folder() / "results.jsonl", row)
    print(row, flush=True)
    keras.backend.clear_session()


def trained(cell: Cell, lesson: Lesson, epochs: int) -> keras.Sequential:
    """Return the network trained by the recipe of a cell."""
    model = starting_model(lesson)
    if cell.recipe == "wise":
        plain = Cell("plain", cell.without).folder / KERAS_FILE
        interpolate(model, keras.models.load_model(plain), WISE_SHARE)
        return model
    recipe = RECIPES[FULL_BUDGET.get(cell.recipe, cell.recipe)]
    fine_tune(model, recipe, lesson, epochs)
    return model


def export(model: keras.Sequential, mixture: Mixture, cell: Cell) -> None:
    """Write the model folder, calibrated on validation images of the other sources."""
    dataset, folder = mixture.dataset, cell.folder
    crack_index = dataset.class_names.index(dataset.crack_class)
    write_model(model, find_backbone(CONFIG.backbone), crack_index, folder)
    # Needed to answer, but without influence on the log-odds.
    shutil.copyfile(settings.SHIPPED_MODELS / "default" / OOD_FILE, folder / OOD_FILE)
    card = replace(untested_card(folder.name, CONFIG, dataset), thresholds=THRESHOLDS)
    card.write(folder)
    groups = rows_of_each(mixture, "val", cell.without)
    most = None if cell.recipe in FULL_BUDGET else CALIBRATED_ON
    judged = mixture.split.iloc[np.concatenate([group[:most] for group in groups])]
    log_odds = scores_of(Predictor(folder), dataset, list(judged["file"]))["log_odds"]
    temperature, offset = fit_calibration(
        log_odds, judged["class"] == dataset.crack_class
    )
    replace(card, temperature=temperature, offset=offset).write(folder)


def ask(cell: Cell, images: int | None) -> pd.DataFrame:
    """Return the calibrated log-odds of images of the source that was left out.

    Args:
        cell: Whose model is asked.
        images: Of each class and dataset, or all if there are fewer; None for all.
    """
    predictor = Predictor(cell.folder)
    parts = []
    for name in (cell.asked, HELD_OUT.get(cell.asked)):
        if name is None:
            continue
        dataset = load_dataset(name)
        shuffled = dataset.samples.sample(frac=1, random_state=CONFIG.seed)
        judged = shuffled if images is None else shuffled.groupby("class").head(images)
        raw = scores_of(predictor, dataset, list(judged["file"]))["log_odds"]
        parts.append(
            pd.DataFrame(
                {
                    "dataset": name,
                    "file": judged["file"].to_numpy(),
                    "is_crack": (judged["class"] == dataset.crack_class).to_numpy(),
                    "log_odds": (raw - predictor.card.offset)
                    / predictor.card.temperature,
                }
            )
        )
    return pd.concat(parts, ignore_index=True)


def auroc(scores: pd.DataFrame) -> float:
    """Return how well the log-odds rank the images."""
    return round(float(roc_auc_score(scores["is_crack"], scores["log_odds"])), 4)


def results() -> list[dict[str, object]]:
    """Return the rows of all cells that were filled."""
    return storage.read_jsonl(_results_folder() / "results.jsonl")


def print_table() -> None:
    """Print AUROC by recipe and source, the mean and the worst of each recipe."""
    frame = pd.DataFrame(results())
    table = frame.pivot_table(index="recipe", columns="without", values="auroc")
    table = table.reindex(columns=list(SOURCES))
    print(f"| recipe | {' | '.join(SOURCES)} | mean | worst |")
    print("|---" * (len(SOURCES) + 3) + "|")
    for recipe in dict.fromkeys(frame["recipe"]):
        row = table.loc[recipe]
        whole = [row.mean(), row.min()] if row.notna().all() else [np.nan, np.nan]
        cells = ["" if np.isnan(v) else f"{v:.4f}" for v in (*row, *whole)]
        print(f"| {recipe} | {' | '.join(cells)} |")


def print_differences() -> None:
    """Print how each recipe differs from `plain`, if images are drawn anew."""
    print(f"\n| less `plain` | {' | '.join(SOURCES)} |")
    print("|---" * (len(SOURCES) + 1) + "|")
    filled = {Cell(str(row["recipe"]), str(row["without"])) for row in results()}
    for recipe in dict.fromkeys(str(row["recipe"]) for row in results()):
        if recipe in {"plain", *FULL_BUDGET}:
            continue
        cells = (Cell(recipe, source) for source in SOURCES)
        words = [difference(cell) if cell in filled else "" for cell in cells]
        print(f"| {recipe} | {' | '.join(words)} |")


def difference(cell: Cell) -> str:
    """Return the AUROC of a cell less that of `plain`, with its standard deviation."""
    same = ["dataset", "file", "is_crack"]
    scores, plain = (
        pd.read_csv(of.folder / "scores.csv").set_index(same)["log_odds"]
        for of in (cell, Cell("plain", cell.without))
    )
    both = pd.DataFrame({"scores": scores, "plain": plain}).reset_index()

    def gain(part: pd.DataFrame) -> float:
        after, before = (
            roc_auc_score(part["is_crack"], part[name]) for name in ("scores", "plain")
        )
        return float(after - before)

    drawn = [
        gain(both.sample(frac=1, replace=True, random_state=seed))
        for seed in range(DRAWN)
    ]
    return f"{gain(both):+.3f} ± {np.std(drawn):.3f}"


def _results_folder() -> Path:
    return settings.home() / "leave-one-out"


if __name__ == "__main__":
    main()
