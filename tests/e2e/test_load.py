"""Several visitors at once, with a training beside them; times are measured elsewhere.

`python -m benchmarks.load` gives the figures.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page

from benchmarks import load

pytestmark = pytest.mark.e2e

SESSIONS, SECONDS = 6, 25
HIDE = """hidden => {
    Object.defineProperty(document, "hidden", {configurable: true, get: () => hidden});
    document.dispatchEvent(new Event("visibilitychange"));
}"""


@pytest.fixture
def home(crack_home: Path) -> Path:
    load.crack(crack_home, "sample")
    return crack_home


@pytest.fixture
def trained(home: Path) -> Iterator[Path]:
    with load.training(home) as run:
        yield run


def test_no_visitor_sees_an_error_or_the_answer_of_another(
    home: Path, server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(load, "THINKING", (0.5, 1.5))
    address = server.removeprefix("http://")
    visitors = load.visitors(SESSIONS, home, address)
    with load.training(home):
        load.let_visit(visitors, SECONDS, load.psutil.Process())
    assert [visitor.failures for visitor in visitors] == [[]] * SESSIONS
    assert all(len(visitor.seconds["answer"]) > 1 for visitor in visitors)


@pytest.mark.usefixtures("trained")
def test_a_hidden_tab_asks_for_nothing_until_it_is_seen_again(
    server: str, page: Page
) -> None:
    asked: list[str | bytes] = []
    page.on(
        "websocket",
        lambda socket: socket.on("framesent", lambda sent: asked.append(sent)),
    )
    page.goto(server)
    page.get_by_role("link", name="Train", exact=True).click()
    page.get_by_text("fine-tune phase").first.wait_for()

    def asked_in_five_seconds() -> int:
        page.wait_for_timeout(2000)  # what was under way
        asked.clear()
        page.wait_for_timeout(5000)
        return len(asked)

    assert asked_in_five_seconds() > 2
    page.evaluate(HIDE, True)
    assert asked_in_five_seconds() == 0
    page.evaluate(HIDE, False)
    assert asked_in_five_seconds() > 2
