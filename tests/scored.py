"""Scored images for tests."""

from __future__ import annotations

import numpy as np

from crack.evaluation.scored import ScoredImages


def scored(is_crack, probability, *, group=None, strongest=None, look=None, source=""):
    """Images with these probabilities; what is not given changes no answer."""
    n = len(is_crack)
    return ScoredImages(
        file=tuple(f"walls/{number}.png" for number in range(n)),
        is_crack=np.asarray(is_crack, dtype=bool),
        group=np.arange(n) if group is None else np.asarray(group),
        probability=np.asarray(probability, dtype=float),
        strongest=np.zeros(n) if strongest is None else np.asarray(strongest, float),
        look=np.zeros(n, bool) if look is None else np.asarray(look, dtype=bool),
        source=(source,) * n if isinstance(source, str) else tuple(source),
    )


def drawn(n, seed=17, *, spread=1.0, groups=None):
    """Images of both classes whose probabilities overlap."""
    rng = np.random.default_rng(seed)
    is_crack = rng.random(n) < 0.4
    is_crack[:2] = True, False
    log_odds = rng.normal(np.where(is_crack, 1.5, -1.5), spread * 2)
    group = np.arange(n) if groups is None else rng.integers(groups, size=n)
    return scored(is_crack, 1 / (1 + np.exp(-log_odds)), group=group)
