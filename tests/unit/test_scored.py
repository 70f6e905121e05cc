from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from crack.evaluation.evaluate import scores_of
from crack.evaluation.evaluated_model import begin
from crack.evaluation.scored import ANSWERS, sources_of
from crack.inference.card import ModelCard
from crack.inference.predictor import Predictor
from crack.inference.thresholds import Thresholds


@pytest.mark.parametrize("low", [0.0, 0.2, 0.6])
@pytest.mark.parametrize("high", [0.6, 0.9, 1.0])
def test_answers_are_those_the_predictor_gives(dataset, model_folder, low, high):
    evaluation = begin(model_folder, dataset, "all")
    evaluation.go_on(Predictor(model_folder), dataset, lambda *_: None)
    card = replace(ModelCard.read(model_folder), thresholds=Thresholds(low, high))
    card.write(model_folder)
    said = evaluation.scored(card).answers(card.thresholds)
    items = [(file, dataset.path(file)) for file in dataset.samples["file"]]
    labels = [answer.label for answer in Predictor(model_folder).predict(items)]
    assert [ANSWERS[place] for place in said] == labels


def test_the_strongest_region_is_read_by_the_card_too(dataset, model_folder):
    predictor = Predictor(model_folder)
    files = list(dataset.samples["file"])[:4]
    scores = scores_of(predictor, dataset, files)
    answers = list(predictor.predict((file, dataset.path(file)) for file in files))
    said = [a.regions[0].probability if a.regions else 0.0 for a in answers]
    np.testing.assert_allclose(predictor.card.probability(scores["strongest"]), said)


@pytest.mark.parametrize(
    ("files", "sources"),
    [
        (("crack/a.png", "sound/b.png"), ("", "")),
        (("crack/north/a.png", "sound/south/b.png"), ("north", "south")),
        (("crack/north/a.png", "sound/b.png"), ("north", "")),
        (("crack/metu--a.png", "sound/drones--b.png"), ("metu", "drones")),
        (("crack/metu--a.png", "sound/b.png"), ("", "")),
        ((), ()),
    ],
)
def test_names_tell_the_source(files, sources):
    assert sources_of(files) == sources
