"""`crack serve`."""

from __future__ import annotations

import argparse
from typing import Any

from crack.access import Role
from crack.errors import CrackError
from crack.runs.registry import find_model
from crack.service.tokens import new_token, tokens_file

_ROLES = [role.words for role in Role]


def add_commands(commands: Any) -> None:
    """Add the command to the subparsers of `crack`."""
    serve = commands.add_parser("serve", help="answer programs over HTTP")
    serve.add_argument(
        "--host",
        default="127.0.0.1",
        help="address to answer at, by default 127.0.0.1: this computer alone",
    )
    serve.add_argument("--port", type=int, default=8600, help="by default 8600")
    serve.add_argument("--model", help="by default as set with `models default`")
    serve.add_argument(
        "--new-token",
        nargs=2,
        metavar=("NAME", "ROLE"),
        help=f"make a token for a caller and end; roles: {', '.join(_ROLES)}",
    )
    serve.set_defaults(command=_serve)


def _serve(options: argparse.Namespace) -> int:
    if options.new_token:
        _print_token(*options.new_token)
        return 0
    if options.model is not None:
        find_model(options.model)
    try:
        from crack.service.server import run
    except ModuleNotFoundError as error:
        raise CrackError(
            f"The service needs packages that are not installed ({error.name}).",
            "Install them: pip install -r requirements-serve.txt",
        ) from error
    run(options.host, options.port, options.model, tokens_file())
    return 0


def _print_token(name: str, role: str) -> None:
    if role not in _ROLES:
        raise CrackError(
            f"There is no role '{role}'.", f"Choose one of {', '.join(_ROLES)}."
        )
    print(new_token(name, Role[role.upper()]))
