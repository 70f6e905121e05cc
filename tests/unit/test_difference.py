from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from crack.evaluation.difference import differences
from crack.evaluation.metrics import binary_metrics
from tests.scored import drawn


def of(found, key):
    return next(each for each in found if each.key == key)


def test_the_same_answers_do_not_differ():
    images = drawn(200)
    for each in differences(images, images):
        assert each.first == each.second
        assert each.interval == (0, 0)
        assert not each.by_more_than_chance


def test_the_values_are_those_of_each():
    first, second = drawn(200, 1), drawn(300, 2)
    found = of(differences(first, second), "auroc")
    for value, images in ((found.first, first), (found.second, second)):
        metrics = binary_metrics(images.is_crack, images.probability)
        assert value == pytest.approx(metrics["auroc"])


def test_what_is_hard_for_both_counts_for_neither():
    """A model that is a little better on each image is better by more than chance."""
    first = drawn(250, spread=1.5)
    push = np.where(first.is_crack, 0.35, -0.35)
    log_odds = np.log(first.probability / (1 - first.probability)) + push
    better = replace(first, probability=1 / (1 + np.exp(-log_odds)))
    paired = of(differences(first, better), "auroc")
    assert paired.second > paired.first
    assert paired.by_more_than_chance
    renamed = replace(better, file=tuple(f"other/{name}" for name in better.file))
    alone = of(differences(first, renamed), "auroc")
    assert not alone.by_more_than_chance
