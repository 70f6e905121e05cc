"""Fixtures of what needs the packages of `requirements-cluster.txt`."""

from __future__ import annotations

import os
import secrets
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from crack.data import object_storage
from crack.settings import PROJECT

BUCKET = "bridges"
QUIET = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}


@pytest.fixture
def memory(monkeypatch: pytest.MonkeyPatch):
    """Object storage that lies in the memory of this process: memory://bucket."""
    import fsspec

    monkeypatch.setitem(object_storage.PACKAGES, "memory", "fsspec")
    system = fsspec.filesystem("memory")
    yield system
    system.rm("/", recursive=True)


@contextmanager
def running(*command: object, **more) -> Iterator[subprocess.Popen[str]]:
    """Run Python on a module or file, with both ends of it in text; kill it at last."""
    words = [sys.executable, *map(str, command)]
    with subprocess.Popen(words, cwd=PROJECT, text=True, **more) as process:
        try:
            yield process
        finally:
            process.kill()


@dataclass
class Storage:
    """A server that speaks S3, with an empty bucket."""

    system: object

    def put(self, key: str, content: bytes) -> str:
        self.system.pipe_file(f"{BUCKET}/{key}", content)
        return f"s3://{BUCKET}/{key}"

    def names(self, folder: str) -> list[str]:
        found = self.system.find(f"{BUCKET}/{folder}")
        return [Path(name).name for name in found]


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


def answers(port: int) -> bool:
    with socket.socket() as asking:
        return asking.connect_ex(("127.0.0.1", port)) == 0


def reached(port: int) -> None:
    """Wait until a server answers."""
    until = time.monotonic() + 60
    while not answers(port):
        assert time.monotonic() < until, "the server did not start"
        time.sleep(0.2)


@contextmanager
def s3() -> Iterator[dict[str, str]]:
    """Run a server; yield the variables with which it is reached over HTTP."""
    port = free_port()
    variables = {
        "AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}",
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_EC2_METADATA_DISABLED": "true",
    }
    with running("-m", "moto.server", "-p", port, **QUIET):
        reached(port)
        yield variables


@pytest.fixture(scope="session")
def s3_server() -> Iterator[dict[str, str]]:
    """The variables of the environment with which a server is reached."""
    with s3() as variables:
        yield variables


@pytest.fixture
def storage(s3_server, monkeypatch: pytest.MonkeyPatch) -> Storage:
    """The server with an empty bucket, named in the environment."""
    import s3fs

    for name, value in s3_server.items():
        monkeypatch.setenv(name, value)
    s3fs.S3FileSystem.clear_instance_cache()
    system = s3fs.S3FileSystem(use_listings_cache=False)
    if system.exists(BUCKET):
        system.rm(BUCKET, recursive=True)
    system.mkdir(BUCKET)
    return Storage(system)


class Cluster:
    """Two nodes, see `two_nodes`."""

    def __init__(self, process: subprocess.Popen[str], port: int) -> None:
        self._process = process
        self.from_outside = f"ray://127.0.0.1:{port}"
        self.address = self._told("at ")

    def lose_a_node(self) -> None:
        self._say("lose")

    def gain_a_node(self) -> None:
        self._say("gain")

    def _say(self, word: str) -> None:
        print(word, file=self._process.stdin, flush=True)
        self._told(f"done {word}")

    def _told(self, beginning: str) -> str:
        """Return what comes after some words; Ray logs on stdout too."""
        for line in self._process.stdout:
            if line.startswith(beginning):
                return line.removeprefix(beginning).strip()
        raise AssertionError("the cluster has ended")


@pytest.fixture(scope="session")
def ray_variables(s3_server) -> dict[str, str]:
    return {**s3_server, **quick_ray()}


def quick_ray() -> dict[str, str]:
    """The variables of a Ray that soon notices what is lost."""
    return {
        "RAY_USAGE_STATS_ENABLED": "0",
        "RAY_AUTH_MODE": "token",
        "RAY_AUTH_TOKEN": secrets.token_hex(32),
        "RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "0",  # all of it on 127.0.0.1
        # A node that no longer answers is given up sooner than after half a minute.
        "RAY_health_check_period_ms": "500",
        "RAY_health_check_failure_threshold": "4",
    }


@pytest.fixture(scope="session")
def cluster(ray_variables) -> Iterator[Cluster]:
    """A cluster that reaches the server, with one core in each of two nodes."""
    with two_nodes(ray_variables) as started:
        yield started


@contextmanager
def two_nodes(variables: dict[str, str]) -> Iterator[Cluster]:
    """Run a cluster with one core in each of two nodes.

    Args:
        variables: Of the environment, beside those of this process.
    """
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    file = Path(__file__).with_name("two_nodes.py")
    port = free_port()
    with running(file, port, **pipes, env={**os.environ, **variables}) as process:
        yield Cluster(process, port)
        process.stdin.close()
        process.wait(60)
