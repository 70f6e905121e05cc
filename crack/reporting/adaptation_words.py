"""An adapted model beside the one it was made from, in words and rows."""

from __future__ import annotations

from collections.abc import Sequence

from crack.inference.results import (
    Adaptation,
    AnswerCounts,
    OldImages,
    SetResult,
    auroc_lost,
    most_lost,
)
from crack.reporting.result_words import COUNTED, INTERVAL, counting
from crack.reporting.words import NOTHING, count, percent

COMPARED_COLUMNS = ("Figure", "Before", "After")


def compared_rows(
    adaptation: Adaptation, told_before: AnswerCounts, told_after: AnswerCounts
) -> list[tuple[str, str, str]]:
    """Return the cells below `COMPARED_COLUMNS`.

    Args:
        adaptation: With the results before and after.
        told_before: Answers to the photos by the model that was adapted.
        told_after: Answers by the adapted one, by cross-validation.
    """
    told = (told_before, told_after)
    results = (adaptation["before"], adaptation["after"])
    rows = [
        _row("AUROC", [_auroc(result["auroc"]) for result in results]),
        _row("Right", [_right(result) for result in results]),
        _row("Cracks found", [_share(result["recall"]) for result in results]),
        _row("Images with a crack", [_answers(t["with_crack"]) for t in told]),
        _row("Images without a crack", [_answers(t["without_crack"]) for t in told]),
    ]
    if old := adaptation["old"]:
        aurocs = [_auroc(old["auroc_before"]), _auroc(old["auroc_after"])]
        rows.append(_row("AUROC on images it knew", aurocs))
        if lost := most_lost(old):
            source, figures = lost
            aurocs = [_auroc(figures["auroc_before"]), _auroc(figures["auroc_after"])]
            rows.append(_row(f"The same on '{source}' alone", aurocs))
    return rows


def compared_on(adaptation: Adaptation) -> str:
    """Say what the rows were counted on, in sentences."""
    images = count(adaptation["images"], "image")
    photos = count(adaptation["photos"], "photo")
    told = (
        f"Counted on {images} of {photos} of '{adaptation['dataset']}'; after: by "
        "cross-validation, each photo by a head that has not seen it. Right, and "
        f"cracks found: {COUNTED}; in brackets the {INTERVAL}, "
        f"{counting(adaptation['after'])}. AUROC: of an image with a crack and one "
        "without, how often the first gets the higher probability; 1 is always, 0.5 is "
        "chance."
    )
    if old := adaptation["old"]:
        told += (
            f" The images it knew are {old['n']} of those that "
            f"'{adaptation['model']}' was checked with in its training."
        )
        if lost := most_lost(old):
            source, figures = lost
            told += (
                f" '{source}' is the one of their {len(old['sources'])} sources that "
                f"loses most; {figures['n']} are of it."
            )
    return told


def in_short(adaptation: Adaptation) -> str:
    """Say what the adaptation gains on the new photos and costs on old images."""
    before, after = adaptation["before"], adaptation["after"]
    told = (
        f"On photos like these the AUROC goes from {_auroc(before['auroc'])} to "
        f"{_auroc(after['auroc'])}, and {_share(after['recall'])} of the cracks are "
        f"found instead of {_share(before['recall'])}."
    )
    if old := adaptation["old"]:
        told += (
            f" On images '{adaptation['model']}' knew it goes from "
            f"{_auroc(old['auroc_before'])} to {_auroc(old['auroc_after'])}"
        )
        told += f"{_worst_source(old)}."
    return told


def _worst_source(old: OldImages) -> str:
    """Say what the source that loses most loses, as the end of a sentence; or ""."""
    lost = most_lost(old)
    if lost is None or auroc_lost(lost[1]) <= 0:
        return ""
    source, figures = lost
    before, after = _auroc(figures["auroc_before"]), _auroc(figures["auroc_after"])
    return f", on those of '{source}' alone from {before} to {after}"


def _row(name: str, cells: Sequence[str]) -> tuple[str, str, str]:
    before, after = cells
    return name, before, after


def _auroc(value: float | None) -> str:
    return NOTHING if value is None else f"{value:.4f}"


def _share(value: float | None) -> str:
    return NOTHING if value is None else percent(value)


def _right(result: SetResult) -> str:
    interval = result["accuracy_interval"]
    if interval is None:
        return _share(result["accuracy"])
    low, high = interval
    return f"{_share(result['accuracy'])} ({percent(low)} to {percent(high)})"


def _answers(counts: dict[str, int]) -> str:
    crack, review, no_crack = counts["crack"], counts["review"], counts["no_crack"]
    return f"{crack} crack, {review} needs review, {no_crack} no crack"
