"""Fixtures for every test: a workspace of its own and small pictures of concrete."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

SIDE = 64  # pixels
PER_CLASS = 12


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "test_data" in getattr(item, "fixturenames", ()):
            item.add_marker("real_data")


@pytest.fixture(autouse=True)
def crack_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The workspace; as on a user's first start the folder does not exist yet."""
    home = tmp_path / "workspace"
    monkeypatch.setenv("CRACK_HOME", str(home))
    return home


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
