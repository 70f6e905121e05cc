"""A service without a port, and those who call it."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from crack import access
from crack.access import Role
from crack.service import batches
from crack.service.tokens import VARIABLE, new_token
from crack.synthetic.example import EXAMPLE

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # Starlette would like httpx2 better
    from starlette.testclient import TestClient

HERE = "http://127.0.0.1:8600"


@pytest.fixture(autouse=True)
def asked_as_before(monkeypatch: pytest.MonkeyPatch) -> None:
    """A service says who is at work; after a test the process does again."""
    monkeypatch.setattr(access, "_identify", access.of_process)
    monkeypatch.delenv(VARIABLE, raising=False)
    monkeypatch.delenv("CRACK_DATA_ROOTS", raising=False)


@pytest.fixture
def serve() -> Iterator[Callable[..., TestClient]]:
    """Start a service in this process; returns who calls it from this computer."""
    from crack.service.app import make_app  # which needs FastAPI

    begun = []

    def start(**options) -> TestClient:
        client = TestClient(make_app(**options), base_url=HERE)
        begun.append(client)
        return client.__enter__()

    yield start
    for client in begun:
        client.__exit__(None, None, None)


@pytest.fixture
def client(serve) -> TestClient:
    return serve()


@pytest.fixture
def bright(
    model_folder: Path, shipped_models: Path, monkeypatch: pytest.MonkeyPatch
) -> str:
    """The only model, and so the default: it sees a crack where a picture is bright."""
    shipped_models.mkdir()
    model_folder.rename(shipped_models / "default")
    return "default"


@pytest.fixture
def tokens(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """A token for each role, by its words; `file` is where they are known."""
    path = tmp_path / "tokens"
    monkeypatch.setenv(VARIABLE, str(path))
    made = {role.words: new_token(f"a-{role.words}", role) for role in Role}
    return {**made, "file": str(path)}


@pytest.fixture
def worked_here(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """Batches begin no process; returns the folders of those that were begun."""
    begun: list[Path] = []
    monkeypatch.setattr(batches, "_launch", begun.append)
    return begun


@pytest.fixture
def example() -> bytes:
    return EXAMPLE.read_bytes()
