"""What an adaptation costs on each source that a model learned from."""

from __future__ import annotations

import numpy as np
import pytest

from crack.adaptation.comparison import MOST_SOURCE_AUROC_LOST, why_worse
from crack.adaptation.examples import Examples, HeadChange
from crack.adaptation.judged import on_old
from crack.inference.results import most_lost
from tests.adaptation import MEASURED

EACH = 40  # of each class of each source
PAIR = 1 / EACH**2  # AUROC of one pair in the right order

HOW = {
    "model": "default",
    "dataset": "site",
    "images": 20,
    "before": {**MEASURED, "auroc": 0.8},
    "after": {**MEASURED, "auroc": 0.9},
}


def seen(sources: dict[str, int]) -> tuple[Examples, np.ndarray]:
    """Images of which those with a crack have the higher log-odds, by source."""
    name = np.repeat(list(sources), [2 * n for n in sources.values()])
    is_crack = np.concatenate([np.arange(2 * n) < n for n in sources.values()])
    n = len(name)
    examples = Examples(
        features=np.zeros((n, 2), np.float32),
        log_odds=np.where(is_crack, 1.0, -1.0),
        is_crack=is_crack,
        group=np.arange(n),
        weight=np.ones(n),
        is_view=np.zeros(n, bool),
    )
    return examples, name


def fallen(count: int) -> dict:
    """What is measured if so many cracks of `b` fall below all that is sound."""
    examples, name = seen({"a": EACH, "b": EACH, "few": 5})
    rows = np.flatnonzero((name == "b") & examples.is_crack)[:count]
    examples.features[rows, 0] = 1
    return on_old(examples, name, HeadChange(np.array([-5, 0], np.float32), 0.5))


def test_each_source_is_measured_by_itself_if_it_has_enough_images():
    old = fallen(3)
    assert old["n"] == 4 * EACH + 10
    assert old["sources"]["a"] == {
        "n": 2 * EACH,
        "auroc_before": 1.0,
        "auroc_after": 1.0,
    }
    assert old["sources"]["b"]["auroc_after"] == pytest.approx(1 - 3 / EACH)
    assert "few" not in old["sources"]
    assert most_lost(old)[0] == "b"


def test_a_model_that_is_worse_on_one_source_is_refused():
    old = fallen(3)
    # All together it would be let through: the others have not changed.
    allowed = {**old, "auroc_before": 0.999, "auroc_after": 0.999}
    told = why_worse({**HOW, "old": allowed}, 0.5, 0.3)
    assert "worse on those of 'b'" in told
    assert "0.9250 instead of 1.0000" in told


def test_a_few_pairs_in_another_order_are_no_reason():
    same = {"n": 2 * EACH, "auroc_before": 0.999, "auroc_after": 0.999}
    for lost, refused in ((16 * PAIR - 1e-9, False), (17 * PAIR, True)):
        sources = {"a": same, "b": {**same, "auroc_after": 0.999 - lost}}
        old = {"n": 160, "auroc_before": 0.9, "auroc_after": 0.9, "sources": sources}
        assert bool(why_worse({**HOW, "old": old}, 0.5, 0.3)) == refused
    assert pytest.approx(16 * PAIR) == MOST_SOURCE_AUROC_LOST


def test_a_card_of_before_has_no_sources():
    old = {"n": 160, "auroc_before": 0.9, "auroc_after": 0.9}
    assert most_lost(old) is None
    assert why_worse({**HOW, "old": old}, 0.5, 0.3) == ""
