"""What it takes to answer for millions of photos: machines, hours, cost, bottleneck.

    python -m benchmarks.bulk_plan --core-seconds 2.5 [--photos 10000000] [...]

A model on paper: each core answers for a photo in `--core-seconds` (measured by
`benchmarks.bulk`), a photo comes over the link of its machine and from the storage, and
what is slowest sets the pace. It is checked by a simulation, photo by photo, of cores
that fetch and answer, links and a storage that serve one transfer after the other, and
times that vary. Needs `simpy`, of requirements-cluster-dev.txt.
"""

from __future__ import annotations

import argparse
import random
from collections.abc import Generator
from dataclasses import dataclass
from typing import Any

_SIMULATED = 60  # photos of each core
_SPREAD = 0.25  # sigma of the log-normal times of a core: photos differ
_GIGABIT = 1e9 / 8  # bytes
_AHEAD = 2  # photos that a core has asked for besides the one it answers for


@dataclass(frozen=True)
class Cluster:
    """What there is.

    Attributes:
        machines: How many.
        cores: Of each machine.
        core_seconds: That a core takes for a photo, decoding included.
        photo_bytes: Of a photo in the storage.
        link: Bytes a second into a machine.
        storage: Bytes a second out of the storage, for all together.
        requests: That the storage serves in a second.
    """

    machines: int
    cores: int
    core_seconds: float
    photo_bytes: float
    link: float
    storage: float
    requests: float

    def limits(self) -> dict[str, float]:
        """Return the photos a second that each part could do, if it were alone."""
        return {
            "cores": self.machines * self.cores / self.core_seconds,
            "links": self.machines * self.link / self.photo_bytes,
            "storage": self.storage / self.photo_bytes,
            "requests": self.requests,
        }

    def pace(self) -> tuple[float, str]:
        """Return the photos a second of all together, and what sets the pace."""
        limits = self.limits()
        slowest = min(limits, key=lambda part: limits[part])
        return limits[slowest], slowest

    def saturated_from(self) -> tuple[int, str]:
        """Return from how many machines on more of them do not help, and why."""
        of_one = min(self.cores / self.core_seconds, self.link / self.photo_bytes)
        shared = {
            "storage": self.storage / self.photo_bytes,
            "requests": self.requests,
        }
        slowest = min(shared, key=lambda part: shared[part])
        return int(shared[slowest] / of_one), slowest


def simulated_pace(cluster: Cluster, seed: int = 17) -> float:
    """Return the photos a second of a simulated cluster, once it is at work."""
    import simpy

    rng = random.Random(seed)
    clock = simpy.Environment()
    storage = simpy.Resource(clock)
    finished: list[float] = []

    def fetch(link: simpy.Resource, waiting: simpy.Store) -> Generator[Any]:
        for _ in range(_SIMULATED):
            with storage.request() as turn:
                yield turn
                busy = max(cluster.photo_bytes / cluster.storage, 1 / cluster.requests)
                yield clock.timeout(busy)
            with link.request() as turn:
                yield turn
                yield clock.timeout(cluster.photo_bytes / cluster.link)
            yield waiting.put(None)

    def answer(waiting: simpy.Store) -> Generator[Any]:
        middle = cluster.core_seconds / 2.718281828 ** (_SPREAD**2 / 2)
        for _ in range(_SIMULATED):
            yield waiting.get()
            yield clock.timeout(middle * rng.lognormvariate(0, _SPREAD))
            finished.append(clock.now)

    for _ in range(cluster.machines):
        link = simpy.Resource(clock)
        for _ in range(cluster.cores):
            waiting = simpy.Store(clock, _AHEAD)
            clock.process(fetch(link, waiting))
            clock.process(answer(waiting))
    clock.run()
    # Neither the start, when nothing has come yet, nor the end, when cores run dry.
    finished.sort()
    first, last = len(finished) // 10, len(finished) * 8 // 10
    return (last - first) / (finished[last] - finished[first])


def main() -> None:
    """Print a table with a row for each number of machines."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--core-seconds", type=float, required=True)
    parser.add_argument("--photos", type=int, default=10_000_000)
    parser.add_argument("--photo-mb", type=float, default=4.5)
    parser.add_argument("--cores", type=int, default=16, help="of a machine")
    parser.add_argument("--link", type=float, default=10, help="of a machine, Gbit/s")
    parser.add_argument("--storage", type=float, default=100, help="Gbit/s in all")
    parser.add_argument("--requests", type=float, default=5500, help="a second in all")
    parser.add_argument("--price", type=float, default=0.05, help="of a core-hour")
    parser.add_argument("--machines", default="1,10,50,100,400,800")
    options = parser.parse_args()
    print("| machines | photos/s | hours | core-hours | cost | slowest | simulated |")
    print("|---|---|---|---|---|---|---|")
    for machines in map(int, options.machines.split(",")):
        cluster = Cluster(
            machines,
            options.cores,
            options.core_seconds,
            options.photo_mb * 1e6,
            options.link * _GIGABIT,
            options.storage * _GIGABIT,
            options.requests,
        )
        pace, slowest = cluster.pace()
        hours = options.photos / pace / 3600
        core_hours = hours * machines * options.cores
        share = simulated_pace(cluster) / pace
        print(
            f"| {machines} | {pace:,.1f} | {hours:,.1f} | {core_hours:,.0f} | "
            f"{core_hours * options.price:,.0f} | {slowest} | {share:.1%} of it |"
        )
    most, why = cluster.saturated_from()
    print(f"\nMore than {most} machines do not help: {why}.")


if __name__ == "__main__":
    main()
