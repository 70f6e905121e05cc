"""What the garbage collector may leave out."""

from __future__ import annotations

import gc
import sys
import threading

_lock = threading.Lock()
_modules_known = 0


def leave_out_what_stays() -> None:
    """Keep the objects of loaded modules out of garbage collections.

    Streamlit collects after every run of a script or fragment. Going through the
    objects of all modules takes 0.1 s and more, in which no other session goes on; a
    dozen tabs that watch a training would take a whole core. They never become garbage.
    """
    global _modules_known
    with _lock:
        first, grown = _modules_known == 0, len(sys.modules) > _modules_known
        _modules_known = len(sys.modules)
        if grown and not first:  # before the first run nothing was collected yet
            gc.freeze()
