"""Edits of a dataset: images left out and labels changed, with the files untouched.

`datasets/NAME/edits.jsonl` has a line for each; the last one of an image counts. The
index stays as it was, so everything can be undone.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal, TypedDict

import pandas as pd

from crack import storage
from crack.checked import check
from crack.errors import CrackError

EDITS_FILE = "edits.jsonl"

Action = Literal["relabel", "leave out", "undo"]
"""What is done to an image; "relabel" gives it the other class."""


class Edit(TypedDict):
    """A line of the file.

    Attributes:
        file: As in `Dataset.samples`.
        action: What is done to it.
        given: When, as ISO 8601 in UTC.
    """

    file: str
    action: Action
    given: str


def give_edit(folder: Path, file: str, action: Action) -> None:
    """Edit one image of a dataset.

    Args:
        folder: Of the index.
        file: The image.
        action: What is done to it.
    """
    given = datetime.now(UTC).isoformat(timespec="seconds")
    storage.append_jsonl(
        folder / EDITS_FILE, {"file": file, "action": action, "given": given}
    )


def read_edits(folder: Path) -> dict[str, Action]:
    """Return what is done to each edited image of a dataset, the newest last.

    Raises:
        CrackError: The file cannot be read.
    """
    edits: dict[str, Action] = {}
    try:
        rows = storage.read_jsonl(folder / EDITS_FILE)
        check(rows, list[Edit])
        for row in rows:
            edits.pop(row["file"], None)
            if row["action"] != "undo":
                edits[row["file"]] = row["action"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise CrackError(
            f"The edits of the dataset in {folder} cannot be read.",
            f"Correct or delete {folder / EDITS_FILE}.",
        ) from error
    return edits


def edited(
    samples: pd.DataFrame, edits: Mapping[str, Action], class_names: tuple[str, str]
) -> pd.DataFrame:
    """Return samples as they are after the edits.

    Args:
        samples: As in `Dataset`, as imported.
        edits: By file.
        class_names: The two classes.
    """
    if not edits:
        return samples
    action = samples["file"].map(edits)
    other = dict(zip(class_names, class_names[::-1], strict=True))
    relabelled = samples["class"].mask(
        (action == "relabel").to_numpy(), samples["class"].map(other)
    )
    kept = (action != "leave out").to_numpy()
    return samples.assign(**{"class": relabelled})[kept].reset_index(drop=True)
