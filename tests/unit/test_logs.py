"""What a line of the log looks like."""

from __future__ import annotations

import json
import re
import threading
from dataclasses import replace

import pytest

from crack.errors import CrackError
from crack.inference.asking import answers_of
from crack.inference.predictor import Predictor
from crack.metrics import PHOTOS
from crack.runs.run import RunStatus
from tests.inspections import png

LINES = """
import logging, sys
from crack import logs
logs.set_up()
log = logging.getLogger("crack.somewhere")
log.info("before")
logs.identify("run-1")
log.info("with %s", "words")
logging.getLogger("another").info("not wanted")
try:
    raise ValueError("odd")
except ValueError:
    log.exception("it failed")
"""


@pytest.fixture
def lines(process, monkeypatch):
    def said(form: str) -> list[str]:
        monkeypatch.setenv("CRACK_LOG", form)
        out, err = process(LINES).communicate()
        assert out == ""
        return err.splitlines()

    return said


def test_each_line_is_one_json_object_with_an_id(lines):
    before, words, failed = map(json.loads, lines("json"))
    assert (before["id"], words["id"], failed["id"]) == ("-", "run-1", "run-1")
    assert words["message"] == "with words"
    assert (words["level"], failed["level"]) == ("info", "error")
    assert words["time"].endswith("+00:00")
    assert "ValueError: odd" in failed["error"]


def test_text_is_for_people(lines):
    first, second, *failed = lines("")
    assert re.fullmatch(r"\d\d:\d\d:\d\d - before", first)
    assert second.endswith("run-1 with words")
    assert failed[-1] == "ValueError: odd"


def test_an_id_belongs_to_its_thread():
    from crack import logs

    seen = []
    logs.identify("mine")
    thread = threading.Thread(target=lambda: seen.append(logs.current_id()))
    thread.start()
    thread.join()
    assert (seen, logs.current_id()) == (["-"], "mine")


def test_each_change_of_a_run_is_logged_once(new_run, caplog):
    with caplog.at_level("INFO", "crack"):
        run = new_run(RunStatus.RUNNING, "Begins.")
        for done in range(3):
            run.report(RunStatus.RUNNING, "Epoch 1", done, 3)
        run.report(RunStatus.FAILED, "The disk is full.")
    told = [record.getMessage() for record in caplog.records]
    assert told == [
        f"run {run.id} is made of the dataset walls",
        f"run {run.id} is running: Begins.",
        f"run {run.id} is failed: The disk is full.",
    ]


def test_a_batch_is_logged_and_counted_without_names(model_folder, caplog):
    before = PHOTOS.labels("unreadable")._value.get()
    items = [("Mrs Miller's wall.png", png(10)), ("secret.png", b"no photo")]
    with caplog.at_level("INFO", "crack"):
        assert len(list(answers_of(Predictor(model_folder), items))) == 2
    (line,) = (record.getMessage() for record in caplog.records)
    assert re.fullmatch(
        r"model bright was asked about 2 photos in \d+\.\d s, unreadable: 1", line
    )
    assert PHOTOS.labels("unreadable")._value.get() == before + 1


def test_errors_of_a_question_come_through(model_folder):
    predictor = Predictor(model_folder)
    predictor.card = replace(predictor.card, mm_per_pixel=None)
    from crack.inference.scale import Scale

    with pytest.raises(CrackError, match="does not say at which scale"):
        list(answers_of(predictor, [("a.png", png(10))], Scale(mm_per_pixel=1.0)))
