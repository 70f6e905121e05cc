"""Very many photos while things go wrong: a node is lost, then the command is killed.

    CRACK_TEST_DATA=DATA python -m benchmarks.bulk_faults --patches 20000
    python -m benchmarks.bulk_faults --large 200

The photos are in a server on this machine that speaks S3, and are asked about by the
local engine and by a Ray cluster of two nodes with one core each. At a third of the
answers the cluster loses a node and gets one again, at two thirds the command is
killed and given again. Every photo must then have one answer, that of the local engine.
Needs requirements-cluster-dev.txt.
"""

from __future__ import annotations

import argparse
import io
import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import cycle, islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import s3fs
from PIL import Image, ImageEnhance
from pyarrow import dataset

from benchmarks.bulk import large_photos, patches
from tests.cluster.conftest import BUCKET, Storage, quick_ray, s3, two_nodes

_PHOTOS, _LOCAL, _CLUSTER = "photos", "local", "cluster"


def main() -> None:
    """Ask both ways, and compare."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--patches", type=int, default=0, help="of METU")
    parser.add_argument("--large", type=int, default=0, help="of 12 megapixels, drawn")
    options = parser.parse_args()
    with s3() as variables:
        os.environ |= variables | quick_ray()
        storage = Storage(s3fs.S3FileSystem(use_listings_cache=False))
        storage.system.mkdir(BUCKET)
        count = put_patches(storage, options.patches)
        count += put_large(storage, options.large)
        with told("the local engine", count):
            ended(asked(_LOCAL))
        parts = len(storage.names(_LOCAL))
        with told("the cluster, all in all", count):
            on_cluster(storage, parts)
        compare(answers(storage, _LOCAL), answers(storage, _CLUSTER), count)


def put_patches(storage: Storage, count: int) -> int:
    """Put patches of METU, over and over, into ten folders."""
    for number, file in enumerate(islice(cycle(patches()), count) if count else ()):
        storage.put(f"{_PHOTOS}/{number % 10}/{number:06d}.jpg", file.read_bytes())
    return count


def put_large(storage: Storage, count: int) -> int:
    """Put drawn photos, each of a brightness of its own."""
    with TemporaryDirectory() as folder:
        drawn = [Image.open(file) for file in large_photos(Path(folder, "drawn"))]
        for number in range(count):
            light = ImageEnhance.Brightness(drawn[number % len(drawn)])
            content = io.BytesIO()
            light.enhance(0.7 + 0.6 * number / count).save(content, "JPEG", quality=90)
            storage.put(f"{_PHOTOS}/large/{number:06d}.jpg", content.getvalue())
    return count


def on_cluster(storage: Storage, parts: int) -> None:
    """Ask a cluster, and take away from it what can be lost.

    Args:
        storage: With the photos.
        parts: That the answers will have.
    """
    with two_nodes({}) as cluster:
        words = ("--engine", "ray", "--address", cluster.address)
        process = asked(_CLUSTER, *words)
        wait_for(storage, process, parts // 3)
        cluster.lose_a_node()
        cluster.gain_a_node()
        wait_for(storage, process, 2 * parts // 3)
        process.kill()
        process.wait()
        print(f"killed when {len(answers(storage, _CLUSTER)):,} had an answer")
        ended(asked(_CLUSTER, *words))


def asked(out: str, *words: str) -> subprocess.Popen[str]:
    """Start the command."""
    places = (f"s3://{BUCKET}/{_PHOTOS}/", "--out", f"s3://{BUCKET}/{out}")
    command = [sys.executable, "-m", "crack", "predict", *places, *words]
    return subprocess.Popen(command, stderr=subprocess.PIPE, text=True)


def ended(process: subprocess.Popen[str]) -> None:
    """Wait for the command, and print what it says at last."""
    _, said = process.communicate()
    print(said.strip().splitlines()[-1], flush=True)
    if process.returncode:
        sys.exit(said)


def wait_for(storage: Storage, process: subprocess.Popen[str], parts: int) -> None:
    """Wait until so many parts are written."""
    while len(storage.names(_CLUSTER)) < parts:
        if process.poll() is not None:
            sys.exit("The command ended before anything was taken away from it.")
        time.sleep(0.5)


def answers(storage: Storage, folder: str) -> dict[str, dict[str, Any]]:
    """Return the rows by file, of which there must be one each."""
    found = dataset.dataset(
        f"{BUCKET}/{folder}", filesystem=storage.system, format="parquet"
    )
    rows = found.to_table(["file", "probability"]).to_pylist()
    if set(Counter(row["file"] for row in rows).values()) != {1}:
        sys.exit("A photo has several answers.")
    return {row["file"]: row for row in rows}


def compare(
    local: dict[str, dict[str, Any]], others: dict[str, dict[str, Any]], count: int
) -> None:
    """Print how far the answers are apart."""
    if local.keys() != others.keys() or len(local) != count:
        sys.exit(f"{count} photos, {len(local)} local answers, {len(others)} others.")
    apart = max(
        abs(row["probability"] - others[file]["probability"])
        for file, row in local.items()
    )
    print(f"{count:,} photos: none lost, none doubled, {apart:.1e} apart at most")


@contextmanager
def told(what: str, count: int) -> Iterator[None]:
    """Print how long something takes."""
    began = time.perf_counter()
    yield
    seconds = time.perf_counter() - began
    load = os.getloadavg()[0]
    print(f"{what}: {seconds:.0f} s, {count / seconds:.2f}/s, load {load:.1f}")


if __name__ == "__main__":
    main()
