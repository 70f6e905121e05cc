"""Evaluations on disk: begun once, continued after any interruption, opened at once.

`evaluations/MODEL/DATASET-PART-FINGERPRINT/` holds `about.json`, `images.csv` (what is
judged), and `scores.jsonl` while they come in, `scores.csv` when all are there. The
scores are those before calibration, so they stay right when the card is changed. What
MODEL is: `crack.evaluation.evaluated_model`.
"""

from __future__ import annotations

import json
import time
from contextlib import closing
from dataclasses import astuple, dataclass
from functools import cached_property
from pathlib import Path
from typing import TypedDict

import pandas as pd

from crack import storage
from crack.access import Role, change, read_only
from crack.checked import check
from crack.data.dataset import Dataset
from crack.errors import CrackError
from crack.evaluation.baselines import Baseline, baselines
from crack.evaluation.evaluate import Done, ScoreRow, score
from crack.evaluation.holdout import Part
from crack.evaluation.result import Result, result_of
from crack.evaluation.scored import ScoredImages
from crack.inference.card import ModelCard
from crack.inference.predictor import Predictor
from crack.locks import locked

ABOUT_FILE, IMAGES_FILE, PARTIAL_FILE = "about.json", "images.csv", "scores.jsonl"
_SCORES = "scores.csv"
_RESULT, _BASELINES = "result.json", "baselines.json"
_TEXT = {"file": str, "sha256": str}
_COLUMNS = {"file", "is_crack", "group"}  # and sha256, in those begun since it is kept
_COUNTING = 2  # another number wherever `result_of` gives other numbers


class _KeptResult(TypedDict):
    """The content of `result.json`."""

    read_by: list[float]
    result: Result


class _KeptBaselines(TypedDict):
    """The content of `baselines.json`."""

    baselines: list[Baseline]


class About(TypedDict):
    """What was evaluated on what.

    Attributes:
        model: Name of the model.
        dataset: Name of the dataset.
        dataset_fingerprint: As of `Dataset`.
        part: Which of its images.
        images: How many.
        remark: What a reader must know about the numbers, "" if nothing.
        note: Of the dataset.
        begun: When, as ISO 8601 in UTC.
        seconds: Of work so far.
    """

    model: str
    dataset: str
    dataset_fingerprint: str
    part: Part
    images: int
    remark: str
    note: str
    begun: str
    seconds: float


@dataclass(frozen=True)
class Evaluation:
    """An evaluation, finished or not.

    Attributes:
        path: Its folder.
    """

    path: Path

    @cached_property
    def about(self) -> About:
        """What was evaluated on what.

        Raises:
            CrackError: It cannot be read.
        """
        try:
            content: About = storage.read_json(self.path / ABOUT_FILE)  # type: ignore[assignment]
            check(content, About)
        except (OSError, ValueError, TypeError) as error:
            raise self._damaged() from error
        return content

    @property
    def complete(self) -> bool:
        """Whether all images are judged."""
        return (self.path / _SCORES).is_file()

    @property
    def finished(self) -> bool:
        """Whether the baselines are there, too."""
        return self.complete and (self.path / _BASELINES).is_file()

    @property
    def done(self) -> int:
        """Number of images judged so far."""
        return self.about["images"] if self.complete else len(self._partial())

    def go_on(self, predictor: Predictor, dataset: Dataset, progress: Done) -> None:
        """Judge the images that are left.

        Args:
            predictor: Of the model it was begun for.
            dataset: The one it was begun for.
            progress: Told how far it is; may raise to stop, which loses nothing.

        Raises:
            CrackError: An image can no longer be read.
        """
        if not self.complete:
            self.judge(predictor, dataset, progress)

    @change("evaluate a model", on="{self.about[model]} on {self.about[dataset]}")
    def judge(self, predictor: Predictor, dataset: Dataset, progress: Done) -> None:
        """Do what `go_on` does, where images are left.

        If somebody else is judging them, this waits and then does the rest.
        """
        images = self._images()

        def wait() -> None:
            progress(self.done, len(images))

        with locked(self.path / ".judging.lock", meanwhile=wait):
            if not self.complete:
                self._judge_rest(predictor, dataset, images, progress)

    def _judge_rest(
        self,
        predictor: Predictor,
        dataset: Dataset,
        images: pd.DataFrame,
        progress: Done,
    ) -> None:
        self.__dict__.pop("about", None)  # others may have added their time
        rows = self._partial()
        left = [file for file in images["file"] if file not in rows]
        began, spent = time.monotonic(), self.about["seconds"]
        try:
            with closing(score(predictor, dataset, left)) as scores:
                for file, row in zip(left, scores, strict=True):
                    rows[file] = {"file": file, **row}
                    storage.append_jsonl(self.path / PARTIAL_FILE, rows[file])
                    progress(len(rows), len(images))
        finally:
            seconds = round(spent + time.monotonic() - began, 2)
            storage.write_json(
                self.path / ABOUT_FILE, {**self.about, "seconds": seconds}
            )
            self.__dict__.pop("about", None)
        judged = images.merge(pd.DataFrame(rows.values()), on="file", validate="1:1")
        text = judged.to_csv(index=False, lineterminator="\n")
        storage.write_bytes(self.path / _SCORES, text.encode())
        (self.path / PARTIAL_FILE).unlink(missing_ok=True)

    def scored(self, card: ModelCard) -> ScoredImages:
        """Return the images with their scores, as a card of the model reads them.

        Raises:
            CrackError: It is not finished, or cannot be read.
        """
        try:
            scored = ScoredImages.of(self._scores(), card)
        except (OSError, ValueError, TypeError, KeyError) as error:
            raise self._damaged() from error
        if len(scored) != self.about["images"]:
            raise self._damaged()
        return scored

    def scores_of_contents(self) -> pd.DataFrame:
        """Return what the model said of each content, if that was kept.

        Returns:
            The columns of `ScoreRow` and sha256, none twice.

        Raises:
            CrackError: It is not finished, or cannot be read.
        """
        columns = ["sha256", *ScoreRow.__annotations__]
        try:
            scores = self._scores()
            if "sha256" not in scores:
                return pd.DataFrame(columns=columns)
            return scores[columns].drop_duplicates("sha256")
        except (OSError, ValueError, KeyError) as error:
            raise self._damaged() from error

    def result(self, card: ModelCard) -> Result:
        """Return all numbers, computed once for each calibration and thresholds.

        Raises:
            CrackError: It is not finished, or cannot be read.
        """
        read_by = [_COUNTING, card.temperature, card.offset, *astuple(card.thresholds)]
        path = self.path / _RESULT
        known = storage.read_record(path, _KeptResult)
        if known is None or known["read_by"] != read_by:
            result = result_of(self.scored(card), card.thresholds)
            # As any reader of the file gets it: JSON has lists in place of tuples.
            known = json.loads(json.dumps({"read_by": read_by, "result": result}))
            if not read_only():
                storage.write_json(path, known)
        found: Result = known["result"]
        return found

    def baselines(
        self, card: ModelCard, dataset: Dataset, progress: Done
    ) -> list[Baseline]:
        """Return what simple ways achieve on the same images, computed once.

        Args:
            card: Of the model.
            dataset: The one it was begun for.
            progress: Told how far it is; may raise to stop.

        Raises:
            CrackError: It is not finished, or an image can no longer be read.
        """
        path = self.path / _BASELINES
        known = storage.read_record(path, _KeptBaselines)
        if known is None:
            self._find_baselines(card, dataset, progress)
            known = storage.read_json(path)
        rows: list[Baseline] = known["baselines"]
        return rows

    @change(
        "compare a model with simple ways",
        on="{self.about[model]} on {self.about[dataset]}",
    )
    def _find_baselines(
        self, card: ModelCard, dataset: Dataset, progress: Done
    ) -> None:
        found = baselines(self.scored(card), dataset, progress)
        storage.write_json(self.path / _BASELINES, {"baselines": found})

    @change("delete an evaluation", Role.ADMIN, on="{self.path.name}")
    def delete(self) -> None:
        """Delete it."""
        storage.remove_folder(self.path)

    def _scores(self) -> pd.DataFrame:
        return pd.read_csv(self.path / _SCORES, dtype=_TEXT, keep_default_na=False)

    def _images(self) -> pd.DataFrame:
        try:
            images = pd.read_csv(
                self.path / IMAGES_FILE, dtype=_TEXT, keep_default_na=False
            )
        except (OSError, ValueError) as error:
            raise self._damaged() from error
        if not _COLUMNS.issubset(images) or len(images) != self.about["images"]:
            raise self._damaged()
        return images

    def _partial(self) -> dict[str, dict[str, object]]:
        try:
            rows = storage.read_jsonl(self.path / PARTIAL_FILE)
            return {str(row["file"]): row for row in rows}
        except (OSError, ValueError, KeyError) as error:
            raise self._damaged() from error

    def _damaged(self) -> CrackError:
        return CrackError(
            f"The evaluation in {self.path} cannot be read.",
            "Delete that folder, then evaluate again.",
        )
