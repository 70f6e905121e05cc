"""Google Cloud Storage and Azure, each spoken by a server that runs here."""

from __future__ import annotations

import os
import secrets
import shutil
import subprocess
from base64 import b64encode
from collections.abc import Iterator
from pathlib import Path

import pytest

from crack.cli import main
from crack.data import fetching
from crack.data.dataset import check_dataset, load_dataset
from crack.data.locations import delete_location, names_in, read_location
from crack.data.object_storage import list_photos
from crack.data.transfers import check_free, written_at
from crack.errors import CrackError
from crack.settings import PROJECT
from tests.cluster.conftest import QUIET, free_port, reached, running

fsspec = pytest.importorskip(
    "fsspec", reason="needs requirements-cluster-dev.txt: make cluster"
)


@pytest.fixture(scope="module")
def google() -> Iterator[dict[str, str]]:
    """The variables of the environment with which Google's service is reached."""
    for package in ("gcsfs", "gcp_storage_emulator"):
        pytest.importorskip(package, reason="needs requirements-cluster-dev.txt")
    port = free_port()
    server = ("-m", "gcp_storage_emulator", "start", "--in-memory", "--port", port)
    with running(*server, **QUIET):
        reached(port)
        yield {"STORAGE_EMULATOR_HOST": f"http://127.0.0.1:{port}"}


@pytest.fixture(scope="module")
def azure() -> Iterator[dict[str, str]]:
    """The same of Azure; the server is of npm, see `.ci/run`."""
    pytest.importorskip("adlfs", reason="needs requirements-cluster-dev.txt")
    inside = PROJECT / ".venv/azurite/node_modules/.bin"
    where = os.pathsep.join([str(inside), os.environ["PATH"]])
    server = shutil.which("azurite-blob", path=where)
    if server is None:
        pytest.skip("needs azurite: npm install --prefix .venv/azurite azurite")
    port, key = free_port(), b64encode(secrets.token_bytes(32)).decode()
    options = ["--inMemoryPersistence", "--skipApiVersionCheck", "--disableTelemetry"]
    accounts = {**os.environ, "AZURITE_ACCOUNTS": f"walls:{key}"}
    command = [server, *options, "--blobPort", str(port)]
    with subprocess.Popen(command, env=accounts, **QUIET) as process:
        try:
            reached(port)
            yield {
                "AZURE_STORAGE_CONNECTION_STRING": "DefaultEndpointsProtocol=http;"
                f"AccountName=walls;AccountKey={key};"
                f"BlobEndpoint=http://127.0.0.1:{port}/walls;"
            }
        finally:
            process.terminate()


@pytest.fixture(params=["gs", "az"])
def scheme(request, monkeypatch) -> str:
    """A provider with the empty bucket `bridges`, which the environment leads to."""
    server = {"gs": "google", "az": "azure"}[request.param]
    for name, value in request.getfixturevalue(server).items():
        monkeypatch.setenv(name, value)
    system = fsspec.filesystem(request.param, use_listings_cache=False)
    if system.exists("bridges"):
        system.rm("bridges", recursive=True)
    if not system.exists("bridges"):
        system.mkdir("bridges")
    return request.param


def put(url: str, path: Path) -> None:
    with written_at(url) as place:
        if path.is_dir():
            shutil.copytree(path, place)
        else:
            shutil.copyfile(path, place)


def test_a_dataset_is_made_of_a_folder_and_of_a_zip(
    scheme, patch_folder, dataset, monkeypatch, tmp_path
):
    monkeypatch.setattr(fetching, "_PIECE", 50_000)  # the ZIP comes in pieces
    file = Path(shutil.make_archive(str(tmp_path / "walls"), "zip", patch_folder))
    for path, name in ((patch_folder, "walls"), (file, "walls.zip")):
        url = f"{scheme}://bridges/{name}"
        put(url, path)
        added = name.replace(".", "-") + "-stored"
        assert main(["dataset", "add", added, url]) == 0
        assert load_dataset(added).fingerprint == dataset.fingerprint
        assert check_dataset(load_dataset(added)).empty


def test_photos_are_listed_and_read(scheme, patch_folder):
    folder = f"{scheme}://bridges/2026"
    put(folder, patch_folder / "Positive")
    photos = list(list_photos(folder))
    assert len(photos) == 12
    first = patch_folder / "Positive/00001.png"
    assert photos[0].url == f"{folder}/00001.png"
    assert photos[0].read() == first.read_bytes()
    assert photos[0].version


def test_a_file_is_replaced_and_deleted(scheme, tmp_path):
    url = f"{scheme}://bridges/reports/r.txt"
    for content in ("one", "another"):
        (tmp_path / "r.txt").write_text(content)
        put(url, tmp_path / "r.txt")
        assert read_location(url) == content.encode()
    with pytest.raises(CrackError, match="exists already"):
        check_free(url)
    assert names_in(f"{scheme}://bridges/reports") == ["r.txt"]
    delete_location(url)
    check_free(url)


def test_what_is_not_there_is_told(scheme):
    for url, said in (
        (f"{scheme}://bridges/gone.jpg", r"There is nothing at .*gone\.jpg\."),
        (f"{scheme}://elsewhere/a.jpg", "there is no (bucket|container) 'elsewhere'"),
    ):
        with pytest.raises(CrackError, match=said):
            read_location(url)
        with pytest.raises(CrackError, match=said):
            list(list_photos(url))
