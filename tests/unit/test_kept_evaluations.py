from __future__ import annotations

import json
import shutil
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from crack.data.dataset import edit_dataset, load_dataset
from crack.data.importer import add_dataset
from crack.errors import CrackError
from crack.evaluation import kept
from crack.evaluation.evaluate import scores_of
from crack.evaluation.evaluated_model import begin, evaluations_of
from crack.evaluation.holdout import write_seen
from crack.inference.card import ModelCard
from crack.inference.predictor import Predictor
from crack.inference.thresholds import Thresholds


class EnoughError(Exception):
    """The reader has seen enough."""


def nothing(*_):
    pass


@pytest.fixture
def evaluate(dataset, model_folder):
    def run(part="all"):
        evaluation = begin(model_folder, dataset, part)
        evaluation.go_on(Predictor(model_folder), dataset, nothing)
        return evaluation

    return run


def test_it_is_not_there_before_it_is_finished(dataset, model_folder):
    evaluation = begin(model_folder, dataset, "all")
    assert not evaluation.complete
    assert evaluation.done == 0
    assert evaluations_of(model_folder) == []
    with pytest.raises(CrackError, match="cannot be read"):
        evaluation.scored(ModelCard.read(model_folder))


def test_what_was_interrupted_goes_on_where_it_was(dataset, model_folder):
    def stop_at_10(done, total):
        if done == 10:
            raise EnoughError

    evaluation = begin(model_folder, dataset, "all")
    with pytest.raises(EnoughError):
        evaluation.go_on(Predictor(model_folder), dataset, stop_at_10)
    again = begin(model_folder, dataset, "all")
    assert (again.done, again.complete) == (10, False)
    seen = []
    again.go_on(Predictor(model_folder), dataset, lambda done, _: seen.append(done))
    assert seen == list(range(11, 25))
    assert again.complete
    card = ModelCard.read(model_folder)
    whole = scores_of(Predictor(model_folder), dataset, list(dataset.samples["file"]))
    np.testing.assert_allclose(
        again.scored(card).probability, card.probability(whole["log_odds"])
    )


def test_a_row_that_a_killed_process_half_wrote_is_judged_again(dataset, model_folder):
    evaluation = begin(model_folder, dataset, "all")
    (evaluation.path / "scores.jsonl").write_text('{"file": "Posit')
    evaluation.go_on(Predictor(model_folder), dataset, nothing)
    assert len(evaluation.scored(ModelCard.read(model_folder))) == 24


def test_it_is_opened_again_without_a_look_at_the_images(
    evaluate, dataset, model_folder, monkeypatch
):
    first = evaluate().result(ModelCard.read(model_folder))
    shutil.rmtree(dataset.root)
    (again,) = evaluations_of(model_folder)
    monkeypatch.setattr(kept, "result_of", None)  # not computed again either
    assert again.result(ModelCard.read(model_folder)) == first


def test_other_thresholds_count_anew(evaluate, model_folder):
    evaluation, card = evaluate(), ModelCard.read(model_folder)
    strict = replace(card, thresholds=Thresholds(0.0, 1.0))
    assert evaluation.result(strict)["review"]["count"] == 24
    assert evaluation.result(card)["review"]["count"] < 24


def test_other_data_and_another_model_are_judged_for_themselves(
    evaluate, dataset, model_folder, patch_folder
):
    evaluation = evaluate()
    (patch_folder / "Positive" / "00003.png").unlink()
    fewer = add_dataset("walls2", patch_folder)
    assert begin(model_folder, fewer, "all").path != evaluation.path
    write_seen(model_folder, dataset.samples["sha256"])
    assert evaluations_of(model_folder) == []


def test_images_judged_before_are_not_judged_again(evaluate, dataset, model_folder):
    card, judged, asked = ModelCard.read(model_folder), evaluate(), []
    first, second, *_ = dataset.samples["file"]
    edit_dataset("walls", first, "relabel")
    edit_dataset("walls", second, "leave out")
    edited = load_dataset("walls")
    again = begin(model_folder, edited, "all")
    assert (again.done, again.about["images"]) == (23, 23)
    again.go_on(Predictor(model_folder), edited, lambda *done: asked.append(done))
    assert asked == []
    before, after = judged.scored(card), again.scored(card)
    assert set(before.file) - set(after.file) == {second}
    place, same = before.file.index(first), np.isin(before.file, after.file)
    assert after.is_crack[after.file.index(first)] != before.is_crack[place]
    for said in ("probability", "strongest", "look"):
        np.testing.assert_array_equal(getattr(after, said), getattr(before, said)[same])


def test_what_an_image_was_said_of_another_content_is_not_taken(
    evaluate, dataset, model_folder
):
    evaluate()
    file = dataset.samples["file"][0]
    picture = np.full((64, 64, 3), 90, np.uint8)
    Image.fromarray(picture).save(dataset.path(file))
    changed = add_dataset("changed", dataset.root)
    assert begin(model_folder, changed, "all").done == 23


@pytest.mark.parametrize("damage", ["", "file,sha256\nx,y\n"])
def test_damaged_scores_are_not_taken(evaluate, dataset, model_folder, damage):
    (evaluate().path / "scores.csv").write_text(damage)
    edit_dataset("walls", dataset.samples["file"][0], "relabel")
    assert begin(model_folder, load_dataset("walls"), "all").done == 0


def test_scores_from_before_contents_were_kept_still_count(
    evaluate, dataset, model_folder
):
    evaluation = evaluate()
    scores = evaluation.path / "scores.csv"
    old = pd.read_csv(scores).drop(columns="sha256")
    scores.write_text(old.to_csv(index=False))
    assert len(evaluation.scored(ModelCard.read(model_folder))) == 24
    edit_dataset("walls", dataset.samples["file"][0], "relabel")
    assert begin(model_folder, load_dataset("walls"), "all").done == 0


def test_what_is_held_out_is_said(evaluate, dataset, model_folder):
    write_seen(model_folder, dataset.samples["sha256"][:5])
    evaluation = evaluate("test")
    assert "used to train the model" in evaluation.about["remark"]
    assert evaluation.about["images"] == len(
        evaluation.scored(ModelCard.read(model_folder))
    )


def test_a_damaged_one_is_told(evaluate, model_folder):
    evaluation = evaluate()
    path = evaluation.path / "scores.csv"
    rows = path.read_text().splitlines(keepends=True)
    path.write_text("".join(rows[:-1]))
    with pytest.raises(CrackError, match="cannot be read"):
        evaluation.scored(ModelCard.read(model_folder))
    (evaluation.path / "about.json").write_text("[]")
    with pytest.raises(CrackError, match="cannot be read"):
        kept.Evaluation(evaluation.path).about  # noqa: B018 - reads the file


def test_the_result_is_json_as_it_is(evaluate, model_folder):
    result = evaluate().result(ModelCard.read(model_folder))
    assert json.loads(json.dumps(result)) == result
    assert result["metrics"]["n"] == 24
    assert result["intervals"]["accuracy"]["method"] == "Wilson"


def test_baselines_are_computed_once(evaluate, dataset, model_folder):
    evaluation, card = evaluate(), ModelCard.read(model_folder)
    rows = evaluation.baselines(card, dataset, nothing)
    assert 0.3 < rows[0]["accuracy"] < 0.7  # a coin
    assert len(rows) == 4
    shutil.rmtree(dataset.root)
    assert evaluation.baselines(card, dataset, nothing) == rows
