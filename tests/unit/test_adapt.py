from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from crack import settings
from crack.adaptation import comparison
from crack.adaptation.adapt import adapt
from crack.adaptation.comparison import Comparison
from crack.adaptation.replay import Replay, write_replay
from crack.errors import CrackError
from crack.evaluation.evaluate import scores_of
from crack.evaluation.holdout import seen_samples, write_seen
from crack.inference.card import ModelCard
from crack.inference.predictor import Predictor
from crack.inference.thresholds import Thresholds
from crack.runs.registry import find_model, model_names, save_thresholds
from tests.adaptation import grey_dataset, half_validation, no_keras

pytestmark = pytest.mark.usefixtures("shipped_models")


@pytest.fixture
def base(model, monkeypatch):
    """The bright model, which sees a crack from a grey of 127.5 on."""
    no_keras(monkeypatch)
    return find_model("default")


@pytest.fixture
def bright_walls(tmp_path):
    """Photos of walls that are all brighter: cracks are brighter than 170."""
    return grey_dataset(tmp_path, "walls", lambda shade, _: shade > 170)


@pytest.fixture
def with_replay(base, tmp_path):
    """The model, with a sample of the photos it was made for."""
    old = grey_dataset(
        tmp_path, "old", lambda shade, _: shade > 127.5, count=120, photos=60
    )
    write_replay(base.folder, old, half_validation(old), lambda *_: None)
    return base


def run(base, dataset, name="mine", **options):
    return adapt(base, dataset, name, lambda *_: None, **options)


def test_the_new_model_is_better_on_the_photos_it_was_made_for(base, bright_walls):
    adapted = run(base, bright_walls)
    before, after = (
        adapted.comparison.adaptation["before"],
        adapted.comparison.adaptation["after"],
    )
    assert before["accuracy"] < 0.8 < 0.85 < after["accuracy"]
    told = scores_of(
        Predictor(adapted.model.folder), bright_walls, bright_walls.samples["file"]
    )
    said = adapted.model.card.probability(told["log_odds"]) >= 0.5
    assert (said == bright_walls.is_crack).mean() > 0.85
    assert find_model("mine").card == adapted.model.card
    assert (
        adapted.comparison.adaptation["images"],
        adapted.comparison.adaptation["photos"],
    ) == (40, 10)


def test_the_card_says_where_the_model_is_from(base, bright_walls):
    adapted = run(base, bright_walls)
    card = adapted.model.card
    assert card.name == "mine"
    assert card.adaptation == json.loads(json.dumps(adapted.comparison.adaptation))
    assert card.adaptation["model"] == "default"
    assert card.adaptation["dataset_fingerprint"] == bright_walls.fingerprint
    assert card.adaptation["refit"] == ["head", "calibration"]
    assert card.notes.startswith("Adapted from 'default' to 40 images of 'walls'")
    (tested,) = card.metrics["sets"]
    assert tested["accuracy"] == adapted.comparison.adaptation["after"]["accuracy"]
    assert tested["title"] == "walls, by cross-validation"
    assert card.thresholds == base.card.thresholds
    assert ModelCard.read(adapted.model.folder) == card


def test_all_but_the_head_stays(base, bright_walls):
    folder = run(base, bright_walls).model.folder
    familiar = (folder / "familiarity.npz").read_bytes()
    assert familiar == (base.folder / "familiarity.npz").read_bytes()


def test_the_new_model_has_seen_the_photos_and_what_the_old_one_has(
    base, bright_walls, tmp_path
):
    known = grey_dataset(tmp_path, "known", lambda shade, _: shade > 100, seed=7)
    write_seen(base.folder, known.samples["sha256"])
    folder = run(base, bright_walls).model.folder
    assert seen_samples(folder, bright_walls).all()
    assert seen_samples(folder, known).all()
    assert not seen_samples(base.folder, bright_walls).any()


def test_without_a_sample_of_old_images_it_is_said(base, bright_walls):
    adapted = run(base, bright_walls)
    assert adapted.comparison.adaptation["old"] is None
    (remark,) = adapted.comparison.remarks
    assert "before models kept a sample" in remark
    assert Replay.read(adapted.model.folder) is None


def test_what_it_costs_on_old_images_is_measured(with_replay, bright_walls):
    adapted = run(with_replay, bright_walls)
    old = adapted.comparison.adaptation["old"]
    kept = Replay.read(with_replay.folder)
    assert old["n"] == kept.measures.sum()
    assert old["auroc_before"] - old["auroc_after"] <= 0.002
    assert adapted.comparison.remarks == ()
    of_one = {key: old[key] for key in ("n", "auroc_before", "auroc_after")}
    assert old["sources"] == {"old": of_one}


def test_the_new_model_can_be_adapted_again(with_replay, bright_walls, tmp_path):
    first = run(with_replay, bright_walls).model
    kept = Replay.read(first.folder)
    assert set(kept.source) == {"old", "walls"}
    mine = kept[kept.source == "walls"]
    told = scores_of(Predictor(first.folder), bright_walls, bright_walls.samples.file)
    np.testing.assert_allclose(
        np.sort(mine.log_odds), np.sort(told["log_odds"]), atol=0.05
    )
    other = grey_dataset(tmp_path, "other", lambda shade, _: shade > 150, seed=3)
    second = run(first, other, "again", force=True)
    assert second.comparison.adaptation["old"]["n"] == kept.measures.sum()
    assert second.model.card.adaptation["model"] == "mine"


def test_a_model_that_is_no_better_is_not_written(base, tmp_path):
    by_chance = grey_dataset(tmp_path, "chance", lambda _, rng: rng.random() < 0.5)
    with pytest.raises(CrackError, match=r"no better on the 40 images.*--force"):
        run(base, by_chance)
    assert model_names() == ["default"]
    assert run(base, by_chance, force=True).model.name == "mine"


def test_what_was_refused_is_written_without_a_second_look(
    with_replay, bright_walls, monkeypatch
):
    monkeypatch.setattr(comparison, "MOST_OLD_AUROC_LOST", -1)
    run(with_replay, bright_walls, "at-once", force=True)
    with pytest.raises(CrackError, match="worse on those"):
        run(with_replay, bright_walls)
    told = []
    mine = adapt(
        with_replay, bright_walls, "mine", lambda *now: told.append(now), force=True
    )
    assert told == [("Writing the model", 0, 1)]
    same = find_model("at-once")
    cards = [replace(m.card, name="", created="") for m in (mine.model, same)]
    assert cards[0] == cards[1]
    for file in ("graph.bin", "replay.npz"):
        written, wanted = (m.folder / file for m in (mine.model, same))
        assert written.read_bytes() == wanted.read_bytes()
    assert not list((settings.cache_dir() / "adaptations").iterdir())


def test_what_was_refused_is_fitted_anew_for_other_thresholds(base, tmp_path):
    by_chance = grey_dataset(tmp_path, "chance", lambda _, rng: rng.random() < 0.5)
    with pytest.raises(CrackError, match="no better"):
        run(base, by_chance)
    (kept,) = (settings.cache_dir() / "adaptations").iterdir()
    other = save_thresholds(base, Thresholds(0.2, 0.6), "Tried.")
    card = run(other, by_chance, force=True).model.card
    assert card.thresholds == Thresholds(0.2, 0.6)
    assert kept.exists()


def test_what_was_kept_may_be_lost(base, tmp_path):
    by_chance = grey_dataset(tmp_path, "chance", lambda _, rng: rng.random() < 0.5)
    with pytest.raises(CrackError, match="no better"):
        run(base, by_chance)
    (kept,) = (settings.cache_dir() / "adaptations").iterdir()
    kept.write_bytes(kept.read_bytes()[:1000])
    assert run(base, by_chance, force=True).model.name == "mine"


def test_a_model_that_forgets_is_not_written(with_replay, bright_walls, monkeypatch):
    monkeypatch.setattr(comparison, "MOST_OLD_AUROC_LOST", -1)
    with pytest.raises(CrackError, match=r"worse on those that 'default' learned"):
        run(with_replay, bright_walls)
    assert model_names() == ["default"]


@pytest.mark.parametrize(
    ("count", "photos", "told"),
    [
        (10, 10, "4 with a crack, from 4 photos, and 6 without, from 6"),
        (40, 1, "from 1 photos, and"),
    ],
)
def test_too_few_photos_are_refused(base, tmp_path, count, photos, told):
    few = grey_dataset(
        tmp_path, "few", lambda shade, _: shade > 170, count=count, photos=photos
    )
    with pytest.raises(CrackError, match=f"at least 6 images.*{told}"):
        run(base, few)


def test_a_name_that_is_taken_is_refused_at_once(base, bright_walls):
    with pytest.raises(CrackError, match="'default' already"):
        adapt(base, bright_walls, "default", lambda *_: pytest.fail("looked"))


def test_photos_the_model_learned_from_are_told(base, bright_walls):
    write_seen(base.folder, bright_walls.samples["sha256"][:1])
    remarks = run(base, bright_walls).comparison.remarks
    assert "of the 40 images, near-copies of them or other parts of their" in remarks[1]


def test_a_stop_leaves_nothing(base, bright_walls):
    def stop(activity, done, total):
        if activity == "Writing the model":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        adapt(base, bright_walls, "mine", stop)
    assert [p.name for p in settings.models_dir().iterdir()] == ["default"]


def test_the_command_prints_the_numbers_before_and_after(base, bright_walls, crack):
    status, said, _ = crack("adapt", "default", "walls")
    assert status == 0
    assert "40 images of 10 photos of 'walls'" in said
    assert "AUROC" in said
    assert "'default-walls' is ready" in said
    status, _, told = crack("adapt", "default", "walls")
    assert status == 1
    assert "named 'default-walls' already" in told


def test_the_command_answers_in_json(with_replay, bright_walls, crack):
    status, said, _ = crack("adapt", "default", "walls", "--name", "mine", "--json")
    assert status == 0
    result = json.loads(said)
    assert (result["model"], result["base"]) == ("mine", "default")
    assert result["before"]["auroc"] <= result["after"]["auroc"] + 0.01
    counted = result["told_after"]["with_crack"]
    assert sum(counted.values()) == bright_walls.is_crack.sum()
    assert result["old"]["n"] > 0
    assert result["seconds"] > 0


def test_the_command_keeps_its_progress_in_a_file(base, bright_walls, crack, tmp_path):
    file = tmp_path / "progress.json"
    status, *_ = crack("adapt", "default", "walls", "--progress", str(file))
    assert status == 0
    last = json.loads(file.read_text())
    assert (last["activity"], last["done"], last["total"]) == (
        "Writing the model",
        0,
        1,
    )
    assert last["eta_seconds"] > 0


def test_the_command_prints_the_numbers_of_a_model_it_refuses(base, tmp_path, crack):
    grey_dataset(tmp_path, "chance", lambda _, rng: rng.random() < 0.5)
    status, said, told = crack("adapt", "default", "chance", "--json")
    assert status == 1
    refused = json.loads(said)
    assert refused["model"] is None
    assert refused["worse"] in told
    compared = Comparison.from_json(refused)
    assert compared.adaptation["model"] == "default"
    assert compared.to_json() == {k: v for k, v in refused.items() if k != "model"}
    status, said, _ = crack("adapt", "default", "chance", "--json", "--force")
    assert status == 0
    assert json.loads(said)["worse"] == refused["worse"]


def test_the_calibration_is_that_of_photos_held_out(base, tmp_path):
    hazy = grey_dataset(
        tmp_path,
        "hazy",
        lambda shade, rng: shade + rng.normal(0, 40) > 170,
        count=80,
        photos=40,
    )
    flat = replace(base, card=replace(base.card, temperature=0.3))
    flat.card.write(base.folder)
    card = run(find_model("default"), hazy).model.card
    probability = card.probability(
        scores_of(
            Predictor(settings.models_dir() / "mine"), hazy, hazy.samples["file"]
        )["log_odds"]
    )
    # Nobody can be sure of shades near the limit.
    unsure = (probability > 0.1) & (probability < 0.9)
    assert unsure.sum() > 15
