"""How many programs `crack serve` answers, and how fast.

    python -m benchmarks.service --clients 30 --seconds 60

starts the service on a workspace of its own and lets each client ask again as soon as
it is answered: about patches of 227 px, and now and then about a photo of 12
megapixels. Every answer is compared with the one to the same file before. With
--dashboards 2 --sessions 5 so many dashboards run on the same workspace, each visited
as by `benchmarks.load`. With --address a service that runs already is asked, with
--token as somebody it knows.
"""

from __future__ import annotations

import argparse
import os
import random
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from io import BytesIO
from pathlib import Path

import httpx
import numpy as np
from PIL import Image

from benchmarks.load import Visitor, crack, dashboard, report, visitors
from crack.data.images import decode_image
from crack.synthetic.example import EXAMPLE

PATCH, PHOTO = "patch", "12 MP"
_PATCHES = 40
_SIDE, _LARGE = 227, (4000, 3000)
_SHARE = 0.02  # of the questions are about a photo
_PATIENCE = 120.0  # seconds


class Client(threading.Thread):
    """Asks about one file after another until told to end."""

    def __init__(
        self,
        number: int,
        address: str,
        headers: dict[str, str],
        files: dict[str, list[bytes]],
        known: dict[bytes, float],
    ) -> None:
        super().__init__(daemon=True)
        self.seconds: defaultdict[str, list[float]] = defaultdict(list)
        self.statuses: Counter[int] = Counter()
        self.other_answers = 0
        self.ended = threading.Event()
        self._address, self._headers = address, headers
        self._files, self._known = files, known
        self._random = random.Random(number)

    def run(self) -> None:
        """Ask and wait for the answer in turn."""
        with httpx.Client(timeout=_PATIENCE, headers=self._headers) as http:
            while not self.ended.is_set():
                kind = PHOTO if self._random.random() < _SHARE else PATCH
                self._ask(http, kind, self._random.choice(self._files[kind]))

    def _ask(self, http: httpx.Client, kind: str, content: bytes) -> None:
        began = time.monotonic()
        try:
            answer = ask(http, self._address, content)
        except httpx.HTTPError:
            self.statuses[0] += 1
            return
        self.statuses[answer.status_code] += 1
        if answer.status_code == 200:
            self.seconds[kind].append(time.monotonic() - began)
            same = answer.json()["probability"] == self._known[content]
            self.other_answers += not same
        elif answer.status_code == 503:
            self.ended.wait(float(answer.headers["Retry-After"]))


def ask(http: httpx.Client, address: str, content: bytes) -> httpx.Response:
    """Return the response to a question about one photo."""
    return http.post(f"{address}/v1/predictions", files={"photo": ("a.jpg", content)})


def files_asked_about() -> dict[str, list[bytes]]:
    """Return the content of patches and photos, cut from the drawn photo."""
    photo, rng = decode_image(EXAMPLE), np.random.default_rng(17)
    height, width, _ = photo.shape
    patches = []
    for _ in range(_PATCHES):
        top, left = rng.integers(height - _SIDE), rng.integers(width - _SIDE)
        patches.append(_jpeg(Image.fromarray(photo[top:, left:][:_SIDE, :_SIDE])))
    large = [_jpeg(Image.fromarray(photo[::turn]).resize(_LARGE)) for turn in (1, -1)]
    return {PATCH: patches, PHOTO: large}


def _jpeg(image: Image.Image) -> bytes:
    file = BytesIO()
    image.save(file, "JPEG", quality=90)
    return file.getvalue()


@contextmanager
def service(folder: Path) -> Iterator[tuple[str, int]]:
    """Run the service; yield its address and the number of its process."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with (folder / "serve.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "crack", "serve", "--port", str(port)],
            env={**os.environ, "CRACK_HOME": str(folder / "workspace")},
            stderr=log,
        )
    address = f"http://127.0.0.1:{port}"
    try:
        while not _is_up(address):
            if process.poll() is not None:
                sys.exit((folder / "serve.log").read_text())
            time.sleep(0.2)
        yield address, process.pid
    finally:
        process.terminate()
        process.wait(60)


def _is_up(address: str) -> bool:
    try:
        return httpx.get(f"{address}/live").status_code == 200
    except httpx.HTTPError:
        return False


def measure(
    address: str, headers: dict[str, str], clients: int, seconds: float
) -> tuple[list[Client], float]:
    """Let the clients ask for a while; return them, and until when the last waited."""
    files = files_asked_about()
    with httpx.Client(timeout=_PATIENCE, headers=headers) as http:
        known = {
            content: ask(http, address, content)
            .raise_for_status()
            .json()["probability"]
            for contents in files.values()
            for content in contents
        }
    began = time.monotonic()
    asking = [Client(n, address, headers, files, known) for n in range(clients)]
    for client in asking:
        client.start()
    time.sleep(seconds)
    for client in asking:
        client.ended.set()
    for client in asking:
        client.join(_PATIENCE)
    return asking, time.monotonic() - began


def _print(asked: list[Client], seconds: float) -> None:
    statuses = sum((client.statuses for client in asked), Counter())
    print(f"{sum(statuses.values()) / seconds:.1f} requests/s in {seconds:.0f} s")
    print(f"by status (0: no response): {dict(sorted(statuses.items()))}")
    print(f"answers that differ: {sum(client.other_answers for client in asked)}")
    print("\n| asked about | answers | median s | 95 % s | longest s |")
    print("|---|---|---|---|---|")
    for kind in (PATCH, PHOTO):
        taken = sorted(t for client in asked for t in client.seconds[kind])
        if len(taken) > 1:
            late = statistics.quantiles(taken, n=20)[-1]
            print(
                f"| {kind} | {len(taken):,} | {statistics.median(taken):.2f} "
                f"| {late:.2f} | {taken[-1]:.2f} |"
            )


def main() -> None:
    """Print what was measured."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clients", type=int, default=30)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--dashboards", type=int, default=0)
    parser.add_argument("--sessions", type=int, default=5, help="of each dashboard")
    parser.add_argument("--address", help="of a service that runs already")
    parser.add_argument("--token", help="for that service")
    options = parser.parse_args()
    headers = {"Authorization": f"Bearer {options.token}"} if options.token else {}
    if options.address:
        at = options.address
        _print(*measure(at, headers, options.clients, options.seconds))
        return
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        address, pid = stack.enter_context(service(Path(folder)))
        home = Path(folder, "workspace")
        with visited(home, options.dashboards, options.sessions):
            _print(*measure(address, headers, options.clients, options.seconds))
        print(f"\nmost memory of the service: {_peak(pid)}")


@contextmanager
def visited(home: Path, dashboards: int, sessions: int) -> Iterator[None]:
    """Have dashboards on a workspace visited meanwhile, and say how it went."""
    them: list[Visitor] = []
    with ExitStack() as stack:
        if dashboards:
            crack(home, "sample")
        for _ in range(dashboards):
            address, _ = stack.enter_context(dashboard(home))
            them += visitors(sessions, home, address)
        for visitor in them:
            visitor.start()
        yield
        for visitor in them:
            visitor.ended.set()
        for visitor in them:
            visitor.join(_PATIENCE)
    if them:
        print("\nvisitors of the dashboards:")
        report(them)


def _peak(pid: int) -> str:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    (peak,) = (line.split() for line in lines if line.startswith("VmHWM"))
    return f"{int(peak[1]) * 1024 / 1e6:.0f} MB"


if __name__ == "__main__":
    main()
