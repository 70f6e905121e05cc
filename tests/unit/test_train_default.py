"""Of what the default is trained, and on what it is judged."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from crack.data.dataset import load_dataset
from crack.data.split import make_split
from tests.lined_walls import SIDE, add_lined_walls
from tools import train_default
from tools.default_crops import CRACK


@pytest.fixture
def metu(crack_home, tmp_path):
    def like_no_other(rng):
        coarse = Image.fromarray(rng.integers(90, 220, (8, 8, 3), np.uint8))
        return np.array(coarse.resize((SIDE, SIDE), Image.Resampling.BICUBIC))

    return add_lined_walls(tmp_path / "metu", 60, like_no_other)


def test_what_is_made_of_metus_images_stays_in_their_part(metu, monkeypatch):
    shown = {}
    draw = train_default.draw_far_walls

    def drawn(dataset, samples, count, stem, folder):
        shown[stem] = set(samples["file"])
        draw(dataset, samples, count, stem, folder)

    monkeypatch.setattr(train_default, "FAR", {"train": 5, "val": 2})
    monkeypatch.setattr(train_default, "draw_far_walls", drawn)
    train_default._mix("mixture", {"metu": metu})
    mixture = load_dataset("mixture")
    split = train_default._split(mixture, {"metu": metu})
    assert split["split"].notna().all()
    made = split[split["file"].str.contains("--far-")]
    counts = made.groupby(["split", "class"]).size()
    assert counts.to_dict() == {
        (part, name): count
        for part, count in (("train", 5), ("val", 2))
        for name in mixture.class_names
    }
    assert CRACK in mixture.class_names
    parts = make_split(metu, "grouped", train_default.SEED).groupby("split")["file"]
    for part in ("train", "val"):
        assert shown[f"metu--far-{part}"] <= set(parts.get_group(part))


def test_of_each_source_no_more_than_its_limit_is_learned_from(metu, monkeypatch):
    few = replace(train_default.SOURCES["metu"], limit=8)
    monkeypatch.setitem(train_default.SOURCES, "metu", few)
    monkeypatch.setattr(train_default, "FAR", {})
    train_default._mix("mixture", {"metu": metu})
    mixture = load_dataset("mixture")
    split = train_default._split(mixture, {"metu": metu})
    counts = split.groupby(["split", "class"]).size()
    assert counts["train"].to_list() == [8, 8]
    assert counts["val"].to_list() == [2, 2]
    whole = make_split(metu, "grouped", train_default.SEED)
    assert counts["test"].sum() == (whole["split"] == "test").sum()
