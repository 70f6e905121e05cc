"""A small OpenID provider on this computer, which signs everybody in at once."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import RSAKey

CLIENT, CLIENT_SECRET = "crack", "not-a-secret"


@dataclass
class Provider:
    """What it knows.

    Attributes:
        address: Its issuer.
        claims: Of whoever signs in next.
        asked: The paths that were asked for.
    """

    address: str = ""
    claims: dict[str, Any] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    key: RSAKey = field(
        default_factory=lambda: RSAKey.generate_key(2048, auto_kid=True)
    )
    codes: dict[str, dict[str, Any]] = field(default_factory=dict)

    def secrets(self) -> str:
        """The file of secrets of a dashboard that signs in here."""
        return f"""
[auth]
redirect_uri = "http://localhost:{{port}}/oauth2callback"
cookie_secret = "{secrets.token_hex(32)}"
client_id = "{CLIENT}"
client_secret = "{CLIENT_SECRET}"
server_metadata_url = "{self.address}/.well-known/openid-configuration"
"""

    def about(self) -> dict[str, Any]:
        """What it publishes of itself."""
        return {
            "issuer": self.address,
            "authorization_endpoint": f"{self.address}/authorize",
            "token_endpoint": f"{self.address}/token",
            "userinfo_endpoint": f"{self.address}/userinfo",
            "jwks_uri": f"{self.address}/jwks",
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "code_challenge_methods_supported": ["S256"],
        }

    def authorize(self, asked: dict[str, str]) -> str:
        """Return where the browser goes back to, with a code."""
        code = secrets.token_urlsafe()
        self.codes[code] = {**asked, "claims": self.claims}
        back = urlencode({"code": code, "state": asked["state"]})
        return f"{asked['redirect_uri']}?{back}"

    def token(self, asked: dict[str, str]) -> dict[str, Any]:
        """Return a signed identity for a code, once."""
        known = self.codes.pop(asked["code"])
        proof = hashlib.sha256(asked["code_verifier"].encode()).digest()
        challenge = base64.urlsafe_b64encode(proof).decode().rstrip("=")
        assert challenge == known["code_challenge"]
        now = int(time.time())
        identity = {
            "iss": self.address,
            "aud": CLIENT,
            "iat": now,
            "exp": now + 300,
            "nonce": known["nonce"],
            **known["claims"],
        }
        header = {"alg": "RS256", "kid": self.key.kid}
        return {
            "access_token": secrets.token_urlsafe(),
            "token_type": "Bearer",
            "expires_in": 300,
            "id_token": jwt.encode(header, identity, self.key),
        }


@contextmanager
def openid_provider() -> Iterator[Provider]:
    """Run a provider as long as this is open."""
    provider = Provider()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            url = urlsplit(self.path)
            asked = {k: v[0] for k, v in parse_qs(url.query).items()}
            provider.asked.append(url.path)
            if url.path == "/authorize":
                self.send_response(302)
                self.send_header("Location", provider.authorize(asked))
                self.end_headers()
                return
            answers = {
                "/.well-known/openid-configuration": provider.about,
                "/jwks": lambda: {"keys": [provider.key.as_dict(private=False)]},
                "/userinfo": lambda: provider.claims,
            }
            self.answer(answers[url.path]())

        def do_POST(self) -> None:
            provider.asked.append(self.path)
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            asked = {k: v[0] for k, v in parse_qs(body).items()}
            self.answer(provider.token(asked))

        def answer(self, content: dict[str, Any]) -> None:
            body = json.dumps(content).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    provider.address = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield provider
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
