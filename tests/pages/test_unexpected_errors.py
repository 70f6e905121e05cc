"""What a user is told of an error that nobody foresaw, and what a server does first."""

from __future__ import annotations

import re

from crack import logs
from crack.metrics import ERRORS
from crack.operations import monitor
from pages.shared import server


def count(kind):
    return ERRORS.labels(kind)._value.get()


def test_the_id_shown_is_that_of_the_log(app, monkeypatch):
    ids = []

    def fail():
        ids.append(logs.current_id())
        raise RuntimeError("nobody foresaw this")

    monkeypatch.setattr("pages.shared.feedback.show_notice", fail)
    before = count("unexpected")
    app.run()
    assert len(app.exception) == 1
    (shown,) = re.findall(r"id `(\w+)`", app.error[0].value)
    assert [shown] == ids
    assert count("unexpected") == before + 1


def test_each_run_of_a_page_has_an_id_of_its_own(app, monkeypatch):
    ids = []
    monkeypatch.setattr(
        "pages.shared.feedback.show_notice", lambda: ids.append(logs.current_id())
    )
    app.run()
    app.run()
    assert len(set(ids)) == 2


def test_a_server_begins_once_and_is_watched_only_if_asked_to(monkeypatch):
    done = []
    monkeypatch.undo()
    monkeypatch.setattr(logs, "set_up", lambda: done.append("log"))
    monkeypatch.setattr(logs, "adopt", done.append)
    monkeypatch.setattr(monitor, "serve", lambda port, _: done.append(port))
    monkeypatch.setattr(server, "clear_remains", lambda: done.append("clear"))
    monkeypatch.delenv("CRACK_METRICS_PORT", raising=False)
    server._begin.cache_clear()
    for _ in range(2):
        server.begin_server()
    assert done == ["log", "streamlit", "uvicorn", "clear"]
    monkeypatch.setenv("CRACK_METRICS_PORT", "9100")
    server._begin.cache_clear()
    server.begin_server()
    assert done[-1] == 9100


def test_a_port_that_cannot_be_used_is_logged(monkeypatch, caplog):
    monkeypatch.setattr(logs, "set_up", lambda: None)
    for port in ("nine", "99999999"):
        server._watch(port)
    assert caplog.text.count("cannot be used") == 2
