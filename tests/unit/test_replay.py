from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from crack.adaptation import replay
from crack.adaptation.examples import Examples, HeadChange
from crack.adaptation.replay import Replay, most_kept, write_replay
from crack.data.images import decode_image, resize_image
from crack.errors import CrackError
from crack.inference.card import ModelCard
from tests.conftest import MODEL_SIDE


def made_up(n: int, source: str = "old", seed: int = 1) -> Replay:
    rng = np.random.default_rng(seed)
    return Replay(
        features=rng.gamma(0.5, 1, (n, 7)).astype(np.float32),
        log_odds=rng.normal(0, 3, n).astype(np.float32),
        is_crack=np.arange(n) % 2 == 0,
        source=np.array([source] * n),
        group=np.arange(n),
        measures=np.arange(n) % 4 < 2,
    )


@pytest.fixture
def split(dataset):
    """A third of the photos train, a third calibrate, a third are kept for the end."""
    parts = np.array(["train", "val", "test"])[np.arange(len(dataset.samples)) % 3]
    return dataset.samples[["file", "class"]].assign(split=parts)


def test_what_was_written_is_read(tmp_path):
    kept = made_up(50)
    kept.write(tmp_path)
    found = Replay.read(tmp_path)
    step = kept.features.max(0) / 255
    assert (np.abs(found.features - kept.features) <= step / 2 + 1e-6).all()
    np.testing.assert_array_equal(found.log_odds, kept.log_odds)
    for name in ("is_crack", "source", "group", "measures"):
        np.testing.assert_array_equal(getattr(found, name), getattr(kept, name))


def test_an_older_model_has_none_and_a_damaged_file_is_told(tmp_path):
    assert Replay.read(tmp_path) is None
    (tmp_path / "replay.npz").write_bytes(b"PK")
    with pytest.raises(CrackError, match=r"replay\.npz is damaged"):
        Replay.read(tmp_path)


def test_a_model_keeps_images_it_was_trained_on_but_none_of_the_test(
    dataset, split, model_folder
):
    told = []
    write_replay(model_folder, dataset, split, lambda *counts: told.append(counts))
    kept = Replay.read(model_folder)
    used = (split["split"] != "test").to_numpy()
    assert len(kept.is_crack) == used.sum() == told[-1][0] == told[-1][1]
    assert most_kept(split) == used.sum()
    assert kept.is_crack.sum() == dataset.is_crack[used].sum()
    assert set(kept.source) == {"walls"}
    file = dataset.path(dataset.samples["file"][0])
    image = resize_image(decode_image(file), MODEL_SIDE, MODEL_SIDE)
    nearest = np.abs(kept.features[:, 0] - image.mean()).argmin()
    assert kept.features[nearest, 0] == pytest.approx(image.mean(), abs=1)
    expected = 0.1 * (image.mean() - 127.5)
    assert kept.log_odds[nearest] == pytest.approx(expected, abs=0.1)


def test_half_of_the_validation_photos_measure_and_no_training_image_does(
    dataset, split, model_folder
):
    write_replay(model_folder, dataset, split, lambda *_: None)
    kept = Replay.read(model_folder)
    group = pd.Series(dataset.groups)[(split["split"] == "val").to_numpy()]
    assert set(kept.group[kept.measures]) < set(group)
    assert kept.measures.sum() == len(group) // 2
    measured = set(kept.group[kept.measures])
    assert measured.isdisjoint(kept.group[~kept.measures])


def test_classes_and_sources_are_kept_in_equal_numbers(
    dataset, split, model_folder, monkeypatch
):
    monkeypatch.setattr(replay, "_ENOUGH", 8)
    sources = ["bridge", "wall"] * (len(split) // 2)
    write_replay(model_folder, dataset, split, lambda *_: None, sources)
    kept = Replay.read(model_folder)
    kinds = pd.crosstab(kept.source, kept.is_crack)
    assert (kinds == 2).all(axis=None)


def test_training_images_are_kept_only_where_there_are_few_others(
    dataset, split, model_folder, monkeypatch
):
    monkeypatch.setattr(replay, "_ENOUGH", 6)
    write_replay(model_folder, dataset, split, lambda *_: None)
    of_val = (split["split"] == "val").sum()
    assert len(Replay.read(model_folder).is_crack) == most_kept(split) == of_val


def new_photos(n: int) -> Examples:
    """Photos of which each has a turned view, as the head before sees them."""
    rng = np.random.default_rng(2)
    return Examples(
        features=rng.gamma(0.5, 1, (2 * n, 7)).astype(np.float32),
        log_odds=rng.normal(0, 3, 2 * n),
        is_crack=np.arange(2 * n) % 4 < 2,
        group=np.arange(2 * n) // 2,
        weight=np.full(2 * n, 0.5),
        is_view=np.arange(2 * n) % 2 == 1,
    )


def test_old_images_and_new_photos_are_kept_together(monkeypatch):
    change = HeadChange(np.full(7, 0.1, np.float32), 0.5)
    old, new = made_up(20), new_photos(6)
    both = old.after(change, new, "new")
    assert pd.Series(both.source).value_counts().to_dict() == {"old": 20, "new": 6}
    mine = both[both.source == "new"]
    assert mine.measures.sum() == 3
    expected = new.log_odds[::2] + change.of(new.features[::2])
    np.testing.assert_allclose(np.sort(mine.log_odds), np.sort(expected), rtol=1e-5)
    theirs = both[both.source == "old"]
    expected = old.log_odds + change.of(old.features)
    np.testing.assert_allclose(np.sort(theirs.log_odds), np.sort(expected), rtol=1e-5)

    monkeypatch.setattr(replay, "MOST_IMAGES", 16)
    few = old.after(change, new_photos(10), "new")
    assert pd.crosstab(few.source, few.is_crack).to_numpy().tolist() == [[4, 4], [4, 4]]


def test_too_few_images_of_a_class_are_nothing_to_fit_or_measure(model_folder):
    card = replace(ModelCard.read(model_folder), temperature=2.0, offset=1.0)
    assert made_up(36).examples(card, measures=True) is None
    kept = made_up(60)
    found = kept.examples(card, measures=True)
    assert len(found) == 30
    np.testing.assert_allclose(found.log_odds, (kept.log_odds[kept.measures] - 1) / 2)
