from __future__ import annotations

import hashlib
import io
import os
import time
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from crack.data import importer, measure_workers
from crack.data.dataset import load_dataset
from crack.data.images import MAX_BYTES
from crack.data.importer import add_dataset, inspect_source
from crack.errors import CrackError


def png(grey: int, side: int = 9) -> bytes:
    buffer = io.BytesIO()
    Image.new("L", (side, side), grey).save(buffer, "PNG")
    return buffer.getvalue()


GOOD = {
    "Positive/a.png": png(10),
    "Positive/b.png": png(80),
    "Negative/c.png": png(150),
    "Negative/d.png": png(220),
}


def make_folder(top: Path, members: dict[str, bytes]) -> Path:
    for name, content in members.items():
        (top / name).parent.mkdir(parents=True, exist_ok=True)
        (top / name).write_bytes(content)
    return top


def left_in(home: Path) -> list[Path]:
    return [path for path in home.rglob("*") if path != home / "datasets"]


def test_inspecting_counts_the_classes_and_writes_nothing(
    patch_folder, make_zip, crack_home
):
    for source in (patch_folder, make_zip(dict.fromkeys(GOOD, b"1"))):
        summary = inspect_source(source)
        assert list(summary.class_counts) == ["Negative", "Positive"]
        assert summary.proposed_crack_class == "Positive"
    assert inspect_source(patch_folder).class_counts["Positive"] == 12
    assert not crack_home.exists()


@pytest.mark.parametrize("asked_before", [True, False])
def test_a_source_is_opened_and_looked_through_once(
    patch_folder, make_zip, monkeypatch, asked_before
):
    looked, opened = [], []
    find, open_zip = importer.find_layout, importer.open_zip
    monkeypatch.setattr(
        importer, "find_layout", lambda files: looked.append(1) or find(files)
    )
    monkeypatch.setattr(
        importer, "open_zip", lambda source: opened.append(1) or open_zip(source)
    )
    for name, source in (("folder", patch_folder), ("zip", make_zip(GOOD))):
        known = {"summary": inspect_source(source)} if asked_before else {}
        add_dataset(name, source, **known)
    assert len(looked) == 2
    assert len(opened) == 1


def test_each_image_is_measured(tmp_path):
    rng = np.random.default_rng(1)
    noise = Image.fromarray(rng.integers(0, 256, (30, 50), np.uint8))
    buffer = io.BytesIO()
    noise.save(buffer, "PNG")
    members = GOOD | {"Positive/n.png": buffer.getvalue()}
    rows = add_dataset("walls", make_folder(tmp_path / "x", members)).samples
    rows = rows.set_index("file")
    sharp = rows.loc["Positive/n.png"]
    assert (sharp["width"], sharp["height"]) == (50, 30)
    assert sharp["bytes"] == len(buffer.getvalue())
    assert sharp["sha256"] == hashlib.sha256(buffer.getvalue()).hexdigest()
    values = np.asarray(noise) / 255
    assert sharp["brightness"] == pytest.approx(values.mean(), abs=1e-4)
    assert sharp["contrast"] == pytest.approx(values.std(), abs=1e-4)
    assert sharp["sharpness"] > 1000
    flat = rows.loc["Positive/a.png"]
    assert (flat["contrast"], flat["sharpness"]) == (0, 0)


@pytest.mark.parametrize("wrapper", ["", "one/", "one/two/three/"])
def test_folders_that_merely_wrap_the_classes_are_seen_through(
    tmp_path, make_zip, wrapper
):
    members = {wrapper + name: content for name, content in GOOD.items()}
    folder = make_folder(tmp_path / "source", members)
    for name, source in (("folder", folder), ("zip", make_zip(members))):
        dataset = add_dataset(name, source)
        assert sorted(dataset.samples["file"]) == sorted(GOOD)
        assert all(dataset.path(f).is_file() for f in dataset.samples["file"])


def test_a_read_me_beside_a_wrapper_does_no_harm(tmp_path):
    members = {f"one/two/{name}": content for name, content in GOOD.items()}
    notes = {"README.txt": b"1", "one/licence.txt": b"2", "one/two/list.csv": b"3"}
    dataset = add_dataset("walls", make_folder(tmp_path / "x", members | notes))
    assert sorted(dataset.samples["file"]) == sorted(GOOD)
    left_out = dataset.unreadable["file"].tolist()
    assert sorted(left_out) == ["../../README.txt", "../licence.txt", "list.csv"]
    assert all(dataset.path(file).is_file() for file in left_out)


def test_folders_within_a_class_belong_to_it(tmp_path):
    members = GOOD | {"Positive/wall 1/north/x.png": png(99)}
    dataset = add_dataset("walls", make_folder(tmp_path / "source", members))
    assert dataset.counts == {"Negative": 2, "Positive": 3}
    assert "Positive/wall 1/north/x.png" in set(dataset.samples["file"])


HIDDEN = [
    "__MACOSX/Positive/._a.png",
    "Positive/.DS_Store",
    "Positive/Thumbs.db",
    "Negative/desktop.ini",
    ".git/config/x",
    "$RECYCLE.BIN/a/b.png",
    "Icon\r",
    "Positive/Icon\r",
]


def test_files_that_systems_leave_behind_are_ignored(tmp_path, make_zip):
    members = GOOD | dict.fromkeys(HIDDEN, b"1")
    folder = make_folder(tmp_path / "source", members)
    for name, source in (("folder", folder), ("zip", make_zip(members))):
        dataset = add_dataset(name, source)
        assert dataset.counts == {"Negative": 2, "Positive": 2}
        assert dataset.unreadable.empty


def test_non_ascii_names_survive(tmp_path, make_zip):
    members = {f"Maße {n}": c for n, c in GOOD.items()}
    members |= {'Maße Positive/ü, "日本".png': png(33)}
    folder = make_folder(tmp_path / "Wände", members)
    for name, source in (("folder", folder), ("zip", make_zip(members))):
        dataset = add_dataset(name, source, crack_class="Maße Positive")
        assert set(dataset.samples["file"]) == set(members)
        assert all(dataset.path(f).is_file() for f in dataset.samples["file"])


def test_bad_files_among_good_ones_are_listed_with_a_reason(tmp_path):
    whole = io.BytesIO()
    noise = np.random.default_rng(2).integers(0, 256, (90, 90, 3), np.uint8)
    Image.fromarray(noise).save(whole, "JPEG")
    bad = {
        "Positive/text.jpg": b"no picture",
        "Positive/empty.png": b"",
        "Negative/cut.jpg": whole.getvalue()[:2000],
        "loose.png": png(1),
    }
    dataset = add_dataset("walls", make_folder(tmp_path / "x", GOOD | bad))
    assert sorted(dataset.samples["file"]) == sorted(GOOD)
    reasons = dict(dataset.unreadable.itertuples(index=False, name=None))
    assert reasons.keys() == bad.keys()
    assert "not a picture" in reasons["Positive/text.jpg"]
    assert "empty" in reasons["Positive/empty.png"]
    assert "damaged or incomplete" in reasons["Negative/cut.jpg"]
    assert "in neither class folder" in reasons["loose.png"]


def test_a_huge_file_is_left_out_without_reading_it(tmp_path):
    folder = make_folder(tmp_path / "source", GOOD | {"Positive/huge.png": b""})
    os.truncate(folder / "Positive/huge.png", 40_000 * MAX_BYTES)  # takes no space
    (reason,) = add_dataset("walls", folder).unreadable["reason"]
    assert "the limit is" in reason


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes on this system")
def test_a_pipe_in_a_class_folder_is_not_waited_for(tmp_path):
    folder = make_folder(tmp_path / "source", GOOD)
    os.mkfifo(folder / "Positive" / "pipe.png")
    assert add_dataset("walls", folder).counts["Positive"] == 2


def test_links_that_lead_round_in_a_circle_are_not_followed(tmp_path):
    folder = make_folder(tmp_path / "source", GOOD)
    (folder / "Positive" / "loop").symlink_to(folder)
    (folder / "Positive" / "self.png").symlink_to("self.png")
    assert add_dataset("walls", folder).counts == {"Negative": 2, "Positive": 2}


def test_a_class_folder_that_links_to_itself_is_no_class(tmp_path):
    folder = make_folder(tmp_path / "source", {"Negative/c.png": png(1)})
    (folder / "Positive").symlink_to(folder / "Positive")
    with pytest.raises(CrackError, match=r"found 1 \(Negative\)"):
        add_dataset("walls", folder)


def test_a_file_that_vanishes_meanwhile_is_listed(tmp_path, monkeypatch):
    folder = make_folder(tmp_path / "source", GOOD)
    write_index = importer.write_index

    def unplug(*arguments):
        (folder / "Positive/a.png").unlink()
        write_index(*arguments)

    monkeypatch.setattr(importer, "write_index", unplug)
    dataset = add_dataset("walls", folder)
    assert dataset.counts == {"Negative": 2, "Positive": 1}
    assert "There is no file" in dataset.unreadable["reason"].item()


@pytest.mark.skipif(os.name == "nt", reason="names are always text there")
def test_a_file_whose_name_is_no_text_is_listed(tmp_path):
    folder = make_folder(tmp_path / "source", GOOD)
    (folder / "Positive" / os.fsdecode(b"\xfcber.png")).write_bytes(png(5))
    dataset = add_dataset("walls", folder)
    assert dataset.counts == {"Negative": 2, "Positive": 2}
    assert "not valid text" in dataset.unreadable["reason"].item()


@pytest.mark.skipif(os.name == "nt", reason="such names are not allowed there")
@pytest.mark.parametrize("odd", ["\r", "\n", "\x85"])
def test_a_file_with_a_control_character_in_its_name_is_listed(tmp_path, make_zip, odd):
    members = GOOD | {f"Positive/a{odd}b.png": png(5), f"c{odd}d": b"1"}
    folder = make_folder(tmp_path / "source", members)
    for name, source in (("folder", folder), ("zip", make_zip(members))):
        add_dataset(name, source)
        dataset = load_dataset(name)
        assert sorted(dataset.samples["file"]) == sorted(GOOD)
        reasons = dict(dataset.unreadable.itertuples(index=False, name=None))
        shown = ascii(odd)[1:-1]
        assert "not valid text" in reasons.pop(f"Positive/a{shown}b.png")
        assert list(reasons) == [f"c{shown}d"]


@pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read all"
)
@pytest.mark.parametrize("locked", ["", "Positive"])
def test_a_folder_that_may_not_be_read_is_told(tmp_path, locked):
    folder = make_folder(tmp_path / "source", GOOD)
    (folder / locked).chmod(0)
    try:
        with pytest.raises(CrackError, match="cannot be read: Permission denied"):
            add_dataset("walls", folder)
    finally:
        (folder / locked).chmod(0o755)


def test_a_path_that_the_system_refuses_is_told(tmp_path):
    with pytest.raises(CrackError, match="cannot be read: File name too long"):
        inspect_source(tmp_path / ("x" * 5000))


def test_a_missing_source_is_told(tmp_path):
    with pytest.raises(CrackError, match="no file or folder at"):
        add_dataset("walls", tmp_path / "gone")


@pytest.mark.parametrize(
    ("folders", "found"),
    [
        ([], r"found 0 \(none\)"),
        (["Positive"], r"found 1 \(Positive\)"),
        (["Positive", "Negative", "Other"], r"found 3 \(Negative, Other, Positive\)"),
    ],
)
def test_anything_but_two_classes_is_told(
    tmp_path, make_zip, crack_home, folders, found
):
    members = {f"{folder}/1.png": png(1) for folder in folders}
    folder = make_folder(tmp_path / "source", members)
    folder.mkdir(exist_ok=True)
    for source in (folder, make_zip(members)):
        with pytest.raises(CrackError, match=found):
            add_dataset("walls", source)
    assert left_in(crack_home) == []


def test_a_class_without_a_readable_image_is_told_with_its_first_file(
    tmp_path, make_zip, crack_home
):
    bad = {"Negative/c.png": b"text", "Negative/d.png": b"text", "a note": b"1"}
    folder = make_folder(tmp_path / "source", GOOD | bad)
    for source in (folder, make_zip(GOOD | bad)):
        with pytest.raises(CrackError, match="None of the 2 files in Neg") as caught:
            add_dataset("walls", source)
        assert "Negative/c.png: This file is not a picture" in caught.value.hint
    assert left_in(crack_home) == []


@pytest.mark.parametrize("names", [("left", "right"), ("crack", "positive")])
def test_an_unclear_crack_class_is_asked_for(tmp_path, crack_home, names):
    members = {f"{name}/{n}.png": png(n) for n in (1, 90) for name in names}
    folder = make_folder(tmp_path / "source", members)
    with pytest.raises(CrackError, match="--crack-class"):
        add_dataset("walls", folder)
    assert left_in(crack_home) == []
    assert add_dataset("walls", folder, crack_class=names[1]).crack_class == names[1]


def test_a_crack_class_that_is_none_of_the_two_is_told(patch_folder):
    with pytest.raises(CrackError, match="Negative and Positive, not 'positive'"):
        add_dataset("walls", patch_folder, crack_class="positive")


def test_what_is_being_done_is_reported_to_the_end(make_zip):
    calls: list[tuple[str, int, int]] = []
    add_dataset("walls", make_zip(GOOD), progress=lambda *c: calls.append(c))
    assert ("Unpacking", 4, 4) in calls
    assert ("Reading images", 4, 4) in calls


@pytest.mark.parametrize("activity", ["Unpacking", "Reading images"])
def test_an_interrupted_import_leaves_nothing(make_zip, crack_home, activity):
    def interrupt(doing: str, done: int, total: int) -> None:
        if doing == activity:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        add_dataset("walls", make_zip(GOOD), progress=interrupt)
    assert left_in(crack_home) == []


def test_an_interrupted_import_does_not_read_the_other_files(tmp_path, monkeypatch):
    members = GOOD | {f"Positive/{n}.png": png(n) for n in range(200)}
    folder = make_folder(tmp_path / "source", members)
    read = []
    measure = measure_workers.measure

    def slowly(root, file, class_name):
        read.append(file)
        time.sleep(0.005)
        return measure(root, file, class_name)

    def interrupt(_activity: str, done: int, _total: int) -> None:
        if done:
            raise KeyboardInterrupt

    monkeypatch.setattr(measure_workers, "measure", slowly)
    with pytest.raises(KeyboardInterrupt):
        add_dataset("walls", folder, progress=interrupt)
    assert len(read) < 100


def test_no_more_pictures_are_in_memory_than_there_are_cores(tmp_path, monkeypatch):
    members = GOOD | {f"Positive/{n}.png": png(n) for n in range(20)}
    folder = make_folder(tmp_path / "source", members)
    at_work, most = [], []
    measure = measure_workers.measure

    def watched(root, file, class_name):
        at_work.append(file)
        time.sleep(0.005)
        most.append(len(at_work))
        at_work.remove(file)
        return measure(root, file, class_name)

    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    monkeypatch.setattr(measure_workers, "measure", watched)
    add_dataset("walls", folder)
    assert max(most) <= 2
