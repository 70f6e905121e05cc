"""How a model did on labelled images, as its card and `evaluation.json` hold it.

`crack.evaluation` computes them; they are defined here because the card contains them.
They are dictionaries, as in the files, so that keys of a newer version are kept.
"""

from __future__ import annotations

from typing import Annotated, Literal, NotRequired, TypedDict


class Metrics(TypedDict):
    """How often the answers to labelled images are right.

    A value is None if it is undefined: a class has no samples, or no answer is
    positive. A file of an earlier version may lack some.

    Attributes:
        n: Number of images.
        accuracy: Share of right answers.
        balanced_accuracy: Mean of recall and specificity.
        precision: Share of the positive answers that are right.
        recall: Share of the cracked images that are found.
        f1: Harmonic mean of precision and recall.
        auroc: Area under the ROC curve.
        average_precision: Area under the precision-recall curve.
        ece: Expected calibration error.
        brier: Mean squared distance of the probability from the truth (Brier 1950).
        confusion: [[tn, fp], [fn, tp]].
        accuracy_interval: 95 % interval of the accuracy.
        interval_groups: As in `SetResult`.
    """

    n: int
    accuracy: float | None
    balanced_accuracy: NotRequired[float | None]
    precision: float | None
    recall: float | None
    f1: NotRequired[float | None]
    auroc: float | None
    average_precision: NotRequired[float | None]
    ece: NotRequired[float | None]
    brier: NotRequired[float | None]
    confusion: NotRequired[list[list[int]]]
    accuracy_interval: NotRequired[list[float] | None]
    interval_groups: NotRequired[int]


ScoreKey = Literal[
    "accuracy",
    "balanced_accuracy",
    "recall",
    "precision",
    "f1",
    "auroc",
    "average_precision",
    "ece",
    "brier",
]
"""A metric of `Metrics` that is one number."""


class FalseAlarms(TypedDict):
    """Sound images whose probability reaches the threshold for crack.

    Attributes:
        count: How many.
        total: Of how many sound images.
        interval: 95 % interval of their share, None without sound images.
    """

    count: int
    total: int
    interval: list[float] | None


class SetResult(TypedDict):
    """The result of a model on one test set.

    Attributes:
        n: Number of images.
        accuracy: As in `Metrics`.
        accuracy_interval: 95 % interval of the accuracy, None without images.
        auroc: As in `Metrics`.
        recall: As in `Metrics`.
        false_alarms: Counted at the threshold of the card at that time.
        interval_groups: Number of groups of photos that the intervals count; missing
            where they count each image as if it were from a photo of its own.
    """

    n: int
    accuracy: float | None
    accuracy_interval: list[float] | None
    auroc: float | None
    recall: float | None
    false_alarms: FalseAlarms
    interval_groups: NotRequired[int]


class TestSet(SetResult):
    """A test set in a card, with the result on it.

    Attributes:
        name: Of the dataset.
        title: Its name for readers.
        kind: Whether the images are photos or drawn.
        in_training: Whether the model learned from other images of its source.
        credit: Author and licence of the images.
    """

    name: str
    title: str
    kind: Literal["photos", "drawn"]
    in_training: bool
    credit: str


class AnswerCounts(TypedDict):
    """What users would have been told of images with a known class.

    Attributes:
        thresholds: no_crack and crack, those of the card.
        with_crack: Number of images by answer: crack, review, no_crack.
        without_crack: The same of the sound images.
    """

    thresholds: Annotated[dict[str, float], "no_crack", "crack"]
    with_crack: Annotated[dict[str, int], "crack", "review", "no_crack"]
    without_crack: Annotated[dict[str, int], "crack", "review", "no_crack"]


class CardMetrics(TypedDict, total=False):
    """All results in a card; those that were not measured are missing.

    Attributes:
        val: On the validation images, which also calibrated the model.
        test: On the test images.
        sets: On each of several test sets.
        counted_at: Threshold at which the false alarms of `sets` were counted; missing
            where it is that of the card.
    """

    val: Metrics
    test: Metrics
    sets: list[TestSet]
    counted_at: float


class TrainingData(TypedDict, total=False):
    """The data a model was trained on, as far as it is known.

    Attributes:
        name: Of the dataset.
        source: Where it is from, with the credits that its licences require.
        fingerprint: As of `crack.data.dataset.Dataset`.
        note: As of `crack.data.dataset.Dataset`.
        split: How it was split.
        seed: Of the split.
        split_fingerprint: As of `crack.data.split.split_fingerprint`; cards of earlier
            versions lack it.
        train: Images trained on.
        val: Images calibrated on.
        test: Images tested on.
    """

    name: str
    source: str
    fingerprint: str
    note: str
    split: str
    seed: int
    split_fingerprint: str
    train: int
    val: int
    test: int


class OldImages(TypedDict):
    """What an adaptation did to images the model knew before.

    Attributes:
        n: Number of images measured.
        auroc_before: Of the model that was adapted.
        auroc_after: Of the adapted one.
        sources: The same for each source with enough images of both classes.
    """

    n: int
    auroc_before: float
    auroc_after: float
    sources: NotRequired[dict[str, OldSource]]


class OldSource(TypedDict):
    """What an adaptation did to the images of one source, see `OldImages`."""

    n: int
    auroc_before: float
    auroc_after: float


class Adaptation(TypedDict):
    """How a model was made from another by fitting its head to photos of a user.

    Attributes:
        model: Name of the model it was made from.
        fingerprint: Hash of the graph of that model.
        dataset: Name of the photos.
        dataset_fingerprint: As of `crack.data.dataset.Dataset`.
        images: Number of images.
        photos: Number of photos they were cut from.
        refit: The parts that are new.
        share: Weight of the new photos against the old images, 0 to 1.
        strength: Of the pull back to the head of that model.
        before: Results of that model on the photos.
        after: Results of the adapted one by cross-validation, whole photos at a time.
        old: On images that the model knew, None if it has kept none.
    """

    model: str
    fingerprint: str
    dataset: str
    dataset_fingerprint: str
    images: int
    photos: int
    refit: list[str]
    share: float
    strength: float
    before: SetResult
    after: SetResult
    old: OldImages | None


def most_lost(old: OldImages) -> tuple[str, OldSource] | None:
    """Return the source whose AUROC fell most, None if there are not several."""
    sources = old.get("sources", {})
    if len(sources) < 2:
        return None
    return max(sources.items(), key=lambda named: auroc_lost(named[1]))


def auroc_lost(figures: OldSource) -> float:
    """Return by how much the AUROC fell."""
    return figures["auroc_before"] - figures["auroc_after"]
