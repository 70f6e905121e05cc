"""Models, reports and backups that go to object storage and come from there."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from crack import settings
from crack.cli import main
from crack.data import object_storage
from crack.data.locations import names_in, read_location
from crack.data.transfers import check_free, local_copy, name_at, written_at
from crack.errors import CrackError

pytest.importorskip("fsspec", reason="needs requirements-cluster.txt: make cluster")

OUT = "memory://bucket/out"


@pytest.fixture
def scratch(tmp_path, monkeypatch):
    """The folder for temporary files."""
    folder = tmp_path / "scratch"
    folder.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(folder))
    return folder


def report(*_):
    pass


def test_a_file_appears_whole_and_replaces_the_one_before(memory, scratch):
    for content in ("one", "two"):
        with written_at(f"{OUT}/a.txt") as place:
            assert place.name == "a.txt"
            place.write_text(content)
    assert read_location(f"{OUT}/a.txt") == b"two"
    with local_copy(f"{OUT}/a.txt", report) as copy:
        assert (copy.name, copy.read_text()) == ("a.txt", "two")
    assert not list(scratch.iterdir())


def test_a_path_is_used_as_it_is(tmp_path):
    with written_at(tmp_path) as place, local_copy(tmp_path, report) as copy:
        assert place == copy == tmp_path


def test_nothing_appears_if_the_writing_fails(memory, scratch):
    def write():
        with written_at(f"{OUT}/a.txt") as place:
            place.write_text("half")
            raise CrackError("no")

    with pytest.raises(CrackError, match="no"):
        write()
    assert names_in(OUT) == []
    assert not list(scratch.iterdir())


def write_folder(url=f"{OUT}/net"):
    with written_at(url) as place:
        (place / "inner").mkdir(parents=True)
        for name in ("a.xml", "b.bin", "inner/c.json"):
            (place / name).write_text(name)


def test_a_folder_goes_with_all_its_files(memory):
    check_free(f"{OUT}/net")
    write_folder(f"{OUT}/net/")
    assert read_location(f"{OUT}/net/inner/c.json") == b"inner/c.json"
    with pytest.raises(CrackError, match="exists already"):
        check_free(f"{OUT}/net")


def test_what_cannot_be_put_is_kept_here_and_nothing_there(
    memory, scratch, monkeypatch
):
    put = type(memory).put_file

    def fail(self, path, key):
        if key.endswith("b.bin"):
            raise ConnectionError("https://host/?X-Amz-Signature=SECRET")
        put(self, path, key)

    monkeypatch.setattr(type(memory), "put_file", fail)
    with pytest.raises(CrackError) as raised:
        write_folder()
    (kept,) = scratch.glob("*/net")
    assert f"What was written is kept: {kept}." in str(raised.value)
    assert "SECRET" not in str(raised.value)
    assert (kept / "inner/c.json").read_text() == "inner/c.json"
    assert names_in(f"{OUT}/net") == []


def test_a_bucket_is_no_file():
    assert name_at("s3://bucket/a/b.onnx") == "b.onnx"
    for url in ("s3://bucket", "s3://bucket/"):
        with pytest.raises(CrackError, match="names a bucket"):
            name_at(url)


@pytest.mark.parametrize("suffix", [".html", ".pdf"])
def test_a_report_is_written_to_s3(
    storage, model_folder, crack_home, patch_folder, suffix
):
    shutil.copytree(model_folder, crack_home / "models" / "default")
    photo = patch_folder / "Positive/00001.png"
    url = f"s3://bridges/reports/r{suffix}"
    assert main(["predict", str(photo), "--report", url]) == 0
    begins = {".html": b"<!DOCTYPE html>", ".pdf": b"%PDF"}[suffix]
    assert read_location(url).lower().startswith(begins.lower())


def test_a_report_with_another_suffix_is_refused_before_anything(storage, capsys):
    assert main(["predict", "a.png", "--report", "s3://bridges/r.docx"]) == 1
    assert "A report is written as .html or .pdf" in capsys.readouterr().err


def test_a_backup_goes_to_s3_and_comes_back(storage, dataset, tmp_path, capsys):
    url = "s3://bridges/backups/crack.tar"
    assert main(["backup", url]) == 0
    assert f"{url} (" in capsys.readouterr().out
    assert main(["backup", url]) == 1
    assert "exists already" in capsys.readouterr().err
    again = tmp_path / "again"
    assert main(["restore", url, "--home", str(again)]) == 0
    index = "datasets/walls/samples.csv"
    assert (again / index).read_bytes() == (settings.home() / index).read_bytes()


@pytest.mark.slow
def test_a_model_is_exported_to_s3_and_imported_from_there(storage, capsys):
    url = "s3://bridges/models/net.keras"
    assert main(["models", "export", "default", "--format", "keras", url]) == 0
    assert main(["models", "export", "default", "--format", "keras", url]) == 1
    assert "exists already" in capsys.readouterr().err
    folder = "s3://bridges/models/net"
    assert main(["models", "export", "default", "--format", "openvino", folder]) == 0
    assert {"graph.xml", "graph.bin", "card.json"} <= set(names_in(folder))
    kept = Path(settings.SHIPPED_MODELS, "default/model.keras").read_bytes()
    assert read_location(url) == kept
    assert main(["models", "import", url, "--name", "again"]) == 0
    assert "'again' is ready" in capsys.readouterr().out
    gone = "s3://bridges/models/gone.keras"
    assert main(["models", "import", gone, "--name", "more"]) == 1
    assert f"There is nothing at {gone}" in capsys.readouterr().err


def test_a_url_with_a_signature_is_refused_and_not_repeated(capsys):
    signed = "s3://bridges/a?X-Amz-Signature=SECRET"
    for words in (
        ["dataset", "add", "walls", signed],
        ["models", "export", "default", "--format", "onnx", signed],
        ["models", "import", signed, "--name", "again"],
        ["predict", "a.png", "--report", signed],
        ["backup", signed],
        ["restore", signed],
    ):
        assert main(words) == 1
        told = capsys.readouterr()
        assert "by the means of the provider" in told.err
        assert "SECRET" not in told.out + told.err


def test_a_missing_package_is_named(monkeypatch, capsys):
    monkeypatch.setitem(object_storage.PACKAGES, "gs", "gcsfs")
    monkeypatch.setattr("fsspec.filesystem", _missing)
    assert main(["dataset", "add", "walls", "gs://bridges/walls"]) == 1
    assert "pip install -r requirements-cluster.txt gcsfs" in capsys.readouterr().err


def _missing(*_, **__):
    raise ImportError
