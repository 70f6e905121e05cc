"""A backup, and what is made again from it."""

from __future__ import annotations

import io
import json
import tarfile
from pathlib import Path
from types import SimpleNamespace

import pytest
from sqlalchemy import select

from crack import disk_space, settings
from crack.data.importer import add_dataset
from crack.database import engine
from crack.database_url import database_url
from crack.errors import CrackError
from crack.inspections.schema import Base
from crack.inspections.store import (
    delete_inspection,
    list_inspections,
    photos_of,
)
from crack.inspections.table_rows import read_tables, write_tables
from crack.inspections.verdicts import give_verdict
from crack.operations import backup, restore
from crack.operations.backup_contents import Manifest
from crack.runs import jobs
from crack.runs.run import RunStatus
from tests.inspections import ACCEPT, add, answer, full_answer, inspect

FULL = SimpleNamespace(free=1_000_000)
WRITER = """
import itertools, sys
from tests.inspections import ACCEPT, answer, inspect, png
from crack.inspections.store import add_photo
from crack.inspections.verdicts import give_verdict
inspection = inspect("Written meanwhile")
for number in itertools.count():
    photo = add_photo(inspection.id, png(number % 250) + b'%d' % number, answer())
    give_verdict(photo.id, ACCEPT)
    if number == 3:
        print("begun", flush=True)
"""


def no_progress(*_):
    pass


def rows_of_all_tables():
    with engine().connect() as connection:
        return {
            table.name: connection.execute(select(table)).all()
            for table in Base.metadata.sorted_tables
        }


def files_in(home: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(home)): path.read_bytes()
        for path in home.rglob("*")
        if path.is_file()
        and not path.name.startswith((".", "inspections.db"))
        and path.relative_to(home).parts[0] != "cache"
    }


@pytest.fixture
def filled(crack_home, dataset, new_run):
    """A workspace with some of everything, and what must not be in a backup."""
    photo = add(inspect(), answer(), tone=90)
    add(inspect("Bridge 8"), answer(), tone=120)
    give_verdict(photo.id, ACCEPT)
    new_run(RunStatus.STOPPED, "Stopped.")
    (crack_home / "models" / "mine").mkdir(parents=True)
    (crack_home / "models" / "mine" / "card.json").write_text("{}")
    (crack_home / "cache" / "graphs").mkdir(parents=True)
    (crack_home / "cache" / "graphs" / "x.bin").write_bytes(b"x")
    (crack_home / "datasets" / ".half.0a1b2c3d.partial").mkdir()
    return crack_home


@pytest.fixture
def file(tmp_path):
    return tmp_path / "crack.tar"


@pytest.fixture
def elsewhere(tmp_path, monkeypatch):
    """Another workspace, in use from when it is asked for."""

    def use() -> Path:
        monkeypatch.setenv("CRACK_HOME", str(tmp_path / "elsewhere"))
        return tmp_path / "elsewhere"

    return use


def test_what_is_restored_equals_what_was_there(filled, file, elsewhere, crack):
    rows, files = rows_of_all_tables(), files_in(filled)
    assert crack("backup", file)[0] == 0
    home = elsewhere()
    status, said, _ = crack("restore", file)
    assert status == 0
    assert f"{len(files)} files are in {home} again and 5 rows" in said
    assert files_in(home) == files
    assert rows_of_all_tables() == rows
    assert not (home / "cache").exists()
    assert [path.name for path in (home / "datasets").iterdir()] == ["walls"]
    assert list(home.glob(".restoring*")) == []
    (run,) = jobs.reconcile()
    assert (run.live.path / "checkpoints").is_dir()


def test_images_of_a_folder_of_the_user_are_not_in_it_and_that_is_said(
    dataset, file, crack
):
    status, said, _ = crack("backup", file)
    assert status == 0
    assert "the 24 images of the dataset 'walls', which lie in" in said
    assert str(dataset.root) in said
    told = json.loads(crack("backup", f"{file}.2", "--json")[1])
    assert told["linked"][0]["images"] == 24
    assert told["tables"]["photos"] == 0


def test_images_that_came_in_a_zip_are_in_it(patch_folder, make_zip, file, elsewhere):
    photos = {
        f"walls/{path.parent.name}/{path.name}": path.read_bytes()
        for path in patch_folder.rglob("*.png")
    }
    add_dataset("zipped", make_zip(photos))
    assert backup.write_backup(file, no_progress).linked == ()
    home = elsewhere()
    restore.restore(file, home, no_progress)
    assert len(list(home.rglob("*.png"))) == len(photos)


def test_the_rows_of_photos_added_meanwhile_come_with_their_files(
    filled, file, elsewhere, process
):
    writer = process(WRITER)
    assert writer.stdout.readline() == "begun\n"
    manifest = backup.write_backup(file, no_progress)
    assert writer.poll() is None, writer.stderr.read()
    writer.kill()
    writer.wait()
    assert manifest.lost_photos == 0
    restore.restore(file, elsewhere(), no_progress)
    for summary in list_inspections():
        for photo in photos_of(summary.inspection.id):
            path = settings.home() / "inspections" / photo.inspection_id
            assert (path / photo.stored).is_file()
    verdicts = rows_of_all_tables()["verdicts"]
    photos = {photo.id for photo in rows_of_all_tables()["photos"]}
    assert len(verdicts) >= 4
    assert {verdict.photo_id for verdict in verdicts} <= photos


def test_a_photo_added_after_the_files_were_copied_is_fetched(
    filled, file, monkeypatch
):
    read = write_tables

    def add_first(folder):
        if not added:
            added.append(add(inspect("Late"), full_answer(), tone=200))
        return read(folder)

    added = []
    monkeypatch.setattr(backup, "write_tables", add_first)
    manifest = backup.write_backup(file, no_progress)
    names = [Path(member.name).name for member in manifest.members]
    assert added[0].stored in names
    assert Path(added[0].stored).with_suffix(".npy").name in names
    assert manifest.lost_photos == 0


def test_an_inspection_deleted_after_the_files_were_copied_is_not_in_it(
    filled, file, monkeypatch, elsewhere
):
    gone = add(inspect("Gone"), answer(), tone=77)
    read, times = write_tables, []

    def delete_after(folder):
        revision = read(folder)
        if not times:
            delete_inspection(gone.inspection_id)
        times.append(1)
        return revision

    # As if it were added after the files were copied, and deleted after the rows were.
    copied = backup.kept_files
    monkeypatch.setattr(
        backup,
        "kept_files",
        lambda: (
            (folder, names)
            for folder, names in copied()
            if folder.name != gone.inspection_id
        ),
    )
    monkeypatch.setattr(backup, "write_tables", delete_after)
    manifest = backup.write_backup(file, no_progress)
    assert len(times) == 2
    assert manifest.lost_photos == 0
    restore.restore(file, elsewhere(), no_progress)
    assert gone.inspection_id not in {i.inspection.id for i in list_inspections()}


def test_photos_lost_before_are_counted(filled, file, crack):
    photo = add(inspect("Lost"), answer(), tone=33)
    (filled / "inspections" / photo.inspection_id / photo.stored).unlink()
    status, said, _ = crack("backup", file)
    assert status == 0
    assert "1 photos of inspections had lost their files" in said


def test_every_flipped_byte_is_found_or_harmless(filled, file, elsewhere, tmp_path):
    manifest = backup.write_backup(file, no_progress)
    with tarfile.open(file) as tar:
        middles = [
            entry.offset_data + entry.size // 2
            for entry in tar.getmembers()
            if entry.size
        ]
    home, content = elsewhere(), file.read_bytes()
    assert len(middles) > len(manifest.files)
    for place in middles:
        damaged = bytearray(content)
        damaged[place] ^= 0x10
        (tmp_path / "damaged.tar").write_bytes(damaged)
        with pytest.raises(CrackError, match="is not a whole backup"):
            restore.restore(tmp_path / "damaged.tar", home, no_progress)
        assert not any(home.iterdir() if home.exists() else ())


@pytest.mark.parametrize("share", [0, 0.001, 0.3, 0.9, 0.999])
def test_a_cut_file_is_refused(filled, file, elsewhere, share, crack):
    backup.write_backup(file, no_progress)
    last = file.read_bytes().rstrip(b"\0")
    file.write_bytes(last[: int(len(last) * share)])
    home = elsewhere()
    status, _, told = crack("restore", file)
    assert status == 1
    assert "is not a whole backup" in told
    assert not home.exists()


@pytest.mark.parametrize("content", [b"", b"PK\3\4 a ZIP" * 200, b"\0" * 20_000])
def test_what_is_no_backup_is_refused(file, content, crack):
    file.write_bytes(content)
    assert "is not a whole backup" in crack("restore", file)[2]


def test_a_backup_of_a_newer_format_is_refused(filled, file, monkeypatch):
    monkeypatch.setattr(Manifest, "to_bytes", lambda _: b'{"format": 2}')
    backup.write_backup(file, no_progress)
    with pytest.raises(CrackError, match="format 2 is unknown"):
        restore.restore(file, filled.parent / "new", no_progress)


@pytest.mark.parametrize(
    "name", ["workspace/../../outside", "/outside", "workspace/link/x"]
)
def test_a_file_that_leads_out_of_the_workspace_is_refused(
    filled, file, name, monkeypatch, tmp_path
):
    real = backup._Writer._end

    def smuggle(self, manifest):
        link = tarfile.TarInfo("workspace/link")
        link.type, link.linkname = tarfile.SYMTYPE, str(tmp_path)
        self._tar.addfile(link)
        entry = tarfile.TarInfo(name)
        entry.size = 4
        self._tar.addfile(entry, io.BytesIO(b"evil"))
        content = json.loads(manifest)
        more = {"name": name, "size": 4, "rows": None}
        content["members"].append({**more, "sha256": backup.hash_of(b"evil")})
        real(self, json.dumps(content).encode())

    monkeypatch.setattr(backup._Writer, "_end", smuggle)
    backup.write_backup(file, no_progress)
    home = tmp_path / "deep" / "home"
    before = {path for path in tmp_path.rglob("*") if home not in path.parents}
    try:
        restore.restore(file, home, no_progress)
    except CrackError:
        assert not list(home.iterdir())
    after = {path for path in tmp_path.rglob("*") if home not in path.parents}
    assert after - before <= {home, home.parent}


def test_too_small_a_disk_is_said_before_anything_is_written(
    filled, file, monkeypatch, elsewhere, crack
):
    with monkeypatch.context() as patch:
        patch.setattr(disk_space.shutil, "disk_usage", lambda _: FULL)
        status, _, told = crack("backup", file)
    assert status == 1
    assert "1.0 MB are free" in told
    assert not file.exists()
    backup.write_backup(file, no_progress)
    home = elsewhere()
    monkeypatch.setattr(disk_space.shutil, "disk_usage", lambda _: FULL)
    assert "1.0 MB are free" in crack("restore", file)[2]
    assert not home.exists()


def test_a_workspace_in_use_is_not_restored_into(filled, file, crack):
    backup.write_backup(file, no_progress)
    files = files_in(filled)
    status, _, told = crack("restore", file)
    assert status == 1
    assert f"The workspace {filled} is not empty" in told
    assert files_in(filled) == files


def test_a_place_can_be_named_and_how_to_use_it_is_said(filled, file, tmp_path, crack):
    backup.write_backup(file, no_progress)
    home = tmp_path / "named"
    home.mkdir()
    (home / ".restoring.killed").mkdir()
    status, said, _ = crack("restore", file, "--home", home)
    assert status == 0
    assert f"CRACK_HOME={home}" in said
    assert not (home / ".restoring.killed").exists()
    assert files_in(home) == files_in(filled)


@pytest.mark.parametrize(
    ("place", "told"),
    [
        ("workspace/inside.tar", "would lie in the workspace"),
        ("nowhere/x.tar", "There is no folder"),
        ("patches", "already"),
    ],
)
def test_a_backup_needs_a_place_of_its_own(filled, tmp_path, place, told, crack):
    status, _, said = crack("backup", tmp_path / place)
    assert status == 1
    assert told in said


def test_a_backup_that_fails_leaves_no_file(filled, file, monkeypatch):
    def fail(_):
        raise CrackError("The database is gone.")

    monkeypatch.setattr(backup, "write_tables", fail)
    with pytest.raises(CrackError):
        backup.write_backup(file, no_progress)
    assert list(file.parent.glob("*crack.tar*")) == []


def test_rows_of_earlier_tables_are_brought_up_to_date(filled, tmp_path, monkeypatch):
    rows = tmp_path / "rows"
    rows.mkdir()
    assert write_tables(rows) >= "0002"
    (rows / "region_verdicts.jsonl").unlink()
    before = list_inspections()
    monkeypatch.setenv("CRACK_DATABASE_URL", f"sqlite:///{tmp_path / 'old.db'}")
    read_tables(rows, "0001", database_url())
    assert list_inspections() == before
    assert rows_of_all_tables()["region_verdicts"] == []


def test_a_named_database_gets_the_rows_if_it_has_none(
    filled, file, tmp_path, monkeypatch
):
    rows = rows_of_all_tables()
    backup.write_backup(file, no_progress)
    other = f"sqlite:///{tmp_path / 'other.db'}"
    monkeypatch.setenv("CRACK_DATABASE_URL", other)
    restore.restore(file, tmp_path / "first", no_progress)
    assert rows_of_all_tables() == rows
    assert not (tmp_path / "first" / "inspections.db").exists()
    with pytest.raises(CrackError, match="has rows in the table 'inspections'"):
        restore.restore(file, tmp_path / "second", no_progress)
    assert not (tmp_path / "second").exists()


def test_a_program_that_may_only_look_backs_up_and_restores_nothing(
    filled, file, monkeypatch, elsewhere, crack
):
    monkeypatch.setenv("CRACK_READ_ONLY", "1")
    assert crack("backup", file)[0] == 0
    home = elsewhere()
    status, _, told = crack("restore", file)
    assert status == 1
    assert "CRACK_READ_ONLY" in told
    assert not home.exists()
