"""Runs an exported graph on the CPU with OpenVINO."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from threading import Lock
from typing import TypeVar

import numpy as np
import openvino as ov
from numpy.typing import NDArray
from openvino.preprocess import PrePostProcessor

from crack.errors import CrackError

Key = TypeVar("Key")
Outputs = list[NDArray[np.float32]]

BATCH = 8
"""Images per inference. The engine itself is as fast one by one (370 to 530 MobileNetV2
images/s at 160 px on 2 cores, whatever the number); a batch of eight divides the
overhead of a call."""

_LITTLE = 400 * 400 * 3
"""Values of a picture after which hardly 20 MB are kept. Patches come one by one, and
each would take a third longer if memory were given back after it."""

_PROBE_SIDE = 256  # px, a multiple of the stride of any usual network


class Engine:
    """A compiled graph: uint8 images in, float32 arrays out.

    Several threads can share it without a lock, since each call has its own requests. A
    graph of fixed height and width is compiled for batches of exactly `BATCH` images,
    padded if there are fewer.

    Args:
        graph: The `.xml` of an OpenVINO graph with one input (n, height, width, 3)
            and n as the first axis of every output; the `.bin` lies beside it.
        streams: Batches computed at a time. With 1 all cores work on one batch, which
            gives the shortest wait for one answer; one per core gives the highest
            throughput.
        side: Height and width of all images, for a graph that accepts any: each change
            of size costs some milliseconds of preparation.
        threads: That it computes on; by default, one for each core.

    Raises:
        CrackError: The graph is missing or damaged.
    """

    def __init__(
        self,
        graph: Path,
        *,
        streams: int = 1,
        side: int | None = None,
        threads: int | None = None,
    ) -> None:
        model = _read(graph)
        _, height, width, _ = model.input().get_partial_shape()
        self._padded = height.is_static and width.is_static
        if self._padded:
            model.reshape([BATCH, height, width, 3])
        elif side is not None:
            model.reshape([-1, side, side, 3])
        self._probe_side = side or _PROBE_SIDE
        # bfloat16, the default on some CPUs, changes the features by up to 40 %.
        settings = {
            "INFERENCE_PRECISION_HINT": "f32",
            "NUM_STREAMS": str(streams),
            # Otherwise it keeps what it prepared for each size, some megabytes per
            # size.
            "CPU_RUNTIME_CACHE_CAPACITY": "0",
        }
        if threads is not None:
            settings["INFERENCE_NUM_THREADS"] = str(threads)
            # Several such processes would all be tied to the same first cores.
            settings["ENABLE_CPU_PINNING"] = "NO"
        self._compiled = ov.Core().compile_model(model, "CPU", settings)
        self._requests = streams + 1  # one more, so that no stream is idle
        self._lock = Lock()
        self._at_work = 0  # calls of `stream` that are not over
        self._largest = 0  # values of a batch since memory was given back

    @cached_property
    def stride(self) -> int:
        """Pixels of a picture per position of the activation map, the second output.

        For the graph of a model: its side is a multiple of the stride.
        """
        side = self._probe_side
        _, activation_map, *_ = self.run(np.zeros((1, side, side, 3), np.uint8))
        return int(side // activation_map.shape[1])

    def run(self, images: NDArray[np.uint8]) -> Outputs:
        """Return the outputs for any number of images, at least one.

        Args:
            images: uint8 array (n, height, width, 3), values 0 to 255.

        Returns:
            One float32 array per output of the graph, each with n as first axis.
        """
        starts = range(0, len(images), BATCH)
        batches = ((i, images[i : i + BATCH]) for i in starts)
        parts = [outputs for _, outputs in self.stream(batches)]
        return [np.concatenate(pieces) for pieces in zip(*parts, strict=True)]

    def stream(
        self, batches: Iterable[tuple[Key, NDArray[np.uint8]]]
    ) -> Iterator[tuple[Key, Outputs]]:
        """Run batch after batch, computing a few while the next one is prepared.

        The work of `batches` for the next batch (decoding) and of the caller on a
        result (writing) overlaps with inference.

        Args:
            batches: Pairs of any key for the batch, and its images as a uint8 array (n,
                height, width, 3) with n from 0 to `BATCH`.

        Yields:
            The key of each batch with its outputs, in the order of `batches`.
        """
        with self._working():
            yield from self._streamed(batches)

    def _streamed(
        self, batches: Iterable[tuple[Key, NDArray[np.uint8]]]
    ) -> Iterator[tuple[Key, Outputs]]:
        free = [self._compiled.create_infer_request() for _ in range(self._requests)]
        running: deque[tuple[ov.InferRequest, Key, int]] = deque()
        try:
            for key, images in batches:
                finished = None
                if not free:
                    oldest = running.popleft()
                    finished = _collect(*oldest)
                    free.append(oldest[0])
                request = free.pop()
                self._largest = max(self._largest, images.size)
                request.start_async(self._pad(images))
                running.append((request, key, len(images)))
                if finished:
                    yield finished
            while running:
                yield _collect(*running.popleft())
        finally:
            # The caller may stop iterating while batches are still being computed.
            for request, _, _ in running:
                request.wait()

    @contextmanager
    def _working(self) -> Iterator[None]:
        with self._lock:
            self._at_work += 1
        try:
            yield
        finally:
            with self._lock:
                self._at_work -= 1

    def give_back_memory(self) -> None:
        """Free what the layers need between them, unless another thread computes.

        After a photo of 480 x 720 px these are 290 MB. The next photo takes some 6 %
        longer. Nothing is done where only patches were computed.
        """
        with self._lock:
            if self._largest > _LITTLE and not self._at_work:
                self._compiled.release_memory()
                self._largest = 0

    def _pad(self, images: NDArray[np.uint8]) -> NDArray[np.uint8]:
        missing = BATCH - len(images)
        if not self._padded or missing == 0:
            return np.ascontiguousarray(images)
        empty = np.zeros((missing, *images.shape[1:]), np.uint8)
        return np.concatenate([images, empty])


def _collect(request: ov.InferRequest, key: Key, count: int) -> tuple[Key, Outputs]:
    """Wait for a batch; return copies of its outputs, whose memory is reused."""
    request.wait()
    return key, [tensor.data[:count].copy() for tensor in request.output_tensors]


def channels_of(graph: Path, output: int) -> int:
    """Return the length of the last axis of an output, without compiling the graph.

    Args:
        graph: The `.xml`.
        output: Its place among the outputs.

    Raises:
        CrackError: The graph is missing or damaged.
    """
    return int(_read(graph).outputs[output].get_partial_shape()[-1].get_length())


def _read(graph: Path) -> ov.Model:
    if not graph.is_file():
        raise CrackError(
            f"There is no model graph {graph}.",
            "Export the model again or choose another one.",
        )
    try:
        steps = PrePostProcessor(ov.Core().read_model(graph))
        steps.input().tensor().set_element_type(ov.Type.u8)
        return steps.build()
    except RuntimeError as error:
        raise CrackError(
            f"The model graph {graph} cannot be read; it is damaged or incomplete.",
            "Export the model again or choose another one.",
        ) from error
