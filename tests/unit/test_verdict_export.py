from __future__ import annotations

import csv
import hashlib
import io
import zipfile
from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest
from PIL import Image

from crack.data.importer import add_dataset
from crack.data.split import make_split
from crack.errors import CrackError
from crack.inference.prediction import Label, Region
from crack.inspections.records import RegionVerdict, RegionVerdictKind
from crack.inspections.store import add_photo
from crack.inspections.verdict_dataset import add_verdicts
from crack.inspections.verdict_export import LeftOut, count_settled, export_settled
from crack.inspections.verdicts import give_region_verdict, give_verdict
from tests.inspections import (
    ACCEPT,
    CANNOT_TELL,
    CARD,
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
    summary = export_settled(target)
    target.seek(0)
    return target, summary.pictures


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
    # These photos are so small that they are written whole.
    assert (dataset.samples["photo_sha256"] == dataset.samples["sha256"]).all()
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
    assert counts == count_settled().pictures == {Label.CRACK: 1, Label.NO_CRACK: 1}


def test_an_earlier_cannot_tell_takes_nothing_out():
    first, second = inspect(), inspect()
    earlier = IS_CRACK.given - timedelta(hours=1)
    settle(second, png(1), replace(CANNOT_TELL, given=earlier))
    settle(first, png(1), IS_CRACK)
    assert count_settled().pictures == {Label.CRACK: 1, Label.NO_CRACK: 0}


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


WALL = (640, 512)
"""Pixels of a large photo; the model of these tests learned from 64 px."""

SEEN = (64, 64, 128, 128)  # as the model frames a region


@pytest.fixture
def known(crack_home):
    """The model of the inspections is there; it knows the scale of its training."""
    folder = crack_home / "models" / CARD.name
    folder.mkdir(parents=True)
    replace(CARD, mm_per_pixel=0.5).write(folder)


def wall(seed, size=WALL):
    """A photo in which every tile has pixels of its own."""
    pixels = np.random.default_rng(seed).integers(0, 256, (*size[::-1], 3), np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG")
    return buffer.getvalue()


def add_wall(made, seed=1, **changes):
    given = {"width": WALL[0], "height": WALL[1], **changes}
    return add_photo(made.id, wall(seed), answer(**given))


def judge(photo, box, *, is_crack, minutes=0):
    verdict = RegionVerdict(*box, is_crack, RegionVerdictKind.MARKED)
    later = verdict.given + timedelta(minutes=minutes)
    return give_region_verdict(photo.id, replace(verdict, given=later))


def by_class(target):
    """The sizes of the pictures in each class folder."""
    found = {}
    for name, body in contents(target)[0].items():
        with Image.open(io.BytesIO(body)) as picture:
            found.setdefault(name.partition("/")[0], []).append(picture.size)
    return found


def test_judged_regions_are_cut_at_the_sizes_at_which_the_model_looks(known):
    photo = add_wall(inspect())
    judge(photo, SEEN, is_crack=True)
    judge(photo, (384, 256, 128, 128), is_crack=False)
    target, counts = exported()
    assert counts == {Label.CRACK: 2, Label.NO_CRACK: 1 + 4}
    assert by_class(target) == {"crack": [(64, 64)] * 2, "no crack": [(64, 64)] * 5}
    summary = count_settled()
    assert summary.photos == {Label.CRACK: 1, Label.NO_CRACK: 1}
    assert summary.left_out == {}


def test_the_tiles_of_one_photo_stay_together_and_apart_from_other_photos(known):
    made = inspect()
    for seed in range(3):
        photo = add_wall(made, seed)
        judge(photo, SEEN, is_crack=True)
        judge(photo, (384, 256, 128, 128), is_crack=False)
    target, counts = exported()
    assert not count_settled().by_element
    dataset = add_dataset("regions", target)
    assert dataset.samples["class"].value_counts().to_dict() == counts
    photos = dataset.samples.groupby("photo").size()
    assert photos.to_list() == [7, 7, 7]
    assert all(name.startswith("bridge 7 / pier 2 / ") for name in photos.index)
    split = make_split(dataset, "grouped", 17)
    merged = split.merge(dataset.samples[["file", "photo"]], on="file")
    assert merged.groupby("photo")["split"].nunique().max() == 1


def test_with_three_elements_those_stay_together(known):
    for pier in range(3):
        made = inspect(element=f"Pier {pier}")
        for seed in range(2):
            photo = add_wall(made, 10 * pier + seed)
            judge(photo, SEEN, is_crack=True)
            judge(photo, (384, 256, 128, 128), is_crack=False)
    target, _ = exported()
    assert count_settled().by_element
    _, photo_of = contents(target)
    assert set(photo_of.values()) == {f"bridge 7 / pier {n}" for n in range(3)}


def test_where_the_scale_of_a_photo_is_known_it_is_cut_at_the_one_that_fits(known):
    photo = add_wall(inspect(), mm_per_pixel=0.25)
    judge(photo, SEEN, is_crack=True)
    judge(photo, (384, 256, 128, 128), is_crack=False)
    _, counts = exported()
    assert counts == {Label.CRACK: 1, Label.NO_CRACK: 1}


def test_where_the_model_is_gone_the_usual_size_of_tiles_is_taken():
    photo = add_wall(inspect())
    judge(photo, SEEN, is_crack=True)
    judge(photo, (384, 200, 160, 160), is_crack=False)
    assert by_class(exported()[0])["crack"][0] == (160, 160)


def test_a_large_photo_without_cracks_gives_some_tiles_and_what_the_model_saw(known):
    made = inspect()
    judge(add_wall(made, 1), SEEN, is_crack=True)
    false_alarm = Region(*SEEN, 0.9)
    give_verdict(add_wall(made, 2, regions=(false_alarm,)).id, IS_NO_CRACK)
    target, counts = exported()
    # Of three sizes four tiles each; and the region with its parts.
    assert counts[Label.NO_CRACK] == 3 * 4 + 1 + 4
    names = [n for n in contents(target)[0] if "/" in n and n.startswith("no crack")]
    assert any(n.endswith("_320px_32_32.png") for n in names)


def test_a_large_photo_with_a_crack_but_no_region_is_left_out_and_told(known):
    made = inspect()
    give_verdict(add_wall(made, 1).id, ACCEPT)
    give_verdict(add_wall(made, 2).id, IS_NO_CRACK)
    with pytest.raises(CrackError, match="crack: 0, no crack: 12"):
        exported()
    assert count_settled().left_out == {LeftOut.NO_REGION: 1}


def test_a_rejected_region_alone_does_not_show_where_the_crack_is(known):
    photo = add_wall(inspect())
    judge(photo, SEEN, is_crack=False)
    give_verdict(photo.id, ACCEPT)
    assert count_settled().left_out == {LeftOut.NO_REGION: 1}


def test_a_small_photo_is_written_as_it_is_beside_tiles_of_a_large_one(known):
    made = inspect()
    settle(made, png(1), IS_NO_CRACK)
    judge(add_wall(made), SEEN, is_crack=True)
    target, counts = exported()
    assert counts == {Label.CRACK: 2, Label.NO_CRACK: 1}
    assert png(1) in contents(target)[0].values()


def test_no_crack_and_a_region_with_a_crack_contradict_each_other(known):
    made = inspect()
    photo = add_wall(made)
    judge(photo, SEEN, is_crack=True)
    give_verdict(photo.id, IS_NO_CRACK)
    settle(made, png(1), IS_NO_CRACK)
    _, counts = exported()
    assert counts == {Label.CRACK: 2, Label.NO_CRACK: 1}
    assert count_settled().left_out == {LeftOut.CONTRADICTION: 1}


def test_regions_count_where_the_photo_as_a_whole_does_not_tell(known):
    photo = add_wall(inspect())
    judge(photo, SEEN, is_crack=True)
    give_verdict(photo.id, CANNOT_TELL)
    assert count_settled().pictures == {Label.CRACK: 2, Label.NO_CRACK: 0}


def test_sound_tiles_that_touch_a_crack_and_too_large_boxes_are_told(known):
    photo = add_wall(inspect())
    judge(photo, SEEN, is_crack=True)
    judge(photo, (128, 64, 128, 128), is_crack=False)
    judge(photo, (300, 0, 300, 300), is_crack=True)
    summary = count_settled()
    assert summary.left_out == {LeftOut.TOO_LARGE: 1, LeftOut.OVERLAP: 3}
    assert summary.pictures == {Label.CRACK: 2, Label.NO_CRACK: 2}


def test_a_sound_box_smaller_than_a_tile_is_told_and_claims_nothing_around_it(known):
    photo = add_wall(inspect())
    judge(photo, SEEN, is_crack=True)
    judge(photo, (400, 300, 20, 20), is_crack=False)
    summary = count_settled()
    assert summary.left_out == {LeftOut.TOO_SMALL: 1}
    assert summary.pictures == {Label.CRACK: 2, Label.NO_CRACK: 0}


def test_of_a_region_judged_in_two_inspections_the_latest_verdict_counts(known):
    first, second = add_wall(inspect()), add_wall(inspect())
    judge(first, SEEN, is_crack=True)
    judge(first, (384, 256, 128, 128), is_crack=True)
    judge(second, SEEN, is_crack=False, minutes=1)
    summary = count_settled()
    assert summary.pictures == {Label.CRACK: 2, Label.NO_CRACK: 5}
    assert summary.photos == {Label.CRACK: 1, Label.NO_CRACK: 1}


def test_the_verdicts_of_one_inspection_alone(known):
    mine, other = inspect(), inspect("Bridge 8")
    judge(add_wall(mine), SEEN, is_crack=True)
    settle(mine, png(1), IS_NO_CRACK)
    settle(other, png(2), IS_NO_CRACK)
    assert count_settled(mine.id).pictures == {Label.CRACK: 2, Label.NO_CRACK: 1}
    assert count_settled(other.id).pictures == {Label.CRACK: 0, Label.NO_CRACK: 1}
    dataset = add_verdicts("mine", mine, lambda *_: None)
    assert dataset.counts == {Label.CRACK: 2, Label.NO_CRACK: 1}
    assert dataset.crack_class == Label.CRACK
    assert (dataset.photos, dataset.note) == (2, "")
    assert dataset.source == "Verdicts on Bridge 7, Pier 2"


def test_a_dataset_of_drawn_photos_says_so(crack_home):
    scene = crack_home / "sample/scenes/scene-1.jpg"
    scene.parent.mkdir(parents=True)
    scene.write_bytes(png(1))
    made = inspect()
    settle(made, png(1), IS_NO_CRACK)
    settle(made, png(2), IS_CRACK)
    assert "not photographed" in add_verdicts("mine", made, lambda *_: None).note


def test_judged_photos_that_cannot_be_read_are_told():
    made = inspect()
    give_verdict(add_photo(made.id, b"no picture", FAILED).id, IS_CRACK)
    assert count_settled().left_out == {LeftOut.UNREADABLE: 1}
