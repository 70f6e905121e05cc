"""TensorFlow without the lines that it writes on stderr as it starts."""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

_STDERR = 2


def load_tensorflow() -> None:
    """Import TensorFlow and Keras, which takes some seconds.

    What fails is raised as ever. What is said of this computer's processor and of
    missing GPUs is no concern of the user, and would stand among the answers.
    """
    import crack.model  # noqa: F401 - before Keras: it says where its folder is

    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    with _silent_stderr():
        import keras  # noqa: F401
        import tensorflow as tf

        tf.config.list_physical_devices()  # looks for GPUs
    warnings.filterwarnings("ignore", category=FutureWarning, module="keras")


@contextmanager
def _silent_stderr() -> Iterator[None]:
    # C++ writes to the file itself; replacing `sys.stderr` would not be noticed.
    kept = os.dup(_STDERR)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, _STDERR)
        yield
    finally:
        os.dup2(kept, _STDERR)
        os.close(kept)
        os.close(nowhere)
