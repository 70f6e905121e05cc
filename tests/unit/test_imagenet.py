"""The download of the ImageNet weights, from a server of our own."""

from __future__ import annotations

import socket
import threading
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from crack.errors import CrackError
from crack.runs import imagenet
from crack.runs.backbones import MOBILENET_V2
from crack.runs.config import PRESETS

WEIGHTS = b"\x89HDF\r\n\x1a\n" + bytes(3_400_000)


@pytest.fixture(autouse=True)
def keras_home(tmp_path, monkeypatch):
    """An empty Keras home, and no proxy between the test and its server."""
    for name in ("http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.setattr(urllib.request, "_opener", None)  # remembers the proxies
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))
    monkeypatch.setenv("HOME", str(tmp_path))
    return tmp_path / "keras"


@pytest.fixture
def serve(monkeypatch):
    """Answer every request alike; return the paths that were asked for."""
    servers = []

    def start(content: bytes, status: int = 200, length: int | None = None):
        asked = []

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                asked.append(self.path)
                self.send_response(status)
                self.send_header("Content-Length", str(length or len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *_):
                pass

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        servers.append(server)
        address = f"http://127.0.0.1:{server.server_port}/"
        monkeypatch.setattr(imagenet, "BASE_URL", address)
        return asked

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


@pytest.fixture
def silent_port():
    """A port that takes connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener.getsockname()[1]


def closed_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


@pytest.mark.parametrize(
    ("image_size", "side"), [(96, 96), (160, 160), (224, 224), (32, 224), (512, 224)]
)
def test_the_file_is_named_as_keras_names_it(keras_home, image_size, side):
    path = imagenet.imagenet_weights_path(MOBILENET_V2, image_size)
    assert path.parent == keras_home / "models"
    assert path.name.endswith(f"_kernels_1.0_{side}_no_top.h5")


def test_without_keras_home_it_is_in_the_workspace(monkeypatch, tmp_path, crack_home):
    monkeypatch.delenv("KERAS_HOME")
    monkeypatch.setenv("HOME", str(tmp_path))
    folder = imagenet.imagenet_weights_path(MOBILENET_V2, 160).parent
    assert folder == crack_home / "keras" / "models"


def test_what_another_program_downloaded_is_used(monkeypatch, tmp_path, crack_home):
    monkeypatch.setenv("HOME", str(tmp_path))
    name = imagenet.imagenet_weights_path(MOBILENET_V2, 160).name
    theirs = tmp_path / ".keras" / "models" / name
    theirs.parent.mkdir(parents=True)
    theirs.write_bytes(b"broken")
    assert imagenet.imagenet_weights_path(MOBILENET_V2, 160) != theirs
    theirs.write_bytes(WEIGHTS)
    assert imagenet.imagenet_weights_path(MOBILENET_V2, 160) == theirs


@pytest.mark.parametrize("content", [b"", b"mobilenet_v2.h5", b"<html>"])
def test_what_is_no_weights_file_counts_as_missing(serve, content):
    path = imagenet.imagenet_weights_path(MOBILENET_V2, 160)
    path.parent.mkdir(parents=True)
    path.write_bytes(content)
    assert not imagenet.imagenet_weights_cached(MOBILENET_V2, 160)
    serve(WEIGHTS)
    imagenet.fetch_imagenet_weights(MOBILENET_V2, 160)
    assert imagenet.imagenet_weights_cached(MOBILENET_V2, 160)


def test_the_weights_are_downloaded_once_and_the_progress_told(serve, keras_home):
    asked, told = serve(WEIGHTS), []
    path = imagenet.fetch_imagenet_weights(
        MOBILENET_V2, 160, lambda *news: told.append(news)
    )
    assert path.read_bytes() == WEIGHTS
    assert asked == [f"/mobilenet_v2/{path.name}"]
    assert told[0] == ("Downloading the ImageNet weights, 0 of 9 MB", 0, 9)
    assert told[-1] == ("Downloading the ImageNet weights, 3 of 9 MB", 3, 9)
    assert imagenet.imagenet_weights_cached(MOBILENET_V2, 160)
    assert not imagenet.imagenet_weights_cached(MOBILENET_V2, 96)

    assert imagenet.fetch_imagenet_weights(MOBILENET_V2, 160) == path
    assert len(asked) == 1
    assert list(path.parent.iterdir()) == [path]


def test_only_a_training_from_imagenet_needs_them(serve):
    embedded = PRESETS["recommended"].config
    reference = PRESETS["reference"].config
    assert not imagenet.needs_download(embedded)
    assert imagenet.needs_download(reference)
    serve(WEIGHTS)
    imagenet.fetch_imagenet_weights(MOBILENET_V2, reference.image_size)
    assert not imagenet.needs_download(reference)


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        ((b"gone", 404), "the server answered 404"),
        ((b"<html>Please log in</html>", 200), "not a weights file"),
        ((WEIGHTS, 200, len(WEIGHTS) + 1), "the connection broke off"),
    ],
)
def test_a_bad_answer_leaves_nothing_and_names_the_way_out(
    serve, keras_home, answer, reason
):
    serve(*answer)
    assert_refused(keras_home, reason)


def assert_refused(keras_home, reason):
    with pytest.raises(CrackError, match=reason) as caught:
        imagenet.fetch_imagenet_weights(MOBILENET_V2, 160)
    assert "--backbone surfaces" in caught.value.hint
    assert not list(keras_home.rglob("*.h5*"))


def test_a_closed_door_is_told_at_once(monkeypatch, keras_home):
    address = f"http://127.0.0.1:{closed_port()}/"
    monkeypatch.setattr(imagenet, "BASE_URL", address)
    assert_refused(keras_home, "refused")


def test_an_unreachable_proxy_is_told_at_once(monkeypatch, keras_home):
    monkeypatch.setenv("https_proxy", f"http://127.0.0.1:{closed_port()}")
    assert imagenet.BASE_URL.startswith("https://")
    assert_refused(keras_home, "refused")


def test_a_silent_server_is_given_up(monkeypatch, keras_home, silent_port):
    monkeypatch.setattr(imagenet, "BASE_URL", f"http://127.0.0.1:{silent_port}/")
    monkeypatch.setattr(imagenet, "_SOCKET_SECONDS", 0.2)
    assert_refused(keras_home, "timed out")


def test_what_knows_no_limit_is_given_up_too(monkeypatch, keras_home):
    given_up = threading.Event()

    def resolve_for_ever(*_, **__):
        given_up.wait(10)
        raise TimeoutError

    monkeypatch.setattr(urllib.request, "urlopen", resolve_for_ever)
    monkeypatch.setattr(imagenet, "_SILENCE_SECONDS", 0.1)
    assert_refused(keras_home, "no answer within 0.1 seconds")
    given_up.set()


def test_whoever_is_told_may_stop_it(serve, keras_home):
    class Enough(Exception):  # noqa: N818 - an outcome
        pass

    def stop(activity, done, total):
        if done:
            raise Enough

    serve(WEIGHTS)
    with pytest.raises(Enough):
        imagenet.fetch_imagenet_weights(MOBILENET_V2, 160, stop)
    assert not keras_home.exists()


def test_a_folder_that_cannot_be_written_to_is_told(serve, keras_home):
    keras_home.write_text("a file where the folder should be")
    serve(WEIGHTS)
    with pytest.raises(CrackError, match="cannot be stored") as caught:
        imagenet.fetch_imagenet_weights(MOBILENET_V2, 160)
    assert "KERAS_HOME" in caught.value.hint
