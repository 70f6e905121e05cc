"""How long the server takes for the page of a dataset, and how much memory.

    python -m benchmarks.dataset_page DATASET...

starts the dashboard on the workspace and opens each address in sessions of their own,
as people do who got a link, so that nothing but what all sessions share is warm.
"""

from __future__ import annotations

import argparse
import os
import statistics
import time
from urllib.parse import urlencode

import psutil

from benchmarks.load import dashboard
from benchmarks.scripted_session import ScriptedSession
from crack import settings
from crack.data.dataset import load_dataset

RUNS = 9
ADDRESSES: dict[str, dict[str, object]] = {
    "gallery": {},
    "page 50": {"browse_page": 50},
    "part of the split": {"browse_in": "test"},
    "brightness": {"browse_brightness": (60, 80)},
    "near-copies": {"browse_problem": "Near-copies"},
    "sorted by sharpness": {"browse_sort": "Sharpest first"},
    "overview": {"browse_view": "Overview"},
}


def main() -> None:
    """Print milliseconds of wall time and of the processor, and megabytes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("datasets", nargs="+", metavar="DATASET")
    with dashboard(settings.home()) as (address, server):
        for name in parser.parse_args().datasets:
            print(f"{name}: wall ms, processor ms; first, then median of {RUNS}")
            dataset = load_dataset(name)
            image = {"browse_image": dataset.samples["file"].iloc[-1]}
            crack = {"browse_class": dataset.crack_class}
            for what, query in (ADDRESSES | {"class": crack, "image": image}).items():
                _measure(address, server, what, {"browse_dataset": name, **query})
            print(f"  {server.memory_info().rss / 1e6:.0f} MB")
    print(f"load average {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")


def _measure(
    address: str, server: psutil.Process, what: str, query: dict[str, object]
) -> None:
    times = [
        _open(address, server, urlencode(query, doseq=True)) for _ in range(RUNS + 1)
    ]
    wall, processor = (
        statistics.median(column) for column in zip(*times[1:], strict=True)
    )
    first = times[0]
    print(
        f"  {what}: {first[0]:.0f}, {first[1]:.0f}; {wall:.0f}, {processor:.0f}",
        flush=True,
    )


def _open(address: str, server: psutil.Process, query: str) -> tuple[float, float]:
    """Return the milliseconds of wall time and of the server's processor time."""
    with ScriptedSession(address) as session:
        before, began = server.cpu_times(), time.monotonic()
        session.open("browse", query)
        wall, after = time.monotonic() - began, server.cpu_times()
        if session.errors:
            raise SystemExit(f"the page shows an error: {session.errors[0]}")
    spent = after.user + after.system - before.user - before.system
    return 1000 * wall, 1000 * spent


if __name__ == "__main__":
    main()
