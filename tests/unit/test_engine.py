from __future__ import annotations

import threading

import numpy as np
import openvino as ov
import pytest
from openvino import opset13 as ops

from crack.errors import CrackError
from crack.inference import engine as engine_module
from crack.inference.engine import BATCH, Engine

RNG = np.random.default_rng(17)


@pytest.fixture(params=[(-1, 4, 4, 3), (-1, -1, -1, 3)], ids=["fixed", "any size"])
def graph(request, tmp_path):
    """Mean of each channel over the picture, and its softmax."""
    path = tmp_path / "graph.xml"
    pixels = ops.parameter(request.param, np.float32)
    means = ops.reduce_mean(pixels, ops.constant(np.array([1, 2])), keep_dims=False)
    model = ov.Model([means, ops.softmax(means, 1)], [pixels])
    ov.save_model(model, path, compress_to_fp16=False)
    return path


def some_images(count: int) -> np.ndarray:
    return RNG.integers(0, 256, (count, 4, 4, 3), np.uint8)


@pytest.mark.parametrize("count", [1, BATCH - 1, BATCH, 2 * BATCH + 3])
def test_any_number_of_images_runs(graph, count):
    images = some_images(count)
    means, probabilities = Engine(graph).run(images)
    assert means.dtype == np.float32
    np.testing.assert_allclose(means, images.mean((1, 2)), rtol=1e-5)
    np.testing.assert_allclose(probabilities.sum(1), 1, rtol=1e-5)


def test_an_image_gets_the_same_numbers_alone_and_in_a_batch(graph):
    images = some_images(BATCH)
    engine = Engine(graph)
    together = engine.run(images)[0]
    alone = np.concatenate([engine.run(image[None])[0] for image in images])
    np.testing.assert_array_equal(together, alone)


def test_a_stream_answers_in_order_under_the_given_names(graph):
    batches = {f"batch {n}": some_images(n) for n in (BATCH, 1, 0, 5)}
    answers = list(Engine(graph).stream(batches.items()))
    assert [name for name, _ in answers] == list(batches)
    for name, (means, _) in answers:
        expected = batches[name].reshape(-1, 16, 3).mean(1)
        np.testing.assert_allclose(means, expected, rtol=1e-5)


def test_a_stream_of_nothing_ends(graph):
    assert list(Engine(graph).stream([])) == []


@pytest.mark.parametrize("streams", [1, 3])
def test_every_stream_has_a_batch_before_a_result_is_handed_over(graph, streams):
    asked: list[int] = []

    def batches():
        for number in range(9):
            asked.append(number)
            yield number, some_images(2)

    stream = Engine(graph, streams=streams).stream(batches())
    assert next(stream)[0] == 0
    assert asked == list(range(streams + 2))


def test_results_come_in_order_and_are_the_same_with_many_streams(graph):
    images = some_images(5 * BATCH)
    batches = [(n, images[n * BATCH : (n + 1) * BATCH]) for n in range(5)]
    keys, outputs = zip(*Engine(graph, streams=3).stream(batches), strict=True)
    assert keys == (0, 1, 2, 3, 4)
    joined = np.concatenate([first for first, *_ in outputs])
    assert np.array_equal(joined, Engine(graph).run(images)[0])


def test_a_failure_while_preparing_a_batch_reaches_the_caller(graph):
    def batches():
        yield "good", some_images(2)
        raise OSError("disk gone")

    with pytest.raises(OSError, match="disk gone"):
        list(Engine(graph).stream(batches()))


def test_a_stream_may_be_left_early(graph):
    engine = Engine(graph)
    stream = engine.stream((n, some_images(BATCH)) for n in range(9))
    next(stream)
    stream.close()
    assert len(engine.run(some_images(2))[0]) == 2


def test_one_engine_serves_several_threads(graph):
    engine = Engine(graph)
    images = [some_images(11) for _ in range(6)]
    results: dict[int, np.ndarray] = {}

    def work(number: int) -> None:
        results[number] = engine.run(images[number])[0]

    threads = [threading.Thread(target=work, args=(n,)) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for number, means in results.items():
        np.testing.assert_allclose(means, images[number].mean((1, 2)), rtol=1e-5)
    assert len(results) == 6


def test_a_missing_graph_is_told(tmp_path):
    with pytest.raises(CrackError, match="There is no model graph"):
        Engine(tmp_path / "graph.xml")


@pytest.mark.parametrize("content", [b"", b"<net/>", b"no graph"])
def test_a_damaged_graph_is_told(tmp_path, content):
    path = tmp_path / "graph.xml"
    path.write_bytes(content)
    with pytest.raises(CrackError, match="damaged or incomplete"):
        Engine(path)


def test_a_graph_without_its_weights_is_told(graph):
    graph.with_suffix(".bin").unlink()
    with pytest.raises(CrackError, match="damaged or incomplete"):
        Engine(graph)


def test_giving_back_memory_changes_no_answer(graph, monkeypatch):
    monkeypatch.setattr(engine_module, "_LITTLE", 0)
    images = some_images(3)
    engine = Engine(graph)
    before = engine.run(images)[0]
    engine.give_back_memory()
    np.testing.assert_array_equal(engine.run(images)[0], before)


@pytest.fixture
def given(monkeypatch) -> list[bool]:
    """Notes each time that an engine really gives memory back."""
    given = []

    class Watched:
        def __init__(self, compiled: ov.CompiledModel) -> None:
            self._compiled = compiled

        def release_memory(self) -> None:
            given.append(True)
            self._compiled.release_memory()

        def create_infer_request(self) -> ov.InferRequest:
            return self._compiled.create_infer_request()

        def __getattr__(self, name: str) -> object:
            return getattr(self._compiled, name)

    compile_model = ov.Core.compile_model
    monkeypatch.setattr(
        ov.Core, "compile_model", lambda *args: Watched(compile_model(*args))
    )
    return given


def test_memory_is_given_back_after_a_large_picture_only(graph, given, monkeypatch):
    monkeypatch.setattr(engine_module, "_LITTLE", some_images(2).size)
    engine = Engine(graph)
    engine.run(some_images(2))
    engine.give_back_memory()
    assert given == []
    engine.run(some_images(3))
    engine.give_back_memory()
    engine.give_back_memory()  # nothing was computed since
    assert given == [True]


def test_memory_is_not_given_back_while_another_call_computes(
    graph, given, monkeypatch
):
    monkeypatch.setattr(engine_module, "_LITTLE", 0)
    engine = Engine(graph)
    answers = engine.stream((n, some_images(2)) for n in range(4))
    next(answers)
    engine.give_back_memory()
    assert given == []
    assert len(list(answers)) == 3
    engine.give_back_memory()
    assert given == [True]
