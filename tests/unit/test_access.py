"""Who may change what, and what is noted of it."""

from __future__ import annotations

import json
import threading
from datetime import date, datetime

import pytest

from crack import access, storage
from crack.access import Actor, Role, change
from crack.claims import actor_of
from crack.data.dataset import delete_dataset, edit_dataset
from crack.errors import CrackError
from crack.evaluation.evaluated_model import begin
from crack.inference.predictor import Predictor
from crack.inspections.store import create_inspection, list_inspections
from crack.runs import background, jobs
from crack.runs.registry import default_model, set_default
from crack.runs.run import RunStatus

ANNA = Actor("anna@example.org", Role.ENGINEER)
EVE = Actor("eve@example.org", Role.VIEWER)


@pytest.fixture(autouse=True)
def known_user(monkeypatch):
    monkeypatch.setattr(access, "_identify", access.of_process)
    for name in ("CRACK_READ_ONLY", "CRACK_STARTED_BY"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def act_as(monkeypatch):
    """Let somebody be at work."""
    return lambda actor: monkeypatch.setattr(access, "_identify", lambda: actor)


def audit():
    path = access.audit_path()
    return storage.read_jsonl(path)


def contents(folder):
    """Every file with its content and the time of its last change."""
    return {
        path: (path.stat().st_mtime_ns, path.read_bytes())
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


@change("paint a wall", on="{wall}, {result}")
def paint(wall: str, colour: str = "grey") -> str:
    return f"{wall} is {colour}"


@change("paint a house", Role.ADMIN, on="{walls[0]}")
def paint_house(walls):
    return [paint(wall) for wall in walls]


def test_a_change_leaves_a_line_with_who_when_and_on_what(act_as, crack_home):
    act_as(ANNA)
    paint("north")
    (line,) = audit()
    assert datetime.fromisoformat(line.pop("time")).tzinfo is not None
    assert line == {
        "who": "anna@example.org",
        "role": "engineer",
        "what": "paint a wall",
        "on": "north, north is grey",
    }


def test_a_change_within_a_change_is_noted_once_and_asked_about_once():
    paint_house(["north", "east"])
    assert [line["what"] for line in audit()] == ["paint a house"]


def test_too_low_a_role_is_refused_with_a_reason_and_leaves_no_line(act_as):
    act_as(EVE)
    with pytest.raises(
        CrackError, match=r"takes the role engineer to paint a wall.*Ask"
    ):
        paint("north")
    act_as(ANNA)
    with pytest.raises(CrackError, match="role admin"):
        paint_house(["north"])
    assert audit() == []


def test_a_change_that_fails_leaves_no_line():
    @change("fail")
    def fail():
        raise CrackError("No.")

    with pytest.raises(CrackError, match="No"):
        fail()
    assert audit() == []
    paint("north")  # the failed change is over
    assert len(audit()) == 1


def test_read_only_mode_refuses_even_an_admin_and_writes_nothing(
    monkeypatch, dataset, crack_home
):
    before = contents(crack_home)
    monkeypatch.setenv("CRACK_READ_ONLY", "1")
    with pytest.raises(CrackError, match="Read-only mode is on"):
        edit_dataset(dataset.name, dataset.samples["file"][0], "leave out")
    with pytest.raises(CrackError, match="CRACK_READ_ONLY"):
        delete_dataset(dataset.name)
    assert contents(crack_home) == before


WRITES = {
    "write_json": lambda home: storage.write_json(home / "x.json", {}),
    "write_bytes": lambda home: storage.write_bytes(home / "x", b""),
    "append_jsonl": lambda home: storage.append_jsonl(home / "x.jsonl", {}),
    "write_jsonl": lambda home: storage.write_jsonl(home / "x.jsonl", []),
    "new_folder": lambda home: storage.new_folder(home / "x").__enter__(),
    "remove_folder": lambda home: storage.remove_folder(home / "there"),
    "settle": lambda home: storage.settle(home / "there/file", home / "x"),
    "launch": lambda home: background.launch(home / "there", ["-V"], "log"),
}


@pytest.mark.parametrize("write", WRITES.values(), ids=WRITES)
def test_a_forgotten_declaration_cannot_write_in_read_only_mode(
    write, crack_home, monkeypatch
):
    (crack_home / "there").mkdir(parents=True)
    (crack_home / "there/file").touch()
    before = contents(crack_home)
    monkeypatch.setenv("CRACK_READ_ONLY", "1")
    with pytest.raises(CrackError, match="Read-only mode is on"):
        write(crack_home)
    assert contents(crack_home) == before


def test_what_the_user_takes_away_is_written_in_read_only_mode(tmp_path, monkeypatch):
    monkeypatch.setenv("CRACK_READ_ONLY", "1")
    storage.write_json(tmp_path / "taken.json", {})
    assert (tmp_path / "taken.json").exists()


def test_a_model_answers_in_read_only_mode(model_folder, patch_folder, monkeypatch):
    monkeypatch.setenv("CRACK_READ_ONLY", "1")
    photo = next(patch_folder.rglob("*.png"))
    (answer,) = Predictor(model_folder).predict([(photo.name, photo)])
    assert answer.file == photo.name


def test_an_evaluation_is_read_but_not_begun_in_read_only_mode(
    model_folder, dataset, crack_home, monkeypatch
):
    begun = begin(model_folder, dataset, "all")
    begun.go_on(Predictor(model_folder), dataset, lambda *_: None)
    card = default_model().card
    before = contents(crack_home)
    monkeypatch.setenv("CRACK_READ_ONLY", "1")
    again = begin(model_folder, dataset, "all")
    assert again.result(card)["metrics"]["n"] == len(dataset.samples)
    assert contents(crack_home) == before, "the result was kept"
    with pytest.raises(CrackError, match="Read-only mode is on"):
        begin(model_folder, dataset, "test")
    with pytest.raises(CrackError, match="Read-only mode is on"):
        again.baselines(card, dataset, lambda *_: None)
    assert contents(crack_home) == before


def test_a_dead_run_is_not_marked_in_read_only_mode(new_run, crack_home, monkeypatch):
    run = new_run(RunStatus.RUNNING)
    monkeypatch.setattr(jobs, "_is_alive", lambda _: False)
    before = contents(crack_home)
    monkeypatch.setenv("CRACK_READ_ONLY", "1")
    assert [each.status for each in jobs.reconcile()] == [RunStatus.RUNNING]
    assert run.status is RunStatus.RUNNING
    assert contents(crack_home) == before


def test_inspections_are_read_in_read_only_mode_and_nothing_is_written(
    crack_home, monkeypatch
):
    create_inspection("Bridge 7", "Pier 2", date(2026, 5, 1), default_model())
    before = contents(crack_home)
    monkeypatch.setenv("CRACK_READ_ONLY", "1")
    (there,) = list_inspections()
    assert there.inspection.structure == "Bridge 7"
    with pytest.raises(CrackError, match="Read-only mode is on"):
        create_inspection("Bridge 8", "Pier 2", date(2026, 5, 1), default_model())
    assert contents(crack_home) == before


def test_without_a_database_there_are_no_inspections_in_read_only_mode(
    crack_home, monkeypatch
):
    monkeypatch.setenv("CRACK_READ_ONLY", "1")
    assert list_inspections() == []
    assert not crack_home.exists()


def test_what_works_on_a_change_knows_who_began_it(act_as, monkeypatch):
    act_as(ANNA)
    told = access.for_process()
    monkeypatch.setattr(access, "_identify", access.of_process)
    for name, value in told.items():
        monkeypatch.setenv(name, value)
    assert access.current() == ANNA


def test_a_process_of_nobody_else_belongs_to_the_user_of_the_system(monkeypatch):
    monkeypatch.setenv("LOGNAME", "kim")
    assert access.current() == Actor("kim", Role.ADMIN)


def test_two_at_once_are_not_taken_for_each_other(monkeypatch):
    actors = threading.local()
    monkeypatch.setattr(access, "_identify", lambda: actors.now)
    start, refused = threading.Barrier(2), []

    def work(actor: Actor) -> None:
        actors.now = actor
        start.wait()
        for number in range(50):
            try:
                paint(f"{actor.name} {number}")
            except CrackError:
                refused.append(actor)

    threads = [threading.Thread(target=work, args=(actor,)) for actor in (ANNA, EVE)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert refused == [EVE] * 50
    lines = audit()
    assert len(lines) == 50
    assert {line["who"] for line in lines} == {ANNA.name}


def test_the_audit_does_not_grow_for_ever(monkeypatch, crack_home):
    monkeypatch.setattr(access, "_LARGEST", 300)
    for number in range(60):
        paint(str(number))
    files = sorted(path.name for path in crack_home.glob("audit*"))
    earlier = [f"audit-{n}.jsonl" for n in range(1, 10)]
    assert files == [*earlier, "audit.jsonl"]
    assert audit()[-1]["on"].startswith("59")
    newest_but_one = storage.read_jsonl(crack_home / "audit-1.jsonl")
    assert int(newest_but_one[-1]["on"].split(",")[0]) < int(
        audit()[0]["on"].split(",")[0]
    )


def test_a_name_of_any_length_and_with_line_ends_makes_one_short_line():
    paint("a\nb" * 5000)
    text = access.audit_path().read_text()
    assert text.count("\n") == 1
    assert len(text) < 700
    json.loads(text)


def test_only_an_admin_chooses_the_default_model(act_as, model):
    act_as(ANNA)
    with pytest.raises(CrackError, match="role admin"):
        set_default("default")


@pytest.mark.parametrize(
    ("claims", "role"),
    [
        ({"email": "a@x.org"}, Role.VIEWER),
        ({"email": "a@x.org", "roles": "engineer"}, Role.ENGINEER),
        ({"email": "a@x.org", "roles": ["Admin", "viewer"]}, Role.ADMIN),
        ({"email": "a@x.org", "roles": {"admin": True}}, Role.VIEWER),
        ({"email": "a@x.org", "roles": ["administrator", 3]}, Role.VIEWER),
        ({"email": "Boss@X.org"}, Role.ADMIN),
        ({"email": "boss@x.org", "email_verified": False}, Role.VIEWER),
        ({"email": "boss@x.org", "email_verified": "false"}, Role.VIEWER),
        ({"email": "second@x.org", "roles": "viewer"}, Role.ENGINEER),
        ({"sub": "17"}, Role.VIEWER),
        ({"email": ""}, Role.VIEWER),
    ],
)
def test_roles_come_from_a_claim_or_from_lists(claims, role, monkeypatch):
    monkeypatch.setenv("CRACK_ADMINS", " boss@x.org,,")
    monkeypatch.setenv("CRACK_ENGINEERS", "first@x.org, second@x.org")
    monkeypatch.delenv("CRACK_ROLE_CLAIM", raising=False)
    actor = actor_of(claims)
    assert actor.role is role
    assert actor.name


def test_the_claim_with_the_roles_can_have_another_name(monkeypatch):
    monkeypatch.setenv("CRACK_ROLE_CLAIM", "https://x.org/roles")
    claims = {"https://x.org/roles": ["engineer"], "roles": ["admin"], "sub": "17"}
    assert actor_of(claims) == Actor("17", Role.ENGINEER)
