"""How much memory the dashboard takes when a dataset is browsed for long.

    python -m benchmarks.dataset_memory DATASET

opens the Start page, every view of the dataset, pages of its gallery, and the views
again after each of some edits, every one of which makes a new version. The edits are
made to a copy of the index, in a workspace of its own.
"""

from __future__ import annotations

import argparse
import os
import shutil
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import urlencode

from benchmarks.dataset_page import ADDRESSES
from benchmarks.load import dashboard
from benchmarks.scripted_session import ScriptedSession
from crack import settings
from crack.data.dataset import edit_dataset, load_dataset

VERSIONS, PAGES = 9, 23
ORDERS = ("Name", "Darkest first", "Brightest first", "Sharpest first")
VIEWS = ("Overview", "Quality", "Split", "Map")


def main() -> None:
    """Print the megabytes after each step."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("dataset", metavar="DATASET")
    name = parser.parse_args().dataset
    index = settings.datasets_dir() / name
    with TemporaryDirectory() as home:
        os.environ["CRACK_HOME"] = home
        shutil.copytree(index, settings.datasets_dir() / name)
        _browse(name, Path(home))


def _browse(name: str, home: Path) -> None:
    files = load_dataset(name).samples["file"].tolist()
    views: list[dict[str, object]] = [{"browse_view": view} for view in VIEWS]
    views += [{"browse_image": files[-1]}, *ADDRESSES.values()]
    pages: list[dict[str, object]] = [
        {"browse_page": page, "browse_sort": ORDERS[page % len(ORDERS)]}
        for page in range(2, 2 + PAGES)
    ]
    with dashboard(home) as (address, server):

        def visit(what: str, queries: list[dict[str, object]]) -> None:
            for query in queries:
                with ScriptedSession(address) as session:
                    asked = {"browse_dataset": name, **query}
                    session.open("browse", urlencode(asked, doseq=True))
                    if session.errors:
                        raise SystemExit(f"the page shows an error: {session.errors}")
            print(f"{what}: {server.memory_info().rss / 1e6:.0f} MB", flush=True)

        with ScriptedSession(address) as session:
            session.open("")
        visit("Start page", [])
        visit("all views", views)
        visit(f"{PAGES} pages", pages)
        for version in range(1, VERSIONS + 1):
            edit_dataset(name, files[version], "leave out")
            visit(f"version {version}", views)
    print(f"load average {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")


if __name__ == "__main__":
    main()
