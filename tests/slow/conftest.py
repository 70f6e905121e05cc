"""Real training made small: an untrained backbone on 32 px of drawn concrete."""

from __future__ import annotations

import os
import signal
import time
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import psutil
import pytest
from PIL import Image

from crack import storage
from crack.data.dataset import Dataset
from crack.data.importer import add_dataset
from crack.data.split import make_split
from crack.runs import jobs
from crack.runs.config import PhaseConfig, TrainConfig
from crack.runs.listing import list_runs
from crack.runs.run import Run, RunStatus
from tests.conftest import draw_concrete, draw_crack

SIDE = 32  # pixels, input of the network
PATIENCE_SECONDS = 240  # with a process; far more than a quiet machine needs


def draw_folder(folder: Path, cracked: int, intact: int) -> Path:
    """Class folders Positive and Negative with so many 64 px PNGs."""
    rng = np.random.default_rng(17)
    for class_name, count in (("Positive", cracked), ("Negative", intact)):
        (folder / class_name).mkdir(parents=True)
        for number in range(count):
            patch = draw_concrete(rng)
            if class_name == "Positive":
                draw_crack(patch, rng)
            Image.fromarray(patch).save(folder / class_name / f"{number:05d}.png")
    return folder


@pytest.fixture(scope="session")
def concrete_folder(tmp_path_factory) -> Path:
    """100 cracked and 100 intact patches."""
    return draw_folder(tmp_path_factory.mktemp("concrete") / "patches", 100, 100)


@pytest.fixture
def dataset(concrete_folder) -> Dataset:
    """The dataset `concrete`, in the workspace of the test."""
    return add_dataset("concrete", concrete_folder, crack_class="Positive")


def quick_config(**changes) -> TrainConfig:
    """Both phases of a few epochs each, seconds altogether."""
    config = TrainConfig(
        dataset="concrete",
        backbone="random",
        image_size=SIDE,
        batch_size=16,
        views=4,
        frozen=PhaseConfig(4, "adam", 3e-3),
        fine_tune=PhaseConfig(3, "adam", 1e-4, "cosine"),
    )
    return replace(config, **changes)


def new_run(dataset: Dataset, config: TrainConfig) -> Run:
    """Return a run without a process."""
    split = make_split(dataset, config.split, config.seed)
    return Run.create(config, dataset, split)


@dataclass(frozen=True)
class Finished:
    """A run trained to its end by its own process, and the workspace it lies in."""

    run: Run
    home: Path


@pytest.fixture(scope="session")
def finished(tmp_path_factory, concrete_folder) -> Finished:
    """The run every other one of the same seed is compared with; do not change it."""
    home = tmp_path_factory.mktemp("finished")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CRACK_HOME", str(home))
        note = "Noise, no concrete."
        add_dataset("concrete", concrete_folder, crack_class="Positive", note=note)
        run = jobs.start(quick_config())
        try:
            wait_for_end(run)
        finally:
            end_processes()
    assert run.status is RunStatus.FINISHED, run.log_tail()
    return Finished(run, home)


@pytest.fixture
def no_process_left():
    """End what a failing test would leave behind."""
    yield
    end_processes()


def end_processes() -> None:
    """Kill the workers of the workspace that are at work, wait for those that end."""
    for run in [listed.live for listed in list_runs()]:
        if run.status.is_active:
            kill(run)
        pid = storage.read_json(run.path / "process.json")["pid"]
        wait_for(lambda pid=pid: is_gone(pid))


def kill(run: Run) -> None:
    """Kill the worker as the operating system does when memory runs out."""
    pid = storage.read_json(run.path / "process.json")["pid"]
    os.kill(pid, signal.SIGKILL)
    wait_for(lambda: is_gone(pid))


def is_gone(pid: int) -> bool:
    """Return whether a worker has ended and nothing is left of it."""
    jobs.reconcile()
    return not psutil.pid_exists(pid)


def wait_for_end(run: Run) -> None:
    """Wait until a run is not active any more."""

    def ended():
        jobs.reconcile()
        return not run.status.is_active

    wait_for(ended, run)


def wait_for(condition, run: Run | None = None) -> float:
    """Wait until something holds; return the seconds it took."""
    began = time.monotonic()
    while not condition():
        if time.monotonic() - began > PATIENCE_SECONDS:
            told = f"\n{run.progress}\n{run.log_tail()}" if run else ""
            pytest.fail(f"waited {PATIENCE_SECONDS} s in vain{told}")
        time.sleep(0.005)
    return time.monotonic() - began


@pytest.fixture(scope="session")
def network():
    """A full network of 32 px whose answers differ from image to image; read only."""
    import keras

    from crack.model.classifier import build_classifier
    from crack.runs.backbones import find_backbone

    keras.utils.set_random_seed(17)
    return build_classifier(find_backbone("random"), SIDE, dropout=0.3, seed=17)


@pytest.fixture(scope="session")
def pixels():
    """12 images of noise, each of its own tone, as float32 from 0 to 255."""
    rng = np.random.default_rng(5)
    tone = rng.uniform(40, 215, (12, 1, 1, 3))
    noise = rng.normal(0, 40, (12, SIDE, SIDE, 3))
    return (tone + noise).clip(0, 255).round().astype(np.float32)


@pytest.fixture
def imagenet_home() -> Path:
    """A Keras home with the ImageNet weights for 160 px."""
    home = Path(os.environ.get("KERAS_HOME") or Path.home() / ".keras")
    name = "mobilenet_v2_weights_tf_dim_ordering_tf_kernels_1.0_160_no_top.h5"
    if not (home / "models" / name).is_file():
        pytest.skip(f"KERAS_HOME has no models/{name}")
    return home
