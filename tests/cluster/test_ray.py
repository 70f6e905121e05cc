from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from crack.settings import PROJECT
from tests.conftest import draw_concrete, draw_crack

WHY = "needs requirements-cluster-dev.txt: make cluster"
for package in ("ray", "s3fs", "moto"):
    pytest.importorskip(package, reason=WHY)

pytestmark = pytest.mark.slow

# Small parts, so that there is something in the middle of which to stop.
PREDICT = """
import sys
from crack.bulk import photos
from crack.cli import main
photos._PHOTOS_PER_PART = 8
sys.exit(main(["predict", *sys.argv[1:]]))
"""
PHOTOS = 240
PATIENCE = 400  # seconds, on a busy computer


@pytest.fixture
def photos(storage) -> str:
    """URL of a folder with patches, and two files that are no pictures."""
    rng = np.random.default_rng(3)
    for number in range(PHOTOS):
        patch = draw_concrete(rng)
        if number % 2:
            draw_crack(patch, rng)
        content = io.BytesIO()
        Image.fromarray(patch).save(content, "PNG")
        storage.put(f"photos/{number % 7}/{number}.png", content.getvalue())
    storage.put("photos/text.jpg", b"no picture")
    storage.put("photos/empty.jpg", b"")
    return "s3://bridges/photos/"


@pytest.fixture
def started(ray_variables, tmp_path):
    """Start the command; it is killed at the end."""
    processes = []

    def start(*words: object) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "-c", PREDICT, *map(str, words)],
            cwd=PROJECT,
            env={**os.environ, **ray_variables, "HOME": str(tmp_path / "user")},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        processes.append(process)
        return process

    yield start
    for process in processes:
        process.kill()
        process.communicate()


def ended(process: subprocess.Popen[str]) -> str:
    """Wait for a command that met two bad files; return what it said."""
    _, said = process.communicate(timeout=PATIENCE)
    assert process.returncode == 1, said
    assert "2 could not be read" in said, said
    return said


def wait_for_answers(storage, folder: str, process) -> None:
    until = time.monotonic() + PATIENCE
    while len(storage.names(folder)) < 4:
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < until
        time.sleep(0.05)


def rows(storage, folder: str) -> dict[str, dict]:
    """Every row of a folder, each photo of which has one."""
    from pyarrow import dataset

    source = dataset.dataset(
        f"bridges/{folder}", filesystem=storage.system, format="parquet"
    )
    found = source.to_table().to_pylist()
    assert set(Counter(row["file"] for row in found).values()) == {1}
    return {row["file"]: row for row in found}


def assert_same(some: dict[str, dict], others: dict[str, dict]) -> None:
    assert some.keys() == others.keys()
    assert len(some) == PHOTOS + 2
    for file, row in some.items():
        other = others[file]
        for column in row.keys() - {"seconds", "probability", "regions"}:
            assert row[column] == other[column], (file, column)
        if row["error"] is None:
            assert abs(row["probability"] - other["probability"]) < 1.5e-6
            assert len(row["regions"]) == len(other["regions"])


def test_a_cluster_answers_like_this_computer_whatever_is_lost(
    cluster, storage, photos, started
):
    ended(started(photos, "--out", "s3://bridges/local", "--regions"))
    expected = rows(storage, "local")
    on_cluster = ("--regions", "--engine", "ray", "--address", cluster.address)

    lost_node = started(photos, "--out", "s3://bridges/node", *on_cluster)
    wait_for_answers(storage, "node", lost_node)
    cluster.lose_a_node()
    said = ended(lost_node)
    assert f"{PHOTOS + 2} photos" in said
    assert_same(rows(storage, "node"), expected)
    cluster.gain_a_node()

    driver = started(photos, "--out", "s3://bridges/driver", *on_cluster)
    wait_for_answers(storage, "driver", driver)
    driver.kill()
    driver.wait()
    there = len(rows(storage, "driver"))
    assert 0 < there < PHOTOS
    said = ended(started(photos, "--out", "s3://bridges/driver", *on_cluster))
    assert " 0 had an answer" not in said
    assert_same(rows(storage, "driver"), expected)

    storage.system.rm_file(f"bridges/driver/{storage.names('driver')[0]}")
    from_outside = ("--engine", "ray", "--address", cluster.from_outside)
    ended(started(photos, "--out", "s3://bridges/driver", "--regions", *from_outside))
    assert_same(rows(storage, "driver"), expected)
    said = ended(started(photos, "--out", "s3://bridges/driver", "--regions"))
    assert f"0 answered, {PHOTOS} had an answer" in said


def test_ray_is_started_here_where_no_address_is_given(tmp_path, started):
    folder = tmp_path / "walls"
    folder.mkdir()
    rng = np.random.default_rng(5)
    for number in range(10):
        Image.fromarray(draw_concrete(rng)).save(folder / f"{number}.png")
    user = tmp_path / "user"
    user.mkdir()
    maps, out = tmp_path / "maps", tmp_path / "out"
    words = ("--engine", "ray", "--workers", 1, "--maps", maps)
    process = started(folder, "--out", out, *words)
    _, said = process.communicate(timeout=PATIENCE)
    assert "10 answered" in said, said
    assert len(list(maps.iterdir())) == 10
    assert all(path.suffix == ".parquet" for path in out.iterdir())
    assert list(user.iterdir()) == []


def test_an_address_without_a_cluster_is_told_at_once(tmp_path, started):
    Image.new("L", (64, 64)).save(tmp_path / "a.png")
    words = ("--engine", "ray", "--address", "127.0.0.1:9")
    process = started(tmp_path / "a.png", "--out", tmp_path / "out", *words)
    _, said = process.communicate(timeout=PATIENCE)
    assert process.returncode == 1
    assert "There is no Ray cluster at 127.0.0.1:9." in said


def test_photos_of_object_storage_are_answered_in_every_form(
    storage, photos, started, tmp_path
):
    process = started(photos, "--format", "jsonl", "--maps", "s3://bridges/maps")
    out, _ = process.communicate(timeout=PATIENCE)
    answers = [json.loads(line) for line in out.splitlines()]
    assert [a["file"] for a in answers] == sorted(a["file"] for a in answers)
    assert sum(a["error"] is None for a in answers) == PHOTOS
    assert sum(a["error"] is not None for a in answers) == 2
    assert len(storage.names("maps")) == PHOTOS
    local = tmp_path / Path(answers[0]["file"]).name
    local.write_bytes(storage.system.cat_file(answers[0]["file"]))
    out, _ = started(local, "--format", "jsonl").communicate(timeout=PATIENCE)
    assert json.loads(out)["probability"] == answers[0]["probability"]
