"""A report put into words: what the HTML and the PDF both say.

The formats themselves compute nothing, so that they cannot disagree.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

from crack.inference.prediction import Label, Reason
from crack.reporting.exposure import Exposure, in_mm, is_above
from crack.reporting.network_drawing import NetworkPicture, picture_of
from crack.reporting.report.photo_section import Entry, Rows, put_into_words
from crack.reporting.report.report_data import Report
from crack.reporting.result_words import (
    HARDER_ELSEWHERE,
    by_origin,
    how_counted,
)
from crack.reporting.words import (
    ANSWERS,
    REASONS,
    UNREADABLE,
    capitalise,
    count,
    day,
    moment,
    threshold,
)

SECTIONS = {
    "summary": "Summary",
    "reading": "How to read this",
    "photos": "Photos",
    "unreadable": "Photos that could not be read",
    "widths": "Crack widths and design values",
    "history": "History of the element",
    "model": "Model and data",
    "network": "The network",
    "limits": "What the program cannot tell",
}
"""Titles of the sections, in order; those without content are left out."""

EXPOSURE_COLUMNS = ("Source", "Exposure", "Value", "Remark")
HISTORY_COLUMNS = ("Inspected on", "State", "Widest crack")


@dataclass(frozen=True)
class Content:
    """A report with its photos in words.

    Attributes:
        report: Its data; the photos in it are consumed.
        entries: The photos in words.
    """

    report: Report
    entries: tuple[Entry, ...] = field(repr=False)

    @cached_property
    def answered(self) -> list[Entry]:
        """The photos with an answer."""
        return [entry for entry in self.entries if entry.photo.label is not None]

    @cached_property
    def unreadable(self) -> list[Entry]:
        """The photos without one."""
        return [entry for entry in self.entries if entry.photo.label is None]

    @property
    def sections(self) -> dict[str, str]:
        """The sections with content, by key."""
        content = {
            "photos": self.answered,
            "unreadable": self.unreadable,
            "widths": self.measured,
            "history": self.report.history,
            "network": self.network,
        }
        return {key: title for key, title in SECTIONS.items() if content.get(key, True)}

    @property
    def place(self) -> str:
        """Structure and element in one line, if known."""
        report = self.report
        return ", ".join(part for part in (report.structure, report.element) if part)

    @property
    def cover(self) -> Rows:
        """The facts at the head of the report."""
        report = self.report
        rows = [
            ("Structure", report.structure),
            ("Element", report.element),
            ("Inspected on", day(report.inspected_on) if report.inspected_on else ""),
            ("Inspector", report.inspector),
            ("Photos", f"{len(self.entries):,}"),
            ("Answers by", f"model “{report.model.name}”, {report.model.version}"),
            ("Report made", f"{moment(report.created)}, with {report.program}"),
        ]
        return [(name, text) for name, text in rows if text]

    @property
    def counts(self) -> list[tuple[Label | None, str, int]]:
        """Number of photos by answer; None stands for the unreadable ones."""
        found = [entry.photo.label for entry in self.entries]
        rows = [(label, ANSWERS[label], found.count(label)) for label in Label]
        return [*rows, (None, UNREADABLE, found.count(None))]

    @property
    def has_verdicts(self) -> bool:
        """Whether any photo has a verdict."""
        return any(entry.verdict for entry in self.entries)

    @property
    def measured(self) -> list[Entry]:
        """The photos with a measured crack width."""
        return [entry for entry in self.entries if entry.photo.width_mm is not None]

    @property
    def summary(self) -> list[str]:
        """A summary of verdicts and widths, in sentences."""
        return [self._verdicts_in_words(), *self._widths_in_words()]

    def _verdicts_in_words(self) -> str:
        given = [entry for entry in self.entries if entry.verdict]
        if not given:
            return (
                "No verdict by a person is recorded: these are the answers of the "
                "program alone."
            )
        settled = [entry.photo.settled for entry in given]
        return (
            f"Verdicts by a person: {len(given):,} of "
            f"{count(len(self.entries), 'photo')}. Settled as crack: "
            f"{settled.count(Label.CRACK):,}, as no crack: "
            f"{settled.count(Label.NO_CRACK):,}, left open: {settled.count(None):,}."
        )

    def _widths_in_words(self) -> list[str]:
        widths = [(e.photo.width_mm or 0, e) for e in self.measured]
        if not widths:
            return []
        width, widest = max(widths, key=lambda pair: pair[0])
        compared = [
            above
            for measured, entry in widths
            if entry.photo.exposure
            and (above := is_above(measured, entry.photo.exposure)) is not None
        ]
        said = f"Widest measured crack: {in_mm(width)} (photo {widest.number})."
        if compared:
            said += (
                " Widths compared with the value of their exposure: "
                f"{len(compared):,}, of which above it: {sum(compared):,}."
            )
        return [said]

    @property
    def how_to_read(self) -> list[tuple[Label, str]]:
        """What the three answers mean."""
        thresholds = self.report.model.thresholds
        low, high = threshold(thresholds.no_crack), threshold(thresholds.crack)
        return [
            (Label.CRACK, f"The probability of a crack is {high} or more."),
            (
                Label.REVIEW,
                f"The probability is from {low} up to {high}, or there is another "
                "reason why a person should look at the photo.",
            ),
            (
                Label.NO_CRACK,
                f"The probability is below {low}. This does not replace an inspection.",
            ),
        ]

    @property
    def explanations(self) -> list[str]:
        """What probability and heatmap mean, in paragraphs."""
        said = [
            f"The probability is calibrated on {self.report.model.calibrated_on}. "
            "Among such photos, if half of them are cracked, about 80 in 100 of "
            "those with a probability of 80 % show a crack. On photos of another kind "
            "it can be wrong.",
        ]
        if any(
            picture.is_heatmap for entry in self.entries for picture in entry.pictures
        ):
            said.append(
                "The heatmap shows where the model sees a crack, compared within the "
                "photo. It tells where to look and is not the outline of a crack."
            )
        if any(entry.regions for entry in self.entries):
            said.append(
                "The numbered frames are the strongest regions; their positions are in "
                "pixels of the full photo, from its left and upper edge."
            )
        if self.has_verdicts:
            said.append(
                "The verdict is that of the inspector. Where it differs from the "
                "answer, the verdict counts."
            )
        return said

    @property
    def reasons(self) -> Rows:
        """The reasons for review that occur, and what they mean."""
        found = {reason for entry in self.entries for reason in entry.photo.reasons}
        return [(str(reason), REASONS[reason]) for reason in Reason if reason in found]

    @property
    def model_rows(self) -> Rows:
        """Facts of the model."""
        model = self.report.model
        low, high = model.thresholds.no_crack, model.thresholds.crack
        rows = [
            ("Name", model.name),
            ("Version", model.version),
            ("Run", model.run_id),
            ("Trained on", model.trained_on),
            ("Fingerprints", model.fingerprints),
            ("Source", model.source),
            (
                "Thresholds",
                f"crack from {threshold(high)} on, no crack below {threshold(low)}",
            ),
            ("Notes", model.notes),
        ]
        return [(name, text) for name, text in rows if text]

    @property
    def result_groups(self) -> list[tuple[str, list[tuple[str, str, str, str]]]]:
        """The results by test set, those from known sources apart from the others."""
        groups = by_origin(self.report.model.results)
        return [(name, [r.row for r in results]) for name, results in groups.items()]

    @property
    def result_note(self) -> str:
        """How the results were counted."""
        model = self.report.model
        counted = how_counted(model.results, model.thresholds, model.false_alarms_from)
        return f"{counted} {HARDER_ELSEWHERE}"

    @cached_property
    def network(self) -> NetworkPicture | None:
        """The drawing of the network, None if its training is not known."""
        network = self.report.model.network
        return None if network is None else picture_of(network)

    @property
    def exposures(self) -> list[tuple[str, str, str, str]]:
        """The exposures that occur: source, words, value, remark."""
        used = (entry.photo.exposure for entry in self.measured)
        return [
            (
                exposure.source,
                exposure.words,
                "no width" if exposure.limit_mm is None else in_mm(exposure.limit_mm),
                exposure.remark,
            )
            for exposure in _once(e for e in used if e is not None)
        ]

    @property
    def history(self) -> list[tuple[str, str, str]]:
        """The earlier and present states of the element."""
        return [
            (
                day(state.inspected_on),
                capitalise(state.status),
                "not measured" if state.widest_mm is None else in_mm(state.widest_mm),
            )
            for state in self.report.history
        ]


def _once(exposures: Iterable[Exposure]) -> list[Exposure]:
    return list(dict.fromkeys(exposures))


def read_through(report: Report, folder: Path) -> Content:
    """Read the photos once and put each into words.

    The pixels of a photo are written as JPEG and freed before the next one is
    requested, so memory does not grow with the number of photos.

    Args:
        report: Its photos are consumed.
        folder: For the JPEGs.
    """
    entries = tuple(
        put_into_words(number, photo, folder)
        for number, photo in enumerate(report.photos, start=1)
    )
    return Content(replace(report, photos=()), entries)
