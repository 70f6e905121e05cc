from __future__ import annotations

import csv
import hashlib
import io
import zipfile
from dataclasses import replace
from datetime import timedelta

import pytest

from crack.data.importer import add_dataset
from crack.data.split import make_split
from crack.errors import CrackError
from crack.inference.prediction import Label
from crack.inspections.store import add_photo
from crack.inspections.verdict_export import count_settled, export_settled
from crack.inspections.verdicts import give_verdict
from tests.inspections import (
    ACCEPT,
    CANNOT_TELL,
    DAY,
    FAILED,
    IS_CRACK,
    IS_NO_CRACK,
    answer,
    inspect,
    png,
)


@pytest.fixture
def concrete(patch_folder):
    """Contents of distinct photos that share no pixel."""
    return [path.read_bytes() for path in sorted(patch_folder.rglob("*.png"))]


def settle(inspection, content, verdict, label=Label.CRACK):
    photo = add_photo(inspection.id, content, answer(label))
    return give_verdict(photo.id, verdict)


def exported():
    target = io.BytesIO()
    counts = export_settled(target)
    target.seek(0)
    return target, counts


def contents(target):
    """Content by name, and the rows of photos.csv."""
    with zipfile.ZipFile(target) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    index = csv.DictReader(io.StringIO(files.pop("photos.csv").decode(), newline=""))
    return files, {row["file"]: row["photo"] for row in index}


def test_settled_photos_lie_in_the_folder_of_what_counts():
    made = inspect()
    settle(made, png(1), ACCEPT)
    settle(made, png(2), IS_NO_CRACK)
    settle(made, png(3), IS_CRACK, Label.REVIEW)
    settle(made, png(4), CANNOT_TELL)
    add_photo(made.id, png(5), answer())
    give_verdict(add_photo(made.id, b"no picture", FAILED).id, IS_CRACK)
    target, counts = exported()
    assert counts == {Label.CRACK: 2, Label.NO_CRACK: 1}
    files, photo_of = contents(target)
    folders = {content: name.partition("/")[0] for name, content in files.items()}
    assert folders == {png(1): "crack", png(2): "no crack", png(3): "crack"}
    assert set(photo_of) == set(files)


def test_it_is_added_as_a_dataset_and_an_element_stays_on_one_side(concrete):
    names = [("Bridge", f"Pier {n}") for n in range(6)]
    for number, content in enumerate(concrete):
        # As entered by two people, in two years.
        structure, element = names[number % 6]
        late = number >= 12
        made = inspect(structure.upper() if late else structure, element, DAY)
        settle(made, content, IS_CRACK if number % 4 < 2 else IS_NO_CRACK)
    target, counts = exported()
    dataset = add_dataset("settled", target)
    assert (dataset.class_names, dataset.crack_class) == (
        ("crack", "no crack"),
        "crack",
    )
    assert dataset.samples["class"].value_counts().to_dict() == counts
    assert set(dataset.samples["sha256"]) == {
        hashlib.sha256(content).hexdigest() for content in concrete
    }
    assert dataset.unreadable.empty
    assert sorted(dataset.samples["photo"].unique()) == [
        f"bridge / pier {n}" for n in range(6)
    ]
    split = make_split(dataset, "grouped", 17)
    merged = split.merge(dataset.samples[["file", "photo"]], on="file")
    assert merged.groupby("photo")["split"].nunique().max() == 1
    assert merged["split"].nunique() > 1


def test_the_same_photo_in_two_inspections_counts_as_last_settled():
    first, second = inspect(), inspect()
    settle(first, png(1), IS_CRACK)
    settle(first, png(2), ACCEPT)
    later = IS_CRACK.given + timedelta(hours=1)
    settle(second, png(1), replace(IS_NO_CRACK, given=later))
    files, _ = contents(exported()[0])
    assert sorted((name.partition("/")[0], body) for name, body in files.items()) == [
        ("crack", png(2)),
        ("no crack", png(1)),
    ]


def test_a_later_cannot_tell_takes_the_same_photo_out():
    first, second = inspect(), inspect()
    settle(first, png(1), IS_CRACK)
    settle(first, png(2), IS_CRACK)
    settle(first, png(3), IS_NO_CRACK)
    later = IS_CRACK.given + timedelta(hours=1)
    settle(second, png(1), replace(CANNOT_TELL, given=later))
    target, counts = exported()
    assert set(contents(target)[0].values()) == {png(2), png(3)}
    assert counts == count_settled() == {Label.CRACK: 1, Label.NO_CRACK: 1}


def test_an_earlier_cannot_tell_takes_nothing_out():
    first, second = inspect(), inspect()
    earlier = IS_CRACK.given - timedelta(hours=1)
    settle(second, png(1), replace(CANNOT_TELL, given=earlier))
    settle(first, png(1), IS_CRACK)
    assert count_settled() == {Label.CRACK: 1, Label.NO_CRACK: 0}


def test_an_answered_photo_whose_content_never_came_is_left_out():
    made = inspect()
    settle(made, b"", IS_CRACK)
    settle(made, png(1), IS_CRACK)
    settle(made, png(2), IS_NO_CRACK)
    assert set(contents(exported()[0])[0].values()) == {png(1), png(2)}


@pytest.mark.parametrize("verdict", [None, IS_CRACK, IS_NO_CRACK])
def test_one_class_alone_is_no_dataset(verdict):
    if verdict:
        settle(inspect(), png(1), verdict)
    target = io.BytesIO()
    with pytest.raises(CrackError, match=r"both kinds; there are crack: \d, no crack"):
        export_settled(target)
    assert target.getvalue() == b""


def test_a_photo_whose_file_is_gone_is_named(crack_home):
    made = inspect()
    settle(made, png(1), IS_CRACK)
    lost = settle(made, png(2), IS_NO_CRACK)
    (crack_home / "inspections" / made.id / lost.stored).unlink()
    with pytest.raises(CrackError, match=r"a\.png cannot be read"):
        exported()
