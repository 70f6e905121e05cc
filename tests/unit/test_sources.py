from __future__ import annotations

import io
import zipfile

import pytest

from crack.errors import CrackError
from crack.inference.sources import is_picture, open_zip, zip_sources, zipped_photos


def archive(members):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as opened:
        for name, content in members.items():
            opened.writestr(name, content)
    return file


def test_the_photos_of_a_zip_are_listed_by_name_and_read_when_asked_for():
    opened = open_zip(archive({"b/2.png": b"two", "a.JPG": b"one", "notes.txt": b"x"}))
    first, second = zipped_photos("site.zip", opened)
    assert (first.name, second.name) == ("site.zip/a.JPG", "site.zip/b/2.png")
    assert (first.read(), second.read(), first.read()) == (b"one", b"two", b"one")


def test_two_members_of_one_name_are_two_photos():
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as opened:
        opened.writestr("a.png", b"one")
        with pytest.warns(UserWarning, match="Duplicate"):
            opened.writestr("a.png", b"two")
    photos = zipped_photos("z", open_zip(file))
    assert [photo.read() for photo in photos] == [b"one", b"two"]


def test_what_cannot_be_unpacked_says_why():
    members = {"../a.png": b"1", "empty.png": b""}
    climbing, empty = zipped_photos("z", open_zip(archive(members)))
    with pytest.raises(CrackError, match="outside the zip"):
        climbing.read()
    with pytest.raises(CrackError, match="empty file"):
        empty.read()


def test_a_zip_gives_the_same_as_sources_and_as_photos():
    file = archive({"a.png": b"1", "../b.png": b"2", "c.png": b""})
    climbing, first, empty = zipped_photos("z", open_zip(file))
    sources = dict(zip_sources("z", file))
    assert list(sources) == [climbing.name, first.name, empty.name]
    assert first.read() == sources[first.name]
    for photo in (climbing, empty):
        with pytest.raises(CrackError) as caught:
            photo.read()
        assert str(caught.value) == str(sources[photo.name])


def test_a_damaged_zip_and_one_without_pictures_are_told_apart():
    with pytest.raises(CrackError, match="damaged"):
        open_zip(io.BytesIO(b"PK\x03\x04 no zip"))
    with pytest.raises(CrackError, match="holds no pictures"):
        zipped_photos("z", open_zip(archive({"notes.txt": b"x"})))


@pytest.mark.parametrize(
    ("name", "taken"),
    [
        ("wall/north.HEIC", True),
        ("wall/notes.txt", False),
        ("wall/._north.jpg", False),
        (".thumbnails/a.jpg", False),
        ("__MACOSX/a.jpg", False),
        ("..\\a.jpg", True),
    ],
)
def test_pictures_are_known_by_suffix_and_hidden_ones_left_out(name, taken):
    assert is_picture(name) is taken
