"""What the command line reads and writes by a `file://` URL, without any package."""

from __future__ import annotations

import pytest

from crack.data.dataset import load_dataset
from crack.data.transfers import local_copy, written_at


def test_a_dataset_is_added_by_a_file_url(crack, patch_folder):
    status, _, said = crack("dataset", "add", "walls", patch_folder.as_uri())
    assert (status, said) == (0, "")
    added = load_dataset("walls")
    assert (added.root, added.source) == (patch_folder, str(patch_folder))


def test_a_report_is_written_by_a_file_url(crack, model, patch_folder, tmp_path):
    file = tmp_path / "r.html"
    photo = patch_folder / "Positive/00001.png"
    status, out, _ = crack("predict", photo, "--report", file.as_uri())
    assert status == 0
    assert "00001.png" in out
    assert file.read_bytes().lower().startswith(b"<!doctype html>")


def test_a_backup_is_written_and_read_by_a_file_url(crack, dataset, tmp_path):
    file, again = tmp_path / "crack.tar", tmp_path / "again"
    assert crack("backup", file.as_uri())[0] == 0
    assert crack("backup", file.as_uri())[0] == 1
    assert crack("restore", file.as_uri(), "--home", again)[0] == 0
    assert (again / "datasets/walls/samples.csv").is_file()


def test_a_path_is_used_as_it_is(tmp_path):
    with written_at(tmp_path) as place, local_copy(tmp_path, print) as copy:
        assert place == copy == tmp_path


@pytest.mark.parametrize(
    "words",
    [
        ("dataset", "add", "walls"),
        ("models", "import", "--name", "net"),
        ("restore",),
    ],
)
def test_what_holds_credentials_is_refused_and_not_repeated(crack, words):
    status, out, said = crack(*words, "s3://KEY:SECRET@bridges/a")
    assert status == 1
    assert "by the means of the provider" in said
    assert "SECRET" not in out + said
