"""Very many photos on a Ray cluster: a Ray Data job with a pool of predictors.

Ray starts workers, hands them parts, and hands those of a lost worker to another. What
it must not do twice is made harmless in `parts`.
"""

from __future__ import annotations

import warnings
from collections.abc import Generator, Iterator
from dataclasses import asdict
from itertools import islice
from typing import TYPE_CHECKING, Any

from crack.bulk.answering import Counts, Question, answer_part
from crack.bulk.packed_model import PackedModel, unpacked_predictor
from crack.bulk.photos import BulkPhoto, Photos
from crack.bulk.ray_connection import connected, sentence_in
from crack.errors import CrackError
from crack.runs.workers import Workers

if TYPE_CHECKING:
    import pyarrow as pa

_LISTS = 2_000  # at most, in which parts are handed out; each is a task
_TRIES = 5  # of a part: a photo that ends its worker must not do so for ever


def ask_cluster(
    model: PackedModel, question: Question, photos: Photos, workers: Workers
) -> Generator[Counts]:
    """Ask about all photos; yield what became of those that are done.

    Raises:
        CrackError: Ray is not installed or not to be reached, or the answers cannot be
            written.
    """
    with connected(workers, _told) as ray:
        if not workers.from_outside:
            yield from _counts(model, question, photos, workers)
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
        self._counts = _counts(model, question, photos, workers)

    def more(self) -> Counts | None:
        return next(self._counts, None)


def _counts(
    model: PackedModel, question: Question, photos: Photos, workers: Workers
) -> Iterator[Counts]:
    import ray
    import ray.data

    # What a worker raises comes as it is, with its sentence.
    ray.data.DataContext.get_current().raise_original_map_exception = True
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


def _told(error: BaseException) -> CrackError:
    """Return what went wrong on a cluster: our own sentence if there is one."""
    known = sentence_in(error)
    return known or CrackError(
        f"The cluster ended the question ({type(error).__name__}).",
        "What was answered is kept: ask again, and only the rest is asked about.",
    )
