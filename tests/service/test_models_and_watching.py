"""The models, and what those who watch are told."""

from __future__ import annotations

import json

import pytest

from crack.operations import monitor
from crack.runs.registry import default_model
from tests.service.calls import NOT_INSTALLED, is_problem, photo, png

pytest.importorskip("crack.service.app", reason=NOT_INSTALLED)


def test_the_models_are_listed(client):
    (model,) = client.get("/v1/models").json()
    assert model["name"] == "default"
    assert model["is_default"]
    assert model["shipped"]


def test_a_card_is_the_card(client):
    card = client.get("/v1/models/default").json()
    written = json.loads((default_model().folder / "card.json").read_text())
    assert {key: card[key] for key in written} == written


@pytest.mark.parametrize(("name", "status"), [("none", 404), ("a b", 422)])
def test_other_models_are_not_there(client, name, status):
    assert is_problem(client.get(f"/v1/models/{name}"), status)


def test_it_lives(client):
    assert client.get("/live").text == "alive\n"


@pytest.mark.parametrize(("well", "status"), [(True, 200), (False, 503)])
def test_it_is_ready_if_all_is_well(client, monkeypatch, well, status):
    checks = [monitor.run_checks.__annotations__]
    monkeypatch.setattr(
        "crack.service.watch_routes.readiness", lambda: (well, json.dumps(checks[:0]))
    )
    response = client.get("/ready")
    assert (response.status_code, response.json()) == (status, [])


def test_it_says_what_the_monitor_says(client, bright):
    found = client.get("/ready")
    _, expected = monitor.readiness()
    names = [check["name"] for check in found.json()]
    assert names == [check["name"] for check in json.loads(expected)]


def test_what_it_did_is_counted(client, bright):
    client.post("/v1/predictions", files=photo(png(9)))
    told = client.get("/metrics").text
    assert 'crack_requests_total{route="/v1/predictions",status="200"}' in told
    assert told.count("# TYPE crack_runs gauge") == 1
    assert "crack_sessions" not in told
    assert "crack_photo_seconds" in told


@pytest.mark.parametrize(
    ("method", "address", "status"),
    [("GET", "/v1/none", 404), ("PUT", "/v1/models", 405), ("GET", "/", 404)],
)
def test_other_addresses_are_problems(client, method, address, status):
    assert is_problem(client.request(method, address), status)
