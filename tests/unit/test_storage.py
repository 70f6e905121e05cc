from __future__ import annotations

import json
from pathlib import Path

import pytest

from crack.storage import (
    append_jsonl,
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
    with pytest.raises(FileExistsError), new_folder(tmp_path / "first"):
        pytest.fail("the body must not run")
    assert names_in(tmp_path / "first") == ["config.json"]


def test_a_removed_folder_leaves_nothing(tmp_path: Path):
    (tmp_path / "run" / "inner").mkdir(parents=True)
    remove_folder(tmp_path / "run")
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(FileNotFoundError):
        remove_folder(tmp_path / "run")
