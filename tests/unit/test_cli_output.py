"""What the commands print, and where it cannot be printed."""

from __future__ import annotations

import errno
import io
import os
import re
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

from crack.cli.output import print_table
from crack.settings import PROJECT

COLUMNS = ("file", "label", "probability", "seconds")
ROWS = [
    (f"workspace/scenes/{'x' * 30}-{n}.jpg", "no crack", 0.987654, 1.25) for n in (1, 2)
]


class Terminal(io.StringIO):
    def isatty(self):
        return True


@pytest.fixture
def printed(monkeypatch):
    """Print a table; return its lines without their colours."""

    def on(stream, columns, rows, width):
        monkeypatch.setenv("COLUMNS", str(width))
        monkeypatch.setenv("TERM", "xterm")
        monkeypatch.setattr("sys.stdout", stream)
        print_table(columns, rows)
        plain = re.sub(r"\x1b\[[0-9;]*m", "", stream.getvalue())
        return [line.rstrip() for line in plain.splitlines()]

    return on


@pytest.mark.parametrize("width", [20, 80])
def test_a_row_sent_elsewhere_than_to_a_terminal_is_one_line(printed, width):
    lines = printed(io.StringIO(), COLUMNS, ROWS, width)
    assert [line.split() for line in lines[1:]] == [
        [file, "no", "crack", "0.987654", "1.25"] for file, *_ in ROWS
    ]


def test_only_long_text_is_folded_on_a_terminal(printed):
    header, first, *more = printed(Terminal(), COLUMNS, ROWS[:1], 50)
    assert header.split() == list(COLUMNS)
    assert first.endswith("no crack  0.987654     1.25")
    folded = "".join([first.split()[0], *(line.strip() for line in more)])
    assert folded == ROWS[0][0]


def test_what_does_not_fit_folded_either_is_left_whole(printed):
    lines = printed(Terminal(), COLUMNS, ROWS, 40)
    assert len(lines) == 1 + len(ROWS)
    assert all(file in line for (file, *_), line in zip(ROWS, lines[1:], strict=True))


def test_a_table_without_rows_has_its_headings(printed):
    assert [line.split() for line in printed(Terminal(), COLUMNS, [], 80)] == [
        list(COLUMNS)
    ]


# Where nothing can be printed or written


def ended(words, stdout, *, buffered):
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONUNBUFFERED"}
    if not buffered:
        environment["PYTHONUNBUFFERED"] = "1"
    return subprocess.run(
        [sys.executable, "-m", "crack", *words],
        cwd=PROJECT,
        env=environment,
        stdout=stdout,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no such device here")
@pytest.mark.parametrize(
    ("words", "buffered"),
    [
        (["dataset", "list"], False),
        (["dataset", "list", "--json"], True),
        (["dataset", "--help"], True),
    ],
)
def test_output_that_cannot_be_written_is_not_blamed_on_the_workspace(
    dataset, words, buffered
):
    with Path("/dev/full").open("w") as full:
        end = ended(words, full, buffered=buffered)
    assert end.returncode == 1
    assert end.stderr == (
        "crack: The output cannot be written: No space left on device. Check the place "
        "that it is sent to and the space left there.\n"
    )


@pytest.mark.skipif(os.name == "nt", reason="there is no head")
@pytest.mark.parametrize(
    ("words", "buffered"),
    [(["dataset", "list"], False), (["dataset", "list", "--json"], True)],
)
def test_a_reader_that_has_seen_enough_is_no_error(dataset, words, buffered):
    reader, writer = os.pipe()
    os.close(reader)
    with os.fdopen(writer, "w") as pipe:
        end = ended(words, pipe, buffered=buffered)
    assert (end.returncode, end.stderr) == (1, "")


def test_a_closed_stdout_is_told(crack, dataset, monkeypatch):
    monkeypatch.setattr("sys.stdout", None)
    status, _, err = crack("dataset", "list")
    assert (status, err[:24]) == (1, "crack: Stdout is closed.")


@pytest.mark.parametrize(
    ("words", "what"),
    [
        (["predict", "a.png", "--maps", "DIR"], "the heatmaps"),
        (["predict", "a.png", "--maps", "DIR/new/maps"], "the heatmaps"),
        (["predict", "a.png", "--report", "DIR/a.pdf"], "the report"),
        (["predict", "a.png", "--out", "DIR/new"], "the answers"),
        (["backup", "DIR/crack.tar"], "the backup"),
        (["restore", "crack.tar", "--home", "DIR/new"], "the workspace"),
        (["adapt", "default", "walls", "--progress", "DIR/p"], "the progress file"),
        (
            ["models", "export", "default", "a", "--format=onnx", "--progress=DIR/p"],
            "the progress file",
        ),
    ],
)
def test_a_folder_that_may_not_be_written_is_named_before_anything_is_done(
    crack, model, dataset, tmp_path, monkeypatch, words, what
):
    folder = tmp_path / "folder"
    folder.mkdir()
    monkeypatch.setattr(os, "access", lambda path, mode: path != folder)
    words = [word.replace("DIR", str(folder)) for word in words]
    status, out, err = crack(*words)
    assert (status, out) == (1, "")
    assert err == (
        f"crack: Nothing may be written to the folder {folder}. Change its "
        f"permissions, or choose another one for {what}.\n"
    )
    assert list(folder.iterdir()) == []


def test_a_file_on_the_way_to_a_folder_is_named(crack, model, tmp_path):
    (tmp_path / "file").touch()
    status, _, err = crack("predict", "a.png", "--maps", tmp_path / "file" / "maps")
    assert status == 1
    assert f"{tmp_path / 'file'} is a file. Name a folder for the heatmaps." in err


def test_a_disk_that_fills_meanwhile_is_that_of_the_backup(
    crack, dataset, tmp_path, monkeypatch
):
    def fill(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    file = tmp_path / "crack.tar"
    monkeypatch.setattr(tarfile.TarFile, "addfile", fill)
    status, _, told = crack("backup", file)
    assert status == 1
    assert f"crack: {file} cannot be read or written: No space left on device." in told
    assert list(file.parent.glob(f"*{file.name}*")) == []


@pytest.mark.parametrize("home", ["", "s3://bucket/home"])
def test_a_backup_is_restored_to_a_folder_that_is_named(crack, dataset, tmp_path, home):
    file = tmp_path / "crack.tar"
    assert crack("backup", file)[0] == 0
    status, _, told = crack("restore", file, "--home", home)
    assert status == 1
    assert "Name a" in told
