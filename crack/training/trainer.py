"""The two phases by one mechanism: cache what is frozen, fit the rest."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from functools import partial
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from crack import storage
from crack.data.dataset import Dataset, load_dataset
from crack.errors import CrackError
from crack.model.activations import ActivationCache, Activations, FreezePoint
from crack.model.classifier import (
    TrainedPart,
    backbone_of,
    build_classifier,
    count_parameters,
    freeze,
    freeze_point,
)
from crack.runs.backbones import find_backbone
from crack.runs.config import Phase, PhaseConfig
from crack.runs.estimate import Stage, preparation
from crack.runs.records import HistoryRow, PhaseRow
from crack.runs.run import Run, best_row
from crack.training.batches import CachedBatches, class_weights
from crack.training.callbacks import (
    DropoutByEpoch,
    EpochRecorder,
    StepRecorder,
    TensorBoardRecorder,
    is_out_of_patience,
)
from crack.training.checkpoints import (
    checkpoint_path,
    checkpoints,
    cut_back,
    load_checkpoint,
)
from crack.training.finish import finish
from crack.training.progress import Progress

_log = logging.getLogger(__name__)

# A step of the head alone is shorter than the overhead of a callback; a step of the
# fine-tune phase is long enough to look for a stop request after each.
_STEPS_AT_ONCE = {Phase.FROZEN: 10, Phase.FINE_TUNE: 1}
_OPTIMIZERS = {"adam": keras.optimizers.Adam, "rmsprop": keras.optimizers.RMSprop}


class Trainer:
    """Takes a run from its current state to its end.

    Args:
        run: Its configuration and split are read; everything else is written.

    Raises:
        CrackError: The dataset or the backbone is missing or has changed.
    """

    def __init__(self, run: Run) -> None:
        self._run = run
        self._config = run.config
        self._dataset: Dataset = load_dataset(self._config.dataset)
        self._split = run.split
        run.check_dataset(self._dataset)
        self._build()
        self._parameters = self._count_parameters()
        self._parts: dict[Phase, TrainedPart] = {}
        self._labels = (
            self._split["class"].map(self._dataset.class_names.index).to_numpy()
        )

    def train(self) -> None:
        """Train what is left of the phases, then export and evaluate.

        Raises:
            Stopped: The user asked for it; resume goes on from the last checkpoint.
            CrackError: The data or the machine is not fit for it.
        """
        storage.write_json(self._run.path / "parameters.json", self._parameters)
        self._restore()
        finished = {row["phase"] for row in self._run.phases}
        left = [phase for phase, _ in self._config.phases if phase not in finished]
        # All phases share one pass over the images.
        points = [self._freeze_point(phase) for phase in left]
        self._report: Callable[..., None] = Progress(
            self._run,
            self._split,
            {phase: self._steps_left(phase) for phase in left},
            self._cache.missing(points, self._config.views),
        )
        for phase in left:
            self._train_phase(phase, points)
        self._load_best()
        _log.info("testing and exporting")
        finish(self._run, self._model, self._dataset, self._split, self._report)

    def _train_phase(self, phase: Phase, points: list[FreezePoint]) -> None:
        cache_seconds = self._fill_cache(points)
        trainable, total = self._parameters[phase], self._parameters["total"]
        _log.info("%s begins: %d of %d parameters", phase.label, trainable, total)
        earlier = sum(row["seconds"] for row in self._rows(phase))
        began = time.monotonic()
        self._fit(phase)
        train_seconds = earlier + time.monotonic() - began
        rows = self._rows(phase)
        best = best_row(rows)
        summary: PhaseRow = {
            "phase": phase,
            "epochs": len(rows),
            "trainable_parameters": trainable,
            "total_parameters": total,
            "cache_seconds": round(cache_seconds, 2),
            "train_seconds": round(train_seconds, 2),
            "val_accuracy": best["val_accuracy"],
            "val_loss": best["val_loss"],
        }
        storage.append_jsonl(self._run.path / "phases.jsonl", summary)
        _log.info(
            "%s ends after %d epochs, %.1f s", phase.label, len(rows), train_seconds
        )

    def _fill_cache(self, points: list[FreezePoint]) -> float:
        """Compute the activations missing in the cache; return the seconds."""
        began = time.monotonic()
        total = self._cache.missing(points, self._config.views)
        if total:
            _log.info("passing %d images through the frozen layers", total)
            report = partial(self._report, Stage.CACHE, total=total)
            self._cache.compute(points, self._config.views, report)
            _log.info("passed them in %.1f s", time.monotonic() - began)
        return time.monotonic() - began

    def _fit(self, phase: Phase) -> None:
        """Train the remaining epochs of a phase."""
        config, done = self._config, len(self._rows(phase))
        first = self._run.history[-1]["epoch"] + 1 if self._run.history else 1
        last = first - 1 + self._phase_config(phase).epochs - done
        if first > last or is_out_of_patience(self._run, phase, config.patience):
            return
        part = self._parts.get(phase) or self._compiled_part(phase)
        views = self._cache.read(self._freeze_point(phase), config.views)
        train = CachedBatches(
            views,
            self._samples("train"),
            self._labels,
            config.batch_size,
            config.seed,
            first,
        )

        def on_progress(epoch: int, step: int) -> None:
            # A phase may have ended early, so remaining epochs are counted from here.
            to_come = config.fine_tune.epochs if phase is Phase.FROZEN else 0
            message = f"Epoch {epoch} of {last + to_come} ({phase.label})"
            steps_done = (done + epoch - first) * len(train) + step
            steps = (done + 1 + last - first) * len(train)
            self._report(Stage(phase), steps_done, steps, message)

        self._report(preparation(phase), 0, 1)
        recorders = [
            StepRecorder(self._run, phase, len(train), on_progress),
            EpochRecorder(self._run, phase, config.patience),
            TensorBoardRecorder(self._run),
        ]
        self._learn(part, train, views[0], recorders, (first, last))

    def _learn(
        self,
        part: TrainedPart,
        train: CachedBatches,
        unchanged: Activations,
        recorders: list[keras.callbacks.Callback],
        epochs: tuple[int, int],
    ) -> None:
        """Train a part from the first to the last of some epochs."""
        val = self._samples("val")
        part.fit(
            train,
            initial_epoch=epochs[0] - 1,
            epochs=epochs[1],
            validation_data=(unchanged[val], self._labels[val]),
            validation_batch_size=256,
            class_weight=self._class_weights,
            shuffle=False,  # CachedBatches does
            verbose=0,
            callbacks=[DropoutByEpoch(self._config.seed), *recorders],
        )

    def _compiled_part(self, phase: Phase) -> TrainedPart:
        """Return the part that trains in a phase; freeze the rest of the network."""
        freeze(self._model, self._first_trainable(phase))
        point = self._freeze_point(phase)
        part = TrainedPart(self._model, point)
        config = self._phase_config(phase)
        rate: Any = config.learning_rate
        if config.schedule == "cosine":
            steps = self._steps_per_epoch * config.epochs
            rate = keras.optimizers.schedules.CosineDecay(rate, steps)
        part.compile(
            optimizer=_OPTIMIZERS[config.optimizer](rate),
            loss="sparse_categorical_crossentropy",
            metrics=["accuracy"],
            steps_per_execution=_STEPS_AT_ONCE[phase],
        )
        return part

    def _restore(self) -> None:
        """Go back to the last checkpoint; delete what was written after it."""
        cut_back(self._run, self._load_last())

    def _load_last(self) -> int:
        """Load the last checkpoint that is whole; return its epoch, 0 without one."""
        phases = {row["epoch"]: Phase(row["phase"]) for row in self._run.history}
        for epoch in sorted(checkpoints(self._run), reverse=True):
            try:
                self._parts[phases[epoch]] = self._load_part(phases[epoch], epoch)
            except CrackError as error:
                _log.warning("%s Going back to an earlier one.", error.message)
                checkpoint_path(self._run, epoch).unlink()
                self._build()  # some of its weights are in the network already
            else:
                _log.info("going on after epoch %d", epoch)
                return epoch
        return 0

    def _load_best(self) -> None:
        """Load the weights of the best epoch into the full network."""
        best = self._run.best_epoch
        if best is None:
            raise CrackError("No epoch was finished.", "Start a new run.")
        # Anew, since an epoch of the frozen phase goes with the untouched backbone.
        self._build()
        self._load_part(Phase(best["phase"]), best["epoch"])

    def _load_part(self, phase: Phase, epoch: int) -> TrainedPart:
        part = self._compiled_part(phase)
        shape = self._cache.shape(self._freeze_point(phase))
        load_checkpoint(self._run, part, shape, epoch)
        return part

    def _build(self) -> None:
        """Build the full network with its initial weights, and its cache."""
        # Seeded first: a resumed run must start from the same weights.
        config = self._config
        keras.utils.set_random_seed(config.seed)
        row = find_backbone(config.backbone)
        self._model = build_classifier(
            row, config.image_size, config.dropout, config.seed
        )
        self._cache = ActivationCache(self._dataset, self._model)

    def _count_parameters(self) -> dict[str, int]:
        """Return the number of parameters: `total`, and what each phase trains."""
        counts = {}
        for phase, _ in self._config.phases:
            freeze(self._model, self._first_trainable(phase))
            counts[phase.value], counts["total"] = count_parameters(self._model)
        return counts

    def _first_trainable(self, phase: Phase) -> int | None:
        return self._config.fine_tune_at if phase is Phase.FINE_TUNE else None

    def _rows(self, phase: Phase) -> list[HistoryRow]:
        return [row for row in self._run.history if row["phase"] == phase]

    def _phase_config(self, phase: Phase) -> PhaseConfig:
        return dict(self._config.phases)[phase]

    def _freeze_point(self, phase: Phase) -> FreezePoint:
        if phase is Phase.FROZEN:
            return None
        return freeze_point(backbone_of(self._model), self._config.fine_tune_at)

    def _samples(self, split: str) -> NDArray[np.int64]:
        return np.flatnonzero(self._split["split"] == split)

    def _steps_left(self, phase: Phase) -> int:
        epochs = self._phase_config(phase).epochs - len(self._rows(phase))
        return epochs * self._steps_per_epoch

    @property
    def _class_weights(self) -> dict[int, float]:
        return class_weights(self._labels[self._samples("train")])

    @property
    def _steps_per_epoch(self) -> int:
        return -(-len(self._samples("train")) // self._config.batch_size)
