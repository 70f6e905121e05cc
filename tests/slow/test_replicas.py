"""Training on several replicas of one process: here two parts of the processor."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest

from crack.runs.config import PhaseConfig
from crack.settings import PROJECT
from tests.slow.conftest import new_run, quick_config

pytestmark = pytest.mark.slow

# In a process of its own: TensorFlow divides a device only before it is used.
TRAIN = """
import sys
from pathlib import Path

import tensorflow as tf

from crack.runs.run import Run
from crack.training import places, replicas, trainer

processor = tf.config.list_physical_devices("CPU")[0]
half = tf.config.LogicalDeviceConfiguration()
tf.config.set_logical_device_configuration(processor, [half, half])
strategy = tf.distribute.MirroredStrategy(["CPU:0", "CPU:1"])
replicas._have_tensor_cores = lambda: sys.argv[2] == "mixed"
trainer.finish = lambda *_: None
run = Run(Path(sys.argv[1]))
if sys.argv[2] == "alone":
    trainer.Trainer(run).train()
else:
    places.MirroredTrainer(run, strategy).train()
"""
# 13 divides neither the training images nor a batch by two.
CONFIG = quick_config(batch_size=13, frozen=PhaseConfig(1, "adam", 3e-3))


def trained(dataset, way: str, fine_tune: PhaseConfig):
    from crack.runs.run import RunStatus

    run = new_run(dataset, replace(CONFIG, fine_tune=fine_tune))
    run.report(RunStatus.RUNNING, "")
    command = [sys.executable, "-c", TRAIN, str(run.path), way]
    subprocess.run(command, cwd=PROJECT, check=True, capture_output=True)
    return run


# Not for longer at a rate that stays: a gradient that is all but zero makes a whole
# step, in the direction that its last digit tells, and they drift apart.
@pytest.mark.parametrize(
    "fine_tune", [CONFIG.fine_tune, PhaseConfig(2, "rmsprop", 1e-5)]
)
def test_two_replicas_train_like_one_process(dataset, fine_tune):
    alone = trained(dataset, "alone", fine_tune)
    # As far as half precision comes, which parts after an epoch of the fine-tune phase;
    # the copy that computes in it is not what is kept.
    for way, apart, epochs in (("float32", 1e-3, None), ("mixed", 0.05, 2)):
        shared = trained(dataset, way, fine_tune)
        assert len(shared.history) == len(alone.history) == 1 + fine_tune.epochs
        both = list(zip(shared.history, alone.history, strict=True))
        for ours, theirs in both[:epochs]:
            for name in ("loss", "val_loss"):
                assert abs(ours[name] - theirs[name]) < apart, (way, ours, theirs)
        for ours, theirs in both:
            assert ours["learning_rate"] == pytest.approx(theirs["learning_rate"])
        assert len(shared.steps) == len(alone.steps)
        assert kept(shared) == kept(alone), "one could not go on with the other's"


def kept(run) -> dict:
    """Name, shape and type of everything in the last checkpoint."""
    import h5py

    from crack.training.checkpoints import checkpoint_path

    found = {}

    def note(name, item):
        if isinstance(item, h5py.Dataset):
            found[name] = (item.shape, item.dtype)

    with h5py.File(checkpoint_path(run, len(run.history))) as file:
        file.visititems(note)
    return found


def test_the_shares_of_a_batch_are_the_batch():
    from crack.training.shares import ValidationShares

    activations = np.arange(700, dtype=np.float16)[:, None]
    labels = np.arange(700) % 2
    rows = np.arange(3, 700, 2)
    shares = ValidationShares(activations, rows, labels, channels=5, replicas=3)
    seen = []
    for index in range(len(shares)):
        each = [shares.batch(index)(replica) for replica in range(3)]
        assert len({len(share.labels) for share in each}) == 1
        assert sum(share.counted.sum() for share in each) == each[0].size
        for share in each:
            own = share.counted > 0
            seen.extend(share.activations[own, 0])
            assert (share.labels == labels[share.activations[:, 0].astype(int)]).all()
            assert (share.weights == share.counted).all()
    assert seen == list(rows)
