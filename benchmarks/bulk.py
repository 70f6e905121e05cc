"""Very many photos: this computer beside Ray with the same cores, and the memory.

    python -m benchmarks.bulk throughput --patches 20000 --large 200
    python -m benchmarks.bulk memory --files 1000 10000 100000 [--model SMALL]

The patches are links to those of METU in $CRACK_TEST_DATA, the large photos links to
drawn ones of 12 megapixels. Each question is a process of its own, tied with all that
it starts to as many cores as it has workers. The rate leaves out the start: that is how
long the same question takes for one photo. Needs requirements-cluster.txt, and Linux.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import cycle, islice
from pathlib import Path

import numpy as np
import psutil
from PIL import Image
from pyarrow import dataset

from crack.synthetic.drawing import draw_photo

_LARGE_DRAWN = 4
_SAMPLED = 0.25  # seconds between two looks at the memory


@dataclass(frozen=True)
class Way:
    """How the photos are asked about."""

    name: str
    cores: int
    words: tuple[str, ...] = ()


WAYS = (
    Way("this computer, 1 core", 1),
    Way("Ray, 1 worker", 1, ("--engine", "ray", "--workers", "1")),
    Way("this computer, 2 cores", 2),
    Way("Ray, 2 workers", 2, ("--engine", "ray", "--workers", "2")),
)


@dataclass
class Asked:
    """What a question took: seconds, and megabytes at its peak."""

    seconds: float = 0.0
    driver: float = 0.0
    worker: float = 0.0


def ask(way: Way, folder: Path, out: Path, model: str = "default") -> Asked:
    """Ask about a folder, and watch."""
    command = [sys.executable, "-m", "crack", "predict", str(folder), "--out", str(out)]
    command += ["--model", model]
    cores = ",".join(map(str, range(way.cores)))
    began, asked = time.perf_counter(), Asked()
    with subprocess.Popen(
        ["taskset", "-c", cores, *command, *way.words], stderr=subprocess.DEVNULL
    ) as process:
        watching = threading.Thread(target=_watch, args=(process, asked))
        watching.start()
        process.wait()
        watching.join()
    asked.seconds = time.perf_counter() - began
    return asked


def _watch(process: subprocess.Popen[bytes], asked: Asked) -> None:
    driver = psutil.Process(process.pid)
    while process.poll() is None:
        try:
            asked.driver = max(asked.driver, driver.memory_info().rss / 1e6)
            for child in driver.children(recursive=True):
                if "MapWorker" in " ".join(child.cmdline()):
                    asked.worker = max(asked.worker, child.memory_info().rss / 1e6)
        except psutil.NoSuchProcess:
            pass
        time.sleep(_SAMPLED)


def probabilities(out: Path) -> dict[str, float | None]:
    """Return the answers by file."""
    table = dataset.dataset(out, format="parquet").to_table(["file", "probability"])
    columns = (table[name].to_pylist() for name in table.column_names)
    return dict(zip(*columns, strict=True))


def patches() -> list[Path]:
    """Return the patches of METU."""
    return sorted(Path(os.environ["CRACK_TEST_DATA"], "metu").rglob("*.jpg"))


def link(photos: Sequence[Path], count: int, folder: Path) -> None:
    """Fill a folder with so many links to photos."""
    folder.mkdir(parents=True)
    for number, photo in enumerate(islice(cycle(photos), count)):
        (folder / f"{number:06d}{photo.suffix}").symlink_to(photo)


@contextmanager
def work() -> Iterator[Path]:
    """Yield a folder for all of it, deleted at the end."""
    with tempfile.TemporaryDirectory(prefix="crack-bulk-") as folder:
        yield Path(folder)


def throughput(options: argparse.Namespace) -> None:
    """Print the rate of each way, and how far its answers are from the first."""
    with work() as folder:
        kinds = {"patches": (patches(), options.patches)}
        if options.large:
            kinds["large photos"] = (large_photos(folder / "drawn"), options.large)
        for kind, (photos, count) in kinds.items():
            link(photos, count, folder / kind)
            link(photos, 1, folder / f"one of {kind}")
            first: dict[str, float | None] = {}
            for number, way in enumerate(WAYS):
                start = ask(way, folder / f"one of {kind}", folder / f"start {number}")
                out = folder / f"{kind} {number}"
                asked = ask(way, folder / kind, out)
                answers = probabilities(out)
                first = first or answers
                rate = (count - 1) / (asked.seconds - start.seconds)
                print(
                    f"{kind}, {way.name}: {rate:.2f}/s, start {start.seconds:.1f} s, "
                    f"{len(answers):,} answers, {_apart(first, answers):.1e} apart, "
                    f"driver {asked.driver:.0f} MB, worker {asked.worker:.0f} MB, "
                    f"load {os.getloadavg()[0]:.1f}",
                    flush=True,
                )


def _apart(some: dict[str, float | None], others: dict[str, float | None]) -> float:
    assert some.keys() == others.keys()
    return max(abs((some[file] or 0) - (others[file] or 0)) for file in some)


def large_photos(folder: Path) -> list[Path]:
    """Draw photos of 12 megapixels into a new folder, each a surface repeated."""
    folder.mkdir()
    for number in range(_LARGE_DRAWN):
        rng = np.random.default_rng(number)
        surface = draw_photo(rng, 1000, 1000, cracked=number % 2 == 0).image
        photo = Image.fromarray(np.tile(surface, (3, 4, 1)))
        photo.save(folder / f"{number}.jpg", quality=92)
    return sorted(folder.iterdir())


def memory(options: argparse.Namespace) -> None:
    """Print the memory for each number of files, with small pictures."""
    with work() as folder:
        Image.open(patches()[0]).resize((64, 64)).save(folder / "small.png")
        for count in options.files:
            link([folder / "small.png"], count, folder / str(count))
            for way in (WAYS[2], WAYS[3]):
                out = folder / f"{count}, {way.name}"
                asked = ask(way, folder / str(count), out, options.model)
                assert len(probabilities(out)) == count
                print(
                    f"{count:,} files, {way.name}: driver {asked.driver:.0f} MB, "
                    f"worker {asked.worker:.0f} MB, {asked.seconds:.0f} s",
                    flush=True,
                )


def main() -> None:
    """Measure what was asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    what = parser.add_subparsers(required=True)
    rate = what.add_parser("throughput")
    rate.add_argument("--patches", type=int, default=20_000)
    rate.add_argument("--large", type=int, default=200)
    rate.set_defaults(measure=throughput)
    held = what.add_parser("memory")
    held.add_argument("--files", type=int, nargs="+", default=[1_000, 10_000])
    held.add_argument("--model", default="default")
    held.set_defaults(measure=memory)
    options = parser.parse_args()
    options.measure(options)


if __name__ == "__main__":
    main()
