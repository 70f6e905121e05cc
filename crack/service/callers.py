"""Who calls: whoever has the token, or without tokens the user of this computer.

A request has its own context, also in the threads that work for it, so the one who
called is right wherever the core asks for them (`crack.access.current`).
"""

from __future__ import annotations

from contextvars import ContextVar
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated

from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from crack import access
from crack.access import Actor, Role
from crack.errors import CrackError
from crack.service.problems import Refused
from crack.service.tokens import VARIABLE, read_tokens, whose

_NOBODY = Actor("nobody with a token", Role.VIEWER)
_caller: ContextVar[Actor] = ContextVar("caller", default=_NOBODY)
_bearer = HTTPBearer(
    auto_error=False,
    description="A token, made by `crack serve --new-token`. A service without tokens "
    "answers this computer alone and asks for none.",
)
Given = Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)]


def is_this_computer(host: str) -> bool:
    """Return whether an address is one at which only this computer can be reached."""
    try:
        return host == "localhost" or ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def check_host(host: str, tokens: Path | None) -> None:
    """Refuse to answer other computers without asking who they are.

    Raises:
        CrackError: There are no tokens, or they cannot be read.
    """
    if tokens is not None:
        read_tokens(tokens)
    elif not is_this_computer(host):
        raise CrackError(
            f"At {host} other computers can call, and without tokens nobody is asked "
            "who they are.",
            f"Set {VARIABLE} to a file of tokens (crack serve --new-token NAME ROLE), "
            "or leave --host at 127.0.0.1.",
        )


async def identify_caller(request: Request, given: Given) -> None:
    """Find out who calls, before anything of the request is read.

    Raises:
        Refused: They may not.
    """
    tokens: Path | None = request.app.state.tokens
    actor = access.of_process() if tokens is None else _by_token(tokens, given)
    if tokens is None:
        _refuse_web_pages(request)
    _caller.set(actor)
    request.state.caller = actor.name


def _by_token(tokens: Path, given: HTTPAuthorizationCredentials | None) -> Actor:
    actor = whose(given.credentials, read_tokens(tokens)) if given else None
    if actor is None:
        raise Refused(
            401,
            CrackError(
                "This service answers callers with a token only."
                if given is None
                else "This token is not known here.",
                "Send the header 'Authorization: Bearer TOKEN'. Whoever runs the "
                "service makes tokens.",
            ),
            {"WWW-Authenticate": "Bearer"},
        )
    return actor


def _refuse_web_pages(request: Request) -> None:
    """Refuse what a web page in a browser of this computer may have sent.

    It can reach this address too, under a name of its own if need be. Programs send no
    origin.
    """
    host = request.headers.get("host", "").rpartition(":")
    name = host[0] if host[2].isdigit() else "".join(host)
    if "origin" in request.headers or not is_this_computer(name):
        raise Refused(
            403,
            CrackError(
                "Without tokens this service answers programs on this computer only.",
                f"Call it as 127.0.0.1 and not from a web page, or set {VARIABLE}.",
            ),
        )


access_is_by_caller = Depends(identify_caller)
"""What an operation depends on that is not for everybody."""


def identify_by_caller() -> None:
    """Let the core ask here who is at work."""
    access.identify_by(_caller.get)
