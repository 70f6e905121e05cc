"""What the computers of a cluster must know to find the files of a training."""

from __future__ import annotations

import os

from crack import settings


def cluster_variables() -> dict[str, str]:
    """Return the variables of their environment."""
    found = {"CRACK_HOME": str(settings.home())}
    if home := os.environ.get("KERAS_HOME"):
        found["KERAS_HOME"] = home
    return found
