"""The disk is full, before something is begun or in the middle of it."""

from __future__ import annotations

import os
import shutil
import zipfile

import pytest

from crack import disk_space
from crack.data.dataset import dataset_names
from crack.data.importer import add_dataset
from crack.errors import CrackError
from crack.inference.thresholds import Thresholds
from crack.inspections.store import photos_of
from crack.runs.registry import find_model, model_names, promote, save_thresholds
from crack.runs.run import Run, RunStatus
from crack.synthetic.sample import make_sample
from tests.faults.conftest import crack
from tests.inspections import add, answer, inspect


@pytest.fixture
def home(small_disk, monkeypatch):
    """A workspace on the small disk."""
    folder = small_disk / "workspace"
    monkeypatch.setenv("CRACK_HOME", str(folder))
    return folder


def noise_zip(path, count, size):
    """Two classes of files that do not compress."""
    with zipfile.ZipFile(path, "w") as packed:
        for number in range(count):
            name = f"{'crack' if number % 2 else 'sound'}/{number}.png"
            packed.writestr(name, os.urandom(size))
    return path


def fill(folder, left):
    """Leave so many bytes free."""
    free = shutil.disk_usage(folder).free
    (folder / "filling").write_bytes(bytes(max(0, free - left)))


def torn(home):
    """Return what is left of things that were begun."""
    return list(home.rglob("*.partial")) if home.exists() else []


def test_before(home, tmp_path, tally, monkeypatch, model_folder):
    """The disk is too small for what is asked for."""
    packed = noise_zip(tmp_path / "site.zip", 20, 2_000_000)

    def promote_large():
        run = Run(home / "runs/20261125-120000-none-abcd")
        shutil.copytree(model_folder, run.model_folder)
        (run.model_folder / "model.keras").write_bytes(bytes(9_000_000))
        run.report(RunStatus.FINISHED, "Finished.")
        fill(home, 5_000_000)
        promote(run, "mine")

    cases = {
        "add": lambda: add_dataset("site", packed),
        "sample": make_sample,
        "promote": promote_large,
    }
    for name, action in cases.items():
        tally.tried += 1
        with pytest.raises(CrackError, match=r"only .* are free") as caught:
            action()
        assert "needs" in caught.value.message, name
        tally.lost += bool(torn(home))
    assert dataset_names() == []
    assert "mine" not in model_names()


def test_meanwhile(home, tmp_path, tally, monkeypatch, model_folder):
    """The disk fills up meanwhile, which is no fault of a file."""
    monkeypatch.setattr(disk_space.shutil, "disk_usage", lambda _: Plenty)
    packed = noise_zip(tmp_path / "site.zip", 20, 2_000_000)
    shutil.copytree(model_folder, home / "models/bright")
    inspection = inspect()
    add(inspection, answer(), tone=100)
    before = (home / "models/bright/card.json").read_bytes()
    os_free = os.statvfs(home).f_bavail * os.statvfs(home).f_frsize
    tally.tried += 1
    with pytest.raises(OSError, match="No space left"):
        add_dataset("site", packed)
    tally.lost += bool(torn(home)) or dataset_names() != []
    (home / "filling").write_bytes(bytes(os_free - 60_000))
    with pytest.raises(OSError, match="No space left"):
        (home / "rest").write_bytes(bytes(200_000))
    for action in (
        lambda: add(inspection, answer(file="b.png"), tone=50),
        lambda: save_thresholds(find_model("bright"), Thresholds(0.3, 0.6), "A try."),
    ):
        tally.tried += 1
        with pytest.raises((CrackError, OSError)):
            action()
        tally.lost += bool(torn(home))
    tally.lost += (home / "models/bright/card.json").read_bytes() != before
    (home / "filling").unlink()
    (home / "rest").unlink(missing_ok=True)
    tally.lost += len(photos_of(inspection.id)) != 1
    add(inspection, answer(file="b.png"), tone=50)
    assert len(photos_of(inspection.id)) == 2
    assert tally.lost == 0


class Plenty:
    """What a disk says that has room."""

    free = 10**12


def test_commands(home, tmp_path, tally):
    """A command on a full disk."""
    home.mkdir()
    (home / "filling").write_bytes(bytes(20_000_000))
    packed = noise_zip(tmp_path / "site.zip", 4, 2_000_000)
    for words in (("dataset", "add", "site", str(packed)), ("sample",)):
        tally.tried += 1
        answered = crack(*words, home=home)
        tally.let_in += "Traceback" in answered.stderr
        assert answered.returncode == 1
        assert "are free" in answered.stderr
    assert tally.let_in == 0
