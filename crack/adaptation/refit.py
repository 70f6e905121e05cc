"""A head fitted to new photos that stays close to the one there is.

Logistic regression on the features, with the log-odds of the present head as a start:
what is sought is the change. It minimises, with the classes weighted equally,

    share x log-loss(new) + (1 - share) x log-loss(old) + strength x |change|^2

Both numbers are chosen by cross-validation, whole photos at a time.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import repeat

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import minimize
from scipy.special import expit
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import StratifiedGroupKFold
from sklearn.utils.extmath import randomized_svd
from threadpoolctl import threadpool_limits

from crack.adaptation.examples import Examples, HeadChange

MOST_FOLDS = 5

_DIRECTIONS = 200
"""Of the features, in which the head may change: far faster to fit than all of them."""

_OLD_AUROC_TO_LOSE = 0.001
"""What a setting may cost on held-out old images to be chosen."""


@dataclass(frozen=True)
class Setting:
    """How far a head may go from where it starts.

    Attributes:
        share: Weight of the new photos, the rest being that of the old ones.
        strength: Of the pull back to the start.
    """

    share: float
    strength: float


WITH_OLD = tuple(
    Setting(share, strength)
    for share in (0.2, 0.35, 0.5, 0.65)
    for strength in (1, 0.1, 0.01, 0.001)
)
"""What is tried, the most cautious first."""

WITHOUT_OLD = tuple(Setting(1.0, strength) for strength in (3, 1, 0.3, 0.1))
"""The same where there are no old images: only the pull keeps what the model knows."""


class HeadFit:
    """Fits heads to parts of the same examples.

    On one core: for matrices as small as these, several take five times as long.

    Args:
        new: Views of the new photos, with calibrated log-odds.
        old: Images the model knows, at least five of each class, if it has kept any.
    """

    def __init__(self, new: Examples, old: Examples | None) -> None:
        seen = new.features if old is None else np.vstack([new.features, old.features])
        wide = np.column_stack([seen, np.ones(len(seen), np.float32)])
        directions = min(_DIRECTIONS, *wide.shape)
        *_, basis = randomized_svd(wide, directions, random_state=0)
        self._basis = basis.astype(np.float64)
        projected = wide @ basis.T
        self.new = replace(new, features=projected[: len(new)])
        self.old = None if old is None else replace(old, features=projected[len(new) :])
        self._settings = WITHOUT_OLD if old is None else WITH_OLD

    def choose(self, rows: NDArray[np.bool_]) -> tuple[Setting, NDArray[np.float64]]:
        """Choose a setting by cross-validation on some of the new photos.

        Of the settings that cost nearly nothing on old images the one with the lowest
        log-loss on new ones. Where a class is in one photo only, nothing can be held
        out, and it is the most cautious one.

        Args:
            rows: Shape (n,): which of the new views.

        Returns:
            The setting, and the log-odds by it of the views of `rows`, each held out
            from the head that judged it.
        """
        new = self.new[rows]
        folds = min(MOST_FOLDS, new.fewest_photos)
        if folds < 2:
            return self._settings[0], new.log_odds
        with threadpool_limits(1):
            tried = self._held_out(new, folds)
        affordable = [
            setting
            for setting, (_, old) in tried.items()
            if old is None or self._old_auroc_lost(old) <= _OLD_AUROC_TO_LOSE
        ]
        losses = {s: log_loss(new, tried[s][0]) for s in affordable}
        chosen = min(losses, key=losses.__getitem__, default=self._settings[0])
        return chosen, tried[chosen][0]

    def fit(self, rows: NDArray[np.bool_], setting: Setting) -> HeadChange:
        """Return the change of the head fitted to some of the new and all old images.

        Args:
            rows: Shape (n,): which of the new views.
            setting: How far it may go.
        """
        with threadpool_limits(1):
            found = _fitted(self.new[rows], self.old, setting, self._start)
        change = found @ self._basis
        return HeadChange(change[:-1].astype(np.float32), float(change[-1]))

    @property
    def _start(self) -> NDArray[np.float64]:
        return np.zeros(len(self._basis))

    def _held_out(
        self, new: Examples, folds: int
    ) -> dict[Setting, tuple[NDArray[np.float64], NDArray[np.float64] | None]]:
        """Return for each setting the log-odds of all images, each held out."""
        tried = {
            setting: (
                new.log_odds.copy(),
                None if self.old is None else self.old.log_odds.copy(),
            )
            for setting in self._settings
        }
        of_old = repeat(None) if self.old is None else _folds_of_old(self.old, folds)
        for held, held_old in zip(grouped_folds(new, folds), of_old, strict=False):
            kept = None
            if self.old is not None and held_old is not None:
                kept = self.old[~held_old]
            change = self._start
            for setting, (of_new, old) in tried.items():
                # Each from the one before, which is close.
                change = _fitted(new[~held], kept, setting, change)
                of_new[held] += new.features[held] @ change
                if old is not None and self.old is not None:
                    old[held_old] += self.old.features[held_old] @ change
        return tried

    def _old_auroc_lost(self, log_odds: NDArray[np.float64]) -> float:
        assert self.old is not None
        truth = self.old.is_crack
        return float(
            roc_auc_score(truth, self.old.log_odds) - roc_auc_score(truth, log_odds)
        )


def grouped_folds(examples: Examples, folds: int) -> Iterator[NDArray[np.bool_]]:
    """Yield which views are held out, each once, those of a photo together.

    Args:
        examples: With at least as many groups of each class as folds.
        folds: How many parts.
    """
    parts = StratifiedGroupKFold(folds, shuffle=True, random_state=0)
    for _, held in parts.split(examples.features, examples.is_crack, examples.group):
        mask = np.zeros(len(examples), np.bool_)
        mask[held] = True
        yield mask


def _folds_of_old(old: Examples, folds: int) -> Iterator[NDArray[np.bool_]]:
    """Yield which old images are held out, by photo if there are enough photos."""
    if old.fewest_photos < folds:
        old = replace(old, group=np.arange(len(old)))
    return grouped_folds(old, folds)


def log_loss(examples: Examples, log_odds: ArrayLike) -> float:
    """Return the log-loss of the images themselves, both classes counting half.

    Args:
        examples: The truth.
        log_odds: float array (n,), calibrated.
    """
    judged = ~examples.is_view
    scores, truth = np.asarray(log_odds)[judged], examples.is_crack[judged]
    loss = np.logaddexp(0, scores) - truth * scores
    return float((_class_weights(truth, np.ones(len(truth))) * loss).sum())


def _class_weights(
    is_crack: NDArray[np.bool_], weight: Sequence[float] | NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return weights with which each class counts half."""
    weight = np.asarray(weight, np.float64)
    total = np.where(is_crack, weight[is_crack].sum(), weight[~is_crack].sum())
    return np.asarray(0.5 * weight / total)


def _fitted(
    new: Examples,
    old: Examples | None,
    setting: Setting,
    start: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Return the change of the head, in the directions of the features."""
    parts = [(new, setting.share)]
    if old is not None:
        parts.append((old, 1 - setting.share))
    features = np.vstack([part.features for part, _ in parts])
    log_odds = np.concatenate([part.log_odds for part, _ in parts])
    truth = np.concatenate([part.is_crack for part, _ in parts])
    weight = np.concatenate(
        [share * _class_weights(part.is_crack, part.weight) for part, share in parts]
    )

    def loss(
        change: NDArray[np.float64],
    ) -> tuple[float, NDArray[np.float64]]:
        scores = log_odds + features @ change
        losses = np.logaddexp(0, scores) - truth * scores
        slope = features.T @ (weight * (expit(scores) - truth))
        pull = setting.strength * change
        return float(weight @ losses + pull @ change), slope + 2 * pull

    found = minimize(
        loss, start, jac=True, method="L-BFGS-B", options={"maxiter": 200, "gtol": 1e-4}
    )
    return np.asarray(found.x)
