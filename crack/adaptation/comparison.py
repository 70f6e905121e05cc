"""A model beside the one it was adapted from, and whether it is worth having."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

from crack.checked import check
from crack.errors import CrackError
from crack.inference.results import (
    Adaptation,
    AnswerCounts,
    OldImages,
    OldSource,
    auroc_lost,
    most_lost,
)

MOST_OLD_AUROC_LOST = 0.002
"""By an adaptation, on images the model knew."""

MOST_SOURCE_AUROC_LOST = 0.01
"""The same on those of one source. Of each there are some 40 with a crack and 40
without, of which one pair in the wrong order costs 0.0006."""

_MOST_AUROC_LOST = 0.02
"""On the new photos, where their log-loss falls all the same. The heads of different
folds are not on one scale, which costs them some of it together."""


@dataclass(frozen=True)
class Comparison:
    """How an adapted model does beside the one it was made from.

    Attributes:
        adaptation: How it was made and how it does, as its card says.
        told_before: What the model it was made from says of the photos.
        told_after: What the adapted one says of them, by cross-validation.
        remarks: What the reader of the numbers needs to know.
        worse: In which way it would be worse, as a sentence; "" if it is better.
    """

    adaptation: Adaptation
    told_before: AnswerCounts
    told_after: AnswerCounts
    remarks: tuple[str, ...]
    worse: str

    def to_json(self) -> dict[str, Any]:
        """Return what `crack adapt --json` prints of it."""
        content: dict[str, Any] = dict(self.adaptation)
        return {
            "base": content.pop("model"),
            **content,
            "told_before": self.told_before,
            "told_after": self.told_after,
            "remarks": list(self.remarks),
            "worse": self.worse,
        }

    @classmethod
    def from_json(cls, content: Mapping[str, Any]) -> Comparison:
        """Return what `crack adapt --json` has printed.

        Raises:
            KeyError: Something is missing.
            TypeError: Something is of another type.
        """
        renamed = {**content, "model": content["base"]}
        check(renamed, Adaptation)
        for told in ("told_before", "told_after"):
            check(content[told], AnswerCounts)
        check([content["remarks"], content["worse"]], tuple[list[str], str])
        kept = {key: renamed[key] for key in Adaptation.__annotations__}
        return cls(
            adaptation=cast(Adaptation, kept),
            told_before=content["told_before"],
            told_after=content["told_after"],
            remarks=tuple(content["remarks"]),
            worse=content["worse"],
        )


class WorseModelError(CrackError):
    """Raised where an adapted model is not written because it would be worse.

    Args:
        comparison: With the model it was to be adapted from.
    """

    def __init__(self, comparison: Comparison) -> None:
        super().__init__(
            f"{comparison.worse} Nothing was written.",
            "Write it all the same with --force.",
        )
        self.comparison = comparison


def why_worse(adaptation: Adaptation, loss_before: float, loss_after: float) -> str:
    """Say in which way an adapted model is worse; "" if it is better.

    Args:
        adaptation: With the results on new photos and old images.
        loss_before: Log-loss of the present model on the new photos.
        loss_after: The same of the adapted one, by cross-validation.
    """
    before, after = adaptation["before"]["auroc"], adaptation["after"]["auroc"]
    assert before is not None
    assert after is not None
    photos = f"the {adaptation['images']} images of '{adaptation['dataset']}'"
    if loss_after >= loss_before or after < before - _MOST_AUROC_LOST:
        return (
            f"The adapted model would be no better on {photos}: in cross-validation "
            f"the log-loss goes from {loss_before:.3f} to {loss_after:.3f}, the AUROC "
            f"from {before:.4f} to {after:.4f}."
        )
    if lost := _old_lost(adaptation["old"], adaptation["model"]):
        those, figures = lost
        return (
            f"The adapted model would be better on {photos}, with an AUROC of "
            f"{after:.4f} instead of {before:.4f}, but worse on {those} learned from: "
            f"{figures['auroc_after']:.4f} instead of {figures['auroc_before']:.4f}."
        )
    return ""


def _old_lost(old: OldImages | None, model: str) -> tuple[str, OldSource] | None:
    """Return on which old images too much is lost, as the begin of a clause, if any."""
    if old is None:
        return None
    if old["auroc_after"] < old["auroc_before"] - MOST_OLD_AUROC_LOST:
        return f"those that '{model}'", old
    found = most_lost(old)
    if found and auroc_lost(found[1]) > MOST_SOURCE_AUROC_LOST:
        source, figures = found
        return f"those of '{source}', which '{model}'", figures
    return None
