from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from crack.adaptation.examples import HeadChange
from crack.adaptation.photos import PhotoReader
from crack.errors import CrackError
from crack.evaluation.evaluate import scores_of
from crack.inference.card import ModelCard
from crack.inference.predictor import Predictor


@pytest.fixture(params=[0.0, 2 / 3])
def folder(model_folder, request):
    """The bright model, with and without a weight for the strongest tile."""
    card = ModelCard.read(model_folder)
    replace(card, strongest_weight=request.param).write(model_folder)
    return model_folder


def read(folder, dataset, **options):
    rows = np.arange(len(dataset.samples))
    options = {"turned": True} | options
    return PhotoReader(folder).examples(dataset, rows, lambda *_: None, **options)


def test_examples_have_the_log_odds_that_users_are_told(folder, dataset):
    seen = read(folder, dataset)
    told = scores_of(Predictor(folder), dataset, list(dataset.samples["file"]))
    itself = ~seen.is_view
    np.testing.assert_allclose(seen.log_odds[itself], told["log_odds"], atol=1e-3)
    np.testing.assert_array_equal(seen.is_crack[itself], dataset.is_crack)
    np.testing.assert_array_equal(seen.group[itself], dataset.groups)


def test_an_image_and_its_two_views_count_one_together(folder, dataset):
    seen = read(folder, dataset)
    assert len(seen) == 3 * len(dataset.samples)
    assert seen.is_view.tolist() == [False, True, True] * len(dataset.samples)
    np.testing.assert_allclose(seen.weight, 1 / 3)
    assert len(read(folder, dataset, turned=False)) == len(dataset.samples)


def test_a_large_photo_is_not_turned(folder, dataset, monkeypatch):
    monkeypatch.setattr("crack.adaptation.photos._TURNED_PIXELS", 1000)
    seen = read(folder, dataset)
    assert not seen.is_view.any()
    np.testing.assert_allclose(seen.weight, 1)


def test_the_features_foretell_what_a_small_change_of_the_head_does(folder, dataset):
    seen = read(folder, dataset, turned=False)
    change = HeadChange(np.array([2e-3, -1e-3], np.float32), 0.3)
    reader, said = PhotoReader(folder), []
    told = reader.log_odds(
        dataset,
        np.arange(len(seen)),
        [[change]] * len(seen),
        lambda *counts: said.append(counts),
    )[:, 0]
    expected = seen.log_odds + change.of(seen.features)
    np.testing.assert_allclose(told, expected, atol=5e-3)
    assert np.abs(told - seen.log_odds).max() > 0.1
    assert said[-1] == (len(seen), len(seen))


def test_each_image_is_judged_by_the_head_given_for_it(folder, dataset):
    without = HeadChange(np.zeros(2, np.float32), 0.0)
    rows = np.arange(len(dataset.samples))
    changes = [[without]] * len(rows)
    changes[3] = [HeadChange(np.zeros(2, np.float32), 1.5)]
    told = PhotoReader(folder).log_odds(dataset, rows, changes, lambda *_: None)[:, 0]
    before = read(folder, dataset, turned=False).log_odds
    added = np.zeros(len(told))
    added[3] = 1.5
    np.testing.assert_allclose(told - before, added, atol=1e-3)


def test_an_image_that_is_gone_is_told(folder, dataset):
    dataset.path(dataset.samples["file"][5]).unlink()
    with pytest.raises(CrackError, match="cannot be read any more"):
        read(folder, dataset)
