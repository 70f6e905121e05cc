"""A process that works out what is kept: `python -m crack.exploration.worker`.

A process of its own, as the features of 12,000 images and what is made of them take
400 MB, which the dashboard then never holds, and its pages stay quick meanwhile.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any, Literal

from crack.access import Role, change
from crack.data.dataset import Dataset, Progress, load_dataset
from crack.errors import CrackError
from crack.exploration.dataset_map import make_coarse_map, make_fine_map
from crack.exploration.judgement import judge
from crack.own_process import own_process

Work = Literal["judge", "coarse map", "fine map"]
"""What is worked out: one of the functions of the same name."""

_WORK = {"judge": judge, "coarse map": make_coarse_map, "fine map": make_fine_map}
_FAILED = 3  # exit status of a worker that has said why


@change("look at the images of a dataset", Role.VIEWER, on="{dataset.name}: {what}")
def work_out(what: Work, folder: Path, dataset: Dataset, progress: Progress) -> None:
    """Work something out in a process of its own, which ends with this call.

    Args:
        what: Which of them.
        folder: Of the model.
        dataset: With the images.
        progress: Told how far it is; may raise to stop.

    Raises:
        CrackError: The model cannot be used, there are too few images, or the process
            has stopped.
    """
    arguments = [what, str(folder), dataset.name]
    with own_process(__name__, arguments) as process:
        said = _listen(process, progress)
    if "error" in said:
        raise CrackError(said["error"], said["hint"])
    if "finished" not in said:
        raise CrackError(
            "The process that looks at the images has stopped.",
            "Perhaps the memory was too small. Try again; what it has seen is kept.",
        )


def _listen(process: subprocess.Popen[str], progress: Progress) -> dict[str, Any]:
    """Pass on how far it is; return the last that it said."""
    assert process.stdout is not None
    said: dict[str, Any] = {}
    for line in process.stdout:
        said = json.loads(line)
        if "activity" in said:
            progress(said["activity"], said["done"], said["total"])
    return said


def _say(**words: str | int) -> None:
    sys.stdout.write(json.dumps(words) + "\n")
    sys.stdout.flush()


def _main(what: Work, folder: str, name: str) -> int:
    def tell(activity: str, done: int, total: int) -> None:
        _say(activity=activity, done=done, total=total)

    try:
        _WORK[what](Path(folder), load_dataset(name), tell)
    except CrackError as error:
        _say(error=error.message, hint=error.hint)
        return _FAILED
    _say(finished=True)
    return 0


if __name__ == "__main__":
    sys.exit(_main(*sys.argv[1:]))  # type: ignore[arg-type]
