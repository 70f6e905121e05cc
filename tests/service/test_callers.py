"""Who may call, and who is said to have called."""

from __future__ import annotations

import logging
import stat
import threading
from pathlib import Path

import pytest

from crack import access
from crack.access import Actor, Role
from crack.cli import main
from crack.errors import CrackError
from crack.service.tokens import VARIABLE, new_token, read_tokens, whose
from tests.service.calls import NOT_INSTALLED, audit, by, is_problem, photo, png

callers = pytest.importorskip("crack.service.callers", reason=NOT_INSTALLED)

GUARDED = [
    ("POST", "/v1/predictions"),
    ("POST", "/v1/batches"),
    ("GET", "/v1/batches/x"),
    ("DELETE", "/v1/batches/x"),
    ("GET", "/v1/models"),
    ("GET", "/v1/models/default"),
    ("GET", "/ready"),
    ("GET", "/metrics"),
]


@pytest.fixture
def guarded(serve, tokens, bright):
    return serve(tokens=Path(tokens["file"]))


@pytest.mark.parametrize(("method", "address"), GUARDED)
@pytest.mark.parametrize("given", [{}, by("wrong"), {"Authorization": "Basic eDp5"}])
def test_without_a_token_nothing_is_answered(guarded, method, address, given):
    response = guarded.request(method, address, headers=given)
    assert is_problem(response, 401)
    assert response.headers["www-authenticate"] == "Bearer"


def test_everything_that_is_guarded_was_tried(guarded):
    described = guarded.get("/openapi.json").json()["paths"]
    there = {
        (method.upper(), address.replace("{batch}", "x").replace("{name}", "default"))
        for address, methods in described.items()
        for method in methods
    }
    assert there - {("GET", "/live")} == set(GUARDED)


def test_whether_it_lives_and_what_it_offers_everybody_may_know(guarded):
    assert guarded.get("/live").text == "alive\n"
    assert guarded.get("/openapi.json").status_code == 200


@pytest.mark.parametrize("page", ["/docs", "/redoc"])
def test_there_are_no_pages_that_load_from_elsewhere(guarded, page):
    assert is_problem(guarded.get(page), 404)


@pytest.mark.parametrize("role", Role)
def test_the_role_of_the_token_counts(guarded, tokens, worked_here, role):
    mine = by(tokens[role.words])
    asked = guarded.post("/v1/predictions", files=photo(png(9)), headers=mine)
    assert asked.status_code == 200
    files = [("photos", ("a.png", png(9)))]
    begun = guarded.post("/v1/batches", files=files, headers=mine)
    if role is Role.VIEWER:
        assert is_problem(begun, 403)
        assert worked_here == []
        return
    assert begun.status_code == 202
    assert audit()[-1]["who"] == f"a-{role.words}"
    assert audit()[-1]["role"] == role.words
    assert audit()[-1]["what"] == "begin a batch of photos"
    place = begun.headers["location"]
    viewer = by(tokens["viewer"])
    assert guarded.get(place, headers=viewer).status_code == 200
    assert is_problem(guarded.delete(place, headers=viewer), 403)
    assert guarded.delete(place, headers=mine).status_code == 204


def test_the_log_says_who_asked(guarded, tokens, caplog):
    with caplog.at_level(logging.INFO, logger="crack"):
        guarded.get("/v1/models", headers=by(tokens["viewer"]))
        guarded.get("/v1/models")
    said = [r.getMessage() for r in caplog.records if "/v1/models" in r.getMessage()]
    assert "by a-viewer: 200" in said[0]
    assert "by somebody: 401" in said[1]
    assert tokens["viewer"] not in caplog.text


def test_a_deleted_line_shuts_the_door_at_once(guarded, tokens):
    path = Path(tokens["file"])
    assert guarded.get("/v1/models", headers=by(tokens["admin"])).status_code == 200
    path.write_text("".join(path.read_text().splitlines(keepends=True)[:-1]))
    assert is_problem(guarded.get("/v1/models", headers=by(tokens["admin"])), 401)


@pytest.mark.parametrize("content", ["a-viewer boss 00", "a-viewer\n", "\0", None])
def test_a_damaged_file_of_tokens_keeps_everybody_out(guarded, tokens, content):
    path = Path(tokens["file"])
    path.unlink() if content is None else path.write_text(content)
    response = guarded.get("/v1/models", headers=by(tokens["admin"]))
    assert is_problem(response, 500)


def test_two_at_once_are_not_taken_for_each_other(guarded, tokens, worked_here):
    files = [("photos", ("a.png", png(9)))]

    def begin(role: str) -> None:
        for _ in range(5):
            guarded.post("/v1/batches", files=files, headers=by(tokens[role]))

    threads = [threading.Thread(target=begin, args=(r,)) for r in ("engineer", "admin")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    lines = [(line["who"], line["role"]) for line in audit() if "batch" in line["what"]]
    assert (
        sorted(lines) == [("a-admin", "admin")] * 5 + [("a-engineer", "engineer")] * 5
    )


def test_outside_of_a_request_nobody_is_at_work(guarded):
    assert access.current().role is Role.VIEWER


def test_without_tokens_the_user_of_the_process_asks(client, bright, monkeypatch):
    monkeypatch.setenv("CRACK_STARTED_BY", "viewer kim")
    assert client.get("/v1/models").status_code == 200
    files = [("photos", ("a.png", png(9)))]
    assert is_problem(client.post("/v1/batches", files=files), 403)


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Host": "evil.example"},
        {"Host": "evil.example:8600"},
        {"Host": "127.0.0.1.evil.example:8600"},
    ],
)
def test_without_tokens_a_web_page_is_not_answered(client, headers):
    assert is_problem(client.get("/v1/models", headers=headers), 403)


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1:8600", "[::1]:8600", "[::1]"])
def test_without_tokens_this_computer_is_answered(client, host):
    assert client.get("/v1/models", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.7", "crack.example.org"])
def test_without_tokens_other_computers_are_not_served(host):
    with pytest.raises(CrackError, match="without tokens"):
        callers.check_host(host, None)


def test_the_command_refuses_that_too(capsys):
    assert main(["serve", "--host", "0.0.0.0"]) == 1
    assert "without tokens" in capsys.readouterr().err


def test_with_tokens_they_are(tokens):
    callers.check_host("0.0.0.0", Path(tokens["file"]))


def test_a_token_is_printed_once_and_kept_nowhere(tmp_path, monkeypatch, capsys):
    path = tmp_path / "tokens"
    monkeypatch.setenv(VARIABLE, str(path))
    assert main(["serve", "--new-token", "scanner", "engineer"]) == 0
    token = capsys.readouterr().out.strip()
    assert len(token) > 40
    assert token not in path.read_text()
    assert token not in access.audit_path().read_text()
    assert audit()[-1]["on"] == "scanner, engineer"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert whose(token, read_tokens(path)) == Actor("scanner", Role.ENGINEER)


@pytest.mark.parametrize(
    ("name", "role", "said"),
    [
        ("scanner", "boss", "no role"),
        ("two words", "viewer", "cannot be the name"),
        ("a-viewer", "admin", "has a token already"),
    ],
)
def test_other_tokens_are_not_made(tokens, capsys, name, role, said):
    before = Path(tokens["file"]).read_text()
    assert main(["serve", "--new-token", name, role]) == 1
    assert said in capsys.readouterr().err
    assert Path(tokens["file"]).read_text() == before


def test_without_a_file_no_token_is_made():
    with pytest.raises(CrackError, match="where tokens are kept"):
        new_token("scanner", Role.VIEWER)
