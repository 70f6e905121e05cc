from __future__ import annotations

import pytest

from crack.data.images import MAX_BYTES
from crack.data.locations import (
    check_url,
    delete_location,
    names_in,
    open_location,
    read_location,
    within,
    write_location,
)
from crack.data.object_storage import StoredPhoto, list_photos
from crack.errors import CrackError
from crack.inference.sources import collect_sources, read_photo

pytest.importorskip("fsspec", reason="needs requirements-cluster.txt: make cluster")

TOP = "memory://bucket/photos"


@pytest.fixture
def stored(memory):
    for name in ("a.jpg", "inner/B.PNG", "inner/notes.txt", ".hidden/c.jpg"):
        memory.pipe_file(f"/bucket/photos/{name}", name.encode())
    return memory


def test_photos_are_listed_by_suffix_with_their_size_and_version(stored):
    photos = list(list_photos(f"{TOP}/"))
    assert [photo.url for photo in photos] == [f"{TOP}/a.jpg", f"{TOP}/inner/B.PNG"]
    assert [photo.size for photo in photos] == [5, 11]
    assert all(photo.version for photo in photos)
    assert photos[1].read() == b"inner/B.PNG"


def test_another_content_has_another_version(stored):
    (before, *_) = list_photos(TOP)
    stored.pipe_file("/bucket/photos/a.jpg", b"other")
    (after, *_) = list_photos(TOP)
    assert before.version != after.version


def test_a_url_of_a_file_lists_it_whatever_its_suffix(stored):
    (photo,) = list_photos(f"{TOP}/inner/notes.txt")
    assert (photo.url, photo.size) == (f"{TOP}/inner/notes.txt", 15)


def test_what_is_not_there_is_told(stored):
    for url in (f"{TOP}/gone", "memory://nowhere"):
        with pytest.raises(CrackError, match="There is nothing at memory://"):
            list(list_photos(url))
    with pytest.raises(CrackError, match="There is nothing"):
        StoredPhoto(f"{TOP}/gone.jpg", 5, "").read()


def test_what_no_photo_weighs_is_not_fetched(stored):
    with pytest.raises(CrackError, match="the limit is 200"):
        StoredPhoto(f"{TOP}/a.jpg", MAX_BYTES + 1, "").read()
    with pytest.raises(CrackError, match="empty file"):
        StoredPhoto(f"{TOP}/a.jpg", 0, "").read()


def test_a_file_is_opened_at_any_place(stored):
    with open_location(f"{TOP}/inner/notes.txt") as file:
        file.seek(6)
        assert file.read(5) == b"notes"


def test_a_file_is_written_replaced_listed_and_deleted(memory):
    folder = "memory://bucket/answers"
    assert names_in(folder) == []
    place = within(folder, "a.txt")
    write_location(place, b"one")
    write_location(place, b"two")
    assert read_location(place) == b"two"
    assert names_in(folder) == names_in(f"{folder}/") == ["a.txt"]
    delete_location(place)
    delete_location(place)
    assert names_in(folder) == []


def test_a_failure_of_the_provider_is_named_and_not_quoted(memory, monkeypatch):
    def fail(*_):
        raise ConnectionError("https://host/?X-Amz-Signature=SECRET")

    monkeypatch.setattr(type(memory), "cat_file", fail)
    with pytest.raises(CrackError) as raised:
        read_location(f"{TOP}/a.jpg")
    assert "(ConnectionError)" in str(raised.value)
    assert "SECRET" not in str(raised.value)


def test_a_url_of_memory_is_accepted_by_these_tests_alone(memory, monkeypatch):
    check_url(TOP)
    monkeypatch.undo()
    with pytest.raises(CrackError, match="begins with one of"):
        check_url(TOP)


def test_the_pictures_at_urls_are_collected_like_those_of_folders(stored, make_zip):
    stored.pipe_file("/bucket/more.zip", make_zip({"z.png": b"zipped"}).read_bytes())
    items = collect_sources(
        [TOP, "memory://bucket/more.zip", "memory://bucket/gone", f"{TOP}/.hidden"]
    )
    names = [name.removeprefix("memory://bucket/") for name, _ in items]
    assert names == [
        *("photos/a.jpg", "photos/inner/B.PNG"),
        *("more.zip/z.png", "gone", "photos/.hidden/c.jpg"),
    ]
    assert [read_photo(source) for _, source in items[:3]] == [
        *(b"a.jpg", b"inner/B.PNG"),
        b"zipped",
    ]
    with pytest.raises(CrackError, match="There is nothing at"):
        read_photo(items[3][1])
