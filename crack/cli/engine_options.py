"""`--engine ray`, of the commands that can use a cluster."""

from __future__ import annotations

import argparse
from typing import Any

from crack.errors import CrackError
from crack.runs.workers import Workers


def add_engine_options(options: Any, workers: str) -> None:
    """Add the options that say where a command does its work.

    Args:
        options: The parser of the command, or a group of its options.
        workers: Help for `--workers`.
    """
    options.add_argument(
        "--engine",
        choices=("local", "ray"),
        default="local",
        help="local, the default: on this computer; ray: on all computers of a Ray "
        "cluster",
    )
    options.add_argument(
        "--address",
        help="of the cluster: auto, ray://HOST:PORT or HOST:PORT; without, Ray is "
        "started on this computer",
    )
    options.add_argument("--workers", type=int, metavar="N", help=workers)


def asked_workers(options: argparse.Namespace) -> Workers | None:
    """Return where the work is to be done, None for this process.

    Raises:
        CrackError: The options do not go together.
    """
    if options.engine == "ray":
        workers = Workers(options.address, options.workers)
        workers.check()
        return workers
    if options.address is not None or options.workers is not None:
        raise CrackError(
            "--address and --workers are those of a Ray cluster.", "Add --engine ray."
        )
    return None
