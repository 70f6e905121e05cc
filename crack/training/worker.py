"""The process behind a run: `python -m crack.training.worker RUN_DIR`."""

from __future__ import annotations

import logging
import os
import shutil
import signal
import sys
from pathlib import Path

from crack import logs
from crack.errors import CrackError
from crack.locks import LockLostError
from crack.runs import claim, jobs
from crack.runs.run import Run, RunStatus

_log = logging.getLogger("crack")

_NO_SPACE = 50_000_000  # bytes; a checkpoint with its optimizer takes some 20 MB


def main(folder: str) -> int:
    """Wait for the turn of a run, train it, and record how it ended.

    Returns:
        Exit status: 0 when it finished or was stopped, 1 when it failed.
    """
    logs.set_up()
    run = Run(Path(folder))
    logs.identify(run.id)
    stop_file = run.path / "stop"
    signal.signal(signal.SIGTERM, lambda *_: stop_file.touch())
    if not claim.take(lambda: jobs.is_the_worker(run, os.getpid())):
        return 0  # it was resumed twice at once
    run.report(RunStatus.QUEUED, "Waiting for its turn.")
    lock = jobs.wait_for_turn(run)
    if lock is None:
        run.report(RunStatus.STOPPED, "Stopped while it was waiting. Resume starts it.")
        return 0
    with lock:
        # If it was resumed twice at once, only one of the processes goes on.
        mine = run.status is RunStatus.QUEUED and jobs.is_the_worker(run, os.getpid())
        return _train(run) if mine else 0


def _train(run: Run) -> int:
    run.report(RunStatus.RUNNING, "Starting TensorFlow.")
    # Only now: a queued worker must not hold a gigabyte while it waits.
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    import tensorflow as tf

    from crack.training.places import trainer_of
    from crack.training.progress import Stopped
    from crack.training.weights import fetch_weights

    try:
        fetch_weights(run)
        run.report(RunStatus.RUNNING, "Building the network.")
        trainer_of(run).train()
    except Stopped:
        epochs = len(run.history)
        ended = f"after epoch {epochs}" if epochs else "before an epoch was finished"
        run.report(RunStatus.STOPPED, f"Stopped {ended}. Resume goes on from there.")
    except LockLostError as error:
        # Another process may be at work on the run: nothing more is written there.
        _log.error("this process leaves the run alone: %s", error)
        return 1
    except CrackError as error:
        run.report(RunStatus.FAILED, str(error))
        return 1
    except (MemoryError, tf.errors.ResourceExhaustedError):
        _log.exception("out of memory")
        run.report(
            RunStatus.FAILED,
            "The machine ran out of memory. Use a smaller batch size or image size.",
        )
        return 1
    except Exception as error:  # noqa: BLE001 - see below
        # The last line of defence: whatever happened, the run must not look alive.
        _log.exception("unexpected error")
        run.report(RunStatus.FAILED, _reason(run, error))
        return 1
    else:
        run.report(RunStatus.FINISHED, "Finished.", 1, 1, 0.0)
    return 0


def _reason(run: Run, error: Exception) -> str:
    free = shutil.disk_usage(run.path).free
    # Not by the type of error: each library has its own for a full disk.
    if free < _NO_SPACE:
        return (
            f"The disk is full ({free / 1e6:.0f} MB are free). Make space, then resume."
        )
    return (
        f"An unexpected error ended the training ({type(error).__name__}). The log "
        "says more."
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
