from __future__ import annotations

import errno
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from crack.errors import CrackError
from crack.settings import PROJECT
from crack.storage import (
    append_jsonl,
    check_name,
    disk_error,
    free_name,
    new_folder,
    read_json,
    read_jsonl,
    remove_folder,
    write_bytes,
    write_json,
    write_jsonl,
)


def names_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_json_comes_back_as_it_was_written(tmp_path):
    content = {"status": "running", "epoch": 3, "note": "Stütze, 0.2 mm"}
    write_json(tmp_path / "status.json", content)
    assert read_json(tmp_path / "status.json") == content


def test_writing_json_replaces_the_old_file_and_leaves_no_other(tmp_path):
    path = tmp_path / "status.json"
    write_json(path, {"status": "queued", "long": "x" * 1000})
    write_json(path, {"status": "running"})
    assert read_json(path) == {"status": "running"}
    assert names_in(tmp_path) == ["status.json"]


def test_a_reader_never_sees_json_half_written(tmp_path, monkeypatch):
    path = tmp_path / "status.json"
    write_json(path, {"status": "queued"})
    seen = []
    replace = Path.replace

    def look_then_replace(partial, target):
        seen.append((read_json(path), json.loads(partial.read_text())))
        return replace(partial, target)

    monkeypatch.setattr(Path, "replace", look_then_replace)
    write_json(path, {"status": "running"})
    assert seen == [({"status": "queued"}, {"status": "running"})]


def test_json_that_cannot_be_written_leaves_the_old_file(tmp_path):
    path = tmp_path / "status.json"
    write_json(path, {"status": "queued"})
    with pytest.raises(TypeError):
        write_json(path, {"status": object()})
    assert read_json(path) == {"status": "queued"}
    assert names_in(tmp_path) == ["status.json"]


def test_a_full_disk_leaves_the_old_file_and_no_other(tmp_path, monkeypatch):
    path = tmp_path / "weights.npz"
    write_bytes(path, b"old")

    def fill_the_disk(partial, content):
        partial.touch()
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", fill_the_disk)
    with pytest.raises(OSError, match="No space left"):
        write_bytes(path, b"new")
    assert path.read_bytes() == b"old"
    assert names_in(tmp_path) == ["weights.npz"]


@pytest.mark.parametrize("named", [True, False])
def test_what_cannot_be_written_is_named_and_not_its_partial_file(
    tmp_path, monkeypatch, named
):
    def fail(partial, content):
        raise OSError(errno.EACCES, "Permission denied", *[str(partial)] * named)

    monkeypatch.setattr(Path, "write_bytes", fail)
    with pytest.raises(PermissionError) as failed:
        write_bytes(tmp_path / "map.png", b"new")
    told = disk_error(failed.value).message
    assert told.startswith(f"{tmp_path / 'map.png'} cannot be read or written: Perm")


def test_reading_json_that_is_not_there_says_so(tmp_path):
    with pytest.raises(FileNotFoundError):
        read_json(tmp_path / "status.json")


def test_appended_rows_come_back_in_order(tmp_path):
    path = tmp_path / "history.jsonl"
    for epoch in (1, 2, 3):
        append_jsonl(path, {"epoch": epoch})
    assert [row["epoch"] for row in read_jsonl(path)] == [1, 2, 3]


def test_a_history_not_begun_has_no_rows(tmp_path):
    assert read_jsonl(tmp_path / "history.jsonl") == []


@pytest.mark.parametrize("half", ['{"epoch": 2, "lo', '{"epoch": 2}', "{"])
def test_a_last_line_without_its_end_is_skipped(tmp_path, half):
    path = tmp_path / "history.jsonl"
    append_jsonl(path, {"epoch": 1})
    with path.open("a", encoding="utf-8") as file:
        file.write(half)
    assert read_jsonl(path) == [{"epoch": 1}]


def test_rewriting_rows_drops_a_half_last_line(tmp_path):
    path = tmp_path / "history.jsonl"
    path.write_text('{"epoch": 1}\n{"epo', encoding="utf-8")
    write_jsonl(path, read_jsonl(path))
    append_jsonl(path, {"epoch": 2})
    assert read_jsonl(path) == [{"epoch": 1}, {"epoch": 2}]
    assert names_in(tmp_path) == ["history.jsonl"]


def test_rows_may_hold_line_separators_of_unicode(tmp_path):
    path = tmp_path / "history.jsonl"
    append_jsonl(path, {"note": "one\u2028two\x85three\nfour"})
    assert read_jsonl(path) == [{"note": "one\u2028two\x85three\nfour"}]


def test_a_new_folder_appears_whole(tmp_path):
    path = tmp_path / "runs" / "first"
    with new_folder(path) as partial:
        (partial / "config.json").write_text("{}")
        assert not path.exists()
    assert names_in(path) == ["config.json"]
    assert names_in(path.parent) == ["first"]
    assert path.stat().st_mode & 0o777 == 0o755


def test_a_new_folder_that_fails_leaves_nothing(tmp_path):
    def fail():
        with new_folder(tmp_path / "first") as partial:
            (partial / "config.json").write_text("{}")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fail()
    assert names_in(tmp_path) == []


def test_a_folder_that_exists_is_left_as_it_is(tmp_path):
    (tmp_path / "first").mkdir()
    (tmp_path / "first" / "config.json").write_text("{}")
    with (
        pytest.raises(CrackError, match=r"named 'first' in .* already"),
        new_folder(tmp_path / "first"),
    ):
        pytest.fail("the body must not run")
    assert names_in(tmp_path / "first") == ["config.json"]
    assert names_in(tmp_path) == ["first"]


def test_a_folder_is_made_by_one_at_a_time(tmp_path):
    with new_folder(tmp_path / "first"):
        with pytest.raises(CrackError, match="'first' is just being made"):
            new_folder(tmp_path / "first").__enter__()
        with new_folder(tmp_path / "second"):
            pass
    assert names_in(tmp_path) == ["first", "second"]


KILLED = """
import os, signal, sys
from pathlib import Path
from crack.storage import new_folder
with new_folder(Path(sys.argv[1])) as folder:
    (folder / "half").touch()
    os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.skipif(os.name == "nt", reason="no such signal there")
@pytest.mark.parametrize("following", ["walls.v2", "other"])
def test_what_a_killed_maker_left_is_cleared_by_the_next(tmp_path, following):
    command = [sys.executable, "-c", KILLED, str(tmp_path / "walls.v2")]
    assert subprocess.run(command, cwd=PROJECT, check=False).returncode == -9
    assert len(names_in(tmp_path)) == 2
    with new_folder(tmp_path / following) as partial:
        assert names_in(partial) == []
    assert names_in(tmp_path) == [following]


def test_a_deletion_cut_short_is_finished_by_the_next(tmp_path):
    (tmp_path / ".walls.0a1b2c3d.deleted" / "inner").mkdir(parents=True)
    (tmp_path / "other").mkdir()
    remove_folder(tmp_path / "other")
    assert names_in(tmp_path) == []


def test_what_somebody_else_hides_in_the_place_stays(tmp_path):
    others = [".cache", ".cache.partial", ".git.deleted"]
    for name in others:
        (tmp_path / name).mkdir()
    (tmp_path / ".status.json.0a1b2c3d.partial").touch()
    with new_folder(tmp_path / "first"):
        pass
    remove_folder(tmp_path / "first")
    assert names_in(tmp_path) == [*others, ".status.json.0a1b2c3d.partial"]


def test_a_removed_folder_leaves_nothing(tmp_path: Path):
    (tmp_path / "run" / "inner").mkdir(parents=True)
    remove_folder(tmp_path / "run")
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(FileNotFoundError):
        remove_folder(tmp_path / "run")


@pytest.mark.parametrize("inside", ["", "datasets/.walls.x", ".."])
def test_an_error_of_the_workspace_names_it_and_a_way_out(crack_home, inside):
    trouble = OSError(errno.EACCES, "Permission denied", str(crack_home / inside))
    told = disk_error(trouble)
    said = f"The workspace {crack_home} cannot be read or written: Permission denied."
    assert told.message == said
    assert "CRACK_HOME" in told.hint


def test_an_error_that_names_no_file_is_one_of_the_workspace(crack_home):
    told = disk_error(OSError(errno.ENOSPC, "No space left on device"))
    assert str(crack_home) in told.message
    assert "No space left on device." in told.message
    assert "it is odd" in disk_error(OSError("it is odd")).message


def test_an_error_of_another_file_names_that_file(tmp_path):
    told = disk_error(OSError(errno.EROFS, "Read-only file system", b"/mnt/report"))
    assert told.message.startswith("/mnt/report cannot be read or written: Read-only")
    assert "CRACK_HOME" not in told.hint


@pytest.mark.parametrize(
    ("wanted", "taken", "free"),
    [
        ("Bridge 7, Pier 2", (), "Bridge-7-Pier-2"),
        ("Brücke über die Ach", (), "Brucke-uber-die-Ach"),
        (".../x", (), "x"),
        ("橋", (), "unnamed"),
        ("walls", ("walls", "walls-2"), "walls-3"),
        ("w" * 70, ("w" * 64,), "w" * 62 + "-2"),
    ],
)
def test_a_free_name_is_like_the_wanted_one(wanted, taken, free):
    assert free_name(wanted, taken) == free
    check_name(free, "a model")
