"""The numbers of a dataset in one line."""

from __future__ import annotations

from crack.data.dataset import Dataset
from crack.reporting.figures import class_title
from crack.reporting.words import count
from pages.shared.formatting import plain


def told_in_numbers(dataset: Dataset) -> str:
    """Return what is in a dataset and where it came from, as Markdown."""
    classes = ", ".join(
        f"{number:,} {plain(class_title(name, dataset.crack_class))}"
        for name, number in dataset.counts.items()
    )
    extras = [
        f"cut from {count(dataset.photos, 'photo')}" if dataset.photos else "",
        f"{dataset.near_copies:,} with a near-copy" if dataset.near_copies else "",
        f"{len(dataset.unreadable):,} unreadable" if len(dataset.unreadable) else "",
        f"{len(dataset.edits):,} edited" if dataset.edits else "",
        f"from {plain(dataset.source)}, added on {dataset.added[:10]}",
    ]
    images = f"**{count(len(dataset.samples), 'image')}**: {classes}"
    return " · ".join([images, *filter(None, extras)])
