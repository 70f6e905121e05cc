"""Datasets made of what is in object storage."""

from __future__ import annotations

import shutil
from collections import Counter

import pytest

from crack import settings
from crack.cli import main
from crack.data import fetching, object_storage
from crack.data.dataset import check_dataset, load_dataset
from crack.data.importer import add_dataset, inspect_source
from crack.errors import CrackError

pytest.importorskip("fsspec", reason="needs requirements-cluster.txt: make cluster")

TOP = "memory://bucket/walls"


def put_folder(folder, put):
    for path in sorted(folder.rglob("*.*")):
        put(path.relative_to(folder).as_posix(), path.read_bytes())


@pytest.fixture
def stored(memory, patch_folder):
    """The patches below `TOP`, with a note beside and a hidden file."""

    def put(name, content):
        memory.pipe_file(f"/bucket/walls/{name}", content)

    put_folder(patch_folder, put)
    put("notes.txt", b"hello")
    put(".DS_Store", b"hidden")
    return put


@pytest.fixture
def zipped(memory, patch_folder, tmp_path):
    """The URL of a ZIP of the patches."""
    file = shutil.make_archive(str(tmp_path / "walls"), "zip", patch_folder)
    memory.put_file(file, "/bucket/walls.zip")
    return "memory://bucket/walls.zip"


@pytest.fixture
def requests(monkeypatch):
    """How often each URL was read as a whole or in part."""
    counted = Counter()

    def counting(read):
        def counted_read(url, *ends):
            counted[url] += 1
            return read(url, *ends)

        return counted_read

    for name in ("read_url", "read_range"):
        monkeypatch.setattr(fetching, name, counting(getattr(object_storage, name)))
    return counted


def cached():
    return list((settings.cache_dir() / "fetched").glob("*/*"))


def same_images(added, local):
    columns = ["file", "class", "width", "sha256", "group"]
    assert added.samples[columns].equals(local.samples[columns])
    assert added.fingerprint == local.fingerprint
    assert added.root.is_relative_to(settings.home())
    assert check_dataset(added).empty


def test_a_folder_becomes_the_dataset_that_it_would_be_here(stored, dataset):
    seen = inspect_source(TOP)
    assert seen.class_counts == {"Negative": 12, "Positive": 12}
    assert (seen.proposed_crack_class, seen.side) == ("Positive", 64)
    added = add_dataset("stored", TOP, summary=seen)
    same_images(added, dataset)
    assert added.source == TOP
    assert added.unreadable["reason"].tolist() == ["It is in neither class folder."]
    assert cached() == []


def test_it_needs_the_storage_no_more(stored, dataset, memory):
    add_dataset("stored", TOP)
    memory.rm("/bucket", recursive=True)
    same_images(load_dataset("stored"), dataset)


def test_a_zip_becomes_the_same(zipped, dataset):
    seen = inspect_source(zipped)
    assert seen.class_counts == {"Negative": 12, "Positive": 12}
    added = add_dataset("stored", zipped, summary=seen)
    same_images(added, dataset)
    assert added.source == zipped
    assert cached() == []


def test_photos_with_masks_are_cut_here(memory, masked_folder):
    put_folder(
        masked_folder,
        lambda name, content: memory.pipe_file(f"/bucket/cut/{name}", content),
    )
    here = add_dataset("here", masked_folder)
    added = add_dataset("stored", "memory://bucket/cut")
    assert added.fingerprint == here.fingerprint
    assert added.source.startswith("memory://bucket/cut, cut into tiles")


def test_what_is_fetched_is_not_fetched_again(stored, monkeypatch, requests):
    read = fetching.read_url

    def fail(url):
        if url.endswith("00007.png"):
            raise CrackError("The network is gone.")
        return read(url)

    monkeypatch.setattr(fetching, "read_url", fail)
    with pytest.raises(CrackError, match="network is gone"):
        add_dataset("stored", TOP)
    assert not (settings.datasets_dir() / "stored").exists()
    monkeypatch.setattr(fetching, "read_url", read)
    there = len(cached())
    requests.clear()
    add_dataset("stored", TOP)
    assert there > 0
    assert requests.total() == 25 - there


@pytest.fixture
def fetched(stored, requests, monkeypatch):
    """All of `TOP` is in the cache, and no dataset was made of it."""
    with monkeypatch.context() as broken:
        broken.setattr(fetching, "_link", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            add_dataset("stored", TOP)
    requests.clear()


def test_what_has_changed_since_is_fetched_again(fetched, stored, requests):
    stored("notes.txt", b"other")
    add_dataset("stored", TOP)
    assert requests == {f"{TOP}/notes.txt": 1}


def test_what_a_power_cut_left_short_is_fetched_again(fetched, requests, dataset):
    cached()[0].write_bytes(b"")
    same_images(add_dataset("stored", TOP), dataset)
    assert requests.total() == 1


def test_a_large_file_goes_on_where_it_was_interrupted(zipped, monkeypatch, dataset):
    monkeypatch.setattr(fetching, "_PIECE", 1000)
    read, begun = fetching.read_range, []

    def some(url, start, end):
        begun.append(start)
        if len(begun) == 4:
            raise CrackError("The network is gone.")
        return read(url, start, end)

    monkeypatch.setattr(fetching, "read_range", some)
    with pytest.raises(CrackError, match="network is gone"):
        add_dataset("stored", zipped)
    assert begun == [0, 1000, 2000, 3000]
    begun.clear()
    begun += [""] * 4
    same_images(add_dataset("stored", zipped), dataset)
    assert begun[4] == 3000


def test_a_file_that_changes_meanwhile_is_refused(zipped, memory, monkeypatch):
    read = fetching.read_range

    def change(url, start, end):
        content = read(url, start, end)
        memory.pipe_file("/bucket/walls.zip", b"x" * memory.size("/bucket/walls.zip"))
        return content

    monkeypatch.setattr(fetching, "read_range", change)
    with pytest.raises(CrackError, match="has changed while it was fetched"):
        add_dataset("stored", zipped)
    assert cached() == []


def test_a_file_that_vanishes_meanwhile_is_named(stored, memory):
    seen = inspect_source(TOP)
    memory.rm("/bucket/walls/Positive/00003.png")
    with pytest.raises(CrackError, match=r"nothing at .*Positive/00003\.png"):
        add_dataset("stored", TOP, summary=seen)


def test_there_must_be_room_before_anything_is_fetched(stored, monkeypatch, requests):
    monkeypatch.setattr(fetching, "RESERVE", 10**18)
    with pytest.raises(CrackError, match="Fetching the files needs"):
        add_dataset("stored", TOP)
    assert not requests


def test_a_file_that_no_photo_can_be_is_not_fetched(stored, requests, monkeypatch):
    from crack.data import images

    stored("Positive/large.png", b"x" * 500_000)
    monkeypatch.setattr(images, "MAX_BYTES", 400_000)
    added = add_dataset("stored", TOP)
    assert f"{TOP}/Positive/large.png" not in requests
    reasons = dict(added.unreadable.itertuples(index=False))
    assert "the limit is" in reasons["Positive/large.png"]


@pytest.mark.parametrize("name", ["../out.png", "a//b.png", "C:/x.png", "a/b.png"])
def test_a_name_that_no_file_can_have_is_refused(stored, monkeypatch, name):
    names = ["a", name]
    found = [(n, object_storage.StoredFile(f"{TOP}/{n}", 5, "")) for n in names]
    monkeypatch.setattr(
        "crack.data.stored_source.list_files", lambda _: iter(found), raising=True
    )
    with pytest.raises(CrackError, match="cannot be that of a file"):
        inspect_source(TOP)


def test_another_window_that_fetches_the_same_is_waited_for(stored):
    seen = inspect_source(TOP)
    with (
        fetching._cache_of(seen.place),
        pytest.raises(CrackError, match="Another window"),
    ):
        add_dataset("stored", TOP, summary=seen)


def test_a_fetch_that_was_given_up_is_deleted_after_a_week(stored, monkeypatch):
    left = settings.cache_dir() / "fetched" / "left"
    left.mkdir(parents=True)
    monkeypatch.setattr(fetching, "_KEPT", -1)
    add_dataset("stored", TOP)
    assert not left.exists()


def test_without_a_second_name_a_file_is_copied(stored, dataset, monkeypatch):
    def refuse(*_):
        raise PermissionError

    monkeypatch.setattr(fetching.os, "link", refuse)
    same_images(add_dataset("stored", TOP), dataset)


def test_empty_marks_of_folders_are_no_files(storage, patch_folder, dataset):
    put_folder(patch_folder, lambda name, content: storage.put(f"w/{name}", content))
    for mark in ("w/", "w/Positive/", "w/Positive/inner/"):
        storage.system.call_s3("put_object", Bucket="bridges", Key=mark, Body=b"")
    for name, url in (("stored", "s3://bridges/w/"), ("all", "s3://bridges")):
        added = add_dataset(name, url)
        same_images(added, dataset)
        assert added.unreadable.empty


def test_the_command_takes_a_url_of_s3(storage, patch_folder, dataset, capsys):
    put_folder(patch_folder, lambda name, content: storage.put(f"w/{name}", content))
    assert main(["dataset", "add", "stored", "s3://bridges/w/"]) == 0
    assert "Added 'stored': 12 Negative, 12 Positive" in capsys.readouterr().out
    same_images(load_dataset("stored"), dataset)
    file = shutil.make_archive(str(patch_folder), "zip", patch_folder)
    storage.system.put_file(file, "bridges/w.zip")
    assert main(["dataset", "add", "zipped", "s3://bridges/w.zip"]) == 0
    same_images(load_dataset("zipped"), dataset)


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("s3://bridges/gone/", "There is nothing at s3://bridges/gone/."),
        ("s3://elsewhere/walls", "there is no bucket 'elsewhere'"),
        ("s3://bridges/notes.txt", "not a readable ZIP"),
    ],
)
def test_the_command_says_what_is_wrong_with_a_url(storage, capsys, url, said):
    storage.put("notes.txt", b"hello")
    assert main(["dataset", "add", "stored", url]) == 1
    told = capsys.readouterr().err
    assert said in told
    assert "Traceback" not in told
