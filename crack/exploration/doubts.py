"""Labels that look wrong, and images unlike all others.

Both are orders in which to look, worst first, not verdicts.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from sklearn.decomposition import PCA
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedGroupKFold
from sklearn.neighbors import NearestNeighbors
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler

from crack.errors import CrackError

_COMPONENTS = 100  # of the features; more change the order little and take longer
_FOLDS = 5
_SEED = 17
_NEIGHBOURS = 10


def label_probability(
    features: NDArray[np.float32],
    is_crack: NDArray[np.bool_],
    groups: NDArray[np.int64],
) -> NDArray[np.float64]:
    """Return how probable the label of each image is, judged by all other groups.

    The self-confidence of confident learning (Northcutt, Jiang and Chuang 2021, JAIR
    70, 1373-1411): a logistic regression on the features is fitted five times, each
    time without a fifth of the groups, and asked about these.

    Args:
        features: Shape (n, channels), finite.
        is_crack: Shape (n,), the labels.
        groups: Shape (n,), equal for images that belong together: a near-copy with
            the same wrong label would confirm it.

    Returns:
        Shape (n,), 0 to 1; a low one says that the label looks wrong.

    Raises:
        CrackError: There are fewer than five groups of a class.
    """
    for label in (True, False):
        if len(np.unique(groups[is_crack == label])) < _FOLDS:
            raise CrackError(
                f"At least {_FOLDS} images of each class, none of them copies, are "
                "needed to judge labels.",
                "Add images.",
            )
    crack = np.empty(len(features))
    folds = StratifiedGroupKFold(_FOLDS, shuffle=True, random_state=_SEED)
    for fitted, judged in folds.split(features, is_crack, groups):
        model = _judge(len(fitted), features.shape[1])
        model.fit(features[fitted], is_crack[fitted])
        crack[judged] = model.predict_proba(features[judged])[:, 1]
    return np.where(is_crack, crack, 1 - crack)


def _judge(images: int, channels: int) -> Pipeline:
    components = min(_COMPONENTS, images - 1, channels)
    return make_pipeline(
        StandardScaler(),
        PCA(components, whiten=True, random_state=_SEED),
        # Strongly regularised: wrong labels must not be learned by heart.
        LogisticRegression(C=0.01, max_iter=1000),
    )


def strangeness(features: NDArray[np.float32]) -> NDArray[np.float64]:
    """Return how far each image is from those most like it.

    The mean distance to the ten nearest (Ramaswamy, Rastogi and Shim 2000, SIGMOD,
    "Efficient algorithms for mining outliers from large data sets", with the mean).

    Args:
        features: Shape (n, channels), finite.

    Returns:
        Shape (n,), 0 or more; a high one says that the image is unlike the others.
    """
    components = min(_COMPONENTS, len(features) - 1, features.shape[1])
    reduced = PCA(components, random_state=_SEED).fit_transform(features)
    neighbours = NearestNeighbors(n_neighbors=min(_NEIGHBOURS, len(features) - 1))
    distances, _ = neighbours.fit(reduced).kneighbors()
    result: NDArray[np.float64] = distances.mean(axis=1).astype(np.float64)
    return result
