"""A map of a dataset: images that look alike to a model lie close together."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sklearn.decomposition import PCA

from crack import settings, storage
from crack.access import read_only
from crack.exploration.features import Done

_SEED = 17
_COMPONENTS = 50  # of the features, before neighbours are looked for
_PERPLEXITY = 30
_EXAGGERATED, _STEPS = 250, 500  # what openTSNE does by default
_EVERY = 10  # steps between two words of progress


def pca_map(features: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the two directions in which images differ most: at once, and coarse.

    Args:
        features: Shape (n, channels), finite; n is at least 2.

    Returns:
        Shape (n, 2).
    """
    reduced = PCA(2, random_state=_SEED).fit_transform(features)
    return np.asarray(reduced, np.float32)


def kept_map(features: NDArray[np.float32]) -> NDArray[np.float32] | None:
    """Return what `tsne_map` made of the same features before, None if it did not."""
    try:
        positions = np.load(_file(features))
    except (OSError, ValueError, EOFError):  # a cache: it may be lost
        return None
    whole = positions.shape == (len(features), 2)
    return np.asarray(positions, np.float32) if whole else None


def tsne_map(features: NDArray[np.float32], progress: Done) -> NDArray[np.float32]:
    """Return positions in which neighbours stay neighbours: t-SNE, slow, and kept.

    van der Maaten and Hinton 2008, JMLR 9, 2579-2605. Distances between groups, and
    their sizes, mean little.

    Args:
        features: Shape (n, channels), finite; n is at least 4.
        progress: Told how far it is; may raise to stop.

    Returns:
        Shape (n, 2).
    """
    from openTSNE import TSNE  # a second to import

    total = _EXAGGERATED + _STEPS
    done = 0

    def step(*_: object) -> None:
        nonlocal done
        done += _EVERY
        progress(min(done, total), total)

    components = min(_COMPONENTS, len(features) - 1, features.shape[1])
    reduced = PCA(components, random_state=_SEED).fit_transform(features)
    tsne = TSNE(
        perplexity=min(_PERPLEXITY, (len(features) - 1) / 3),
        early_exaggeration_iter=_EXAGGERATED,
        n_iter=_STEPS,
        n_jobs=-1,
        random_state=_SEED,
        callbacks=step,
        callbacks_every_iters=_EVERY,
    )
    positions = np.asarray(tsne.fit(reduced), np.float32)
    if not read_only():
        file = _file(features)
        file.parent.mkdir(parents=True, exist_ok=True)
        partial = file.with_suffix(".partial")
        with partial.open("wb") as content:
            np.save(content, positions)
        storage.settle(partial, file)
    return positions


def _file(features: NDArray[np.float32]) -> Path:
    key = hashlib.sha256(features.tobytes()).hexdigest()[:16]
    return settings.cache_dir() / "maps" / f"{key}.npy"
