"""What was fitted but refused, kept so that writing it takes no second fit.

`cache/adaptations/KEY.npz` holds all that the new model needs beside the old one.
"""

from __future__ import annotations

import hashlib
import io
import json
from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np

from crack import settings, storage
from crack.adaptation.comparison import Comparison
from crack.adaptation.examples import Examples, HeadChange
from crack.adaptation.folder import fingerprint
from crack.adaptation.judged import Calibration
from crack.checked import BAD_ARRAY
from crack.data.dataset import Dataset
from crack.inference.card import CARD_FILE
from crack.runs.registry import Model


@dataclass(frozen=True)
class Fitted:
    """A head fitted to photos, and what came of it.

    Attributes:
        comparison: With the model it was made from.
        change: What is added to the log-odds before calibration.
        calibration: Of the log-odds that the new head gives.
        photos: As the old head sees them, without turned views.
    """

    comparison: Comparison
    change: HeadChange
    calibration: Calibration
    photos: Examples


def refused_file(base: Model, dataset: Dataset) -> Path:
    """Return where it is kept; another place once the model or the photos change.

    Args:
        base: The model that was to be adapted.
        dataset: The photos.
    """
    names = [base.name, fingerprint(base.folder), dataset.name, dataset.fingerprint]
    key = hashlib.sha256(json.dumps(names).encode())
    key.update((base.folder / CARD_FILE).read_bytes())  # calibration and thresholds
    key.update(dataset.groups.tobytes())
    return settings.cache_dir() / "adaptations" / f"{key.hexdigest()[:16]}.npz"


def keep(file: Path, fitted: Fitted) -> None:
    """Keep what was refused, until it is written or the cache deleted."""
    photos = {f.name: getattr(fitted.photos, f.name) for f in fields(Examples)}
    content = io.BytesIO()
    np.savez_compressed(
        content,
        comparison=json.dumps(fitted.comparison.to_json()),
        kernel=fitted.change.kernel,
        bias=fitted.change.bias,
        temperature=fitted.calibration.temperature,
        offset=fitted.calibration.offset,
        **photos,
    )
    file.parent.mkdir(parents=True, exist_ok=True)
    storage.write_bytes(file, content.getvalue())


def recall(file: Path) -> Fitted | None:
    """Return what was kept, None if nothing was."""
    try:
        with file.open("rb") as opened, np.load(opened) as content:
            return Fitted(
                Comparison.from_json(json.loads(str(content["comparison"]))),
                HeadChange(content["kernel"], float(content["bias"])),
                Calibration(float(content["temperature"]), float(content["offset"])),
                Examples(*(content[f.name] for f in fields(Examples))),
            )
    except BAD_ARRAY:  # a cache may be lost
        return None
