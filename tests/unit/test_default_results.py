import numpy as np

from crack.inference.thresholds import Thresholds
from tools.default_results import held_out_row, keep_unseen, with_unseen

THRESHOLDS = Thresholds(no_crack=0.1, crack=0.9)
ANSWERS = (np.array([True, True, False]), np.array([0.95, 0.4, 0.92]), THRESHOLDS)


def test_a_source_left_out_is_told_beside_what_was_held_out_from_it(crack_home):
    crack_home.mkdir(exist_ok=True)
    known = held_out_row("textures", *ANSWERS)
    assert with_unseen([known]) == [known]
    keep_unseen("textures", *ANSWERS)
    told, unseen = with_unseen([known])
    assert told == known
    assert known["in_training"]
    assert not unseen["in_training"]
    assert known["title"] == "Brick walls it has not seen, with drawn cracks"
    assert unseen["title"].startswith("Photographed surfaces with drawn cracks, by")
    assert unseen["recall"] == 0.5
    assert unseen["false_alarms"]["count"] == 1


def test_a_newer_result_on_a_source_left_out_replaces_the_older_one(crack_home):
    crack_home.mkdir(exist_ok=True)
    keep_unseen("drones", *ANSWERS)
    older = with_unseen([])
    keep_unseen("drones", np.array([True, False]), np.array([0.95, 0.1]), THRESHOLDS)
    (newer,) = with_unseen(older)
    assert newer["n"] == 2
