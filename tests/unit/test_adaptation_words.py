from __future__ import annotations

import pytest

from crack.adaptation.enough import Supply
from crack.reporting.adaptation_words import compared_on, compared_rows, in_short
from tests.adaptation import ANSWERED, MEASURED

HOW = {
    "model": "default",
    "dataset": "site",
    "images": 20,
    "photos": 1,
    "before": MEASURED,
    "after": {**MEASURED, "accuracy": 0.95, "auroc": 0.9, "recall": None},
    "old": {"n": 200, "auroc_before": 0.99691, "auroc_after": 0.9961},
}


def test_before_and_after_stand_side_by_side():
    rows = {name: cells for name, *cells in compared_rows(HOW, ANSWERED, ANSWERED)}
    assert rows["AUROC"] == ["0.7000", "0.9000"]
    assert rows["Right"] == ["60.0 % (40.0 % to 80.0 %)", "95.0 % (40.0 % to 80.0 %)"]
    assert rows["Cracks found"] == ["50.0 %", "–"]
    assert rows["Images with a crack"][0] == "2 crack, 5 needs review, 3 no crack"
    assert rows["AUROC on images it knew"] == ["0.9969", "0.9961"]


def test_the_source_that_loses_most_stands_beside_all():
    sources = {
        "metu": {"n": 80, "auroc_before": 0.9991, "auroc_after": 0.9972},
        "roads": {"n": 90, "auroc_before": 0.92, "auroc_after": 0.93},
    }
    how = {**HOW, "old": {**HOW["old"], "sources": sources}}
    *_, row = compared_rows(how, ANSWERED, ANSWERED)
    assert row == ("The same on 'metu' alone", "0.9991", "0.9972")
    told = compared_on(how)
    assert told.endswith(
        "'metu' is the one of their 2 sources that loses most; 80 are of it."
    )
    assert in_short(how).endswith(", on those of 'metu' alone from 0.9991 to 0.9972.")
    sources["metu"]["auroc_after"] = 0.9995
    assert in_short(how).endswith("from 0.9969 to 0.9961.")
    del sources["roads"]
    assert len(compared_rows(how, ANSWERED, ANSWERED)) == 6
    assert "alone" not in compared_on(how)


def test_without_old_images_nothing_is_said_of_them():
    how = {**HOW, "old": None}
    assert len(compared_rows(how, ANSWERED, ANSWERED)) == 5
    assert "knew" not in compared_on(how) + in_short(how)


def test_it_is_told_on_what_the_numbers_were_counted():
    told = compared_on(HOW)
    assert "Counted on 20 images of 1 photo of 'site'" in told
    assert "in brackets the 95 % interval, as if each image were from a" in told
    known = {**HOW, "after": {**HOW["after"], "interval_groups": 6}}
    assert "95 % interval, counting 6 groups of photos." in compared_on(known)
    assert "200 of those that 'default'" in told
    assert "AUROC: of an image with a crack and one without" in told


@pytest.mark.parametrize(
    ("images", "photos", "told"),
    [
        (6, 2, ""),
        (60, 1, "images of cracks from 1 more photo"),
        (5, 3, "1 image of cracks"),
        (0, 0, "6 images of cracks from 2 more photos"),
    ],
)
def test_what_is_missing_is_told(images, photos, told):
    supply = Supply(images, photos)
    assert supply.missing("of cracks") == told
    assert supply.is_enough == (not told)
