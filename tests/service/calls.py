"""What is sent to a service, and what comes back."""

from __future__ import annotations

import io

import numpy as np
from PIL import Image

from crack import access, storage

NOT_INSTALLED = "requirements-serve.txt is not installed: make service"


def by(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def png(shade: int, side: int = 64) -> bytes:
    file = io.BytesIO()
    Image.fromarray(np.full((side, side, 3), shade, np.uint8)).save(file, "PNG")
    return file.getvalue()


def photo(content: bytes, name: str = "wall.png") -> dict:
    return {"photo": (name, content, "image/png")}


def photos(*contents: bytes) -> list:
    return [
        ("photos", (f"{number}.png", content, "image/png"))
        for number, content in enumerate(contents)
    ]


def audit() -> list[dict]:
    return storage.read_jsonl(access.audit_path())


def is_problem(response, status: int) -> bool:
    content = response.json()
    return (
        response.status_code == status == content["status"]
        and response.headers["content-type"] == "application/problem+json"
        and content["type"] == "about:blank"
        and content["detail"].endswith(".")
        and isinstance(content["hint"], str)
        and "Traceback" not in response.text
    )
