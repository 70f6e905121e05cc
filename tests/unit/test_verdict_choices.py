from __future__ import annotations

import pytest

from crack.errors import CrackError
from crack.inference.prediction import Label
from crack.inspections.records import Verdict, VerdictKind
from crack.inspections.store import photos_of
from crack.inspections.verdict_choices import choice_of, last_exposure, verdict_choices
from tests.inspections import ACCEPT, CANNOT_TELL, IS_CRACK, add, full_answer, inspect


@pytest.mark.parametrize(
    ("label", "other"),
    [(Label.CRACK, Label.NO_CRACK), (Label.NO_CRACK, Label.CRACK)],
)
def test_a_clear_answer_can_be_accepted_or_turned_round(label, other):
    choices = verdict_choices(label)
    assert choices[f"Accept: {label}"] == (VerdictKind.ACCEPT, None)
    assert choices[f"Correct to: {other}"] == (VerdictKind.CORRECT, other)
    assert len(choices) == 3


@pytest.mark.parametrize("label", [Label.REVIEW, None])
def test_what_is_no_answer_cannot_be_accepted(label):
    kinds = {kind for kind, _ in verdict_choices(label).values()}
    assert kinds == {VerdictKind.CORRECT, VerdictKind.CANNOT_TELL}


@pytest.mark.parametrize("label", [*Label, None])
def test_every_choice_makes_a_verdict(label):
    for kind, settled in verdict_choices(label).values():
        assert Verdict(kind, settled).kind is kind
    with pytest.raises(CrackError):
        Verdict(VerdictKind.CORRECT, None)


@pytest.mark.parametrize("verdict", [ACCEPT, CANNOT_TELL])
def test_a_given_verdict_is_one_of_the_choices(verdict):
    inspection = inspect()
    add(inspection, full_answer(Label.CRACK), verdict)
    (photo,) = photos_of(inspection.id)
    assert choice_of(photo) == (verdict.kind, None)
    assert choice_of(photo) in verdict_choices(photo.prediction.label).values()


def test_a_correction_to_what_is_the_answer_accepts_it():
    inspection = inspect()
    add(inspection, full_answer(Label.CRACK), IS_CRACK)
    (photo,) = photos_of(inspection.id)
    assert choice_of(photo) == (VerdictKind.ACCEPT, None)


def test_without_a_verdict_nothing_is_chosen_and_no_exposure_given():
    inspection = inspect()
    add(inspection, full_answer(Label.CRACK))
    photos = photos_of(inspection.id)
    assert choice_of(photos[0]) is None
    assert last_exposure(photos) is None
