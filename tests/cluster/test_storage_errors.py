"""What goes wrong with object storage is told in a sentence, and nothing else is."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import traceback

import pytest

from crack.data.locations import read_location
from crack.errors import CrackError
from crack.settings import PROJECT
from tests.cluster.conftest import QUIET, free_port, reached, running

pytest.importorskip("fsspec", reason="needs requirements-cluster.txt: make cluster")

URL = "memory://bucket/a.jpg"
SECRET = "https://host/?X-Amz-Signature=SECRET"
NETWORK, NO_CREDENTIALS, REFUSED = (
    f"{URL} cannot be reached",
    f"This machine has no credentials for {URL}",
    f"{URL} is refused to this machine",
)


def of(name: str, base: type[Exception] = Exception, **attributes) -> type[Exception]:
    """Return an exception as a provider has one."""
    return type(name, (base,), attributes)


def failure(monkeypatch, memory, error: Exception) -> CrackError:
    def fail(*_, **__):
        raise error from ValueError(SECRET)

    monkeypatch.setattr(type(memory), "cat_file", fail)
    with pytest.raises(CrackError) as raised:
        read_location(URL)
    return raised.value


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        (of("EndpointConnectionError"), NETWORK),
        (of("ClientConnectorDNSError", of("ClientConnectionError", OSError)), NETWORK),
        (TimeoutError, NETWORK),
        (of("ServiceRequestError"), NETWORK),
        (of("NoCredentialsError"), NO_CREDENTIALS),
        (of("DefaultCredentialsError"), NO_CREDENTIALS),
        (of("HttpError", code=401), NO_CREDENTIALS),
        (PermissionError, REFUSED),
        (of("ClientAuthenticationError"), REFUSED),
        (of("HttpError", status="403"), REFUSED),
        (of("Strange"), f"{URL} cannot be read or written"),
    ],
)
def test_each_cause_has_its_sentence(memory, monkeypatch, kind, said):
    error = failure(monkeypatch, memory, kind(SECRET))
    assert error.message == f"{said} ({kind.__name__})."
    assert error.hint


def test_a_provider_that_wants_credentials_at_once_has_none(memory, monkeypatch):
    def refuse(*_, **__):
        raise ValueError(SECRET)

    monkeypatch.setattr("fsspec.filesystem", refuse)
    with pytest.raises(CrackError) as raised:
        read_location(URL)
    assert raised.value.message == f"{NO_CREDENTIALS} (ValueError)."


def test_nothing_that_a_provider_says_goes_along(memory, monkeypatch):
    error = failure(monkeypatch, memory, OSError(SECRET))
    logged = "".join(traceback.format_exception(error))
    assert "cannot be read or written (OSError)" in logged
    assert "SECRET" not in logged


def test_what_the_providers_log_is_not_kept(memory, caplog):
    memory.pipe_file("/bucket/a.jpg", b"x")
    read_location(URL)
    with caplog.at_level(logging.DEBUG):
        for name in ("gcsfs", "azure.identity.aio", "botocore.endpoint", "s3fs"):
            logging.getLogger(name).error("%s", SECRET)
    assert "SECRET" not in caplog.text


def add_dataset(**variables: str) -> str:
    """Run the command as a user does; return what it said."""
    environment = {
        **{k: v for k, v in os.environ.items() if not k.startswith("AWS_")},
        "HOME": "/nowhere",
        "AWS_EC2_METADATA_DISABLED": "true",
        **variables,
    }
    words = ["-m", "crack", "dataset", "add", "walls", "s3://bridges/walls"]
    ended = subprocess.run(
        [sys.executable, *words],
        env=environment,
        cwd=PROJECT,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert ended.returncode == 1
    assert ended.stdout == ""
    assert "Traceback" not in ended.stderr
    return ended.stderr


def test_a_machine_without_credentials_says_so():
    assert "This machine has no credentials for s3://bridges/walls" in add_dataset()


@pytest.mark.slow
def test_a_machine_without_a_network_says_so():
    said = add_dataset(
        AWS_ACCESS_KEY_ID="KEY",
        AWS_SECRET_ACCESS_KEY="SECRET",
        AWS_ENDPOINT_URL="http://127.0.0.1:9",
        CRACK_LOG="json",
    )
    assert "s3://bridges/walls cannot be reached" in said
    assert "SECRET" not in said
    assert "KEY" not in said


def test_a_machine_with_wrong_credentials_says_so():
    pytest.importorskip("moto", reason="needs requirements-cluster-dev.txt")
    port = free_port()
    strict = {**os.environ, "INITIAL_NO_AUTH_ACTION_COUNT": "0"}
    with running("-m", "moto.server", "-p", port, env=strict, **QUIET):
        reached(port)
        said = add_dataset(
            AWS_ACCESS_KEY_ID="KEY",
            AWS_SECRET_ACCESS_KEY="SECRET",
            AWS_ENDPOINT_URL=f"http://127.0.0.1:{port}",
        )
    assert "s3://bridges/walls is refused to this machine" in said
    assert "SECRET" not in said
    assert "KEY" not in said
