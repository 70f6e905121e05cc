"""Edits of a dataset: images left out and labels changed, with the files untouched.

`datasets/NAME/edits.jsonl` has a line for each; the last one of an image counts. The
index stays as it was, so everything can be undone. It also remembers which images
somebody has looked at and kept as they are.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal, NotRequired, TypedDict

import pandas as pd

from crack import storage
from crack.access import current
from crack.checked import check
from crack.errors import CrackError

EDITS_FILE = "edits.jsonl"

Action = Literal["relabel", "leave out", "keep", "undo"]
"""What is done to an image.

"relabel" gives it the other class, "keep" changes nothing and remembers that somebody
found it right, "undo" takes all of these back.
"""


class Edit(TypedDict):
    """A line of the file.

    Attributes:
        file: As in `Dataset.samples`.
        action: What is done to it.
        given: When, as ISO 8601 in UTC.
        by: By whom; missing in files of earlier versions.
        problem: What it was kept in spite of, a key of `crack.exploration.problems`.
    """

    file: str
    action: Action
    given: str
    by: NotRequired[str]
    problem: NotRequired[str]


def give_edit(folder: Path, file: str, action: Action, problem: str = "") -> None:
    """Edit one image of a dataset.

    Args:
        folder: Of the index.
        file: The image.
        action: What is done to it.
        problem: What it is kept in spite of, "" for another action.
    """
    row: Edit = {
        "file": file,
        "action": action,
        "given": datetime.now(UTC).isoformat(timespec="seconds"),
        "by": current().name,
    }
    if problem:
        row["problem"] = problem
    storage.append_jsonl(folder / EDITS_FILE, row)


def read_edits(folder: Path) -> list[Edit]:
    """Return the edits of a dataset that count, the newest last.

    One for each image that is left out or relabelled, and one for each image and
    problem in spite of which it is kept.

    Raises:
        CrackError: The file cannot be read.
    """
    path = folder / EDITS_FILE
    counting: dict[tuple[str, str | None], Edit] = {}
    kept_for: dict[str, set[str]] = {}
    try:
        rows = storage.read_jsonl(path)
        check(rows, list[Edit])
    except (OSError, ValueError, TypeError) as error:
        raise CrackError(
            f"The edits of the dataset in {folder} cannot be read.",
            f"Correct or delete {path}.",
        ) from error
    for row in rows:
        edit: Edit = row  # type: ignore[assignment]  # just checked
        file = edit["file"]
        problem = edit.get("problem", "") if edit["action"] == "keep" else None
        counting.pop((file, problem), None)
        if edit["action"] == "undo":
            for each in kept_for.pop(file, ()):
                del counting[file, each]
            continue
        if problem is not None:
            kept_for.setdefault(file, set()).add(problem)
        counting[file, problem] = edit
    return list(counting.values())


def changes(edits: Iterable[Edit]) -> dict[str, Action]:
    """Return what is done to each image that is left out or relabelled, by file."""
    return {e["file"]: e["action"] for e in edits if e["action"] != "keep"}


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
