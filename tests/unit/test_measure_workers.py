"""Measuring in processes gives what measuring here gives, and leaves nothing behind."""

from __future__ import annotations

import io
import time
from pathlib import Path, PurePosixPath

import numpy as np
import psutil
import pytest
from PIL import Image

from crack import own_process
from crack.data import measure_workers
from crack.data.importer import add_dataset
from crack.errors import CrackError


def picture(seed: int, kind: str, mode: str = "RGB", **options: object) -> bytes:
    rng = np.random.default_rng(seed)
    image = Image.fromarray(rng.integers(0, 256, (23, 31, 3), np.uint8)).convert(mode)
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def turned() -> bytes:
    exif = Image.Exif()
    exif[0x0112] = 6
    return picture(7, "JPEG", exif=exif)


def deep() -> bytes:
    grey = np.random.default_rng(8).integers(0, 65536, (40, 30), np.uint16)
    buffer = io.BytesIO()
    Image.fromarray(grey).save(buffer, "PNG")
    return buffer.getvalue()


MEMBERS = {
    "Positive/ein Riß.jpg": picture(1, "JPEG"),
    "Positive/slow.jpg": picture(2, "JPEG", progressive=True),
    "Positive/turned.jpg": turned(),
    "Positive/deep.png": deep(),
    "Positive/clear.png": picture(3, "PNG", "RGBA"),
    "Negative/few.gif": picture(4, "GIF", "P"),
    "Negative/large.tif": picture(5, "TIFF", "I"),
    "Negative/print.jpg": picture(6, "JPEG", "CMYK"),
    "Negative/line.bmp": picture(7, "BMP", "1"),
    "Negative/flat.png": picture(8, "PNG", "L").replace(b"IDAT", b"IDAX"),
    "Negative/words.jpg": b"no picture",
    "Negative/empty.jpg": b"",
}


@pytest.fixture
def source(tmp_path) -> Path:
    folder = tmp_path / "source"
    for name, content in MEMBERS.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    return folder


def workers() -> list[psutil.Process]:
    mine = psutil.Process().children(recursive=True)
    return [child for child in mine if measure_workers.__name__ in child.cmdline()]


def test_processes_write_the_same_index(source, crack_home, monkeypatch):
    add_dataset("here", source)
    assert workers() == []
    seen = []
    monkeypatch.setattr(measure_workers, "_MANY", 1)
    add_dataset("there", source, progress=lambda *_: seen.extend(workers()))
    assert seen
    assert workers() == []
    for file in ("samples.csv", "unreadable.csv"):
        here, there = (
            (crack_home / "datasets" / name / file).read_bytes()
            for name in ("here", "there")
        )
        assert here == there


def test_processes_find_the_same_signatures(source, monkeypatch):
    files = [
        (path.relative_to(source), "any")
        for path in sorted(source.rglob("*.*"))
        if path.read_bytes()
    ]
    found = []
    for many in (len(files) + 1, 1):
        monkeypatch.setattr(measure_workers, "_MANY", many)
        with measure_workers.measured(source, files) as answers:
            found.append([str(a) if isinstance(a, CrackError) else a for a in answers])
    for here, there in zip(*found, strict=True):
        assert here[0] == there[0]
        np.testing.assert_array_equal(here[1], there[1])


def test_an_interrupted_import_ends_its_processes_at_once(
    source, crack_home, monkeypatch
):
    monkeypatch.setattr(measure_workers, "_MANY", 1)
    began = []

    def interrupt(_activity: str, done: int, _total: int) -> None:
        if done:
            began.append(time.monotonic())
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        add_dataset("walls", source, progress=interrupt)
    assert time.monotonic() - began[0] < 5
    assert workers() == []
    assert not (crack_home / "datasets" / "walls").exists()


def test_a_killed_process_is_told_and_not_waited_for(source, monkeypatch):
    monkeypatch.setattr(measure_workers, "_MANY", 1)
    files = [(PurePosixPath("Positive/deep.png"), "Positive")] * 2_000
    with measure_workers.measured(source, files) as answers:
        for worker in workers():
            worker.kill()
        with pytest.raises(CrackError, match="stopped unexpectedly"):
            list(answers)
    assert workers() == []


def test_nothing_is_left_of_an_import_whose_processes_do_not_start(
    source, crack_home, monkeypatch
):
    begin = own_process.own_process

    def stillborn(_module, arguments, variables, *, asked):
        return begin("crack.no_such_module", arguments, variables, asked=asked)

    monkeypatch.setattr(measure_workers, "_MANY", 1)
    monkeypatch.setattr(measure_workers, "own_process", stillborn)
    with pytest.raises(CrackError, match="stopped unexpectedly"):
        add_dataset("walls", source)
    assert not (crack_home / "datasets" / "walls").exists()
