"""One photo: the answer of `crack predict`, or a problem."""

from __future__ import annotations

import base64
import io
import json
import logging
import os
import threading

import numpy as np
import pytest
from PIL import Image

from crack.cli import main
from crack.data import images
from crack.data.object_storage import StoredPhoto
from crack.inference.overlay import grey_heatmap
from crack.inference.predictor import Predictor
from crack.metrics import PHOTOS
from crack.reporting.tables import COLUMNS
from crack.runs.registry import default_model
from crack.service import limits
from crack.synthetic.example import EXAMPLE
from tests.faults.hostile import hostile_files
from tests.service.calls import NOT_INSTALLED, is_problem, photo, png

slots = pytest.importorskip("crack.service.slots", reason=NOT_INSTALLED)
form = pytest.importorskip("crack.service.form", reason=NOT_INSTALLED)
uploads = pytest.importorskip("crack.service.uploads", reason=NOT_INSTALLED)

ASK = "/v1/predictions"


def printed(capsys, *words: str) -> dict:
    main(["predict", *words, "--format", "jsonl"])
    return json.loads(capsys.readouterr().out)


@pytest.mark.parametrize("scale", [{}, {"shown_width": 720}])
def test_the_answer_is_that_of_the_command_line_to_the_last_digit(
    client, example, scale, capsys
):
    words = [f"--{n.replace('_', '-')}={v}" for n, v in scale.items()]
    expected = printed(capsys, str(EXAMPLE), *words)
    response = client.post(ASK, files=photo(example, EXAMPLE.name), params=scale)
    assert response.status_code == 200
    row = response.json()
    assert list(row)[: len(COLUMNS)] == list(COLUMNS)
    assert row.pop("seconds") > 0
    assert row.pop("file") == EXAMPLE.name
    for column in ("seconds", "file"):
        del expected[column]
    if scale:
        assert row.pop("scale_missed") is None
    assert json.dumps(row) == json.dumps(expected)


def test_regions_and_the_heatmap_come_if_they_are_asked_for(client, example):
    (expected,) = Predictor(default_model().folder).predict([("x", EXAMPLE)])
    params = {"regions": True, "heatmap": True}
    row = client.post(ASK, files=photo(example), params=params).json()
    assert row["regions"][0]["left"] == expected.regions[0].left
    assert row["regions"][0]["probability"] == round(expected.regions[0].probability, 6)
    shown = np.asarray(Image.open(io.BytesIO(base64.b64decode(row["heatmap"]))))
    grey = grey_heatmap(expected.heatmap, expected.width, expected.height)
    assert np.array_equal(shown, grey)


def test_a_photo_below_a_root_is_read_by_its_url(client, bright, tmp_path, monkeypatch):
    monkeypatch.setenv("CRACK_DATA_ROOTS", str(tmp_path / "walls"))
    (tmp_path / "walls").mkdir()
    (tmp_path / "walls/ä 1.png").write_bytes(png(250))
    url = (tmp_path / "walls/ä 1.png").as_uri()
    row = client.post(ASK, json={"url": url}).json()
    assert (row["file"], row["label"]) == (url, "crack")


@pytest.mark.parametrize(
    ("url", "status"),
    [
        ("file:///etc/passwd", 403),
        ("file://{root}/../secret.png", 422),
        ("file://{root}/link.png", 403),
        ("file://{root}/none.png", 422),
        ("file://elsewhere/a.png", 403),
        ("http://169.254.169.254/latest/meta-data", 422),
        ("s3://bucket/a.png", 403),
        ("s3://user:secret@bucket/a.png", 422),
        ("gopher://x/", 422),
        ("", 422),
    ],
)
def test_nothing_else_is_opened(client, bright, tmp_path, monkeypatch, url, status):
    root = tmp_path / "walls"
    root.mkdir()
    (tmp_path / "secret.png").write_bytes(png(250))
    (root / "link.png").symlink_to(tmp_path / "secret.png")
    monkeypatch.setenv("CRACK_DATA_ROOTS", str(root))
    response = client.post(ASK, json={"url": url.format(root=root)})
    assert is_problem(response, status)
    assert "secret@" not in response.text


class Stored(StoredPhoto):
    def read(self) -> bytes:
        return png(250)


@pytest.mark.parametrize(
    ("found", "status"),
    [(["s3://walls/a.png"], 200), (["s3://walls/a.png/b.png"], 422), ([], 422)],
)
def test_a_photo_in_object_storage_is_read_below_a_root(
    client, bright, monkeypatch, found, status
):
    listed = [Stored(url, 100, "1") for url in found]
    monkeypatch.setattr("crack.service.urls.list_photos", lambda _: iter(listed))
    monkeypatch.setenv("CRACK_DATA_ROOTS", "s3://walls")
    url = "s3://walls/a.png"
    assert client.post(ASK, json={"url": url}).status_code == status
    assert is_problem(client.post(ASK, json={"url": "s3://wallsaside/a.png"}), 403)


def test_without_roots_no_url_is_opened(client, bright, tmp_path):
    (tmp_path / "a.png").write_bytes(png(250))
    url = (tmp_path / "a.png").as_uri()
    assert is_problem(client.post(ASK, json={"url": url}), 403)


@pytest.mark.parametrize(
    ("content", "status"),
    [(b"", 422), (b"<svg/>", 415), (png(9)[:60], 422), (b"%PDF-1.7", 415)],
)
def test_what_is_no_photo_has_a_row_and_a_reason(client, bright, content, status):
    before = PHOTOS.labels("unreadable")._value.get()
    response = client.post(ASK, files=photo(content))
    assert is_problem(response, status)
    row = response.json()["answer"]
    assert list(row) == list(COLUMNS)
    assert row["error"] == response.json()["detail"]
    assert PHOTOS.labels("unreadable")._value.get() == before + 1


@pytest.mark.parametrize(
    "params",
    [
        {"mm_per_pixel": 0},
        {"mm_per_pixel": "inf"},
        {"shown_width": "nan"},
        {"mm_per_pixel": 1, "shown_width": 1000},
        {"mm_per_pixel": 1},  # the model knows no scale
        {"model": "../etc"},
        {"regions": "perhaps"},
    ],
)
def test_what_cannot_be_asked_is_refused_before_the_photo_is_read(
    client, bright, params, monkeypatch
):
    monkeypatch.setattr(uploads, "Form", None)
    assert is_problem(client.post(ASK, files=photo(png(9)), params=params), 422)


def test_an_unknown_model_is_not_found(client, bright):
    response = client.post(ASK, files=photo(png(9)), params={"model": "none"})
    assert is_problem(response, 404)


def test_a_damaged_model_is_an_error_of_the_service(client, bright, shipped_models):
    (shipped_models / "default/card.json").write_text("{")
    assert is_problem(client.post(ASK, files=photo(png(9))), 500)


def test_a_service_can_ask_another_model_by_default(serve, bright, shipped_models):
    import shutil

    shutil.copytree(shipped_models / "default", shipped_models / "other")
    client = serve(model="other")
    models = client.get("/v1/models").json()
    assert [m["name"] for m in models if m["is_default"]] == ["other"]
    assert client.post(ASK, files=photo(png(9))).status_code == 200


BOUNDARY = "multipart/form-data; boundary=x"
WHOLE = (
    b'--x\r\nContent-Disposition: form-data; name="photo"; filename="a.png"\r\n\r\n'
    + png(9)
    + b"\r\n--x--\r\n"
)


@pytest.mark.parametrize("cut", [1, 30, 100, len(WHOLE) - 8])
def test_a_cut_upload_is_no_photo(client, bright, cut):
    headers = {"Content-Type": BOUNDARY}
    response = client.post(ASK, content=WHOLE[:cut], headers=headers)
    assert is_problem(response, 400)
    assert client.post(ASK, content=WHOLE, headers=headers).status_code == 200


@pytest.mark.parametrize(
    ("content_type", "status"),
    [
        ("multipart/form-data", 400),
        ("multipart/form-data; boundary=", 400),
        ("multipart/form-data; boundary=" + "x" * 300, 400),
        ("image/png", 415),
        ("", 415),
        ("application/json", 422),
        ("application/x-www-form-urlencoded", 415),
    ],
)
def test_other_bodies_are_refused(client, bright, content_type, status):
    headers = {"Content-Type": content_type}
    response = client.post(ASK, content=b"--x\r\n", headers=headers)
    assert is_problem(response, status)


@pytest.mark.parametrize(
    ("files", "status"),
    [
        ({"image": ("a.png", png(9))}, 422),
        ([("photo", ("a.png", png(9))), ("photo", ("b.png", png(9)))], 413),
    ],
)
def test_a_form_has_one_photo(client, bright, files, status):
    assert is_problem(client.post(ASK, files=files), status)


def test_what_is_too_large_is_refused_by_its_announced_length(client, monkeypatch):
    monkeypatch.setattr(form.Form, "take_piece", None)
    headers = {"Content-Type": BOUNDARY, "Content-Length": str(limits.PHOTO_BODY + 1)}
    assert is_problem(client.post(ASK, content=b"x", headers=headers), 413)


def test_what_is_too_large_is_refused_while_it_arrives(client, bright, monkeypatch):
    monkeypatch.setattr(images, "MAX_BYTES", 1000)
    arrived = []

    def endless():
        yield WHOLE.partition(b"\r\n\r\n")[0] + b"\r\n\r\n"
        for number in range(100):
            arrived.append(number)
            yield bytes(500)

    response = client.post(ASK, content=endless(), headers={"Content-Type": BOUNDARY})
    assert is_problem(response, 413)


def test_what_stops_arriving_is_refused(client, bright, monkeypatch):
    import asyncio

    from fastapi import Request

    async def stopped(_):
        yield WHOLE[:50]
        await asyncio.sleep(60)

    monkeypatch.setattr(Request, "stream", stopped)
    monkeypatch.setattr(uploads, "_PATIENCE", 0.05)
    response = client.post(ASK, content=WHOLE, headers={"Content-Type": BOUNDARY})
    assert is_problem(response, 408)


def test_a_full_disk_is_told(client, bright, monkeypatch):
    def full(*_, **__):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(uploads, "check_space", full)
    assert is_problem(client.post(ASK, files=photo(png(9))), 503)


def test_who_waits_too_long_is_asked_to_come_again(client, bright, monkeypatch):
    client.app.state.slots = slots.Slots(1, longest_wait=0.2)
    holding, let_go = threading.Event(), threading.Event()

    async def hold():
        await client.app.state.slots.run(lambda: (holding.set(), let_go.wait(20)))

    held = client.portal.start_task_soon(hold)
    assert holding.wait(10)
    response = client.post(ASK, files=photo(png(9)))
    assert is_problem(response, 503)
    assert int(response.headers["retry-after"]) > 0
    let_go.set()
    held.result(10)
    assert client.post(ASK, files=photo(png(9))).status_code == 200


def test_the_slots_are_the_cores():
    assert slots.Slots()._threads.total_tokens == os.cpu_count()


def test_there_is_an_end_to_what_is_asked_at_once(client, bright, monkeypatch):
    monkeypatch.setattr("crack.service.frame._MOST_AT_ONCE", 0)
    assert is_problem(client.post(ASK, files=photo(png(9))), 503)
    assert client.get("/live").status_code == 200


def test_what_nobody_foresaw_is_told_without_a_traceback(client, bright, monkeypatch):
    def broken(*_):
        raise ZeroDivisionError("a secret")

    monkeypatch.setattr("crack.service.predictions.predictor_of", broken)
    response = client.post(ASK, files=photo(png(9)))
    assert is_problem(response, 500)
    assert "secret" not in response.text


def test_names_of_photos_are_not_logged(client, bright, caplog):
    with caplog.at_level(logging.INFO, logger="crack"):
        client.post(ASK, files=photo(png(9), "Smith-house.png"))
    assert "POST /v1/predictions by" in caplog.text
    assert "asked about 1 photo in" in caplog.text
    assert "Smith" not in caplog.text


@pytest.mark.parametrize(
    "name", ["../../etc/passwd", "a\r\nb.png", "=cmd()|x.png", "Brücke.png", "x" * 400]
)
def test_a_name_is_only_a_name(client, bright, name, crack_home):
    row = client.post(ASK, files=photo(png(9), name)).json()
    assert len(row["file"]) <= 255
    assert "\n" not in row["file"]
    assert not list(crack_home.rglob("*passwd*"))


@pytest.mark.filterwarnings("ignore::UserWarning:PIL")
def test_hostile_files_get_an_answer_or_a_reason(client, bright):
    for name, content in hostile_files():
        response = client.post(ASK, files=photo(content, name))
        assert response.status_code in (200, 415, 422), name
        if response.status_code != 200:
            assert is_problem(response, response.status_code)


def test_many_at_once_get_their_own_answers(client, bright):
    shades = [10 * n for n in range(1, 25)]
    found: dict[int, str] = {}

    def ask(shade: int) -> None:
        row = client.post(ASK, files=photo(png(shade), f"{shade}.png")).json()
        assert row["file"] == f"{shade}.png"
        found[shade] = row["probability"]

    threads = [threading.Thread(target=ask, args=(shade,)) for shade in shades]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(found.values()) == [found[shade] for shade in shades]
