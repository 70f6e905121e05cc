"""How the answer for a whole photo follows from its tiles: three rules compared.

    python -m benchmarks.whole_photos MODEL [--photos N]

N drawn photos of 1600x1200 px with cracks and N without, made for this alone and never
trained on. Compared are the program's rule, the mean of the odds over the tiles of each
size; the strongest tile; the mean of the log-odds; and the photo shrunk to one tile.
Each at the thresholds of the card.
"""

from __future__ import annotations

import argparse

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import roc_auc_score

from crack.data.images import resize_image
from crack.evaluation.answer_counts import count_answers
from crack.evaluation.calibration import expected_calibration_error
from crack.inference.engine import Engine
from crack.inference.heatmap import tile_log_odds
from crack.inference.photo_rule import photo_log_odds
from crack.inference.predictor import GRAPH_FILE
from crack.inference.pyramid import image_pyramid, scales_for
from crack.inference.thresholds import label_for
from crack.inference.tiling import run_level
from crack.runs.registry import Model, find_model
from crack.synthetic.drawing import draw_photo

_HEIGHT, _WIDTH = 1200, 1600
_SEED = 4_000


def main() -> None:
    """Print a table with a row per rule."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("model")
    parser.add_argument("--photos", type=int, default=60)
    options = parser.parse_args()
    model = find_model(options.model)
    engine = Engine(model.folder / GRAPH_FILE)
    is_crack = np.arange(2 * options.photos) % 2 == 0
    rows = [
        _by_every_rule(engine, model, number, cracked)
        for number, cracked in enumerate(is_crack.tolist())
    ]
    told_columns = "with cracks: crack, review, no crack | without: the same"
    print(f"| rule | AUROC | calibration error | {told_columns} |")
    print("|---|---|---|---|---|")
    for name in rows[0]:
        probability = model.card.probability([row[name] for row in rows])
        labels = [label_for(p, model.card.thresholds) for p in probability.tolist()]
        told = count_answers(is_crack, labels, model.card.thresholds)
        error = expected_calibration_error(is_crack, probability)
        counts = [
            ", ".join(
                str(told[part][label]) for label in ("crack", "review", "no_crack")
            )
            for part in ("with_crack", "without_crack")
        ]
        auroc = roc_auc_score(is_crack, probability)
        print(f"| {name} | {auroc:.4f} | {error:.3f} | {counts[0]} | {counts[1]} |")


def _by_every_rule(
    engine: Engine, model: Model, number: int, cracked: bool
) -> dict[str, float]:
    rng = np.random.default_rng([_SEED, number])
    image = draw_photo(rng, _HEIGHT, _WIDTH, cracked).image
    tile = model.card.image_size
    sizes = image_pyramid(image, scales_for(_HEIGHT, _WIDTH, tile), tile)
    tiles = [tile_log_odds(run_level(engine, size, tile), tile) for size in sizes]
    whole = run_level(engine, resize_image(image, tile, tile), tile)
    return {
        "mean of the odds": photo_log_odds(tiles),
        "strongest tile": float(max(level.max() for level in tiles)),
        "mean of the log-odds": float(np.mean([_mean(level) for level in tiles])),
        "shrunk to one tile": float(tile_log_odds(whole, tile).mean()),
    }


def _mean(values: NDArray[np.float32]) -> float:
    return float(values.mean(dtype=np.float64))


if __name__ == "__main__":
    main()
