"""A model in the form of a model card (Mitchell et al. 2019, FAT*), in words."""

from __future__ import annotations

from crack.inference.card import ModelCard
from crack.inference.results import Metrics
from crack.reporting.metric_titles import SCORES
from crack.reporting.words import NOTHING, count, percent, threshold
from crack.runs.backbones import BACKBONES, IMPORTED
from crack.runs.config import PhaseConfig, TrainConfig

Rows = list[tuple[str, str]]

INTENDED = (
    "To tell from a photo of concrete whether it shows a crack, where, and how "
    "probable that is, for photos like those it learned from. It sorts photos for an "
    "engineer, who looks at those that need review and decides."
)
NOT_INTENDED = (
    "To measure the width of a crack, to judge whether a structure is safe, or to "
    "replace an inspection. On photos of another kind it can be much worse than the "
    "numbers below, and not everything unlike its training photos is noticed."
)

_FIRST_WEIGHTS = {
    "surfaces": "come with the program, Apache License 2.0",
    "imagenet": "those that Keras publishes for ImageNet, Apache License 2.0",
}
_OTHER = {IMPORTED: "that of the file it was imported from"}


def training_config(card: ModelCard) -> TrainConfig | None:
    """Return the settings a model was trained with, None if they are not known."""
    try:
        return TrainConfig.from_dict(card.parameters)
    except (KeyError, TypeError):  # of another program, or of a later version
        return None


def data_rows(card: ModelCard) -> Rows:
    """Return what is known of the data a model learned from."""
    data = card.dataset
    parts = [("train", "to learn from"), ("val", "to choose and calibrate")]
    parts.append(("test", "to test on"))
    counts = [f"{data[key]:,} {what}" for key, what in parts if data.get(key)]  # type: ignore[literal-required]
    split, seed = data.get("split", ""), data.get("seed")
    if split and seed is not None:
        split = f"{split}, seed {seed}"
    rows = [
        ("Dataset", data.get("name", "")),
        ("Images", "; ".join(counts)),
        ("Split", split),
        ("Fingerprint of the data", data.get("fingerprint", "")),
        ("Remark", data.get("note", "")),
    ]
    return [(name, text) for name, text in rows if text]


def recipe_rows(card: ModelCard) -> Rows:
    """Return how a model was trained."""
    known = BACKBONES.get(card.backbone)
    side = f"{card.image_size} × {card.image_size} px"
    rows = [
        ("Network", known.title if known else _OTHER.get(card.backbone, card.backbone)),
        ("Weights to start from", _FIRST_WEIGHTS.get(card.backbone, "")),
        ("Images are scaled to", side),
    ]
    rows = [(name, text) for name, text in rows if text]
    config = training_config(card)
    if config is None:
        return rows
    frozen, fine_tune = config.frozen, config.fine_tune
    rows.append(("First, the head alone", _phase(frozen)))
    deeper = f"{_phase(fine_tune)}, from layer {config.fine_tune_at} on"
    rows.append(("Then the top of the network too", deeper))
    views = count(config.views, "view")
    rows += [
        ("Batch", f"{config.batch_size} images, {views} of each to learn from"),
        ("Dropout", threshold(config.dropout)),
        ("Seed", str(config.seed)),
    ]
    if config.patience is not None:
        without = f"{count(config.patience, 'epoch')} without a lower validation loss"
        rows.append(("A phase ends after", without))
    return rows


def calibration_rows(card: ModelCard) -> Rows:
    """Return how the score becomes a probability, and the probability an answer."""
    low, high = map(threshold, (card.thresholds.no_crack, card.thresholds.crack))
    errors = [
        f"{percent(error)} on {metrics['n']:,} {images} images"
        for images, metrics in measured(card)
        if (error := metrics.get("ece")) is not None
    ]
    rows = [
        ("Temperature", f"{card.temperature:.4g}"),
        ("Offset of the log-odds", f"{card.offset:.4g}"),
        ("Expected calibration error", "; ".join(errors)),
        (
            "Answers",
            f"crack from {high} on, no crack below {low}",
        ),
        ("Where these come from", card.thresholds_from or "not noted"),
    ]
    return [(name, text) for name, text in rows if text]


def measured(card: ModelCard) -> list[tuple[str, Metrics]]:
    """Return the metrics in a card with the images they were measured on."""
    both = [("test", card.metrics.get("test")), ("validation", card.metrics.get("val"))]
    return [(name, metrics) for name, metrics in both if metrics]


def metric_rows(card: ModelCard) -> list[dict[str, str]]:
    """Return a row for each metric measured on the model's own images."""
    return [
        {"Metric": score.title}
        | {
            f"{name} images ({metrics['n']:,})".capitalize(): NOTHING
            if value is None
            else percent(value)
            if score.in_percent
            else f"{value:.4f}"
            for name, metrics in measured(card)
            for value in [metrics.get(score.key)]
        }
        for score in SCORES
    ]


def _phase(phase: PhaseConfig) -> str:
    if not phase.epochs:
        return "left out"
    how = f"{phase.optimizer}, learning rate {phase.learning_rate:.2g}"
    fall = ", falling to 0" if phase.schedule == "cosine" else ""
    return f"{count(phase.epochs, 'epoch')}, {how}{fall}"
