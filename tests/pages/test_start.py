from __future__ import annotations

from crack.runs.run import RunStatus

START = "pages/start/start.py"


def test_first_use_says_what_to_do(visit):
    app = visit(START)
    assert "Begin with a dataset" in app.info[0].value
    assert [app.button(key=f"start_way_{i}").disabled for i in range(3)] == [
        False,
        True,
        True,
    ]


def test_shows_models_with_what_they_were_measured_on(visit, model):
    app = visit(START)
    models, datasets = (table.value for table in app.dataframe)
    assert models.loc[0, "Test accuracy"] == 95
    assert models.loc[0, "Measured on"] == "walls, grouped split, 240 images"
    assert datasets.loc[0, "Images"] == 24


def test_way_in_leads_to_its_page(visit, dataset):
    app = visit(START)
    app.button(key="start_way_1").click().run()
    assert app.title[0].value == "Train a model"


def test_sidebar_follows_the_active_run_on_every_page(visit, make_run, alive):
    make_run(RunStatus.RUNNING, "Epoch 5 of 10 (fine-tune)")
    for page in (START, "pages/dataset/add.py", "pages/training/runs.py"):
        app = visit(page)
        assert app.sidebar.caption[0].value == "Epoch 5 of 10 (fine-tune)"
        assert app.sidebar.get("progress")[0].value == 25
        assert app.sidebar.get("progress")[0].text == "About 2 minutes left"


def test_sidebar_is_quiet_without_an_active_run(visit, finished_run):
    app = visit(START)
    assert not app.sidebar.get("progress")


def test_a_dead_worker_is_noticed(visit, make_run, monkeypatch):
    monkeypatch.setattr("crack.runs.jobs._START_GRACE_SECONDS", 0)
    run = make_run(RunStatus.RUNNING, "Epoch 5 of 10 (fine-tune)")
    visit(START)
    assert run.status is RunStatus.FAILED


def test_a_broken_model_card_is_told_in_a_sentence(visit, model):
    (model.folder / "card.json").write_text("{")
    app = visit(START)
    assert "cannot be read" in app.error[0].value
