"""A head fitted to made-up features: 7 channels, of which the old head knew some."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.special import expit
from sklearn.metrics import roc_auc_score

from crack.adaptation import refit
from crack.adaptation.examples import Examples
from crack.adaptation.refit import HeadFit, Setting, grouped_folds, log_loss

CHANNELS = 7


def made_up(n: int, tells: int, seed: int, known: float = 0.0, per_photo: int = 1):
    """Half of n images cracked, as one channel tells; the head knows channel 0."""
    rng = np.random.default_rng(seed)
    is_crack = np.arange(n) % 2 == 0
    features = rng.normal(0, 1, (n, CHANNELS)).astype(np.float32)
    features[:, tells] += np.where(is_crack, 1.5, -1.5)
    return Examples(
        features=features,
        log_odds=known * features[:, 0].astype(np.float64),
        is_crack=is_crack,
        group=np.arange(n) // per_photo,
        weight=np.ones(n),
        is_view=np.zeros(n, np.bool_),
    )


def auroc(examples: Examples, change) -> float:
    scores = examples.log_odds + change.of(examples.features)
    return roc_auc_score(examples.is_crack, scores)


def everything(fit: HeadFit) -> np.ndarray:
    return np.ones(len(fit.new), np.bool_)


def test_what_tells_cracks_on_new_photos_is_learned():
    fit = HeadFit(made_up(60, tells=3, seed=1), None)
    change = fit.fit(everything(fit), Setting(1, 0.01))
    assert change.kernel.argmax() == 3
    assert auroc(made_up(400, tells=3, seed=2), change) > 0.95


def test_the_stronger_the_pull_the_smaller_the_change():
    fit = HeadFit(made_up(60, tells=3, seed=1), None)
    lengths = [
        np.linalg.norm(fit.fit(everything(fit), Setting(1, strength)).kernel)
        for strength in (1e4, 1, 0.1, 0.01)
    ]
    assert lengths == sorted(lengths)
    assert lengths[0] < 1e-3


def test_old_images_keep_the_head_from_forgetting_them():
    new, old = made_up(60, 3, seed=1), made_up(200, 0, seed=3, known=2.0)
    # On the new photos what told cracks on the old ones is misleading.
    new = replace(new, features=new.features.copy())
    new.features[:, 0] -= np.where(new.is_crack, 1.5, -1.5)
    setting = Setting(0.5, 0.003)
    alone = HeadFit(new, None)
    with_old = HeadFit(new, old)
    unseen = made_up(400, 0, seed=4, known=2.0)
    forgot = auroc(unseen, alone.fit(everything(alone), setting))
    kept = auroc(unseen, with_old.fit(everything(with_old), setting))
    before = roc_auc_score(unseen.is_crack, unseen.log_odds)
    assert forgot < before - 0.05
    assert kept > before - 0.02


def test_both_classes_weigh_the_same():
    many = made_up(200, tells=3, seed=1)
    kept = np.flatnonzero(many.is_crack)[:10].tolist()
    rare = many[np.array(kept + np.flatnonzero(~many.is_crack).tolist())]
    fit = HeadFit(rare, None)
    change = fit.fit(everything(fit), Setting(1, 0.001))
    judged = made_up(400, tells=3, seed=2)
    said = expit(change.of(judged.features)) >= 0.5
    found, alarms = said[judged.is_crack].mean(), said[~judged.is_crack].mean()
    assert found == pytest.approx(1 - alarms, abs=0.12)


def test_views_of_a_photo_are_never_torn_apart():
    photos = made_up(60, tells=3, seed=1, per_photo=6)
    parts = list(grouped_folds(photos, 5))
    np.testing.assert_array_equal(np.sum(parts, axis=0), 1)
    for held in parts:
        assert not set(photos.group[held]) & set(photos.group[~held])


def test_photos_held_out_are_not_known_by_heart(monkeypatch):
    monkeypatch.setattr(refit, "WITHOUT_OLD", (Setting(1, 1e-4),))
    noise = made_up(60, tells=3, seed=1)
    rng = np.random.default_rng(5)
    wide = rng.normal(0, 1, (60, 300)).astype(np.float32)
    fit = HeadFit(replace(noise, features=wide), None)
    _, held_out = fit.choose(everything(fit))
    assert roc_auc_score(noise.is_crack, held_out) < 0.75
    change = fit.fit(everything(fit), Setting(1, 1e-4))
    assert roc_auc_score(noise.is_crack, change.of(wide)) > 0.99


def test_a_setting_that_costs_old_images_is_not_chosen():
    new, old = made_up(60, 3, seed=1), made_up(200, 0, seed=3, known=2.0)
    features = new.features.copy()
    features[:, 0] -= np.where(new.is_crack, 3, -3)
    fit = HeadFit(replace(new, features=features), old)
    chosen, _ = fit.choose(everything(fit))
    change = fit.fit(everything(fit), chosen)
    before = roc_auc_score(old.is_crack, old.log_odds)
    assert auroc(old, change) > before - 0.005


def test_with_photos_of_a_class_from_one_alone_the_most_cautious_is_taken():
    photos = made_up(20, tells=3, seed=1)
    one = np.where(photos.is_crack, 0, photos.group)
    fit = HeadFit(replace(photos, group=one), None)
    chosen, scores = fit.choose(everything(fit))
    assert chosen == refit.WITHOUT_OLD[0]
    np.testing.assert_array_equal(scores, photos.log_odds)


def test_few_old_photos_are_held_out_one_image_at_a_time():
    old = made_up(40, 0, seed=3, known=2.0, per_photo=20)
    fit = HeadFit(made_up(40, 3, seed=1), old)
    assert fit.choose(everything(fit))[0] in refit.WITH_OLD


def test_turned_views_are_not_judged():
    photos = made_up(4, tells=3, seed=1)
    scores = np.array([2.0, -2, 9, -9])
    turned = replace(photos, is_view=np.array([False, False, True, True]))
    assert log_loss(turned, scores) == pytest.approx(np.log1p(np.exp(-2)))
