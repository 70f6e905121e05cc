from __future__ import annotations

import subprocess
import sys
import time
from functools import partial
from pathlib import Path

import pandas as pd
import psutil
import pytest
from filelock import FileLock

from crack.data.dataset import dataset_names, delete_dataset, load_dataset
from crack.data.images import decode_image
from crack.data.importer import add_dataset
from crack.data.split import leak, make_split
from crack.errors import CrackError
from crack.settings import PROJECT
from crack.synthetic import sample, sample_workers
from crack.synthetic.sample import NOTE, make_sample, scene_files
from crack.synthetic.sample_workers import answers


def contents(folder: Path) -> dict[str, bytes]:
    files = [path for path in folder.rglob("*") if path.is_file()]
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


@pytest.fixture
def interrupt_at():
    """A progress that is interrupted when an activity begins."""

    def at(activity):
        def progress(doing: str, done: int, total: int) -> None:
            if doing == activity:
                raise KeyboardInterrupt

        return progress

    return at


def test_the_sample_is_a_dataset_with_masks_scenes_and_a_note(fake_drawing, crack_home):
    dataset = make_sample()
    top = crack_home / "sample"
    assert dataset.name == "sample"
    assert dataset.counts == {"crack": 12, "no crack": 12}
    assert dataset.crack_class == "crack"
    assert dataset.note == load_dataset("sample").note == NOTE
    assert dataset.unreadable.empty
    assert set(dataset.samples["width"]) == set(dataset.samples["height"]) == {227}
    cracked = {Path(f).stem for f in dataset.samples["file"] if f.startswith("crack/")}
    assert {path.stem for path in (top / "masks").iterdir()} == cracked
    assert scene_files() == [top / "scenes" / f"scene-{n}.jpg" for n in (1, 2)]
    masks = [top / "scene-masks" / f"scene-{n}.png" for n in (1, 2)]
    for path, mask, shape, crack in zip(
        scene_files(), masks, [(200, 300), (300, 200)], [True, False], strict=True
    ):
        assert decode_image(path).shape[:2] == decode_image(mask).shape[:2] == shape
        assert decode_image(mask).any() == crack
    assert "drawn by a program" in (top / "README.txt").read_text()
    assert {path.name for path in top.iterdir()} == {
        *("patches", "masks", "scenes", "scene-masks", "README.txt")
    }


def test_patches_of_one_photo_stay_on_one_side(fake_drawing):
    dataset = make_sample()
    photos = pd.Series([Path(f).stem[:9] for f in dataset.samples["file"]])
    assert dataset.photos == photos.nunique() >= 3
    assert dataset.near_copies == 0
    split = make_split(dataset, "grouped", 17)
    assert split.groupby(photos)["split"].nunique().max() == 1
    assert leak(make_split(dataset, "random", 17))["count"] > 0


def test_what_is_done_is_told_with_counts(fake_drawing):
    calls: list[tuple[str, int, int]] = []
    make_sample(lambda *call: calls.append(call))
    assert ("Drawing patches", 24, 24) in calls
    assert ("Drawing scenes", 2, 2) in calls
    assert ("Reading images", 24, 24) in calls


def test_drawn_once_it_is_there(fake_drawing, monkeypatch):
    first = make_sample()
    monkeypatch.setattr(sample, "answers", None)
    assert make_sample().fingerprint == first.fingerprint


def test_the_sample_is_still_there_when_the_workspace_has_moved(
    fake_drawing, crack_home, monkeypatch
):
    make_sample()
    moved = crack_home.rename(crack_home.with_name("moved"))
    monkeypatch.setenv("CRACK_HOME", str(moved))
    assert make_sample().root == moved / "sample" / "patches"


def test_the_drawing_is_the_same_whatever_the_number_of_processes(
    few_drawn, tmp_path, monkeypatch
):
    made = []
    for count in (1, 3):
        monkeypatch.setenv("CRACK_HOME", str(tmp_path / str(count)))
        monkeypatch.setattr(sample, "answers", partial(answers, count=count))
        made.append(make_sample())
    assert made[0].fingerprint == made[1].fingerprint
    one, three = (contents(tmp_path / str(count) / "sample") for count in (1, 3))
    assert len(one) == 24 + 12 + 4 + 2
    assert one == three


@pytest.mark.parametrize(
    "activity", ["Drawing patches", "Drawing scenes", "Reading images"]
)
def test_an_interrupted_drawing_does_not_block_the_next(
    fake_drawing, interrupt_at, crack_home, activity
):
    with pytest.raises(KeyboardInterrupt):
        make_sample(interrupt_at(activity))
    assert dataset_names() == []
    assert not list(crack_home.glob(".sample*"))
    assert make_sample().counts == {"crack": 12, "no crack": 12}


def drawing_processes() -> list[psutil.Process]:
    children = psutil.Process().children()
    return [
        child
        for child in children
        if any("sample_workers" in word for word in child.cmdline())
    ]


def test_an_interrupted_drawing_ends_its_processes_at_once(few_drawn):
    seen = []

    def progress(activity: str, done: int, total: int) -> None:
        if activity == "Drawing patches":
            seen.extend(drawing_processes())
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        make_sample(progress)
    assert seen
    assert not any(process.is_running() for process in seen)
    assert not scene_files()


def test_what_a_killed_process_left_is_cleared_away(fake_drawing, crack_home):
    left = crack_home / ".sample.x1y2z3w4.partial"
    left.mkdir(parents=True)
    (crack_home / "sample").mkdir()
    make_sample()
    assert not left.exists()
    assert len(scene_files()) == 2


def test_two_do_not_draw_at_once(fake_drawing, crack_home):
    crack_home.mkdir()
    other = FileLock(crack_home / ".drawing.lock")
    other.acquire()
    told = []

    def progress(activity: str, done: int, total: int) -> None:
        told.append(activity)
        if len(told) == 2:
            other.release()

    assert make_sample(progress)
    assert told[:2] == ["Waiting for another drawing"] * 2
    assert told[2] == "Drawing scenes"


def test_another_dataset_of_that_name_is_left_alone(fake_drawing, patch_folder):
    other = add_dataset("sample", patch_folder)
    with pytest.raises(CrackError, match="not the one that this program draws"):
        make_sample()
    assert load_dataset("sample").fingerprint == other.fingerprint
    assert not scene_files()


def test_spoilt_photos_are_told_and_drawn_again_once_deleted(fake_drawing):
    dataset = make_sample()
    dataset.path(dataset.samples.loc[0, "file"]).unlink()
    dataset.path(dataset.samples.loc[1, "file"]).write_bytes(b"other")
    scene_files()[0].unlink()
    with pytest.raises(CrackError, match=r"^3 of the sample photos"):
        make_sample()
    delete_dataset("sample")
    assert make_sample().fingerprint == dataset.fingerprint
    assert len(scene_files()) == 2


def test_without_a_sample_there_are_no_scenes():
    assert scene_files() == []


def test_a_process_that_dies_is_told(tmp_path, capfd):
    (tmp_path / "file").touch()
    with (
        answers(tmp_path / "file", [1, 2, 3], count=1) as drawn,
        pytest.raises(CrackError, match="stopped unexpectedly"),
    ):
        list(drawn)
    assert "NotADirectoryError" in capfd.readouterr().err


ENDLESS = """
import sys, time
from pathlib import Path
import psutil
from crack.synthetic.sample_workers import answers
with answers(Path(sys.argv[1]), range(1, 10_000), count=2):
    print(*(child.pid for child in psutil.Process().children()), flush=True)
    time.sleep(60)
"""


def test_the_processes_end_when_the_program_is_killed(tmp_path):
    with subprocess.Popen(
        [sys.executable, "-c", ENDLESS, str(tmp_path)],
        cwd=PROJECT,
        stdout=subprocess.PIPE,
        text=True,
    ) as program:
        pids = [int(word) for word in program.stdout.readline().split()]
        program.kill()
    deadline = time.monotonic() + 20
    assert len(pids) == 2
    while any(psutil.pid_exists(pid) for pid in pids):
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_a_process_whose_program_was_killed_ends_without_a_word(tmp_path):
    with subprocess.Popen(
        [sys.executable, "-m", sample_workers.__name__, str(tmp_path), "[1]"],
        cwd=PROJECT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        process.stdout.close()
        assert process.stderr.read() == ""
    assert process.returncode == 1
    assert any(tmp_path.rglob("photo-001-*.jpg"))
