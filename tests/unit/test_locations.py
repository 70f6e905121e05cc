from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from crack import settings
from crack.data.locations import (
    check_url,
    delete_location,
    is_url,
    location_of,
    names_in,
    open_location,
    read_location,
    within,
    write_location,
)
from crack.errors import CrackError


def refusal(url: str, roots=None) -> str:
    with pytest.raises(CrackError) as raised:
        check_url(url, roots)
    return str(raised.value)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("s3://bucket/photos/", True),
        ("https://example.org/a.jpg", True),
        ("/data/a.jpg", False),
        ("C:\\photos", False),
        ("C:/photos", False),
        ("a photo: 1.jpg", False),
    ],
)
def test_a_url_is_told_from_a_path(text, expected):
    assert is_url(text) is expected


@pytest.mark.parametrize(
    "url",
    [
        "s3://KEY:SECRET@bucket/photos",
        "s3://SECRET@bucket",
        "s3://bucket/a.jpg?X-Amz-Signature=SECRET",
        "az://box/a.jpg?sv=1&sig=SECRET",
        "gs://bucket/a.jpg?\nX-Goog-Signature=SECRET",
        "https://SECRET:SECRET@example.org/a.jpg",
        "ftp://example.org/SECRET",
        "S3://SECRET/a.jpg",
    ],
)
def test_credentials_in_a_url_are_refused_and_not_repeated(url):
    assert "SECRET" not in refusal(url)
    with pytest.raises(CrackError) as raised:
        location_of(url)
    assert "SECRET" not in str(raised.value)


def test_a_url_of_another_kind_is_refused_with_those_accepted():
    assert "s3://, gs://, az://, file://" in refusal("https://example.org/a.jpg")


def test_a_question_mark_in_a_name_is_no_signature():
    check_url("s3://bucket/what?.jpg")


@pytest.mark.parametrize(
    "url",
    [
        "s3://bucket/a/../b",
        "s3://bucket/a/%2E%2e/b",
        "s3://bucket/./b",
        "s3://bucket/a\\..\\b",
        "s3://bucket/a\nb",
        "file:///tmp/../etc",
    ],
)
def test_what_could_lead_elsewhere_is_refused(url):
    assert "Name the file or folder itself" in refusal(url)


def test_a_url_needs_a_bucket():
    assert "names no bucket" in refusal("s3:///photos")


@pytest.mark.parametrize("url", ["s3://b/in", "s3://b/in/", "s3://b/in/a.jpg"])
def test_what_lies_below_a_root_is_opened(url):
    check_url(url, ["s3://b/in/"])
    check_url(url, ["s3://b/in"])
    check_url(url, ["s3://b"])


@pytest.mark.parametrize("url", ["s3://b/inside", "s3://b", "s3://bb/in", "gs://b/in"])
def test_what_lies_elsewhere_is_refused(url):
    assert "told to" in refusal(url, ["s3://b/in", Path("/data")])
    assert "told to" in refusal(url, [])


def test_a_file_url_must_lie_in_a_folder_that_was_named(tmp_path):
    inside, outside = tmp_path / "in", tmp_path / "out"
    for folder in (inside, outside):
        folder.mkdir()
    (inside / "link").symlink_to(outside)
    roots = [inside, "s3://b"]
    check_url((inside / "a.jpg").as_uri(), roots)
    for path in (outside / "a.jpg", inside / "link" / "a.jpg"):
        assert "told to" in refusal(path.as_uri(), roots)


def test_the_roots_of_the_environment_may_be_urls(monkeypatch, tmp_path):
    named = ["s3://bucket/photos", str(tmp_path), "gs://other", "file:///data"]
    monkeypatch.setenv("CRACK_DATA_ROOTS", os.pathsep.join(named))
    here, data = tmp_path.resolve(), Path("/data").resolve()
    assert settings.data_locations() == (
        *("s3://bucket/photos", here),
        *("gs://other", data),
    )
    assert settings.data_roots() == (here, data)
    monkeypatch.delenv("CRACK_DATA_ROOTS")
    assert settings.data_locations() is None


def test_a_file_url_is_the_path_it_names(tmp_path):
    path = tmp_path / "a photo, 1 %.jpg"
    path.write_bytes(b"content")
    assert location_of(path.as_uri()) == path
    assert location_of(str(path)) == path
    assert location_of(f"file://localhost{path.as_uri()[7:]}") == path
    assert read_location(path.as_uri()) == b"content"
    with open_location(path.as_uri()) as file:
        file.seek(3)
        assert file.read() == b"tent"
    with pytest.raises(CrackError, match="another computer"):
        location_of("file://server/share/a.jpg")


def test_a_file_is_written_whole_listed_and_deleted(tmp_path):
    place = within(within(tmp_path, "answers"), "a.txt")
    write_location(place, b"one")
    write_location(place, b"two")
    assert read_location(place) == b"two"
    assert names_in(tmp_path / "answers") == ["a.txt"]
    delete_location(place)
    delete_location(place)
    assert names_in(tmp_path / "answers") == []
    assert names_in(tmp_path / "nowhere") == []
    assert within("s3://bucket/answers/", "a.txt") == "s3://bucket/answers/a.txt"


def test_what_cannot_be_opened_is_told(tmp_path):
    with pytest.raises(CrackError, match="There is no file"):
        open_location(tmp_path / "gone.jpg")
    with pytest.raises(CrackError, match="got the folder"):
        read_location(tmp_path)


def test_without_fsspec_a_sentence_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "fsspec", None)
    with pytest.raises(CrackError, match=r"s3:// is not installed.*cluster\.txt$"):
        open_location("s3://bucket/a.jpg")
    with pytest.raises(CrackError, match=r"-r requirements-cluster\.txt gcsfs$"):
        read_location("gs://bucket/a.jpg")
