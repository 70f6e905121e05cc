"""The report as a file, whole or absent."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from crack.errors import CrackError
from crack.reporting.report.file import write_report
from tests.reports import make_report, some_photos


@pytest.mark.parametrize(("name", "start"), [("a.HTML", b"<!DOC"), ("a.pdf", b"%PDF")])
def test_the_suffix_chooses_the_format(tmp_path, name, start):
    write_report(make_report(), tmp_path / name)
    assert (tmp_path / name).read_bytes().startswith(start)
    assert [path.name for path in tmp_path.iterdir()] == [name]


@pytest.mark.parametrize("name", ["a.docx", "a", "missing/a.pdf"])
def test_a_path_that_cannot_be_is_refused_before_any_photo_is_read(tmp_path, name):
    def photos():
        pytest.fail("a photo was asked for")
        yield

    with pytest.raises(CrackError):
        write_report(make_report(photos()), tmp_path / name)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_is_no_report(tmp_path):
    (tmp_path / "a.html").mkdir()
    with pytest.raises(CrackError, match="is a folder"):
        write_report(make_report(), tmp_path / "a.html")


@pytest.mark.parametrize("name", ["a.html", "a.pdf"])
def test_a_report_that_fails_leaves_the_earlier_one(tmp_path, name):
    def photos():
        yield some_photos()[0]
        raise CrackError("The disk was pulled out.")

    (tmp_path / name).write_bytes(b"earlier")
    with pytest.raises(CrackError, match="pulled out"):
        write_report(make_report(photos()), tmp_path / name)
    assert (tmp_path / name).read_bytes() == b"earlier"
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_a_folder_that_may_not_be_written_is_refused_before_any_photo_is_read(
    tmp_path, monkeypatch
):
    monkeypatch.setattr(os, "access", lambda path, mode: path != tmp_path)
    read = iter(some_photos())
    with pytest.raises(CrackError, match="Nothing may be written to the folder"):
        write_report(make_report(photos=read), tmp_path / "a.html")
    assert next(read)


def test_what_went_wrong_is_told_without_the_name_of_an_inner_file(
    tmp_path, monkeypatch
):
    def full(path, mode):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path))

    monkeypatch.setattr(Path, "open", full)
    with pytest.raises(CrackError, match="No space left on device") as failed:
        write_report(make_report(), tmp_path / "a.html")
    assert "partial" not in str(failed.value)
