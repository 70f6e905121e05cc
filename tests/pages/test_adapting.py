"""A model adapted to the photos of an inspection, with a process that is made up."""

from __future__ import annotations

import json
import shutil
import time
from pathlib import Path

import pytest

from crack import settings, storage
from crack.adaptation import jobs
from crack.data.dataset import dataset_names, load_dataset
from crack.inference.prediction import Label
from crack.inspections.records import RegionVerdict, RegionVerdictKind
from crack.inspections.store import add_photo
from crack.inspections.verdicts import give_region_verdict
from crack.runs import background
from tests.adaptation import ADAPTED, ANSWERED, MEASURED
from tests.inspections import answer, noise_png
from tests.pages.conftest import INSPECTIONS, PREDICT, all_said, ask

VIEW = "Adapt the model"
SIDE = 256  # px of a photo
AROUND = (64, 64, 64, 64)  # a region as large as a picture the model learned from

RESULT = {
    "base": "walls-1",
    "dataset": "Bridge-7-Pier-2",
    "fingerprint": "0" * 16,
    "dataset_fingerprint": "1" * 16,
    "images": 20,
    "photos": 6,
    "refit": ["head", "calibration"],
    "share": 0.5,
    "strength": 0.1,
    "before": MEASURED,
    "after": {
        **MEASURED,
        "accuracy": 0.9,
        "accuracy_interval": [0.7, 0.97],
        "auroc": 0.95,
        "recall": 0.8,
        "false_alarms": {"count": 0, "total": 10, "interval": [0.0, 0.3]},
    },
    "old": {"n": 200, "auroc_before": 0.9969, "auroc_after": 0.9961},
    "told_before": {"thresholds": {"no_crack": 0.05, "crack": 0.95}, **ANSWERED},
    "told_after": {
        "thresholds": {"no_crack": 0.05, "crack": 0.95},
        "with_crack": {"crack": 7, "review": 2, "no_crack": 1},
        "without_crack": {"crack": 0, "review": 2, "no_crack": 8},
    },
    "remarks": [],
    "worse": "",
}
WORSE = "The adapted model would be no better on the 20 images."


@pytest.fixture
def orders(monkeypatch):
    """Folders and orders of the adaptations whose process would have been started."""
    begun = []
    monkeypatch.setattr(jobs, "_launch", lambda *begins: begun.append(begins))
    return begun


@pytest.fixture
def alive(monkeypatch):
    """The process of an adaptation without a result is at work."""
    monkeypatch.setattr(background, "is_alive", lambda *_: True)


@pytest.fixture
def dead(monkeypatch):
    monkeypatch.setattr(background, "is_alive", lambda *_: False)


@pytest.fixture
def judged(inspect):
    """An inspection of six photos: in three a region is confirmed, in three rejected;
    in each a second one."""
    inspection = inspect()
    for number in range(6):
        found = answer(Label.REVIEW, file=f"{number}.png", width=SIDE, height=SIDE)
        photo = add_photo(inspection.id, noise_png(number, SIDE), found)
        for place in (AROUND, (0, 128, 64, 64)):
            judge(photo, place, is_crack=number < 3)
    return inspection


def judge(photo, box, is_crack):
    kind = RegionVerdictKind.CONFIRMED if is_crack else RegionVerdictKind.REJECTED
    give_region_verdict(photo.id, RegionVerdict(*box, is_crack, kind))


def open_view(visit, inspection):
    return visit(INSPECTIONS, inspection=inspection.id, view=VIEW)


def press(app, key):
    app.button(key=f"adapting_{key}").click().run()
    assert not app.exception
    return app


def ends(order, model=None, **changes):
    """Let a process end with a result."""
    path, _ = order
    storage.write_json(path / "result.json", {"model": model, **RESULT, **changes})


def make_model(name: str, like: Path) -> None:
    folder = shutil.copytree(like, settings.models_dir() / name)
    card = json.loads((folder / "card.json").read_text())
    storage.write_json(folder / "card.json", {**card, "name": name})


def test_without_verdicts_it_says_what_is_missing(visit, full, orders):
    app = open_view(visit, full)
    assert (
        "It takes 6 of each, from at least 2 photos. Still missing: 5 images with a "
        "crack from 1 more photo; 6 images without a crack from 2 more photos."
    ) in app.info[0].value
    assert app.button(key="adapting_start").disabled


def test_six_photos_with_two_judged_regions_each_are_enough(visit, judged, orders):
    app = open_view(visit, judged)
    assert not app.info
    assert app.selectbox(key=f"adapting_base_{judged.id}").value == "walls-1"
    press(app, "start")
    ((_, order),) = orders
    assert (order.base, order.name) == ("walls-1", "walls-1-Bridge-7")
    assert not order.force
    dataset = load_dataset(order.dataset)
    assert min(dataset.counts.values()) >= 6
    assert dataset.photos == 6
    assert order.dataset == "Bridge-7-Pier-2"


def test_the_progress_is_shown_after_a_refresh(visit, judged, orders, alive):
    press(open_view(visit, judged), "start")
    path, _ = orders[0]
    told = {"activity": "Looking at the photos", "done": 3, "total": 20}
    times = {"seconds": 10, "eta_seconds": 31, "updated": time.time()}
    storage.write_json(path / "progress.json", told | times)
    app = open_view(visit, judged)
    assert "Looking at the photos" in all_said(app)
    assert "About 30 seconds left" in all_said(app)
    assert "adapting_start" not in {button.key for button in app.button}


def test_cancel_leaves_nothing(visit, judged, orders, alive):
    app = press(open_view(visit, judged), "start")
    press(app, "cancel")
    assert "Cancelled. Nothing was kept of it." in all_said(app)
    assert "Bridge-7-Pier-2" not in dataset_names()
    assert list(settings.adaptations_dir().glob("[!.]*")) == []
    assert not app.button(key="adapting_start").disabled


def test_before_and_after_are_shown_in_words(visit, judged, model, orders):
    app = press(open_view(visit, judged), "start")
    make_model("walls-1-Bridge-7", model.folder)
    ends(orders[0], "walls-1-Bridge-7")
    app = open_view(visit, judged)
    said = app.success[0].value
    assert "The model 'walls-1-Bridge-7' is ready." in said
    assert "the AUROC goes from 0.7000 to 0.9500, and 80.0 % of the cracks" in said
    assert "from 0.9969 to 0.9961" in said
    rows = app.table[0].value.to_dict("records")
    assert {
        "Figure": "Images with a crack",
        "Before": "2 crack, 5 needs review, 3 no crack",
        "After": "7 crack, 2 needs review, 1 no crack",
    } in rows
    assert "20 images of 6 photos" in all_said(app)


def test_the_photos_are_asked_again_with_the_new_model(
    visit, judged, model, orders, monkeypatch
):
    opened = []
    monkeypatch.setattr(
        "streamlit.switch_page",
        lambda page, *, query_params: opened.append((page, query_params)),
    )
    press(open_view(visit, judged), "start")
    make_model("walls-1-Bridge-7", model.folder)
    ends(orders[0], "walls-1-Bridge-7")
    app = open_view(visit, judged)
    primary = [button.label for button in app.button if button.proto.type == "primary"]
    assert primary == ["Ask again with walls-1-Bridge-7"]
    press(app, "ask")
    assert opened == [(PREDICT, {"predict_model": "walls-1-Bridge-7"})]
    app = visit(PREDICT, predict_model="walls-1-Bridge-7")
    assert app.selectbox(key="predict_model").value == "walls-1-Bridge-7"
    assert "The 6 photos of the inspection:" in all_said(app)
    assert len(app.dataframe[0].value) == 6


def test_a_model_that_was_renamed_is_asked_by_its_new_name(
    visit, judged, model, orders
):
    press(open_view(visit, judged), "start")
    ends(orders[0], "walls-1-Bridge-7")
    make_model("bridge", model.folder)
    path = settings.models_dir() / "bridge" / "card.json"
    how = {key: RESULT[key] for key in ADAPTED.keys() - {"model"}}
    card = {**json.loads(path.read_text()), "adaptation": {**how, "model": "walls-1"}}
    storage.write_json(path, card)
    app = open_view(visit, judged)
    assert app.button(key="adapting_ask").label == "Ask again with bridge"
    assert "was deleted since" not in all_said(app)


def test_a_worse_model_is_refused_and_can_be_written_all_the_same(
    visit, judged, orders
):
    press(open_view(visit, judged), "start")
    ends(orders[0], None, worse=WORSE)
    app = open_view(visit, judged)
    assert f"{WORSE} Nothing was written." in app.warning[0].value
    assert "adapting_ask" not in {button.key for button in app.button}
    press(app, "force")
    again = orders[1][1]
    assert again.force
    assert again.dataset == orders[0][1].dataset
    ends(orders[1], again.name, worse=WORSE)
    app = open_view(visit, judged)
    assert f"Written all the same: {WORSE}" in all_said(app)
    assert "was deleted since" in all_said(app)
    assert "is ready" not in all_said(app)
    primary = [button.key for button in app.button if button.proto.type == "primary"]
    assert primary == ["adapting_start"]


def test_what_was_refused_makes_way_for_the_next(visit, judged, orders):
    press(open_view(visit, judged), "start")
    ends(orders[0], None, worse=WORSE)
    press(open_view(visit, judged), "start")
    (_, first), (_, second) = orders
    assert second.dataset == first.dataset
    assert len(list(settings.adaptations_dir().glob("[!.]*"))) == 1


def test_why_it_failed_is_told(visit, judged, orders, dead):
    app = press(open_view(visit, judged), "start")
    assert "ended without a message" in app.error[0].value
    (orders[0][0] / "adapt.log").write_text("noise\ncrack: No photo. Look.\nnoise\n")
    assert app.run().error[0].value == "No photo. Look."


def test_a_name_that_is_taken_is_refused_at_once(visit, judged, orders):
    app = open_view(visit, judged)
    app.text_input[0].set_value("walls-1").run()
    press(app, "start")
    assert "named 'walls-1' already" in app.error[0].value
    assert orders == []


def test_only_one_at_a_time(visit, judged, inspect, orders, alive):
    press(open_view(visit, judged), "start")
    other = inspect("Bridge 8")
    for number in range(6):
        found = answer(file=f"{number}.png", width=SIDE, height=SIDE)
        photo = add_photo(other.id, noise_png(number + 10, SIDE), found)
        judge(photo, AROUND, is_crack=number < 3)
        judge(photo, (0, 128, 64, 64), is_crack=number < 3)
    app = press(open_view(visit, other), "start")
    assert "A model is being adapted already." in app.error[0].value


def test_predict_says_how_to_get_there(visit, model, photo):
    app = ask(visit(PREDICT), dark=photo(20))
    assert "then adapt the model to them" in all_said(app)
