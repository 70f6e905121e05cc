"""The activation cache, filled by the computers of a Ray cluster.

They decode the images and pass them through the frozen layers. This process alone
writes, so that a file is whole or not there, as without a cluster.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from contextlib import closing
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import keras
import numpy as np

from crack.bulk.ray_connection import connected, sentence_in
from crack.data.dataset import Dataset, load_dataset
from crack.data.training_images import training_images
from crack.errors import CrackError
from crack.inference.engine import BATCH, Engine
from crack.model.activations import ActivationCache, FreezePoint
from crack.runs.workers import Workers
from crack.training.cluster_variables import cluster_variables

if TYPE_CHECKING:
    import pyarrow as pa

_AT_ONCE = 8 * BATCH  # images that are handed out together: some megabytes of results
_TASKS = 2_000  # at most, in which they are planned


class ClusterCache(ActivationCache):
    """An activation cache with the same files, computed on a cluster.

    Args:
        dataset: Whose images; all computers have it under the same path.
        model: The full network, with the weights it starts from.
        workers: Which cluster.
    """

    def __init__(
        self, dataset: Dataset, model: keras.Sequential, workers: Workers
    ) -> None:
        super().__init__(dataset, model)
        self._workers = workers

    def _compute_views(
        self, to_do: dict[int, list[FreezePoint]], progress: Callable[[int], None]
    ) -> None:
        with connected(self._workers, _told) as self._ray:
            super()._compute_views(to_do, progress)

    def _fill(self, partial: dict[FreezePoint, Path], view: int) -> Iterator[int]:
        points = list(partial)
        count = len(self._dataset.samples)
        arrays = [self._create(partial[p], p, count) for p in points]
        computed = [p for p in points if p != 0]
        passer = {
            "dataset": self._dataset.name,
            "side": self._size,
            "view": view,
            "graph": str(self._graph(computed)) if computed else None,
            "image": points.index(0) if 0 in points else None,
        }
        done = 0
        with closing(self._passed(passer, count)) as batches:
            for start, contents in batches:
                for array, content in zip(arrays, contents, strict=True):
                    rows = np.frombuffer(content, array.dtype)
                    rows = rows.reshape(-1, *array.shape[1:])
                    array[start : start + len(rows)] = rows
                done += len(rows)
                yield done

    def _passed(
        self, passer: dict[str, Any], count: int
    ) -> Generator[tuple[int, list[bytes]]]:
        """Yield the results for some images with the index of their first one."""
        asked = (passer, count, cluster_variables())
        if not self._workers.from_outside:
            yield from _results(*asked)
            return
        # Ray Data runs on a computer of the cluster, which is asked what is done.
        there = self._ray.remote(num_cpus=0)(_Asker).remote(*asked)
        while answer := self._ray.get(there.more.remote()):
            yield answer


class _Asker:
    """Begins the pass on the cluster, for a training outside of it."""

    def __init__(
        self, passer: dict[str, Any], count: int, variables: dict[str, str]
    ) -> None:
        self._results = _results(passer, count, variables)

    def more(self) -> tuple[int, list[bytes]] | None:
        return next(self._results, None)


def _results(
    passer: dict[str, Any], count: int, variables: dict[str, str]
) -> Iterator[tuple[int, list[bytes]]]:
    import pyarrow as pa
    import ray
    import ray.data

    # What a worker raises comes as it is, with its sentence.
    ray.data.DataContext.get_current().raise_original_map_exception = True
    starts = pa.table({"start": pa.array(range(0, count, _AT_ONCE), pa.int64())})
    size = -(-starts.num_rows // _TASKS)
    tables = [starts.slice(at, size) for at in range(0, starts.num_rows, size)]
    cores = max(1, int(ray.cluster_resources().get("CPU", 1)))
    results = ray.data.from_arrow(tables).map_batches(
        _Passer,
        fn_constructor_args=(passer,),
        batch_size=1,
        batch_format="pyarrow",
        compute=ray.data.ActorPoolStrategy(min_size=1, max_size=cores),
        num_cpus=1,
        runtime_env={"env_vars": variables},
    )
    for batch in results.iter_batches(batch_size=None, batch_format="pyarrow"):
        for row in batch.to_pylist():
            yield row["start"], row["contents"]


class _Passer:
    """Passes images through the frozen layers, on one core of some computer."""

    def __init__(self, passer: dict[str, Any]) -> None:
        self._name, self._graph = passer["dataset"], passer["graph"]
        self._view, self._side = passer["view"], passer["side"]
        self._image = passer["image"]

    # Only once it is asked: of what is raised before, Ray tells nothing but that.
    @cached_property
    def _dataset(self) -> Dataset:
        return load_dataset(self._name)

    @cached_property
    def _samples(self) -> list[tuple[str, str]]:
        indexed = self._dataset.samples[["file", "sha256"]]
        return list(indexed.itertuples(index=False, name=None))

    @cached_property
    def _engine(self) -> Engine | None:
        return Engine(Path(self._graph), threads=1) if self._graph else None

    def __call__(self, batch: pa.Table) -> pa.Table:
        import pyarrow as pa

        starts = batch["start"].to_pylist()
        contents = pa.array([self._contents(s) for s in starts], pa.list_(pa.binary()))
        return pa.table({"start": pa.array(starts, pa.int64()), "contents": contents})

    def _contents(self, start: int) -> list[bytes]:
        samples = self._samples[start : start + _AT_ONCE]
        images = training_images(self._dataset, samples, self._view, self._side)
        outputs = self._engine.run(images) if self._engine else []
        contents = [output.astype(np.float16).tobytes() for output in outputs]
        if self._image is not None:
            contents.insert(self._image, images.tobytes())
        return contents


def _told(error: BaseException) -> CrackError:
    return sentence_in(error) or CrackError(
        f"The cluster was lost while images passed it ({type(error).__name__}).",
        "Resume does that again.",
    )
