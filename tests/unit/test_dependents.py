"""What is told before a model is deleted."""

from __future__ import annotations

import shutil
from dataclasses import replace
from datetime import date

import pytest

from crack.adaptation.dependents import delete_with_evaluations, dependents_of
from crack.adaptation.folder import fingerprint
from crack.errors import CrackError
from crack.evaluation.evaluated_model import begin, evaluations_of
from crack.inference.predictor import Predictor
from crack.inspections.store import create_inspection
from crack.runs.registry import find_model, save_thresholds, set_default
from tests.adaptation import ADAPTED


@pytest.fixture
def model(model_folder, crack_home):
    """The bright model of the user, under the name walls."""
    shutil.copytree(model_folder, crack_home / "models/walls")
    return find_model("walls")


def evaluate(model, dataset):
    evaluation = begin(model.folder, dataset, "all")
    evaluation.go_on(Predictor(model.folder), dataset, lambda *_: None)
    return evaluation


def test_nothing_depends_on_a_new_model(model):
    assert dependents_of(model).sentences == []


def test_all_that_depends_on_it_is_counted_and_named(
    model, dataset, crack_home, model_folder
):
    create_inspection("Bridge", "Pier 1", date(2026, 11, 1), model)
    adapted = shutil.copytree(model.folder, crack_home / "models/mine")
    made = ADAPTED | {"fingerprint": fingerprint(model.folder), "model": "walls"}
    card = replace(model.card, name="mine", created="2026-11-23", adaptation=made)
    card.write(adapted)
    (adapted / "graph.bin").write_bytes((model.folder / "graph.bin").read_bytes() * 2)
    evaluation = evaluate(model, dataset)
    set_default("walls")
    told = " ".join(dependents_of(model).sentences)
    assert "It answers 1 inspection: Bridge / Pier 1 (2026-11-01)." in told
    assert "1 model adapted from it: mine." in told
    assert "1 evaluation of it on walls (all)." in told
    assert "It is the default" in told
    delete_with_evaluations(model)
    assert not evaluation.path.exists()


def test_what_the_shipped_model_needs_too_stays(model_folder, shipped_models, dataset):
    shutil.copytree(model_folder, shipped_models / "walls")
    shipped = find_model("walls")
    create_inspection("Bridge", "Pier 1", date(2026, 11, 1), shipped)
    evaluate(shipped, dataset)
    copy = save_thresholds(shipped, shipped.card.thresholds, "A test.")
    told = dependents_of(copy).sentences
    assert told == ["The model of this name that came with the program is used again."]
    delete_with_evaluations(copy)
    assert len(evaluations_of(find_model("walls").folder)) == 1


def test_a_shipped_model_is_not_deleted(model_folder, shipped_models, dataset):
    shutil.copytree(model_folder, shipped_models / "walls")
    evaluate(find_model("walls"), dataset)
    with pytest.raises(CrackError, match="came with the program"):
        delete_with_evaluations(find_model("walls"))
    assert len(evaluations_of(find_model("walls").folder)) == 1
