from __future__ import annotations

import io
import json
import re
import zipfile
from dataclasses import replace

import pytest
from pypdf import PdfReader

from crack.cli import main
from crack.data.dataset import load_dataset
from crack.evaluation import kept
from crack.evaluation.evaluated_model import begin
from crack.evaluation.holdout import write_seen
from crack.inference.card import ModelCard
from crack.inference.predictor import Predictor
from crack.inference.thresholds import Thresholds
from crack.reporting.evaluation_words import score_words
from crack.reporting.metric_titles import SCORES
from crack.reporting.report import evaluation_document
from crack.reporting.words import NOTHING, percent
from crack.runs.registry import find_model
from pages.model import evaluation_run
from tests.pages.conftest import said
from tests.reports import squeezed

EVALUATE = "pages/model/evaluate.py"


@pytest.fixture
def own(model):
    """A model that has seen none of the walls, unsure of them."""
    write_seen(model.folder, [])
    card = replace(ModelCard.read(model.folder), thresholds=Thresholds(0.4, 0.6))
    card.write(model.folder)
    return find_model(model.name)


@pytest.fixture
def evaluated(own):
    evaluation = begin(own.folder, load_dataset("walls"), "all")
    predictor = Predictor(own.folder)
    evaluation.go_on(predictor, load_dataset("walls"), lambda *_: None)
    evaluation.baselines(own.card, load_dataset("walls"), lambda *_: None)
    return evaluation


@pytest.fixture
def show(visit, evaluated):
    def open_view(view):
        app = visit(EVALUATE, evaluate_part="All")
        app.segmented_control(key="evaluate_view").set_value(view).run()
        assert not app.exception
        return app

    return open_view


def test_it_is_offered_before_it_is_run(visit, own):
    app = visit(EVALUATE)
    assert "has not been evaluated on these" in said(app)
    assert not app.error


def test_a_single_image_is_not_called_these(visit, own, monkeypatch):
    judged = evaluation_run.judged_samples

    def only_one(*question):
        found = judged(*question)
        return replace(found, samples=found.samples[:1])

    monkeypatch.setattr(evaluation_run, "judged_samples", only_one)
    assert "has not been evaluated on this 1 image of" in said(visit(EVALUATE))


def test_it_runs_on_a_click_and_shows_the_results(visit, own):
    app = visit(EVALUATE, evaluate_part="All")
    app.button(key="evaluate_start").click().run()
    assert not app.exception
    assert "At the model's thresholds" in said(app)
    assert [head.value for head in app.subheader][:2] == ["Answers", "Numbers"]
    assert begin(own.folder, load_dataset("walls"), "all").finished


def test_what_was_interrupted_is_gone_on_with(visit, own):
    evaluation = begin(own.folder, load_dataset("walls"), "all")

    def stop(done, _):
        if done == 5:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        evaluation.go_on(Predictor(own.folder), load_dataset("walls"), stop)
    app = visit(EVALUATE, evaluate_part="All")
    assert "5 are judged" in said(app)
    assert app.button(key="evaluate_start").label == "Go on"


def test_a_photo_that_is_gone_is_a_sentence(visit, own, patch_folder):
    app = visit(EVALUATE, evaluate_part="All")
    (patch_folder / "Positive" / "00003.png").unlink()
    app.button(key="evaluate_start").click().run()
    assert not app.exception
    assert "cannot be read any more" in app.error[0].value


def test_the_numbers_are_those_of_the_command(show, evaluated, own):
    app = show("Results")
    result = evaluated.result(own.card)
    row = numbers(app)["Accuracy"]
    assert row["Value"] == f"{100 * result['metrics']['accuracy']:.2f} %"
    interval = result["intervals"]["accuracy"]
    assert row["95 % interval"] == (
        f"{100 * interval['low']:.2f} % to {100 * interval['high']:.2f} %"
    )


def numbers(app):
    """The table of metrics on the page: its rows by the title of the metric."""
    tables = (with_spaces(table.value) for table in app.table)
    table = next(each for each in tables if "95 % interval" in each)
    return {row.iloc[0]: row for _, row in table.iterrows()}


def with_spaces(frame):
    """A table whose units stand after an ordinary space."""
    frame = frame.rename(columns=lambda name: name.replace("\u00a0", " "))
    return frame.map(lambda cell: cell.replace("\u00a0", " "))


def test_page_pdf_and_command_say_the_same_numbers(show, evaluated, own, capsys):
    results, present = numbers(show("Results")), numbers(show("Present"))
    baselines = evaluated.baselines(own.card, load_dataset("walls"), lambda *_: None)
    pages = PdfReader(io.BytesIO(evaluation_document(own, evaluated, baselines))).pages
    pdf = squeezed(" ".join(page.extract_text() for page in pages))
    capsys.readouterr()
    command = ["evaluate", "walls", "--model", own.name, "--split", "all", "--json"]
    assert main(command) == 0
    told = json.loads(capsys.readouterr().out)
    for score in SCORES:
        value = score_words(score, told[score.key])
        ends = told[f"{score.key}_interval"]
        # Too few images of a class leave a metric without an interval.
        interval = " to ".join(score_words(score, end) for end in ends or ()) or NOTHING
        method = told["interval_methods"].get(score.key, NOTHING)
        for row in (results[score.title], present[score.title]):
            assert (row["Value"], row["95 % interval"]) == (value, interval)
        assert results[score.title]["Found by"] == method
        assert squeezed(f"{score.title}{value}{interval}{method}") in pdf
    (tn, fp), (fn, tp) = told["confusion"]
    confusion = (
        f"of {tp + fn} images with a crack {tp} count as crack and {fn} do not; of "
        f"{tn + fp} without, {fp} count as crack and {tn} do not."
    )
    assert squeezed(confusion) in pdf
    assert any(confusion in caption.value for caption in show("Results").caption)


def test_page_pdf_and_command_count_the_same_answers(show, evaluated, own, capsys):
    headline, app = said(show("Results")).replace("\u00a0", " "), show("Present")
    pages = PdfReader(io.BytesIO(evaluation_document(own, evaluated, []))).pages
    pdf = squeezed(" ".join(page.extract_text() for page in pages))
    capsys.readouterr()
    main(["evaluate", "walls", "--model", own.name, "--split", "all", "--json"])
    told = json.loads(capsys.readouterr().out)
    keys = ("missed", "false_alarms", "review")
    for metric, share in zip(app.metric, [told[key] for key in keys], strict=True):
        part = percent(share["count"] / share["total"])
        interval = " to ".join(percent(end) for end in share["interval"])
        counted = f"{share['count']} of {share['total']}"
        assert (metric.value, metric.delta) == (part, f"95 % interval {interval}")
        assert f"{counted} ({part}; {interval})" in headline
        assert squeezed(f"{part}") in pdf
        assert squeezed(counted) in pdf
        assert squeezed(interval) in pdf


def test_a_cell_opens_its_images(show, evaluated, own):
    app = show("Results")
    box = app.selectbox(key="evaluate_cell")
    counts = evaluated.result(own.card)["answers"]["with_crack"]
    place = max(range(3), key=lambda n: list(counts.values())[n])
    assert str(max(counts.values())) in box.options[place]
    box.select_index(place).run()
    assert not app.exception
    assert len(app.image) == min(12, list(counts.values())[place])


def test_another_evaluation_is_compared(show, own, evaluated):
    begin(own.folder, load_dataset("walls"), "test").go_on(
        Predictor(own.folder), load_dataset("walls"), lambda *_: None
    )
    app = show("Results")
    box = app.selectbox(key="evaluate_other")
    app.selectbox(key="evaluate_other").set_value(box.options[0]).run()
    assert not app.exception
    assert "More than chance" in app.table[0].value.columns


def test_thresholds_are_chosen_and_saved(show, own):
    app = show("Thresholds")
    assert app.button(key="thresholds_save").disabled
    app.segmented_control(key="thresholds_policy").set_value("Limit both errors").run()
    app.number_input(key="thresholds_missed").set_value(10.0).run()
    assert not app.exception
    assert "With these thresholds" in app.table[0].value.columns
    app.button(key="thresholds_save").click().run()
    assert not app.exception
    saved = find_model(own.name).card
    assert saved.version == 2
    assert saved.thresholds != own.card.thresholds
    assert "At most 10 % of the cracks missed" in saved.thresholds_from
    assert "24 images of walls" in saved.thresholds_from


@pytest.mark.parametrize("policy", ["Least cost", "By hand"])
def test_other_policies_are_shown(show, policy):
    app = show("Thresholds")
    app.segmented_control(key="thresholds_policy").set_value(policy).run()
    assert not app.exception
    assert "Of 1,000 photos, 100 of them with a crack" in said(app)
    missed = r"\*\*[\d.]+ \([\d.]+ to [\d.]+\)\*\* cracks would be missed"
    assert re.search(missed, said(app))


def test_a_wrong_label_is_changed_and_changed_back(show, dataset, monkeypatch):
    app = show("Mistakes")
    mistakes = number_of_mistakes(app)
    asked = []

    def score(predictor, dataset, files):
        asked.extend(files)
        yield from ()

    monkeypatch.setattr(kept, "score", score)
    app.button(key="mistakes_relabel").click().run()
    assert not app.exception
    (file,) = load_dataset("walls").changes
    # The next one is there at once, of what the model said before.
    assert number_of_mistakes(app) == mistakes - 1
    app.button(key=f"mistakes_undo_{file}").click().run()
    assert not app.exception
    assert load_dataset("walls").edits == ()
    assert number_of_mistakes(app) == mistakes
    assert asked == []


def number_of_mistakes(app):
    (number,) = re.findall(r"\*\*(\d+) images?\*\* of 24 (?:is|are) on", said(app))
    return int(number)


def test_the_nearest_training_images_of_a_model_from_here(show, own):
    app = show("Mistakes")
    before = len(app.image)
    app.toggle(key="mistakes_nearest").set_value(True).run()
    assert not app.exception
    # Its card names other data than the walls as they are.
    assert "trained on it" in app.error[0].value
    assert len(app.image) == before


def test_a_meeting_sees_large_numbers_and_examples(show):
    app = show("Present")
    assert [metric.label for metric in app.metric] == [
        "Cracks missed",
        "False alarms",
        "Left for a person",
    ]
    (sentence,) = [h.value for h in app.subheader if h.value.startswith("Of 1,000")]
    assert re.search(r"[\d,]+ \([\d,]+ to [\d,]+\) cracks missed", sentence)


def test_of_many_examples_it_is_said_how_many_are_shown_and_in_which_order(show, own):
    app = show("Present")
    shown = [float(i.captions[0].partition(" ")[0].strip()) for i in app.image]
    titles = [h.value for h in app.subheader if ": " in h.value and h.value[0] != "O"]
    told = [c.value for c in app.caption if "evenly spread" in c.value]
    numbers = [int(title.rpartition(" ")[2]) for title in titles]
    assert told == [
        f"4 of {number}, evenly spread from the highest to the lowest probability."
        for number in numbers
        if number > 4
    ]
    assert told
    for number in numbers:
        some = [shown.pop(0) for _ in range(min(4, number))]
        assert some == sorted(some, reverse=True)


def test_a_labelled_zip_becomes_a_dataset(visit, own, patch_folder, tmp_path):
    path = tmp_path / "site.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for file in sorted(patch_folder.rglob("*.png")):
            archive.write(file, file.relative_to(patch_folder))
    app = visit(EVALUATE)
    app.file_uploader(key="evaluate_zip").set_value(
        ("site.zip", path.read_bytes(), "application/zip")
    ).run()
    app.button(key="evaluate_zip_add").click().run()
    assert not app.exception
    assert len(load_dataset("site").samples) == 24
    assert app.selectbox(key="evaluate_dataset").value == "site"


def test_a_zip_that_leaves_open_which_class_is_cracked_is_sent_to_the_add_page(
    visit, own, patch_folder, tmp_path
):
    path = tmp_path / "site.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for file in sorted(patch_folder.rglob("*.png")):
            name = {"Positive": "Riss", "Negative": "kein Riss"}[file.parent.name]
            archive.write(file, f"{name}/{file.name}")
    app = visit(EVALUATE)
    app.file_uploader(key="evaluate_zip").set_value(
        ("site.zip", path.read_bytes(), "application/zip")
    ).run()
    app.button(key="evaluate_zip_add").click().run()
    assert "Add it on the page Add, which asks" in app.error[0].value
