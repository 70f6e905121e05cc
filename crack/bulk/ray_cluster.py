"""Very many photos on a Ray cluster: a Ray Data job with a pool of predictors.

Ray starts workers, hands them parts, and hands those of a lost worker to another. What
it must not do twice is made harmless in `parts`. It is imported here alone.
"""

from __future__ import annotations

import logging
import os
import secrets
import socket
import warnings
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from itertools import islice
from types import ModuleType
from typing import TYPE_CHECKING, Any

from crack.bulk.answering import Counts, Question, answer_part
from crack.bulk.packed_model import PackedModel, unpacked_predictor
from crack.bulk.photos import BulkPhoto, Photos
from crack.errors import CrackError
from crack.settings import PROJECT

if TYPE_CHECKING:
    import pyarrow as pa

_LISTS = 2_000  # at most, in which parts are handed out; each is a task
_TRIES = 5  # of a part: a photo that ends its worker must not do so for ever
_STORE = 500_000_000  # bytes of shared memory, of which the lists of photos need little
_PATIENCE = 10  # seconds for an answer of a cluster

# Nothing is reported to anybody.
_QUIET = {
    "RAY_USAGE_STATS_ENABLED": "0",
    "RAY_DATA_DISABLE_PROGRESS_BARS": "1",
    "RAY_BACKEND_LOG_LEVEL": "fatal",
}


@dataclass(frozen=True)
class Workers:
    """Where photos are looked at.

    Attributes:
        address: Of a Ray cluster: `auto`, `ray://HOST:PORT` or `HOST:PORT`. None to
            start Ray on this computer for the time of the question.
        most: Number of predictors at a time, of one core each. None for as many as
            there are cores; an autoscaling cluster grows as far as this asks for.
    """

    address: str | None = None
    most: int | None = None

    @property
    def from_outside(self) -> bool:
        """Whether this computer is no part of the cluster."""
        return self.address is not None and self.address.startswith("ray://")


def ask_cluster(
    model: PackedModel, question: Question, photos: Photos, workers: Workers
) -> Generator[Counts]:
    """Ask about all photos; yield what became of those that are done.

    Raises:
        CrackError: Ray is not installed or not to be reached, or the answers cannot be
            written.
    """
    with _connected(workers) as ray:
        if not workers.from_outside:
            yield from _counts(ray, model, question, photos, workers)
            return
        # Ray Data runs on a computer of the cluster, which is asked what is done.
        question_there = ray.remote(num_cpus=0)(_Asker).remote()
        ray.get(question_there.begin.remote(dict(model), question, photos, workers))
        while counts := ray.get(question_there.more.remote()):
            yield counts


class _Asker:
    """Begins a question on the cluster, for a command outside of it."""

    def __init__(self) -> None:
        self._counts: Iterator[Counts] = iter(())

    def begin(
        self, model: PackedModel, question: Question, photos: Photos, workers: Workers
    ) -> None:
        import ray
        import ray.data

        self._counts = _counts(ray, model, question, photos, workers)

    def more(self) -> Counts | None:
        return next(self._counts, None)


def _counts(
    ray: ModuleType,
    model: PackedModel,
    question: Question,
    photos: Photos,
    workers: Workers,
) -> Iterator[Counts]:
    cores = max(1, int(ray.cluster_resources().get("CPU", 1)))
    most = workers.most or cores
    pool = ray.data.ActorPoolStrategy(
        min_size=1,
        max_size=most,
        initial_size=min(most, cores),
        max_tasks_in_flight_per_actor=2,  # with one, Ray adds no predictors
    )
    with warnings.catch_warnings():
        # Until Ray has another way to say what `_lost_worker` says.
        warnings.filterwarnings("ignore", "`ray_remote_args_fn` is deprecated")
        results = ray.data.from_arrow(_lists(photos)).map_batches(
            _Answerer,
            # In a list, so that Ray hands over where it is instead of the content.
            fn_constructor_args=([ray.put(dict(model))], question),
            batch_size=1,
            batch_format="pyarrow",
            compute=pool,
            num_cpus=1,
            ray_remote_args_fn=_lost_worker,
        )
    for batch in results.iter_batches(batch_size=None, batch_format="pyarrow"):
        for row in batch.to_pylist():
            yield Counts(**row)


def _lost_worker() -> dict[str, int]:
    """Return what Ray does after a worker or its computer is lost."""
    return {"max_restarts": -1, "max_task_retries": _TRIES}


class _Answerer:
    """A predictor on one core of some computer."""

    def __init__(self, model: list[Any], question: Question) -> None:
        import ray

        self._predictor = unpacked_predictor(ray.get(model[0]), threads=1)
        self._question = question

    def __call__(self, batch: pa.Table) -> pa.Table:
        import pyarrow as pa

        done = [self._answer(row) for row in batch.to_pylist()]
        return pa.Table.from_pylist([asdict(counts) for counts in done])

    def _answer(self, row: dict[str, Any]) -> Counts:
        asked = [BulkPhoto(**photo) for photo in row["photos"]]
        return answer_part(self._predictor, self._question, row["part"], asked)


def _lists(photos: Photos) -> list[pa.Table]:
    """Return the parts with their photos, in lists that are handed out as a whole."""
    import pyarrow as pa

    each = photos.each_part()
    size = -(-photos.parts // _LISTS)
    lists = []
    while some := list(islice(each, size)):
        rows = [{"part": part, "photos": asked} for part, asked in some]
        lists.append(pa.Table.from_pylist(rows))
    return lists


@contextmanager
def _connected(workers: Workers) -> Iterator[Any]:
    """Yield Ray, connected to a cluster."""
    # Ray reads its variables once, while it is imported.
    settings = _settings(workers)
    try:
        import ray
        import ray.data
    except ImportError as error:
        raise CrackError(
            "Ray is not installed.",
            "Install it: pip install -r requirements-cluster.txt",
        ) from error
    try:
        if workers.address is not None:
            _check_reached(workers.address)
        ray.init(**settings)
        logging.getLogger("ray.data").setLevel(logging.ERROR)
        yield ray
    except (ray.exceptions.RayError, ConnectionError, RuntimeError) as error:
        raise _told(error) from error
    finally:
        ray.shutdown()


def _settings(workers: Workers) -> dict[str, Any]:
    """Return how Ray is joined, or started on this computer."""
    os.environ.update(_QUIET)
    quiet = {"log_to_driver": False, "logging_level": logging.ERROR}
    if workers.address is not None:
        # Its computers need the packages; this program travels to them.
        code = {"py_modules": [str(PROJECT / "crack")]}
        return {**quiet, "address": workers.address, "runtime_env": code}
    if "RAY_AUTH_MODE" not in os.environ:
        # Otherwise Ray keeps a key in the home folder of the user.
        os.environ["RAY_AUTH_MODE"] = "token"
        os.environ["RAY_AUTH_TOKEN"] = secrets.token_hex(32)
    return {
        **quiet,
        "address": "local",
        "num_cpus": workers.most or _cores(),
        "include_dashboard": False,
        "object_store_memory": _STORE,
    }


def _check_reached(address: str) -> None:
    """Refuse an address at which nobody answers: Ray would wait for minutes."""
    host, _, port = address.removeprefix("ray://").rpartition(":")
    if not port.isdecimal():
        return  # `auto`, for which Ray knows where to look
    try:
        socket.create_connection((host, int(port)), timeout=_PATIENCE).close()
    except OSError as error:
        raise CrackError(
            f"There is no Ray cluster at {address}.",
            "Check the address and that the cluster runs.",
        ) from error


def _cores() -> int:
    """Return the number of cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _told(error: BaseException) -> CrackError:
    """Return what went wrong on a cluster: our own sentence if there is one."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, CrackError):
            return cause
        cause = getattr(cause, "cause", None) or cause.__cause__
    return CrackError(
        f"The cluster ended the question ({type(error).__name__}).",
        "What was answered is kept: ask again, and only the rest is asked about.",
    )
