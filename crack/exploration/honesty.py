"""Whether a test is honest: how many of its images the training has seen, or nearly."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from crack.data.dataset import Dataset


@dataclass(frozen=True)
class Honesty:
    """What the test images of a split share with its training images.

    Attributes:
        test: Number of test images.
        copied: Those with a copy or near-copy in train.
        same_photo: Those without one, but from a photo that images in train are from.
        pairs: Of each image with a copy one from train, then itself; the exact copies
            last, as there is nothing to see in them.
    """

    test: int
    copied: int
    same_photo: int
    pairs: tuple[tuple[str, str], ...]


def honesty(dataset: Dataset, split: pd.DataFrame) -> Honesty:
    """Return what the test of a split shares with its training.

    Args:
        dataset: That is split.
        split: Columns file and split; files that are no longer in the dataset do not
            count.
    """
    samples = dataset.samples[["file", "sha256", "group"]].assign(joined=dataset.groups)
    known = samples.merge(split[["file", "split"]], on="file")
    train, test = (known[known["split"] == part] for part in ("train", "test"))
    first = train.drop_duplicates("group").set_index("group")
    copied = test[test["group"].isin(first.index)]
    partners = first.loc[copied["group"]]
    pairs = pd.DataFrame(
        {
            "train": partners["file"].to_numpy(),
            "test": copied["file"].to_numpy(),
            "exact": copied["sha256"].to_numpy() == partners["sha256"].to_numpy(),
        }
    ).sort_values("exact", kind="stable")
    return Honesty(
        test=len(test),
        copied=len(copied),
        same_photo=int(test["joined"].isin(train["joined"]).sum()) - len(copied),
        pairs=tuple(zip(pairs["train"], pairs["test"], strict=True)),
    )
