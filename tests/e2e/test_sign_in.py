"""Signing in at a real OpenID provider, and what each role may do."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.sync.client import ClientConnection, connect

from crack import storage
from tests.e2e.conftest import dashboard, the_page_is_still
from tests.e2e.openid_provider import Provider, openid_provider
from tests.e2e.test_nothing_leaves import Audit, new_audit

pytestmark = pytest.mark.e2e

VIEWER = {"sub": "1", "email": "vera@example.org"}
ENGINEER = {"sub": "2", "email": "Erik@example.org"}
BOSS = {"sub": "4", "email": "boss@example.org"}
ADMIN = {"sub": "3", "email": "ada@example.org", "roles": ["admin"]}


@pytest.fixture
def provider() -> Iterator[Provider]:
    with openid_provider() as opened:
        yield opened


@pytest.fixture
def watched(tmp_path: Path) -> Audit:
    return new_audit(tmp_path)


@pytest.fixture
def home(watched: Audit, model_folder: Path) -> Path:
    """A workspace with some models, watched for what leaves it."""
    home = watched.folder / "workspace"
    for name in ("bright", "dark", "viewed"):
        shutil.copytree(model_folder, home / "models" / name)
    return home


@pytest.fixture
def address(watched: Audit, home: Path, provider: Provider) -> Iterator[str]:
    secrets = watched.folder / "secrets.toml"
    secrets.write_text(provider.secrets())
    settings = {
        **watched.environment,
        "STREAMLIT_SECRETS_FILES": str(secrets),
        "CRACK_ENGINEERS": "erik@example.org",
        "CRACK_ADMINS": "boss@example.org",
    }
    log = watched.folder / "server.log"
    with dashboard(settings, log, script="server.py") as opened:
        yield opened


def sign_in(browser: Browser, address: str, provider: Provider, claims: dict) -> Page:
    provider.claims = claims
    page = browser.new_context(viewport={"width": 1400, "height": 900}).new_page()
    page.goto(address)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_text(claims["email"])).to_be_visible()
    the_page_is_still(page)
    return page


def lines_of(home: Path) -> list[tuple[str, str, str]]:
    rows = storage.read_jsonl(home / "audit.jsonl")
    return [(row["who"], row["role"], row["what"]) for row in rows]


@dataclass
class Forger:
    """Speaks to the server as a browser does, but clicks what is disabled too."""

    socket: ClientConnection
    page: str
    query: str

    def __post_init__(self) -> None:
        self.messages = self._run()

    def click(self, key: str, times: int) -> None:
        """Click the button with a key, disabled or not."""
        (clicked,) = {
            message.delta.new_element.button.id
            for message in self.messages
            if message.delta.new_element.button.id.endswith(f"-{key}")
        }
        for _ in range(times):
            self._run(clicked)

    def _run(self, clicked: str = "") -> list[ForwardMsg]:
        asked = BackMsg()
        asked.rerun_script.page_name = self.page
        asked.rerun_script.query_string = self.query
        if clicked:
            state = asked.rerun_script.widget_states.widgets.add()
            state.id, state.trigger_value = clicked, True
        else:
            asked.rerun_script.SetInParent()
        self.socket.send(asked.SerializeToString())
        messages = []
        while True:
            message = ForwardMsg.FromString(self.socket.recv(timeout=30))
            messages.append(message)
            if message.WhichOneof("type") == "script_finished":
                return messages


@contextmanager
def forger(context: BrowserContext, address: str, model: str) -> Iterator[Forger]:
    """Open the page of a model with what the browser has of whoever signed in."""
    cookies = {each["name"]: each["value"] for each in context.cookies()}
    headers = {"Cookie": "; ".join(f"{name}={cookies[name]}" for name in cookies)}
    with connect(
        f"{address.replace('http', 'ws')}/_stcore/stream",
        origin=address,
        subprotocols=["streamlit", cookies["_streamlit_xsrf"]],
        additional_headers=headers,
        max_size=None,
    ) as socket:
        yield Forger(socket, "models", f"model={model}")


def test_nobody_sees_anything_before_signing_in(page: Page, address: str):
    for path in ("", "/models", "/predict"):
        page.goto(address + path)
        expect(page.get_by_text("You are not signed in")).to_be_visible()
        the_page_is_still(page)
        expect(page.get_by_text("bright")).to_have_count(0)
        expect(page.get_by_role("link", name="Models")).to_have_count(0)


def test_each_role_signs_in_and_does_what_it_may(
    browser: Browser, address: str, provider: Provider, home: Path, watched: Audit
):
    viewer = sign_in(browser, address, provider, VIEWER)
    engineer = sign_in(browser, address, provider, ENGINEER)
    admin = sign_in(browser, address, provider, ADMIN)
    for page, words in ((viewer, "Viewer"), (engineer, "Engineer"), (admin, "Admin")):
        expect(page.get_by_text(f"{words}. You can")).to_be_visible()
        page.goto(f"{address}/models?model=bright")
        the_page_is_still(page)

    default = viewer.get_by_role("button", name="Make it the default")
    expect(default).to_be_disabled()
    default.hover(force=True)
    expect(viewer.get_by_role("tooltip")).to_contain_text("It takes the role admin")
    expect(viewer.get_by_role("button", name="Delete")).to_be_disabled()
    expect(engineer.get_by_role("button", name="Delete")).to_be_disabled()

    engineer.get_by_role("button", name="Rename").click()
    engineer.get_by_label("New name").fill("glaring")
    engineer.get_by_label("New name").press("Tab")
    the_page_is_still(engineer)
    engineer.get_by_role("button", name="Rename the model").click()
    expect(engineer.get_by_text("bright is called glaring now")).to_be_visible()

    admin.goto(f"{address}/models?model=dark")
    admin.get_by_role("button", name="Make it the default").click()
    expect(admin.get_by_text("dark is the default")).to_be_visible()
    assert lines_of(home) == [
        ("Erik@example.org", "engineer", "rename a model"),
        ("ada@example.org", "admin", "choose the default model"),
    ]

    viewer.get_by_role("button", name="Sign out").click()
    expect(viewer.get_by_text("You are not signed in")).to_be_visible()
    assert "/token" in provider.asked
    assert watched.left() == []
    for page in (viewer, engineer, admin):
        page.context.close()


def test_visitors_at_work_at_once_are_told_apart_and_a_forged_click_does_nothing(
    browser: Browser, address: str, provider: Provider, home: Path
):
    people = {"bright": BOSS, "dark": ADMIN, "viewed": VIEWER}
    pages = {
        model: sign_in(browser, address, provider, who) for model, who in people.items()
    }
    with ExitStack() as opened:
        forgers = [
            opened.enter_context(forger(page.context, address, model))
            for model, page in pages.items()
        ]
        clicking = [
            threading.Thread(target=each.click, args=("models_default", 20))
            for each in forgers
        ]
        for thread in clicking:
            thread.start()
        for thread in clicking:
            thread.join()
    rows = storage.read_jsonl(home / "audit.jsonl")
    assert {(row["who"], row["role"], row["on"]) for row in rows} == {
        ("boss@example.org", "admin", "bright"),
        ("ada@example.org", "admin", "dark"),
    }
    for page in pages.values():
        page.context.close()
