"""What is said of an exported file beside its model."""

from __future__ import annotations

from crack.reporting.words import count
from crack.runs.export_formats import MOST_DIFFERENCE, Difference, is_close


def difference_words(found: Difference) -> str:
    """Say how far an exported file is from the model, in sentences."""
    largest, here = found["largest_difference"], found["from_this_program"]
    told = (
        f"On {count(found['images'], 'image')} of '{found['dataset']}' the "
        f"probabilities by {found['runtime']} and those of the Keras model are at most "
        f"{largest:.2g} apart."
    )
    if here > MOST_DIFFERENCE:
        told += (
            f" This program answers from a copy with weights of half precision, at "
            f"most {here:.2g} apart from the file."
        )
    if not is_close(found):
        told += f" More than {MOST_DIFFERENCE}: do not use the file."
    return told
