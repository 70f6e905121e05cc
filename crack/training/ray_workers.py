"""The fine-tune phase on the computers of a Ray cluster.

Ray Train starts a process on each, tells TensorFlow of all of them, and starts all of
them anew when one is lost. They go on from the last checkpoint, as a resumed training.
"""

from __future__ import annotations

import os
import shutil
import signal
import time
from pathlib import Path
from typing import Any

from crack.bulk.ray_connection import connected, sentence_in
from crack.errors import CrackError
from crack.runs import claim
from crack.runs.run import Run, RunStatus
from crack.runs.workers import Workers
from crack.training.cluster_variables import cluster_variables
from crack.training.progress import Stopped

_STARTS = 3  # of all workers, before the training is given up
_WAITS = 10  # minutes, about, for workers that the cluster has no room for
_LOOK_EVERY = 1.0  # seconds
_OBEY_WITHIN = 60.0  # seconds; a step of a large batch on few cores takes long

_FOLDER = ".ray"  # in the run, for what Ray Train writes down


def fine_tune_on_cluster(run: Run, workers: Workers) -> None:
    """Train what is left of the fine-tune phase of a run.

    Args:
        run: In a folder that all computers of the cluster have under the same path.
        workers: Which cluster, and how many of its computers or GPUs.

    Raises:
        Stopped: The user asked for it.
        CrackError: Ray is not installed, the cluster not to be reached, or its workers
            were lost several times.
    """
    run.report(RunStatus.RUNNING, "Starting the workers of the cluster.")
    try:
        obey = signal.getsignal(signal.SIGTERM)
        with connected(workers, _told) as ray:
            signal.signal(signal.SIGTERM, obey)  # instead of Ray, which ends at once
            error = _outcome(ray, run, workers)
    finally:
        shutil.rmtree(run.path / _FOLDER, ignore_errors=True)
    if error is not None:
        raise error
    if run.stop_requested:
        raise Stopped


def _outcome(ray: Any, run: Run, workers: Workers) -> CrackError | None:
    """Wait for the workers; return why they ended, None if they are done."""
    # Asked by a task, so that this process can look after the run in the meantime; and
    # as one outside of the cluster may not ask Ray Train.
    stay = {"RAY_CHDIR_TO_TRIAL_DIR": "0"}
    place = {"env_vars": cluster_variables() | stay}
    task = ray.remote(num_cpus=0, max_retries=0, runtime_env=place)(_train)
    answer = task.remote(str(run.path), workers.most)
    asked = None
    while not ray.wait([answer], timeout=_LOOK_EVERY)[0]:
        claim.check()
        if run.stop_requested:
            asked = asked or time.monotonic()
            if time.monotonic() - asked > _OBEY_WITHIN:
                raise Stopped
    outcome: CrackError | None = ray.get(answer)
    return outcome


def _train(folder: str, most: int | None) -> CrackError | None:
    """Have Ray Train start the workers, and wait for them."""
    import ray
    from ray.train import FailureConfig, RunConfig, ScalingConfig
    from ray.train.tensorflow import TensorflowTrainer

    place = Path(folder, _FOLDER)
    shutil.rmtree(place, ignore_errors=True)  # of an attempt that was killed
    gpus = int(ray.cluster_resources().get("GPU", 0))
    computers = [n for n in ray.nodes() if n["Alive"] and n["Resources"].get("CPU")]
    again = FailureConfig(max_failures=_STARTS - 1, controller_failure_limit=_WAITS)
    trainer = TensorflowTrainer(
        _work,
        train_loop_config={"folder": folder},
        # TensorFlow uses all cores of a computer by itself.
        scaling_config=ScalingConfig(
            num_workers=most or gpus or len(computers),
            use_gpu=gpus > 0,
            placement_strategy="SPREAD",
        ),
        run_config=RunConfig(
            name="fine-tune",
            storage_path=str(place),
            failure_config=again,
        ),
    )
    error: CrackError | None = trainer.fit().return_value
    return error


def _work(told: dict[str, str]) -> CrackError | None:
    """Train as one of the workers; return what to start them again would not mend."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    run = Run(Path(told["folder"]))
    if not run.path.is_dir():
        raise CrackError(
            f"A computer of the cluster has no folder {run.path}.",
            "All of them need the workspace, under the same path.",
        )
    import tensorflow as tf

    from crack.training.replicas import ReplicaTrainer

    trainer = ReplicaTrainer(run, tf.distribute.MultiWorkerMirroredStrategy())
    try:
        trainer.fine_tune()
    except Stopped:
        return None
    except CrackError as error:  # all workers have ended, not only this one
        return error
    return None


def _told(error: BaseException) -> CrackError:
    failures = getattr(getattr(error, "cause", None), "worker_failures", {})
    for cause in (error, *failures.values()):
        if known := sentence_in(getattr(cause, "_base_exc", cause)):
            return known
    return CrackError(
        "The workers of the cluster were lost, or it had no room for them "
        f"({type(error).__name__}).",
        "Resume goes on from the last finished epoch.",
    )
