from __future__ import annotations

import errno
import io
import os
import zipfile
from pathlib import Path

import pytest

from crack.data.archive import open_zip
from crack.data.folders import is_picture
from crack.data.images import read_source
from crack.errors import CrackError
from crack.inference.sources import (
    collect_sources,
    read_photo,
    zipped_photos,
)


def archive(members):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as opened:
        for name, content in members.items():
            opened.writestr(name, content)
    return file


def test_the_photos_of_a_zip_are_listed_by_name_and_read_when_asked_for():
    file = archive({"b/2.png": b"two", "a.JPG": b"one", "notes.txt": b"x"})
    names, photos = zip(*zipped_photos("site.zip", file), strict=True)
    assert names == ("site.zip/a.JPG", "site.zip/b/2.png")
    first, second = photos
    assert (first.read(), second.read(), first.read()) == (b"one", b"two", b"one")


def test_two_members_of_one_name_are_two_photos():
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as opened:
        opened.writestr("a.png", b"one")
        with pytest.warns(UserWarning, match="Duplicate"):
            opened.writestr("a.png", b"two")
    photos = zipped_photos("z", file)
    assert [photo.read() for _, photo in photos] == [b"one", b"two"]


def test_what_cannot_be_unpacked_says_why():
    members = {"../a.png": b"1", "empty.png": b""}
    (_, climbing), (_, empty) = zipped_photos("z", archive(members))
    with pytest.raises(CrackError, match="outside the zip"):
        climbing.read()
    with pytest.raises(CrackError, match="empty file"):
        empty.read()


def test_a_damaged_zip_and_one_without_pictures_are_told_apart():
    with pytest.raises(CrackError, match="damaged"):
        open_zip(io.BytesIO(b"PK\x03\x04 no zip"))
    ((name, error),) = zipped_photos("z", archive({"notes.txt": b"x"}))
    assert name == "z"
    with pytest.raises(CrackError, match="holds no pictures"):
        read_photo(error)


def test_a_zip_is_opened_once_for_its_list_and_its_photos(tmp_path, monkeypatch):
    path = tmp_path / "site.zip"
    path.write_bytes(archive({"a.png": b"1", "b.png": b"2"}).getvalue())
    opened = []
    look = zipfile.ZipFile.__init__

    def noted(self, *arguments, **options):
        opened.append(arguments)
        look(self, *arguments, **options)

    monkeypatch.setattr(zipfile.ZipFile, "__init__", noted)
    items = collect_sources([path])
    assert len(items) == 2
    assert [read_photo(source) for _, source in items] == [b"1", b"2"]
    assert len(opened) == 1


@pytest.mark.parametrize(
    ("name", "taken"),
    [
        ("wall/north.HEIC", True),
        ("wall/notes.txt", False),
        ("wall/._north.jpg", False),
        (".thumbnails/a.jpg", False),
        ("__MACOSX/a.jpg", False),
        ("$RECYCLE.BIN/a.jpg", False),
        ("lost+found/a.jpg", False),
        ("System Volume Information/a.jpg", False),
        ("..\\a.jpg", True),
    ],
)
def test_pictures_are_known_by_suffix_and_hidden_ones_left_out(name, taken):
    assert is_picture(name) is taken


def denied(path):
    return PermissionError(errno.EACCES, "Permission denied", str(path))


def some_pictures(folder):
    for name in ("a.png", "m/b.png", "z.png"):
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_bytes(b"1")
    return folder


@pytest.fixture
def locked(monkeypatch):
    """Take the right to list a folder, which an administrator has in any case."""
    scandir = os.scandir

    def lock(folder):
        def refuse(path):
            if os.fspath(path) == os.fspath(folder):
                raise denied(path)
            return scandir(path)

        monkeypatch.setattr(os, "scandir", refuse)

    return lock


def test_a_folder_inside_that_cannot_be_read_is_a_row_in_its_place(tmp_path, locked):
    locked(some_pictures(tmp_path) / "m")
    names, sources = zip(*collect_sources([tmp_path]), strict=True)
    assert [Path(name).name for name in names] == ["a.png", "m", "z.png"]
    assert "folder cannot be read: Permission denied" in str(sources[1])


def test_a_folder_that_cannot_be_read_is_not_called_empty(tmp_path, locked):
    locked(some_pictures(tmp_path))
    ((name, error),) = collect_sources([tmp_path])
    assert name == tmp_path.as_posix()
    assert "cannot be read" in str(error)


def test_pictures_in_a_folder_that_cannot_be_entered_are_rows(tmp_path, monkeypatch):
    some_pictures(tmp_path)
    look = Path.stat

    def refuse(path, **how):
        if path.parent.name == "m":
            raise denied(path)
        return look(path, **how)

    monkeypatch.setattr(Path, "stat", refuse)
    name, source = collect_sources([tmp_path])[1]
    assert name == (tmp_path / "m/b.png").as_posix()
    with pytest.raises(CrackError, match="cannot be read"):
        read_photo(source)


def test_hidden_folders_are_passed_over_unread(tmp_path, locked):
    (some_pictures(tmp_path) / ".thumbnails").mkdir()
    locked(tmp_path / ".thumbnails")
    assert len(collect_sources([tmp_path])) == 3


@pytest.mark.skipif(os.name == "nt", reason="links need rights there")
def test_links_are_followed_to_files_alone(tmp_path):
    some_pictures(tmp_path)
    (tmp_path / "there.png").symlink_to(tmp_path / "a.png")
    (tmp_path / "nowhere.png").symlink_to(tmp_path / "gone.png")
    (tmp_path / "round.png").symlink_to(tmp_path / "round.png")
    (tmp_path / "inner").symlink_to(tmp_path / "m")
    (tmp_path / "folder.png").mkdir()
    found = {Path(name).name: source for name, source in collect_sources([tmp_path])}
    pictures = ["a.png", "b.png", "there.png", "z.png"]
    assert sorted(found) == sorted([*pictures, "nowhere.png", "round.png"])
    assert all(isinstance(found[name], Path) for name in pictures)
    assert "leads nowhere" in found["nowhere.png"].message
    assert isinstance(found["round.png"], CrackError)


@pytest.mark.skipif(os.name == "nt", reason="there are no pipes in folders")
def test_a_pipe_is_a_row_and_never_read(tmp_path):
    os.mkfifo(tmp_path / "pipe.png")
    ((_, source),) = collect_sources([tmp_path])
    assert "pipe or a device" in source.message
    with pytest.raises(CrackError, match="pipe or a device"):
        read_photo(tmp_path / "pipe.png")


def test_whatever_lies_at_a_path_is_an_item(tmp_path):
    (tmp_path / "empty").mkdir()
    zips = {"good.zip": archive({"a.png": b"1", "../b.png": b"2", "notes.txt": b""})}
    zips["none.zip"] = archive({"notes.txt": b""})
    zips["bad.zip"] = io.BytesIO(b"PK\x03\x04 no zip")
    for name, file in zips.items():
        (tmp_path / name).write_bytes(file.getvalue())
    wall = tmp_path / "wall"
    wall.mkdir()
    some_pictures(wall)
    paths = [tmp_path / name for name in (*zips, "empty", "wall", "gone.jpg")]
    assert len(collect_sources(paths)) == 9


def test_folders_of_the_system_are_passed_over(tmp_path):
    some_pictures(tmp_path)
    for name in ("$RECYCLE.BIN", "lost+found"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "deleted.png").write_bytes(b"1")
    names = [Path(name).name for name, _ in collect_sources([tmp_path])]
    assert names == ["a.png", "b.png", "z.png"]


def test_a_zip_that_is_not_there_is_not_called_damaged(tmp_path):
    ((_, error),) = collect_sources([tmp_path / "gone.zip"])
    assert "There is no file or folder at" in str(error)


def test_a_path_that_the_system_refuses_is_told_in_a_sentence():
    for name, sentence in (
        ("x" * 5000, "cannot be read: File name too long"),
        ("x" * 5000 + ".zip", "cannot be read: File name too long"),
    ):
        ((_, source),) = collect_sources([Path(name)])
        if isinstance(source, Path):
            with pytest.raises(CrackError) as caught:
                read_source(source)
            source = caught.value
        assert sentence in str(source)
