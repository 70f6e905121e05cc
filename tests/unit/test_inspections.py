"""The store; `tests/slow/test_postgres.py` runs the same on PostgreSQL."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest
from PIL import Image

from crack import storage
from crack.errors import CrackError
from crack.inference.card import ModelCard, Thresholds
from crack.inference.prediction import Label, Prediction, Reason, Spot
from crack.inspections import photos
from crack.inspections.records import (
    ModelVersion,
    Verdict,
    VerdictKind,
    common_scale,
    settled_label,
)
from crack.inspections.store import (
    add_photo,
    change_inspection,
    create_inspection,
    delete_inspection,
    find_inspection,
    give_verdict,
    inspections_of,
    list_inspections,
    photos_of,
)
from crack.runs.registry import Model

pytestmark = pytest.mark.usefixtures("database")

DAY = date(2026, 11, 22)
ACCEPT = Verdict(VerdictKind.ACCEPT)
IS_CRACK = Verdict(VerdictKind.CORRECT, Label.CRACK)
IS_NO_CRACK = Verdict(VerdictKind.CORRECT, Label.NO_CRACK)
CANNOT_TELL = Verdict(VerdictKind.CANNOT_TELL)


@pytest.fixture
def database(monkeypatch):
    """A SQLite file in the workspace, not there yet."""
    monkeypatch.delenv("CRACK_DATABASE_URL", raising=False)


def model(name: str = "walls") -> Model:
    card = ModelCard(
        name=name,
        created="2026-11-20T12:00:00+00:00",
        backbone="none",
        image_size=8,
        class_names=("Negative", "Positive"),
        crack_class="Positive",
        temperature=1.7,
        offset=-0.4,
        thresholds=Thresholds(no_crack=0.05, crack=0.95),
        dataset={},
        metrics={},
        run_id="20261120-120000-none-a1b2",
    )
    return Model(name, folder=None, card=card, shipped=False)


def inspect(structure="Main bridge", element="Pier 2", day=DAY, note=""):
    return create_inspection(structure, element, day, model(), note)


def png(tone: int) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (8, 8), (tone, tone, tone)).save(buffer, "PNG")
    return buffer.getvalue()


def answer(label: Label | None = Label.CRACK, **changes) -> Prediction:
    probability = {Label.CRACK: 0.99, Label.REVIEW: 0.5, Label.NO_CRACK: 0.01}
    plain = Prediction(
        file="a.png",
        label=label,
        probability=probability.get(label),
        threshold=0.95,
        width=8,
        height=8,
        seconds=0.25,
        error=None,
    )
    return replace(plain, **changes)


FAILED = answer(None, width=None, height=None, error="Damaged. Copy it again.")


def refuses(action, *arguments, match):
    with pytest.raises(CrackError, match=match):
        action(*arguments)


def test_at_first_there_are_no_inspections():
    assert list_inspections() == []


def test_an_inspection_comes_back_as_it_was_entered():
    before = datetime.now(UTC)
    made = create_inspection(" Brücke 7 ", "Pier 2\t", DAY, model(), "wet, 4 °C")
    assert find_inspection(made.id) == made
    assert (made.structure, made.element, made.note) == (
        "Brücke 7",
        "Pier 2",
        "wet, 4 °C",
    )
    assert made.inspected_on == DAY
    assert before <= made.created <= datetime.now(UTC)
    assert made.model == ModelVersion(
        name="walls",
        created="2026-11-20T12:00:00+00:00",
        run_id="20261120-120000-none-a1b2",
        thresholds=Thresholds(0.05, 0.95),
        temperature=1.7,
        offset=-0.4,
    )


@pytest.mark.parametrize("name", ["", " \t", "\0", "x" * 201])
def test_an_inspection_needs_names_of_a_usual_length(name):
    refuses(inspect, name, match="name of its structure")
    refuses(inspect, "Bridge", name, match="name of its element")
    assert list_inspections() == []


def test_the_longest_names_are_kept():
    made = inspect("\U0001f309" * 200, "ŉ" * 200)
    assert find_inspection(made.id) == made


def test_inspections_are_listed_from_the_latest_day_on():
    days = [DAY, DAY + timedelta(2), DAY + timedelta(1), DAY]
    made = [inspect(day=day) for day in days]
    listed = [summary.inspection for summary in list_inspections()]
    assert listed == [made[1], made[2], made[3], made[0]]


def test_a_summary_counts_photos_answers_errors_and_verdicts():
    empty, full = inspect(day=DAY - timedelta(1)), inspect()
    answers = [answer(), answer(), answer(Label.REVIEW), answer(Label.NO_CRACK), FAILED]
    added = [add_photo(full.id, png(tone), p) for tone, p in enumerate(answers)]
    give_verdict(added[0].id, ACCEPT)
    give_verdict(added[2].id, CANNOT_TELL)
    first, second = list_inspections()
    assert (first.inspection, second.inspection) == (full, empty)
    assert first.answers == {Label.CRACK: 2, Label.REVIEW: 1, Label.NO_CRACK: 1}
    assert (first.photos, first.errors, first.verdicts) == (5, 1, 2)
    assert second.answers == dict.fromkeys(Label, 0)
    assert (second.photos, second.errors, second.verdicts) == (0, 0, 0)


def test_a_changed_inspection_keeps_its_model_and_photos():
    made = inspect()
    photo = add_photo(made.id, png(1), answer())
    changed = change_inspection(
        made.id,
        structure="Old bridge ",
        element="Pier 3",
        inspected_on=DAY - timedelta(365),
        note="later",
    )
    assert changed == find_inspection(made.id)
    assert changed == replace(
        made,
        structure="Old bridge",
        element="Pier 3",
        inspected_on=DAY - timedelta(365),
        note="later",
    )
    assert photos_of(made.id) == [photo]
    assert inspections_of("old bridge", "pier 3") == [changed]
    assert inspections_of("Main bridge", "Pier 2") == []


def test_a_change_to_no_name_changes_nothing():
    made = inspect()
    with pytest.raises(CrackError, match="name of its element"):
        change_inspection(
            made.id, structure="New", element="", inspected_on=DAY, note=""
        )
    assert find_inspection(made.id) == made


def test_a_deleted_inspection_takes_its_photos_with_it(crack_home):
    kept, deleted = inspect(), inspect()
    photo = add_photo(kept.id, png(1), answer())
    lost = add_photo(deleted.id, png(1), answer())
    give_verdict(lost.id, ACCEPT)
    delete_inspection(deleted.id)
    assert [summary.inspection for summary in list_inspections()] == [kept]
    assert [folder.name for folder in (crack_home / "inspections").iterdir()] == [
        kept.id
    ]
    assert photos.photo_content(photo) == png(1)
    refuses(give_verdict, lost.id, ACCEPT, match="no photo")


@pytest.mark.parametrize("unknown", ["", "..", "0123456789abcdef", "\0", "\udcff"])
def test_an_unknown_inspection_is_told_and_nothing_is_written(unknown, crack_home):
    for action in (find_inspection, photos_of, delete_inspection):
        refuses(action, unknown, match="There is no inspection")
    refuses(add_photo, unknown, png(1), answer(), match="There is no inspection")
    assert not (crack_home / "inspections").exists()


def test_a_photo_comes_back_with_all_of_its_answer():
    made = inspect()
    given = answer(
        Label.REVIEW,
        file="cam/IMG 7.png",
        probability=1 / 3,
        log_odds=-2 / 3,
        distance=5 / 3,
        seconds=0.1 + 0.2,
        reasons=(Reason.CLOSE_CALL, Reason.BLURRED),
        spots=(Spot(1, 2, 3, 4, 1 / 7), Spot(0, 0, 8, 8, 0.1)),
    )
    photo = add_photo(made.id, png(1), given, 0.1 + 0.2)
    assert photos_of(made.id) == [photo]
    assert photo.prediction == given
    assert photo.mm_per_pixel == 0.1 + 0.2
    assert (photo.inspection_id, photo.verdict) == (made.id, None)
    assert photos.photo_content(photo) == png(1)
    assert photos.crack_map(photo) is None


def test_the_crack_map_comes_back(crack_home):
    crack_map = np.random.default_rng(1).normal(size=(3, 5)).astype(np.float32)
    made = inspect()
    add_photo(made.id, png(1), answer(crack_map=crack_map))
    (photo,) = photos_of(made.id)
    read = photos.crack_map(photo)
    assert read.dtype == np.float32
    assert np.array_equal(read, crack_map)
    names = {path.name for path in (crack_home / "inspections" / made.id).iterdir()}
    assert names == {f"{photo.sha256[:16]}.png", f"{photo.sha256[:16]}.npy"}


def test_numbers_of_numpy_become_plain_ones():
    spot = Spot(*np.array([1, 2, 3, 4]), np.float32(0.5))
    given = answer(
        probability=np.float32(0.75),
        log_odds=np.float64(1.5),
        distance=np.float32(2.5),
        width=np.int64(9),
        spots=(spot,),
    )
    made = inspect()
    add_photo(made.id, png(1), given, np.float32(0.5))
    (photo,) = photos_of(made.id)
    assert photo.prediction == given
    assert photo.mm_per_pixel == 0.5
    assert type(photo.prediction.spots[0].left) is int


def test_photos_stay_in_the_order_in_which_they_came():
    made = inspect()
    added = [add_photo(made.id, png(tone), answer()) for tone in (9, 3, 7, 1)]
    assert photos_of(made.id) == added


def test_the_same_photo_twice_in_an_inspection_is_one():
    made, other = inspect(), inspect()
    first = add_photo(made.id, png(1), answer())
    first = give_verdict(first.id, ACCEPT)
    assert add_photo(made.id, png(1), answer(Label.NO_CRACK, file="copy.png")) == first
    assert photos_of(made.id) == [first]
    assert add_photo(other.id, png(1), answer()).id != first.id


def test_a_photo_added_again_keeps_its_crack_map_and_scale():
    first_map, other_map = np.zeros((2, 2), np.float32), np.ones((3, 3), np.float32)
    made = inspect()
    first = add_photo(made.id, png(1), answer(crack_map=first_map), 0.5)
    assert add_photo(made.id, png(1), answer(crack_map=other_map), 0.25) == first
    assert np.array_equal(photos.crack_map(first), first_map)


def test_a_photo_added_again_gets_no_crack_map_its_answer_did_not_have():
    made = inspect()
    first = add_photo(made.id, png(1), answer())
    crack_map = np.ones((3, 3), np.float32)
    add_photo(made.id, png(1), answer(crack_map=crack_map))
    assert photos.crack_map(first) is None


@pytest.mark.parametrize(
    ("scales", "common"),
    [
        ((), None),
        ((0.5, 0.5), 0.5),
        ((0.5, 0.25), None),
        ((0.5, None), None),
        ((None, None), None),
    ],
)
def test_photos_have_a_scale_in_common_if_all_were_judged_at_it(scales, common):
    made = inspect()
    add_photo(made.id, b"no picture", FAILED)
    for tone, scale in enumerate(scales):
        add_photo(made.id, png(tone), answer(), scale)
    assert common_scale(photos_of(made.id)) == common


def test_a_photo_that_could_not_be_read_is_kept_with_its_reason():
    made = inspect()
    photo = add_photo(made.id, b"no picture", FAILED)
    assert photos_of(made.id) == [photo]
    assert photo.prediction == FAILED
    assert photo.stored.endswith(".bin")
    assert photos.photo_content(photo) == b"no picture"


def test_photos_without_content_are_told_apart_by_name(crack_home):
    made = inspect()
    names = ("a.png", "b.png", "a.png")
    added = [add_photo(made.id, b"", replace(FAILED, file=name)) for name in names]
    assert added[0] == added[2]
    assert photos_of(made.id) == added[:2]
    assert not (crack_home / "inspections").exists()
    refuses(photos.photo_content, added[0], match=r"a\.png cannot be read")
    assert photos.crack_map(added[0]) is None


def test_names_that_are_no_text_are_kept_as_far_as_they_can_be():
    made = inspect(note="a\0b")
    photo = add_photo(made.id, png(1), answer(file="a\0\udcff.png"))
    assert (made.note, photo.prediction.file) == ("ab", "a\\udcff.png")
    assert photos_of(made.id) == [photo]


@pytest.mark.parametrize(
    ("content", "suffix"),
    [
        (b"\xff\xd8\xff\xe0rest", ".jpg"),
        (b"RIFF\0\0\0\0WEBPVP8 ", ".webp"),
        (b"\0\0\0\x18ftypheic", ".heic"),
        (b"MM\0*", ".tif"),
        (b"%PDF-1.7", ".bin"),
        (b"B", ".bin"),
    ],
)
def test_a_file_is_named_by_its_content(content, suffix):
    photo = add_photo(inspect().id, content, answer(file="photo.png"))
    assert photo.stored == f"{photo.sha256[:16]}{suffix}"


def test_a_lost_file_is_told_by_the_name_of_the_photo(crack_home):
    made = inspect()
    photo = add_photo(made.id, png(1), answer())
    storage.remove_folder(crack_home / "inspections" / made.id)
    refuses(photos.photo_content, photo, match=r"a\.png cannot be read: No such file")
    add_photo(made.id, png(1), answer())
    assert photos.photo_content(photo) == png(1)


def test_a_damaged_crack_map_is_told(crack_home):
    made = inspect()
    photo = add_photo(made.id, png(1), answer(crack_map=np.zeros((2, 2), np.float32)))
    (path,) = (crack_home / "inspections" / made.id).glob("*.npy")
    path.write_bytes(b"\x93NUMPY")
    refuses(photos.crack_map, photo, match="crack map is damaged")


def test_a_photo_that_cannot_be_kept_leaves_no_row(crack_home):
    made = inspect()
    crack_home.mkdir(exist_ok=True)
    (crack_home / "inspections").write_text("a file in the way of the folder")
    refuses(add_photo, made.id, png(1), answer(), match="cannot be kept")
    assert photos_of(made.id) == []


def test_a_verdict_comes_back_with_all_its_digits():
    made = inspect()
    photo = add_photo(made.id, png(1), answer())
    verdict = Verdict(
        VerdictKind.CORRECT, Label.CRACK, "at the joint", 0.1 + 0.2, "XD3"
    )
    given = give_verdict(photo.id, verdict)
    assert given == replace(photo, verdict=verdict)
    assert photos_of(made.id) == [given]


def test_a_later_verdict_takes_the_place_of_the_earlier():
    made = inspect()
    photo = add_photo(made.id, png(1), answer())
    give_verdict(photo.id, replace(ACCEPT, width_mm=0.3, note="wide"))
    changed = give_verdict(photo.id, IS_NO_CRACK)
    assert changed.verdict == IS_NO_CRACK
    assert photos_of(made.id) == [changed]


def test_the_time_of_a_verdict_is_kept_whatever_the_zone():
    moment = datetime.fromisoformat("2026-11-22T23:30:00.123456-05:00")
    photo = add_photo(inspect().id, png(1), answer())
    given = give_verdict(photo.id, replace(ACCEPT, given=moment))
    (read,) = photos_of(given.inspection_id)
    assert read.verdict.given == moment
    assert read.verdict.given.utcoffset() == timedelta(0)


@pytest.mark.parametrize("prediction", [answer(Label.REVIEW), FAILED])
def test_where_there_is_no_answer_none_can_be_accepted(prediction):
    photo = add_photo(inspect().id, png(1), prediction)
    refuses(give_verdict, photo.id, ACCEPT, match="nothing to accept")
    for verdict in (IS_CRACK, IS_NO_CRACK, CANNOT_TELL):
        assert give_verdict(photo.id, verdict).verdict == verdict


def test_a_verdict_on_no_photo_is_refused():
    refuses(give_verdict, "0123456789abcdef", ACCEPT, match="There is no photo")


@pytest.mark.parametrize(
    ("label", "verdict", "settled"),
    [
        (Label.CRACK, None, None),
        (Label.CRACK, ACCEPT, Label.CRACK),
        (Label.NO_CRACK, ACCEPT, Label.NO_CRACK),
        (Label.CRACK, IS_NO_CRACK, Label.NO_CRACK),
        (Label.REVIEW, IS_CRACK, Label.CRACK),
        (Label.CRACK, CANNOT_TELL, None),
    ],
)
def test_what_counts_is_what_the_engineer_said(label, verdict, settled):
    photo = add_photo(inspect().id, png(1), answer(label))
    if verdict:
        photo = give_verdict(photo.id, verdict)
    assert settled_label(photo) is settled


@pytest.mark.parametrize("label", [None, Label.REVIEW])
def test_a_correction_needs_the_right_answer(label):
    refuses(Verdict, VerdictKind.CORRECT, label, match="needs the right answer")


@pytest.mark.parametrize("kind", [VerdictKind.ACCEPT, VerdictKind.CANNOT_TELL])
def test_only_a_correction_has_an_answer_of_its_own(kind):
    refuses(Verdict, kind, Label.CRACK, match="no answer of its own")


@pytest.mark.parametrize("width", [0, -0.1, float("nan"), float("inf")])
def test_a_width_is_more_than_nothing(width):
    refuses(Verdict, VerdictKind.ACCEPT, None, "", width, match="more than 0 mm")
