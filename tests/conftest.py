"""Fixtures for every test: a workspace of its own and small pictures of concrete."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from crack import settings
from crack.data.dataset import Dataset
from crack.data.importer import add_dataset
from crack.evaluation.holdout import write_seen
from crack.inference import predictor
from crack.inference.ood import OodDetector
from crack.inference.thresholds import Thresholds
from crack.runs.run import Run, RunStatus
from crack.synthetic import sample, sample_files, sample_workers
from crack.synthetic.sample_files import Scene
from tests.cards import PLAIN
from tests.runs import create_run

SIDE = 64  # pixels
PER_CLASS = 12
MODEL_SIDE = PLAIN.image_size
CELL = 32  # pixels, side of one position of its activation map


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "test_data" in getattr(item, "fixturenames", ()):
            item.add_marker("real_data")


@pytest.fixture(autouse=True)
def same_main_module(monkeypatch: pytest.MonkeyPatch) -> None:
    """Put the main module back, whose place Streamlit gives to the page that it runs.

    Otherwise a process that a later test starts by `multiprocessing` runs the page.
    """
    monkeypatch.setitem(sys.modules, "__main__", sys.modules["__main__"])


@pytest.fixture(autouse=True)
def crack_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The workspace; as on a user's first start the folder does not exist yet."""
    home = tmp_path / "workspace"
    monkeypatch.setenv("CRACK_HOME", str(home))
    monkeypatch.delenv("CRACK_DATABASE_URL", raising=False)
    return home


@pytest.fixture
def old_workspace(crack_home: Path) -> Path:
    """The workspace is that of an earlier version, see tests/data/README.md."""
    kept = Path(__file__).parent / "data/old_workspace"
    shutil.copytree(kept, crack_home)
    return kept


@pytest.fixture
def test_data() -> Path:
    """Folder with the real photos, named by CRACK_TEST_DATA."""
    folder = os.environ.get("CRACK_TEST_DATA")
    if not folder:
        pytest.skip("CRACK_TEST_DATA names no folder with the real photos")
    return Path(folder)


@pytest.fixture
def patch_folder(tmp_path: Path) -> Path:
    """Class folders Positive and Negative, 12 distinct grey 64 px PNGs in each."""
    rng = np.random.default_rng(17)
    folder = tmp_path / "patches"
    for class_name in ("Positive", "Negative"):
        (folder / class_name).mkdir(parents=True)
        for number in range(1, PER_CLASS + 1):
            patch = draw_concrete(rng)
            if class_name == "Positive":
                draw_crack(patch, rng)
            path = folder / class_name / f"{number:05d}.png"
            Image.fromarray(patch).save(path)
    return folder


@pytest.fixture
def dataset(patch_folder: Path) -> Dataset:
    """The patches, added as "walls"."""
    return add_dataset("walls", patch_folder)


@pytest.fixture
def masked_folder(tmp_path: Path) -> Path:
    """Two photos of 320 px with a crack across, their masks, and a note."""
    folder = tmp_path / "walls"
    rng = np.random.default_rng(1)
    mask = np.zeros((320, 320), np.bool_)
    mask[78:82] = True
    for name in ("images", "masks"):
        (folder / name).mkdir(parents=True)
    for number in range(2):
        photo = rng.integers(120, 200, (320, 320, 3), np.uint8)
        photo[mask] = 20
        Image.fromarray(photo).save(folder / f"images/{number}.jpg")
        Image.fromarray(mask).save(folder / f"masks/{number}.png")
    (folder / "notes.txt").write_text("hello")
    return folder


@pytest.fixture
def make_zip(tmp_path: Path) -> Callable[..., Path]:
    """Write a ZIP of the given contents, byte for byte under the given names."""

    def make(members: dict[str, bytes], name: str = "photos.zip") -> Path:
        with zipfile.ZipFile(tmp_path / name, "w") as archive:
            for member, content in members.items():
                archive.writestr(member, content)
        return tmp_path / name

    return make


@pytest.fixture
def model_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A model that sees a crack wherever a picture is bright.

    Made for pictures of one shade, so the quality of pictures is not looked at.
    """
    monkeypatch.setattr(predictor, "quality_reasons", lambda *_: ())
    folder = tmp_path / "model"
    folder.mkdir()
    write_graph(folder, zero=127.5, slope=0.1)
    thresholds = Thresholds(no_crack=0.2, crack=0.8)
    card = replace(PLAIN, name="bright", temperature=2.0, thresholds=thresholds)
    card.write(folder)
    write_seen(folder, [])
    return folder


def write_graph(folder: Path, zero: float, slope: float, stride: int = CELL) -> None:
    """Write a graph whose log-odds of a crack are a line over the grey value.

    Nothing is out of distribution to it; the brighter, the closer to its training.
    """
    import openvino as ov  # after crack, which silences its telemetry
    from openvino import opset13 as ops

    pixels = ops.parameter((-1, -1, -1, 3), np.float32)
    grey = ops.reduce_mean(pixels, ops.constant([3]), keep_dims=True)
    planes = ops.transpose(grey, ops.constant([0, 3, 1, 2]))
    cell = [stride, stride]
    cells = ops.avg_pool(planes, cell, [0, 0], [0, 0], cell, True, "floor")
    line = ops.multiply(ops.subtract(cells, np.float32(zero)), np.float32(slope))
    log_odds = ops.squeeze(line, ops.constant([1]))
    mean = ops.reduce_mean(log_odds, ops.constant([1, 2]), keep_dims=False)
    crack = ops.unsqueeze(ops.sigmoid(mean), 1)
    both = ops.concat([ops.subtract(np.float32(1), crack), crack], 1)
    both_tones = ops.concat([cells, ops.subtract(np.float32(255), cells)], 1)
    features = ops.transpose(both_tones, ops.constant([0, 2, 3, 1]))
    graph = ov.Model([both, log_odds, features], [pixels])
    ov.save_model(graph, folder / "graph.xml", compress_to_fp16=False)
    ahead, aside = np.eye(2, dtype=np.float32)
    OodDetector(ahead, aside[None], aside[:1] + 1, rest=1.0, limit=9.0).write(folder)


@pytest.fixture
def shipped_models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the program's own models are looked for; there are none."""
    folder = tmp_path / "shipped"
    monkeypatch.setattr(settings, "SHIPPED_MODELS", folder)
    return folder


@pytest.fixture
def new_run() -> Callable[..., Run]:
    """Make the folder of a run that has no process."""

    def make(status: RunStatus = RunStatus.QUEUED, message: str = "") -> Run:
        rows = [("Positive/1.png", "Positive", 0, "train")]
        split = pd.DataFrame(rows, columns=["file", "class", "group", "split"])
        run = create_run(split)
        run.report(status, message)
        return run

    return make


@pytest.fixture
def process() -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Start Python on some code; killed at the end if it is still there."""
    started = []

    def start(code: str, *arguments: str) -> subprocess.Popen[str]:
        child = subprocess.Popen(
            [sys.executable, "-c", code, *arguments],
            cwd=settings.PROJECT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        started.append(child)
        return child

    yield start
    for child in started:
        child.kill()
        child.communicate()


@dataclass
class FakePhoto:
    """Noise, with a dark bar from top to bottom where a crack is wanted."""

    image: np.ndarray
    cracks: np.ndarray


def fake_photo(rng, height: int, width: int, cracked: bool) -> FakePhoto:
    image = rng.integers(120, 200, (height, width, 3), np.uint8)
    cracks = np.zeros((height, width), np.bool_)
    if cracked:
        cracks[:, width // 2 - 60 :][:, :3] = True
        image[cracks] = 20
    return FakePhoto(image, cracks)


@contextmanager
def drawn_here(folder, orders):
    """Carry out the orders in this process."""
    yield (sample_workers.carry_out(folder, order) for order in orders)


@pytest.fixture
def few_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    """The sample has 24 patches and two scenes, which are small."""
    monkeypatch.setattr(sample, "_PER_CLASS", PER_CLASS)
    scenes = (Scene(1, 1, 200, 300, cracked=True), Scene(2, 2, 300, 200, cracked=False))
    monkeypatch.setattr(sample, "_SCENES", scenes)


@pytest.fixture
def fake_drawing(few_drawn: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """The sample is small, and quickly made of noise."""
    monkeypatch.setattr(sample, "answers", drawn_here)
    monkeypatch.setattr(sample_files, "draw_photo", fake_photo)


def draw_concrete(rng: np.random.Generator) -> np.ndarray:
    """Grey of one tone with coarse blotches and fine grain, uint8 (64, 64, 3)."""
    blotches = np.kron(rng.normal(0, 10, (8, 8)), np.ones((SIDE // 8, SIDE // 8)))
    grain = rng.normal(0, 6, (SIDE, SIDE))
    grey = np.clip(rng.uniform(130, 190) + blotches + grain, 0, 255).astype(np.uint8)
    return np.repeat(grey[:, :, None], 3, axis=2)


def draw_crack(patch: np.ndarray, rng: np.random.Generator) -> None:
    """Draw a dark line that wanders from the top edge to the bottom edge."""
    start = rng.integers(SIDE // 4, 3 * SIDE // 4)
    columns = start + np.cumsum(rng.integers(-1, 2, SIDE))
    for row, column in enumerate(np.clip(columns, 1, SIDE - 2)):
        patch[row, column - 1 : column + 2] = rng.integers(20, 50)
