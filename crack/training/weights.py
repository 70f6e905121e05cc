"""Before the training: the download of the weights it starts from."""

from __future__ import annotations

import logging

from crack.runs.backbones import find_backbone
from crack.runs.imagenet import fetch_imagenet_weights, needs_download
from crack.runs.run import Run, RunStatus
from crack.training.progress import Stopped

_log = logging.getLogger(__name__)


def fetch_weights(run: Run) -> None:
    """Download the weights that the backbone of a run starts from, unless present.

    Raises:
        Stopped: The user asked for it.
        CrackError: It cannot be downloaded.
    """
    if not needs_download(run.config):
        return

    def report(activity: str, done: int, total: int) -> None:
        run.report(RunStatus.RUNNING, activity, done, total)
        if run.stop_requested:
            raise Stopped

    _log.info("downloading the ImageNet weights")
    network = find_backbone(run.config.backbone).network
    fetch_imagenet_weights(network, run.config.image_size, report)
