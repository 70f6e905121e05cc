"""The ImageNet weights of a network: where they are kept, and their download.

Keras can download them too, but it waits for a silent network forever and cannot report
progress.
"""

from __future__ import annotations

import threading
import urllib.request
from http.client import HTTPException
from pathlib import Path
from queue import Empty, SimpleQueue
from urllib.error import HTTPError

from crack import settings, storage
from crack.data.dataset import Progress
from crack.errors import CrackError
from crack.runs.backbones import Network, find_backbone
from crack.runs.config import TrainConfig

BASE_URL = "https://storage.googleapis.com/tensorflow/keras-applications/"

_WAY_OUT = (
    "Connect to the internet and try again, or train with the embedded backbone, which "
    "needs no download (on the command line: --backbone surfaces)."
)
_SIGNATURE = b"\x89HDF\r\n\x1a\n"  # how a weights file begins
_CHUNK = 2**16  # bytes
_SOCKET_SECONDS = 8  # a name may stand for several addresses, tried one after the other
_SILENCE_SECONDS = 20  # whatever the cause, including names that never resolve


def imagenet_weights_path(network: Network, image_size: int) -> Path:
    """Return the path of the weights for an image side in px, stored already or not.

    Keras may have downloaded them to the user's home for another program.
    """
    name = _address(network, image_size).rpartition("/")[2]
    ours = settings.keras_home() / "models" / name
    theirs = Path.home() / ".keras/models" / name
    return theirs if _has_weights(theirs) and not _has_weights(ours) else ours


def imagenet_weights_cached(network: Network, image_size: int) -> bool:
    """Return whether the weights for images of a side in px are on this computer."""
    return _has_weights(imagenet_weights_path(network, image_size))


def needs_download(config: TrainConfig) -> bool:
    """Return whether a training starts from weights that this computer lacks."""
    backbone = find_backbone(config.backbone)
    return backbone.weights == "imagenet" and not imagenet_weights_cached(
        backbone.network, config.image_size
    )


def fetch_imagenet_weights(
    network: Network, image_size: int, progress: Progress | None = None
) -> Path:
    """Return the file of the weights, downloaded if this computer does not have it.

    Args:
        network: Whose weights.
        image_size: Side of the images in px.
        progress: Called with the megabytes received and their total; may raise to stop.

    Raises:
        CrackError: They cannot be downloaded or stored. The download fails after 20
            seconds without an answer.
    """
    path = imagenet_weights_path(network, image_size)
    if not imagenet_weights_cached(network, image_size):
        url = BASE_URL + _address(network, image_size)
        content = _download(url, network.imagenet_mb, progress or (lambda *_: None))
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            storage.write_bytes(path, content)
        except OSError as error:
            raise CrackError(
                f"The ImageNet weights cannot be stored in {path.parent}: "
                f"{error.strerror}.",
                "Point KERAS_HOME to a folder that can be written to.",
            ) from error
    return path


def _address(network: Network, image_size: int) -> str:
    sides = network.imagenet_sides
    # As Keras does: for other sizes, those of the largest.
    side = image_size if image_size in sides else sides[-1]
    return network.imagenet_file.format(side=side)


def _has_weights(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            return file.read(len(_SIGNATURE)) == _SIGNATURE
    except OSError:
        return False


def _download(url: str, size: int, progress: Progress) -> bytes:
    """Return the content at an address, expected to have `size` megabytes."""
    parts: SimpleQueue[bytes | str] = SimpleQueue()
    # In a thread that may be abandoned: name resolution has no time limit.
    threading.Thread(target=_receive, args=(url, parts), daemon=True).start()
    content = bytearray()
    while True:
        done = min(len(content) // 1_000_000, size)
        activity = f"Downloading the ImageNet weights, {done} of {size} MB"
        progress(activity, done, size)
        try:
            part = parts.get(timeout=_SILENCE_SECONDS)
        except Empty:
            raise _failure(f"no answer within {_SILENCE_SECONDS} seconds") from None
        if isinstance(part, str):
            raise _failure(part)
        if not part:
            break
        content += part
    # The login page of a proxy also comes with status 200.
    if not content.startswith(_SIGNATURE):
        raise _failure("the answer is not a weights file")
    return bytes(content)


def _receive(url: str, parts: SimpleQueue[bytes | str]) -> None:
    """Put the content part by part, then an empty part; or the error as text."""
    try:
        # Safe: the address is a constant with https.
        with urllib.request.urlopen(url, timeout=_SOCKET_SECONDS) as reply:  # nosec B310
            while part := reply.read(_CHUNK):
                parts.put(part)
            # Bytes are missing: the server closed the connection early.
            parts.put("the connection broke off" if reply.length else b"")
    except HTTPError as error:
        with error:
            parts.put(f"the server answered {error.code}")
    except HTTPException:
        parts.put("the connection broke off")
    except OSError as error:
        cause = getattr(error, "reason", error)  # what a URLError wraps
        parts.put(str(getattr(cause, "strerror", None) or cause))


def _failure(reason: str) -> CrackError:
    return CrackError(
        "The ImageNet weights are not on this computer and could not be downloaded: "
        f"{reason}.",
        _WAY_OUT,
    )
