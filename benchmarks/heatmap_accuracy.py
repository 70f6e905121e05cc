"""How well heatmaps locate cracks, on photos with masks.

    python -m benchmarks.heatmap_accuracy MODEL PHOTOS MASKS [--only FILE.csv]

AUROC over all cells of 32 px of all photos: log-odds of a cell, and whether the mask
has a crack in it. Compared are the program's heatmap, single sizes, and
half-overlapping tiles. `--only` names a photos.csv of crops (from
`tools.train_default`: of the photos held out), whose names begin with the names of the
photos to take.
"""

from __future__ import annotations

import argparse
import time
from collections import defaultdict
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from PIL import Image
from sklearn.metrics import roc_auc_score

from crack.data.images import decode_image, resize_image
from crack.data.pyramid import image_pyramid, scales_for
from crack.inference.engine import Engine
from crack.inference.heatmap import photo_heatmap, tile_log_odds
from crack.inference.predictor import GRAPH_FILE
from crack.inference.tiling import run_level
from crack.runs.registry import find_model

_SINGLE = (0.5, 1.0, 2.0)

Heatmap = NDArray[np.float32]


def main() -> None:
    """Print a table of AUROC and time for each kind of heatmap."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("model")
    parser.add_argument("photos", type=Path)
    parser.add_argument("masks", type=Path)
    parser.add_argument("--only", type=Path)
    options = parser.parse_args()
    model = find_model(options.model)
    card, engine = model.card, Engine(model.folder / GRAPH_FILE)
    truth: list[NDArray[np.bool_]] = []
    heatmaps: dict[str, list[Heatmap]] = defaultdict(list)
    seconds: dict[str, float] = defaultdict(float)
    paths = _chosen(options.photos, options.only)
    for path in paths:
        image = decode_image(path)
        height, width, _ = image.shape
        tile = card.image_size
        pyramid = scales_for(height, width, tile)
        kinds = {"pyramid": pyramid} | {f"one size, x {s:g}": (s,) for s in _SINGLE}
        mask = decode_image(next(options.masks.glob(f"{path.stem}.*")))[..., 0] > 127
        cells = _cells(mask, engine.stride)
        truth.append(cells.ravel())
        for name, scales in kinds.items():
            began = time.perf_counter()
            sizes = image_pyramid(image, scales, tile)
            levels = [run_level(engine, size, tile) for size in sizes][::-1]
            found = photo_heatmap(levels, card)
            seconds[name] += time.perf_counter() - began
            heatmaps[name].append(_to(found, cells.shape))
        began = time.perf_counter()
        found = _by_tiles(engine, image, tile)
        seconds["half-overlapping tiles"] += time.perf_counter() - began
        heatmaps["half-overlapping tiles"].append(_to(found, cells.shape))
    positive = np.concatenate(truth)
    print(f"{len(paths)} photos, {len(positive)} cells, {positive.mean():.1%} cracked")
    print("| heatmap | AUROC | seconds per photo |")
    print("|---|---|---|")
    for name, found in heatmaps.items():
        auroc = roc_auc_score(positive, np.concatenate([m.ravel() for m in found]))
        print(f"| {name} | {auroc:.4f} | {seconds[name] / len(paths):.3f} |")


def _chosen(photos: Path, only: Path | None) -> list[Path]:
    paths = sorted(photos.iterdir())
    if only is None:
        return paths
    crops = pd.read_csv(only)["file"]
    stems = {Path(file).name.rsplit("-", 3)[0] for file in crops}
    return [path for path in paths if path.stem in stems]


def _cells(mask: NDArray[np.bool_], cell: int) -> NDArray[np.bool_]:
    rows, columns = mask.shape[0] // cell, mask.shape[1] // cell
    whole = mask[: rows * cell, : columns * cell]
    return whole.reshape(rows, cell, columns, cell).any((1, 3))


def _to(found: Heatmap, shape: tuple[int, ...]) -> Heatmap:
    picture = Image.fromarray(np.ascontiguousarray(found, np.float32))
    return np.asarray(picture.resize(shape[::-1], Image.Resampling.BOX))


def _by_tiles(engine: Engine, image: NDArray[np.uint8], tile: int) -> Heatmap:
    """Return the mean log-odds of the tiles at each position, half a tile apart."""
    height, width, _ = image.shape
    total, count = np.zeros((height, width)), np.zeros((height, width))
    for top in _starts(height, tile):
        for left in _starts(width, tile):
            window = slice(top, top + tile), slice(left, left + tile)
            piece = resize_image(image[window], tile, tile)
            total[window] += tile_log_odds(run_level(engine, piece, tile), tile).mean()
            count[window] += 1
    return (total / count).astype(np.float32)


def _starts(length: int, tile: int) -> list[int]:
    last = max(0, length - tile)
    return sorted({*range(0, last, tile // 2), last})


if __name__ == "__main__":
    main()
