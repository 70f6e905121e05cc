from __future__ import annotations

import numpy as np
import pytest

from crack.errors import CrackError
from crack.evaluation.evaluate import scores_of
from crack.inference.predictor import Predictor


def test_scores_come_in_the_order_of_the_files(dataset, model_folder):
    files = list(dataset.samples["file"])
    predictor = Predictor(model_folder)
    forwards = scores_of(predictor, dataset, files)
    backwards = scores_of(predictor, dataset, files[::-1])
    assert forwards.shape == (24, 4)
    assert forwards["log_odds"].nunique() > 12
    np.testing.assert_array_equal(forwards, backwards[::-1])


def test_log_odds_are_those_before_calibration(dataset, model_folder):
    predictor = Predictor(model_folder)
    scores = scores_of(predictor, dataset, list(dataset.samples["file"]))
    log_odds = scores["log_odds"]
    items = [(file, dataset.path(file)) for file in dataset.samples["file"]]
    answers = list(predictor.predict(items))
    assert scores["distance"].tolist() == [answer.distance for answer in answers]
    said = [answer.probability for answer in answers]
    calibrated = predictor.card.probability(log_odds)
    np.testing.assert_allclose(calibrated, said, rtol=1e-12)
    assert not np.allclose(calibrated, 1 / (1 + np.exp(-log_odds)), rtol=1e-3)


def test_progress_is_told_for_every_image(dataset, model_folder):
    files = list(dataset.samples["file"])[:10]
    calls: list[tuple[int, int]] = []
    scores_of(Predictor(model_folder), dataset, files, lambda *c: calls.append(c))
    assert calls == [(done, 10) for done in range(1, 11)]


def test_a_file_that_cannot_be_read_any_more_is_told(
    dataset, model_folder, patch_folder
):
    (patch_folder / "Positive" / "00003.png").unlink()
    with pytest.raises(CrackError, match=r"00003\.png cannot be read") as caught:
        scores_of(Predictor(model_folder), dataset, list(dataset.samples["file"]))
    assert "dataset check walls" in caught.value.hint


def test_no_files_give_no_scores(dataset, model_folder):
    assert scores_of(Predictor(model_folder), dataset, []).shape == (0, 4)
