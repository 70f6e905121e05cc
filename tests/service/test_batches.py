"""Many photos: begun, answered, read, deleted, and gone on with."""

from __future__ import annotations

import io
import json
import os
import signal
import time
import zipfile
from pathlib import Path

import pytest

from crack import access, settings, storage
from crack.cli import main
from crack.runs import background
from crack.service import batch_worker, batches, limits
from crack.service.batch_folder import BatchFolder
from tests.service.calls import NOT_INSTALLED, audit, is_problem, photos, png

batch_routes = pytest.importorskip("crack.service.batch_routes", reason=NOT_INSTALLED)

BATCHES = "/v1/batches"
SHADES = (10, 250, 130)


def begun(client, *contents: bytes, **params) -> str:
    response = client.post(BATCHES, files=photos(*contents), params=params)
    assert response.status_code == 202, response.text
    assert response.headers["location"] == f"{BATCHES}/{response.json()['id']}"
    return response.headers["location"]


def until(client, place: str, status: str, seconds: float = 120) -> dict:
    end = time.monotonic() + seconds
    while (state := client.get(place).json())["status"] != status:
        assert time.monotonic() < end, state
        time.sleep(0.1)
    return state


def test_a_batch_is_begun_answered_read_and_deleted(client, bright, worked_here):
    place = begun(client, *map(png, SHADES))
    (folder,) = worked_here
    queued = client.get(place).json()
    assert (queued["status"], queued["done"], queued["total"]) == ("queued", 0, 3)
    assert batch_worker.main(folder) == 0
    state = client.get(place).json()
    assert (state["status"], state["done"], state["next"]) == ("finished", 3, None)
    labels = [(row["file"], row["label"]) for row in state["answers"]]
    assert labels == [("0.png", "no crack"), ("1.png", "crack"), ("2.png", "review")]
    assert not (folder / "photos").exists(), "the uploads are still there"
    assert client.delete(place).status_code == 204
    assert not folder.exists()
    assert is_problem(client.get(place), 404)
    assert is_problem(client.delete(place), 404)
    assert [line["what"] for line in audit()] == [
        "begin a batch of photos",
        "delete a batch of photos",
    ]


def test_the_answers_are_those_of_the_command_line(
    client, bright, worked_here, tmp_path, capsys
):
    files = [tmp_path / f"{n}.png" for n in range(3)]
    for file, shade in zip(files, SHADES, strict=True):
        file.write_bytes(png(shade))
    main(["predict", *map(str, files), "--format", "jsonl"])
    expected = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    place = begun(client, *map(png, SHADES))
    batch_worker.main(worked_here[0])
    rows = client.get(place).json()["answers"]
    for row in (*rows, *expected):
        assert row.pop("seconds") >= 0
        assert row.pop("file").endswith(".png")
    assert json.dumps(rows) == json.dumps(expected)


def test_bad_files_are_rows_and_a_zip_is_its_photos(client, bright, worked_here):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("a/1.png", png(250))
        archive.writestr("2.png", b"none")
    files = [
        ("photos", ("walls.zip", packed.getvalue())),
        ("photos", ("broken.zip", b"PK\x03\x04")),
        ("photos", ("notes.txt", b"hello")),
        ("photos", ("empty.png", b"")),
    ]
    response = client.post(BATCHES, files=files, params={"regions": True})
    assert response.json()["total"] == 5
    batch_worker.main(worked_here[0])
    rows = client.get(response.headers["location"]).json()["answers"]
    assert [row["file"] for row in rows] == [
        "walls.zip/2.png",
        "walls.zip/a/1.png",
        "broken.zip",
        "notes.txt",
        "empty.png",
    ]
    assert [bool(row["error"]) for row in rows] == [True, False, True, True, True]
    assert rows[1]["regions"][0]["probability"] > 0.9


def test_photos_are_named_by_urls(client, bright, worked_here, tmp_path, monkeypatch):
    monkeypatch.setenv("CRACK_DATA_ROOTS", str(tmp_path))
    (tmp_path / "1.png").write_bytes(png(250))
    urls = [(tmp_path / name).as_uri() for name in ("1.png", "none.png")]
    response = client.post(BATCHES, json={"urls": urls})
    assert response.status_code == 202
    # What is allowed is asked again when a photo is opened.
    batch_worker.main(worked_here[0])
    rows = client.get(response.headers["location"]).json()["answers"]
    assert [row["file"] for row in rows] == urls
    assert rows[0]["label"] == "crack"
    assert "There is no file" in rows[1]["error"]
    elsewhere = client.post(BATCHES, json={"urls": [*urls, "file:///etc/passwd"]})
    assert is_problem(elsewhere, 403)


def test_what_was_allowed_once_is_refused_when_it_no_longer_is(
    client, bright, worked_here, tmp_path, monkeypatch
):
    monkeypatch.setenv("CRACK_DATA_ROOTS", str(tmp_path))
    (tmp_path / "1.png").write_bytes(png(250))
    place = client.post(
        BATCHES, json={"urls": [(tmp_path / "1.png").as_uri()]}
    ).headers["location"]
    monkeypatch.setenv("CRACK_DATA_ROOTS", "")
    batch_worker.main(worked_here[0])
    (row,) = client.get(place).json()["answers"]
    assert row["label"] is None


def test_answers_come_in_pages(client, bright, worked_here):
    place = begun(client, *(png(n) for n in range(7)))
    batch_worker.main(worked_here[0])
    names, address = [], f"{place}?count=3"
    while address:
        page = client.get(address).json()
        names += [row["file"] for row in page["answers"]]
        address = page["next"]
    assert names == [f"{n}.png" for n in range(7)]
    assert client.get(place, params={"start": 99}).json()["answers"] == []


@pytest.mark.parametrize(
    "params", [{"start": -1}, {"count": 1001}, {"start": "a"}, {"count": -1}]
)
def test_pages_that_are_none_are_refused(client, bright, worked_here, params):
    place = begun(client, png(9))
    assert is_problem(client.get(place, params=params), 422)


@pytest.mark.parametrize("name", ["none", "..", "%2e%2e%2fruns", ".lock", "x" * 65])
def test_no_other_folder_is_a_batch(client, name):
    assert client.get(f"{BATCHES}/{name}").status_code in (404, 422)


@pytest.mark.parametrize(
    ("content", "status"),
    [
        ({}, 422),
        ({"urls": []}, 422),
        ({"urls": "file:///a"}, 422),
        ({"urls": ["file:///a"], "more": 1}, 422),
        ({"urls": ["file:///a"] * (limits.MOST_PHOTOS + 1)}, 422),
        ([], 422),
    ],
)
def test_other_json_is_refused(client, bright, content, status):
    assert is_problem(client.post(BATCHES, json=content), status)


def test_a_batch_has_a_limit_of_photos_and_bytes(client, bright, monkeypatch):
    monkeypatch.setattr(batch_routes, "MOST_PHOTOS", 2)
    three = client.post(BATCHES, files=photos(*map(png, SHADES)))
    assert is_problem(three, 413)
    monkeypatch.setattr(batch_routes, "batch_body", lambda: 100)
    assert is_problem(client.post(BATCHES, files=photos(png(9))), 413)
    assert not settings.batches_dir().exists()


def test_the_limit_of_bytes_is_that_of_the_dashboard(monkeypatch):
    limits.batch_body.cache_clear()
    assert limits.batch_body() == 500 * 1024 * 1024  # as in .streamlit/config.toml
    limits.batch_body.cache_clear()
    monkeypatch.setenv("STREAMLIT_SERVER_MAX_UPLOAD_SIZE", "3")
    assert limits.batch_body() == 3 * 1024 * 1024
    limits.batch_body.cache_clear()


def test_not_all_the_world_can_wait(client, bright, worked_here, monkeypatch):
    monkeypatch.setattr(batches, "MOST_WAITING", 2)
    begun(client, png(9))
    begun(client, png(9))
    response = client.post(BATCHES, files=photos(png(9)))
    assert is_problem(response, 429)
    assert int(response.headers["retry-after"]) > 0


def test_read_only_mode_keeps_nothing(client, bright, worked_here, monkeypatch):
    place = begun(client, png(9))
    monkeypatch.setenv(access._READ_ONLY, "1")
    assert is_problem(client.post(BATCHES, files=photos(png(9))), 403)
    assert is_problem(client.delete(place), 403)
    assert client.get(place).status_code == 200
    asked = {"photo": ("a.png", png(9))}
    assert client.post("/v1/predictions", files=asked).status_code == 200


def test_old_batches_are_deleted(client, bright, worked_here, monkeypatch):
    places = [begun(client, png(9)) for _ in range(4)]
    for folder in worked_here:
        batch_worker.main(folder)
    long_ago = time.time() - batches.KEPT_SECONDS - 60
    os.utime(worked_here[0] / "ended.json", (long_ago, long_ago))
    monkeypatch.setattr(batches, "_MOST_KEPT", 2)
    last = begun(client, png(9))
    found = [client.get(place).status_code for place in (*places, last)]
    assert sorted(found) == [200] * 3 + [404] * 2
    assert (found[0], found[-1]) == (404, 200)


def test_a_model_that_is_gone_fails_the_batch(
    client, bright, worked_here, shipped_models
):
    place = begun(client, png(9))
    storage.remove_folder(shipped_models / "default")
    assert batch_worker.main(worked_here[0]) == 1
    state = client.get(place).json()
    assert state["status"] == "failed"
    assert "There is no model" in state["message"]


def test_it_goes_on_after_the_last_whole_answer(
    client, bright, worked_here, monkeypatch, serve
):
    place = begun(client, *map(png, SHADES))
    (folder,) = worked_here
    answers = folder / "answers.jsonl"
    kept, added = BatchFolder.keep_answer, []

    def killed_at_the_second(self, row):
        if added:
            with answers.open("a") as file:
                file.write('{"file": "1.p')
            raise SystemExit(137)
        added.append(row)
        kept(self, row)

    monkeypatch.setattr(BatchFolder, "keep_answer", killed_at_the_second)
    with pytest.raises(SystemExit):
        batch_worker.main(folder)
    monkeypatch.setattr(BatchFolder, "keep_answer", kept)
    monkeypatch.setattr(background, "is_alive", lambda *_: False)
    state = client.get(place).json()
    assert (state["status"], state["done"]) == ("failed", 1)
    worked_here.clear()
    serve()  # another service begins it again
    assert worked_here == [folder]
    batch_worker.main(folder)
    state = client.get(place).json()
    assert (state["status"], state["done"]) == ("finished", 3)
    assert [row["file"] for row in state["answers"]] == ["0.png", "1.png", "2.png"]
    worked_here.clear()
    serve()
    assert worked_here == []


def test_the_earliest_is_answered_first(client, bright, worked_here, monkeypatch):
    begun(client, png(9))
    begun(client, png(9))
    first, second = sorted(worked_here)
    assert batches.is_first(first.name)
    assert not batches.is_first(second.name)
    batch_worker.main(first)
    assert batches.is_first(second.name)


@pytest.fixture
def not_last(monkeypatch):
    """Beside a training a batch of the lowest priority would take minutes."""
    monkeypatch.setattr(background, "_let_others_first", lambda _: None)


@pytest.mark.slow
def test_a_process_answers_while_the_service_is_away(serve, example, not_last):
    client = serve()
    place = begun(client, *[example] * 12)
    while client.get(place).json()["done"] < 2:
        time.sleep(0.05)
    folder = settings.batches_dir() / Path(place).name
    os.kill(background.noted_pid(folder), signal.SIGKILL)
    state = until(client, place, "failed")
    assert state["done"] >= 2
    assert "killed" in state["message"]
    again = serve()  # as after a restart of the machine
    state = until(again, place, "finished")
    assert [row["file"] for row in state["answers"]] == [f"{n}.png" for n in range(12)]
    assert len({row["probability"] for row in state["answers"]}) == 1
    assert storage.read_jsonl(folder / "answers.jsonl") == state["answers"]


@pytest.mark.slow
def test_deleting_ends_the_process(client, example, not_last):
    place = begun(client, *[example] * 200)
    until(client, place, "running")
    folder = settings.batches_dir() / Path(place).name
    process = background.find_process(folder)
    assert client.delete(place).status_code == 204
    assert not process.is_running()
    assert not folder.exists()
