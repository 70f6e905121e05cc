"""From what an OpenID provider says about somebody to who they are here."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from crack.access import Actor, Role

_ROLE_CLAIM = "CRACK_ROLE_CLAIM"
_LISTS = {Role.ENGINEER: "CRACK_ENGINEERS", Role.ADMIN: "CRACK_ADMINS"}


def actor_of(claims: Mapping[str, Any]) -> Actor:
    """Return somebody who has signed in, with the highest role given to them.

    A role is given by name in the claim `$CRACK_ROLE_CLAIM` (by default `roles`), or by
    the e-mail address in `$CRACK_ENGINEERS` or `$CRACK_ADMINS`, separated by commas.
    Everybody else is a viewer.

    Args:
        claims: Of the identity token.
    """
    address = str(claims.get("email") or "")
    listed = address.lower() if _is_verified(claims) else ""
    named = _named_roles(claims)
    roles = [
        role
        for role in Role
        if role.words in named or (listed and listed in _addresses(role))
    ]
    name = address or str(claims.get("preferred_username") or claims.get("sub", ""))
    return Actor(name or "somebody without a name", max(roles, default=Role.VIEWER))


def _named_roles(claims: Mapping[str, Any]) -> set[str]:
    claimed = claims.get(os.environ.get(_ROLE_CLAIM) or "roles")
    values = claimed if isinstance(claimed, list | tuple) else [claimed]
    return {value.lower() for value in values if isinstance(value, str)}


def _is_verified(claims: Mapping[str, Any]) -> bool:
    """Return whether the provider does not deny that the address is theirs."""
    return str(claims.get("email_verified", True)).lower() != "false"


def _addresses(role: Role) -> set[str]:
    listed = os.environ.get(_LISTS.get(role, ""), "")
    return {address.strip().lower() for address in listed.split(",")}
