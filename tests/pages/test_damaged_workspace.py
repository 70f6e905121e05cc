"""Files that were cut off, overwritten, or hold something else: a sentence, always."""

from __future__ import annotations

import contextlib
import io
import os
import random
import shutil
import time
import traceback

import pytest
from streamlit.testing.v1 import AppTest

from crack import database, settings, storage
from crack.cli import main
from crack.data.dataset import edit_dataset, load_dataset
from crack.evaluation.evaluated_model import begin
from crack.evaluation.holdout import write_seen
from crack.inference.predictor import Predictor
from crack.inference.thresholds import Thresholds
from crack.inspections.store import photos_of
from crack.runs.registry import find_model, save_thresholds, set_default
from crack.runs.run import RunStatus
from tests import damage
from tests.pages.conftest import INSPECTIONS
from tests.pages.test_adapting import RESULT


@pytest.fixture
def whole(make_run, model, full, tmp_path, crack_home):
    """A copy of a workspace with a file of each kind, and the ids of what is in it."""
    stopped = make_run(RunStatus.STOPPED, "Stopped.")
    storage.write_json(
        stopped.path / "process.json", {"pid": 2**22 - 1, "started": 1.0}
    )
    storage.write_json(
        stopped.path / "parameters.json", {"total": 9, "frozen": 2, "fine_tune": 3}
    )
    (stopped.path / "checkpoints/0004.weights.h5").write_bytes(os.urandom(2000))
    dataset = load_dataset("walls")
    edit_dataset("walls", dataset.samples["file"][0], "relabel")
    write_seen(model.folder, [])
    model = save_thresholds(find_model(model.name), Thresholds(0.4, 0.6), "A try.")
    set_default(model.name)
    dataset = load_dataset("walls")
    evaluation = begin(model.folder, dataset, "all")
    evaluation.go_on(Predictor(model.folder), dataset, lambda *_: None)
    evaluation.baselines(model.card, dataset, lambda *_: None)
    evaluation.result(model.card)
    adaptation = settings.adaptations_dir() / "20261125-120000-abcd"
    adaptation.mkdir(parents=True)
    order = {
        "inspection": full.id,
        "base": model.name,
        "dataset": "made",
        "name": "mine",
        "force": False,
    }
    storage.write_json(adaptation / "order.json", order)
    storage.write_json(adaptation / "process.json", {"pid": 2**22 - 1, "started": 1.0})
    storage.write_json(
        adaptation / "result.json", {**RESULT, "model": None, "worse": "Worse."}
    )
    under_way = settings.adaptations_dir() / "20261125-110000-abcd"
    shutil.copytree(adaptation, under_way)
    (under_way / "result.json").unlink()
    progress = {
        "activity": "Looking at the photos",
        "done": 1,
        "total": 2,
        "seconds": 3.0,
        "eta_seconds": 4.0,
        "updated": time.time(),
    }
    storage.write_json(under_way / "progress.json", progress)
    job = settings.cache_dir() / f"exports/{model.name}-onnx"
    job.mkdir(parents=True)
    storage.write_json(
        job / "order.json",
        {"of": [model.card.created, model.card.version], "dataset": "walls"},
    )
    storage.write_json(job / "process.json", {"pid": 2**22 - 1, "started": 1.0})
    storage.write_json(
        job / "result.json",
        {
            "out": "x.onnx",
            "difference": {
                "largest_difference": 1e-6,
                "from_this_program": 1e-4,
                "images": 24,
                "dataset": "walls",
                "runtime": "ONNX Runtime",
            },
        },
    )
    storage.write_json(
        settings.cache_dir() / "speeds.json",
        {"surfaces 160 px, batch 32, from 100: cache": 0.01},
    )
    importing = settings.cache_dir() / "import"
    importing.mkdir()
    storage.write_json(
        importing / "order.json", {"name": "theirs", "file": "/nowhere.keras"}
    )
    storage.write_json(importing / "process.json", {"pid": 2**22 - 1, "started": 1.0})
    storage.write_json(importing / "result.json", {"model": "theirs"})
    damage.settle_database(crack_home)
    kept = tmp_path / "kept"
    shutil.copytree(crack_home, kept)
    return kept, {
        "run": stopped.id,
        "inspection": full.id,
        "photo": photos_of(full.id)[0].id,
        "model": model.name,
    }


BROWSE, TRAIN, RUNS = (
    "pages/dataset/browse.py",
    "pages/training/train.py",
    "pages/training/runs.py",
)
EVALUATE, MODELS, PREDICT = (
    "pages/model/evaluate.py",
    "pages/model/models.py",
    "pages/inspection/predict.py",
)
DATASET_COMMANDS = ["dataset list", "dataset check walls"]
RUN_COMMANDS = [
    "runs list",
    "runs show {run}",
    "runs show {run} --json",
    "models promote {finished} again",
    "runs resume {run}",
]
MODEL_COMMANDS = [
    "models list",
    "models versions {model}",
    "predict {photo_file}",
    "models thresholds {model} 0.3 0.7",
]
EVALUATE_COMMANDS = [
    "evaluate walls --split all",
    "evaluate walls --split all --json",
    "evaluate walls",
]
# Of what lies in each folder of the workspace: what reads it.
COMMANDS = {
    "datasets": DATASET_COMMANDS + EVALUATE_COMMANDS,
    "runs": RUN_COMMANDS,
    "models": MODEL_COMMANDS + EVALUATE_COMMANDS,
    "evaluations": EVALUATE_COMMANDS,
}
VISITS = {
    "datasets": [(BROWSE, {}), (TRAIN, {}), (EVALUATE, {"evaluate_part": "All"})],
    "runs": [(RUNS, {}), (TRAIN, {"run": "{run}"}), (TRAIN, {"run": "{finished}"})],
    "models": [
        (MODELS, {"model": "{model}"}),
        (PREDICT, {}),
        (EVALUATE, {"evaluate_part": "All"}),
    ],
    "evaluations": [
        (EVALUATE, {"evaluate_part": "All"}),
        (MODELS, {"model": "{model}"}),
    ],
    "adaptations": [
        (INSPECTIONS, {"inspection": "{inspection}", "view": "Adapt the model"})
    ],
    "cache": [
        (MODELS, {"model": "{model}"}),
        (MODELS, {"model": "{model}", "view": "Export"}),
    ],
    "inspections": [
        (INSPECTIONS, {}),
        (INSPECTIONS, {"inspection": "{inspection}"}),
        (INSPECTIONS, {"inspection": "{inspection}", "photo": "{photo}"}),
        (INSPECTIONS, {"inspection": "{inspection}", "view": "Report"}),
    ],
}
VISITS["inspections.db"] = VISITS["inspections"]


def command_answer(words):
    """Run a command; return what is wrong with its answer, "" if nothing is."""
    out, err = io.StringIO(), io.StringIO()
    try:
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            main(words)
    except SystemExit:
        pass
    except Exception:  # noqa: BLE001 - whatever it is, nobody foresaw it
        return traceback.format_exc()
    return raw_in(err.getvalue())


def raw_in(text):
    found = damage.RAW.search(text)
    return (
        "" if found is None else text[max(0, found.start() - 300) : found.end() + 100]
    )


def page_answer(make_app, page, query):
    app = make_app()
    app.run()
    app.switch_page(page)
    for name, value in query.items():
        app.query_params[name] = value
    app.run()
    if app.exception:
        return "".join(f"{e.value} {e.stack_trace}" for e in app.exception)
    kinds = (app.error, app.warning, app.info, app.success, app.caption, app.markdown)
    return raw_in(" ".join(str(entry.value) for kind in kinds for entry in kind))


SECONDS = 25  # for each folder of the workspace, in the slow test


@pytest.fixture
def ids(whole, tmp_path, photo):
    kept, ids = whole
    (tmp_path / "asked.png").write_bytes(photo(30))
    (finished,) = [p.parent.name for p in (kept / "runs").glob("*/evaluation.json")]
    return {**ids, "photo_file": str(tmp_path / "asked.png"), "finished": finished}


@pytest.fixture
def damaged(whole, crack_home):
    """Put one file of the workspace in place of another; all others are whole."""

    def damage_file(file, content):
        damage.copy(whole[0], crack_home)
        (crack_home / file).write_bytes(content)
        for engine in database._engines.values():
            engine.dispose()
        database._engines.clear()

    return damage_file


def new_app():
    return AppTest.from_file(str(settings.PROJECT / "streamlit_app.py"))


def command_complaints(top, ids, most=None):
    for words in COMMANDS.get(top, [])[:most]:
        wrong = command_answer([word.format(**ids) for word in words.split()])
        if wrong:
            yield words, wrong


def page_complaints(top, ids, most=None):
    for page, query in VISITS.get(top, [])[:most]:
        asked = {name: value.format(**ids) for name, value in query.items()}
        wrong = page_answer(new_app, page, asked)
        if wrong:
            yield page, wrong


def test_half_of_each_file(whole, ids, damaged):
    for file in damage.files_of(whole[0]):
        damaged(file, damage.cut((whole[0] / file).read_bytes(), 5))
        wrong = list(command_complaints(file.split("/")[0], ids, most=1))
        assert wrong == [], file


@pytest.mark.parametrize(
    "file", ["datasets/walls/samples.csv", "runs/*/history.jsonl", "inspections.db"]
)
def test_half_of_a_file_on_a_page(whole, ids, damaged, file):
    (path, *_) = sorted(whole[0].glob(file))
    name = path.relative_to(whole[0]).as_posix()
    damaged(name, damage.cut(path.read_bytes(), 5))
    assert list(page_complaints(name.split("/")[0], ids, most=1)) == []


@pytest.mark.slow
@pytest.mark.parametrize("top", sorted(VISITS))
def test_every_damage(whole, ids, damaged, top):
    """As many of all as there is time for, in a random but fixed order."""
    files = [f for f in damage.files_of(whole[0]) if f.split("/")[0] == top]
    cases = []
    for file in files:
        content = (whole[0] / file).read_bytes()
        cases += [(file, damage.cut(content, tenth)) for tenth in damage.TENTHS]
        cases += [(file, damage.garbled(content, tenth)) for tenth in damage.TENTHS]
        if file.endswith((".json", ".jsonl")):
            cases += [(file, changed) for _, changed in damage.retyped(content)]
    random.Random(17).shuffle(cases)
    began = time.monotonic()
    for file, content in cases:
        damaged(file, content)
        wrong = [*command_complaints(top, ids), *page_complaints(top, ids)]
        assert wrong == [], (file, content[:500])
        if time.monotonic() - began > SECONDS:
            break
