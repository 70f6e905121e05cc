"""A map of images: those that look alike to a model lie close together."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from sklearn.decomposition import PCA

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


def tsne_map(features: NDArray[np.float32], progress: Done) -> NDArray[np.float32]:
    """Return positions in which neighbours stay neighbours: t-SNE, which is slow.

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
    return np.asarray(tsne.fit(reduced), np.float32)
