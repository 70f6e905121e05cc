from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from crack import settings
from crack.adaptation import jobs
from crack.adaptation.adapt import adapt
from crack.errors import CrackError
from crack.inference.card import ModelCard
from crack.inference.predictor import Predictor
from crack.runs.imports import start_import
from crack.runs.registry import (
    default_model,
    delete_model,
    find_model,
    find_version,
    list_models,
    model_names,
    promote,
    rename_model,
    set_default,
)
from crack.runs.run import RunStatus

pytestmark = pytest.mark.usefixtures("shipped_models")


@pytest.fixture
def finished_run(new_run, model_folder):
    run = new_run(RunStatus.FINISHED)
    shutil.copytree(model_folder, run.model_folder)
    return run


@pytest.fixture
def shipped(shipped_models, model_folder):
    """A model named default that came with the program."""
    return shutil.copytree(model_folder, shipped_models / "default")


@pytest.fixture
def in_its_place(shipped, crack_home):
    """A model of the user with that name, from before such names were refused."""
    return shutil.copytree(shipped, crack_home / "models" / "default")


def test_without_models_none_are_listed():
    assert list_models() == []
    with pytest.raises(CrackError, match=r"named 'default'.*none yet"):
        find_model("default")


def test_a_promoted_model_has_its_new_name_and_answers(finished_run):
    model = promote(finished_run, "walls-1")
    assert (model.name, model.card.name, model.shipped) == ("walls-1", "walls-1", False)
    assert Predictor(model.folder).card == model.card
    assert [m.name for m in list_models()] == ["walls-1"]


def test_a_promoted_model_outlives_its_run(finished_run):
    promote(finished_run, "walls-1")
    shutil.rmtree(finished_run.path)
    assert Predictor(find_model("walls-1").folder)


def test_a_version_is_found_until_its_model_is_deleted_or_replaced(finished_run):
    created = promote(finished_run, "walls-1").card.created
    assert find_version("walls-1", created).name == "walls-1"
    assert find_version("walls-1", "2020-01-01T00:00:00+00:00") is None
    delete_model("walls-1")
    assert find_version("walls-1", created) is None


@pytest.mark.parametrize("status", set(RunStatus) - {RunStatus.FINISHED})
def test_only_a_finished_run_can_be_promoted(new_run, status, crack_home):
    run = new_run(status)
    with pytest.raises(CrackError, match=f"Run {run.id} is {status}"):
        promote(run, "walls-1")
    assert not (crack_home / "models").exists()


@pytest.mark.parametrize("name", ["", "a b", "../x", ".hidden", "ä", "x" * 65])
def test_an_unusable_name_is_refused(finished_run, name):
    told = "cannot be the name of a model" if name else "The name of a model is empty"
    with pytest.raises(CrackError, match=told) as error:
        promote(finished_run, name)
    assert "at most 64 characters" in error.value.hint
    assert list_models() == []


def test_a_taken_name_is_refused_and_the_model_stays(finished_run):
    before = promote(finished_run, "walls-1")
    with pytest.raises(CrackError, match="named 'walls-1' already") as error:
        promote(finished_run, "walls-1")
    assert "on the Models page" in error.value.hint
    assert "python -m crack models delete walls-1" in error.value.hint
    assert find_model("walls-1") == before


def test_a_run_without_a_whole_model_leaves_nothing(finished_run, crack_home):
    (finished_run.model_folder / "card.json").write_text("{")
    with pytest.raises(CrackError, match="cannot be read"):
        promote(finished_run, "walls-1")
    assert list((crack_home / "models").iterdir()) == []


def test_a_model_that_is_being_copied_is_not_listed(finished_run, crack_home):
    folder = promote(finished_run, "walls-1").folder
    folder.rename(folder.with_name(".walls-1.x1y2"))
    assert model_names() == []


@pytest.mark.parametrize("content", ["", "{", "[]", "{}"])
def test_a_broken_card_hides_no_other_model(finished_run, content):
    promote(finished_run, "good")
    broken = promote(finished_run, "broken").folder
    (broken / "card.json").write_text(content)
    assert [m.name for m in list_models()] == ["good"]
    assert model_names() == ["broken", "good"]
    assert find_model("good").name == "good"
    with pytest.raises(CrackError, match=r"card .*broken.* cannot be read"):
        find_model("broken")


def test_a_broken_model_can_be_deleted(finished_run):
    folder = promote(finished_run, "broken").folder
    (folder / "card.json").write_text("{")
    delete_model("broken")
    assert model_names() == []


def test_a_new_model_cannot_have_the_name_of_a_shipped_one(finished_run, shipped):
    mine = promote(finished_run, "walls-1")
    for action in (
        lambda: promote(finished_run, "default"),
        lambda: rename_model("walls-1", "default"),
        lambda: start_import("net.keras", b"", "default", 1, None, None),
        lambda: adapt(mine, None, "default", None),
        lambda: jobs.start(None, mine, "default", None),
    ):
        with pytest.raises(CrackError, match="came with the program") as error:
            action()
        assert "Choose another name." in error.value.hint
        assert "'Make it the default' on the Models page" in error.value.hint
    assert [(m.name, m.shipped) for m in list_models()] == [
        ("default", True),
        ("walls-1", False),
    ]


def test_a_model_of_the_user_takes_the_place_of_a_shipped_one(in_its_place):
    assert [(m.name, m.shipped) for m in list_models()] == [("default", False)]
    assert find_model("default").hides_shipped
    delete_model("default")
    assert [(m.name, m.shipped) for m in list_models()] == [("default", True)]


def test_a_model_in_the_place_of_a_shipped_one_can_be_renamed(in_its_place):
    rename_model("default", "walls-1")
    assert [(m.name, m.shipped) for m in list_models()] == [
        ("walls-1", False),
        ("default", True),
    ]
    assert not find_model("walls-1").hides_shipped


def test_the_name_of_another_shipped_folder_is_free(finished_run, shipped):
    (shipped.parent / "backbones").mkdir()
    assert not promote(finished_run, "backbones").hides_shipped


def test_a_broken_own_model_is_not_silently_replaced_by_a_shipped_one(in_its_place):
    (in_its_place / "card.json").write_text("{")
    with pytest.raises(CrackError, match="cannot be read"):
        find_model("default")


def test_a_shipped_model_cannot_be_deleted(shipped):
    with pytest.raises(CrackError, match="came with the program"):
        delete_model("default")
    assert ModelCard.read(shipped)


def test_an_unknown_model_is_told_with_those_there_are(shipped):
    for action in (find_model, delete_model):
        with pytest.raises(CrackError, match=r"named 'defualt'.*default"):
            action("defualt")


@pytest.mark.parametrize("name", ["", "..", "../models/walls-1", "x" * 5000])
def test_a_name_never_leads_out_of_the_models(finished_run, name):
    promote(finished_run, "walls-1")
    with pytest.raises(CrackError, match="There is no model named"):
        delete_model(name)
    assert settings.models_dir().is_dir()
    assert model_names() == ["walls-1"]


def test_the_default_model_comes_first(finished_run, shipped, crack_home):
    promote(finished_run, "a-walls")
    assert [model.name for model in list_models()] == ["default", "a-walls"]
    shutil.copytree(shipped, crack_home / "models" / "default")  # takes its place
    assert [model.name for model in list_models()] == ["default", "a-walls"]
    assert not find_model("default").shipped


def test_another_model_can_be_the_default(finished_run, shipped, crack_home):
    assert default_model().name == "default"
    promote(finished_run, "b-walls")
    promote(finished_run, "a-walls")
    set_default("b-walls")
    assert default_model().name == "b-walls"
    assert model_names() == ["b-walls", "a-walls", "default"]
    assert json.loads((crack_home / "models/default.json").read_text()) == {
        "name": "b-walls"
    }
    delete_model("b-walls")
    assert default_model().name == "default"


@pytest.mark.parametrize("content", ["", "{", "{}"])
def test_a_damaged_choice_is_none(finished_run, shipped, crack_home, content):
    set_default(promote(finished_run, "walls-1").name)
    (crack_home / "models/default.json").write_text(content)
    assert default_model().name == "default"


def test_only_a_model_there_is_can_be_the_default(shipped, crack_home):
    with pytest.raises(CrackError, match="no model named 'gone'"):
        set_default("gone")
    assert default_model().name == "default"


def test_a_renamed_model_is_the_same_one(finished_run, shipped):
    before = promote(finished_run, "walls-1")
    set_default("walls-1")
    after = rename_model("walls-1", "bridge")
    assert after.card == replace(before.card, name="bridge")
    assert Predictor(after.folder).card.name == "bridge"
    assert find_version("walls-1", before.card.created) == after
    assert default_model() == after
    assert "walls-1" not in model_names()


def test_where_two_are_of_one_export_the_name_decides(finished_run):
    created = promote(finished_run, "one").card.created
    promote(finished_run, "two")
    assert find_version("two", created).name == "two"
    rename_model("two", "three")
    assert find_version("two", created).name in ("one", "three")


def test_a_name_that_is_taken_or_unusable_changes_nothing(finished_run, shipped):
    promote(finished_run, "walls-1")
    promote(finished_run, "walls-2")
    for name, said in (("walls-2", "already"), ("a b", "cannot be the name")):
        with pytest.raises(CrackError, match=said):
            rename_model("walls-1", name)
    with pytest.raises(CrackError, match="came with the program"):
        rename_model("default", "mine")
    assert model_names() == ["default", "walls-1", "walls-2"]


def test_a_model_that_another_window_renames_meanwhile_is_told(
    finished_run, monkeypatch
):
    promote(finished_run, "walls-1")
    read = ModelCard.read

    def renamed_after_a_look(folder: Path) -> ModelCard:
        card = read(folder)
        folder.rename(folder.with_name("quicker"))
        return card

    monkeypatch.setattr(ModelCard, "read", renamed_after_a_look)
    with pytest.raises(CrackError, match=r"cannot be renamed \(No such file"):
        rename_model("walls-1", "bridge")
    assert (settings.models_dir() / "quicker").is_dir()
