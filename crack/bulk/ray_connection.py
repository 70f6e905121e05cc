"""A Ray cluster: joined at its address, or started here for as long as it is needed."""

from __future__ import annotations

import logging
import os
import secrets
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from typing import Any

from crack.errors import CrackError
from crack.runs.workers import Workers
from crack.settings import PROJECT

_STORE = 500_000_000  # bytes of shared memory, of which the lists of photos need little
_PATIENCE = 10  # seconds for an answer of a cluster

_TRAVELS = {"crack", "models"}  # to other computers: the program, what it trains from

# Nothing is reported to anybody.
_QUIET = {
    "RAY_USAGE_STATS_ENABLED": "0",
    "RAY_DATA_DISABLE_PROGRESS_BARS": "1",
    "RAY_BACKEND_LOG_LEVEL": "fatal",
}


def check_installed() -> None:
    """Make sure that Ray is there.

    Raises:
        CrackError: It is not.
    """
    if find_spec("ray") is None:
        raise CrackError(
            "Ray is not installed.",
            "Install it: pip install -r requirements-cluster.txt",
        )


def sentence_in(error: BaseException) -> CrackError | None:
    """Return the sentence for the user with which work on a cluster ended, if any."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, CrackError):
            return cause
        cause = getattr(cause, "cause", None) or cause.__cause__
    return None


@contextmanager
def connected(
    workers: Workers, told: Callable[[BaseException], CrackError]
) -> Iterator[Any]:
    """Yield Ray, connected to a cluster.

    Args:
        workers: Which one.
        told: Says what an error of Ray means for what is done there.

    Raises:
        CrackError: Ray is not installed or not to be reached; or that of `told`.
    """
    # Ray reads its variables once, while it is imported.
    settings = _settings(workers)
    check_installed()
    import ray

    try:
        if workers.address is not None:
            _check_reached(workers.address)
        ray.init(**settings)
        logging.getLogger("ray.data").setLevel(logging.ERROR)
        yield ray
    except (ray.exceptions.RayError, ConnectionError, RuntimeError) as error:
        raise told(error) from error
    finally:
        ray.shutdown()


def _settings(workers: Workers) -> dict[str, Any]:
    """Return how Ray is joined, or started on this computer."""
    os.environ.update(_QUIET)
    quiet = {"log_to_driver": False, "logging_level": logging.ERROR}
    if workers.address is not None:
        # Its computers need the packages; this program travels to them.
        stays = [f"/{p.name}" for p in PROJECT.iterdir() if p.name not in _TRAVELS]
        code = {"working_dir": str(PROJECT), "excludes": stays}
        return {**quiet, "address": workers.address, "runtime_env": code}
    if "RAY_AUTH_MODE" not in os.environ:
        # Otherwise Ray keeps a key in the home folder of the user.
        os.environ["RAY_AUTH_MODE"] = "token"
        os.environ["RAY_AUTH_TOKEN"] = secrets.token_hex(32)
    return {
        **quiet,
        "address": "local",
        "num_cpus": workers.most or _cores(),
        "include_dashboard": False,
        "object_store_memory": _STORE,
    }


def _check_reached(address: str) -> None:
    """Refuse an address at which nobody answers: Ray would wait for minutes."""
    host, _, port = address.removeprefix("ray://").rpartition(":")
    if not port.isdecimal():
        return  # `auto`, for which Ray knows where to look
    try:
        socket.create_connection((host, int(port)), timeout=_PATIENCE).close()
    except OSError as error:
        raise CrackError(
            f"There is no Ray cluster at {address}.",
            "Check the address and that the cluster runs.",
        ) from error


def _cores() -> int:
    """Return the number of cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
