from __future__ import annotations

import io
from pathlib import PurePosixPath

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from crack.data.dataset import load_dataset
from crack.data.importer import add_dataset, inspect_source
from crack.data.source_photos import join_photos, photos_told, read_photos
from crack.data.split import leak, make_split
from crack.errors import CrackError

IMAGES = [PurePosixPath("a/1.png"), PurePosixPath("b/2.png"), PurePosixPath("b/3.png")]


def photos_of(pairs):
    return "file,photo\n" + "".join(f"{file},{photo}\n" for file, photo in pairs)


def test_without_the_file_no_photo_is_known(tmp_path):
    assert read_photos(tmp_path, IMAGES) == {}


@pytest.mark.parametrize(
    "content",
    [
        b"file,photo\na/1.png,wall\nb/2.png,\nb/3.png\n",
        b"\xef\xbb\xbffile,photo\r\na/1.png,wall\r\n",
        b"photo,note,file\nwall,wet,a/1.png\n",
        b'file,photo\n"a/1.png","wall"\na/1.png,wall\n\n',
        b"file,photo\na\\1.png,wall\n",
        b"file,photo\n./a/1.png,wall\n.\\a\\1.png,wall\n",
        b"file,photo\na/1.png,wall\na/gone.png,floor\n",
    ],
    ids=[
        *("short rows", "written by Excel", "more columns", "twice the same"),
        *("backslashes", "from here", "more than there are"),
    ],
)
def test_the_photo_of_each_file_is_read(tmp_path, content):
    (tmp_path / "photos.csv").write_bytes(content)
    assert read_photos(tmp_path, IMAGES) == {"a/1.png": ("wall", "")}


def test_the_content_of_a_photo_is_read_where_it_is_told(tmp_path):
    rows = f"file,photo,photo_sha256\na/1.png,wall,{'AB' * 32}\nb/2.png,floor\n"
    (tmp_path / "photos.csv").write_text(rows)
    assert read_photos(tmp_path, IMAGES) == {
        "a/1.png": ("wall", "ab" * 32),
        "b/2.png": ("floor", ""),
    }


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "no column 'file'"),
        (b"file,picture\na,b\n", "no column 'photo'"),
        (b"file;photo\na;b\n", "no column 'file'"),
        (b"file,photo\na,1\na,2\n", "gives a two photos"),
        (b"file,photo,photo_sha256\na,1,abc\n", "photo_sha256 of a is no SHA-256"),
        (b"file,photo\n\xff\xfe\x00", "not text in UTF-8"),
        (b"file,photo\na," + b"x" * 200_000, "field larger than"),
    ],
)
def test_a_malformed_file_is_told_with_what_it_needs(tmp_path, content, said):
    (tmp_path / "photos.csv").write_bytes(content)
    with pytest.raises(CrackError, match=said) as caught:
        read_photos(tmp_path, IMAGES)
    assert "columns file and photo" in caught.value.hint


def test_a_folder_of_that_name_is_told(tmp_path):
    (tmp_path / "photos.csv").mkdir()
    with pytest.raises(CrackError, match=r"photos\.csv cannot be read"):
        read_photos(tmp_path, IMAGES)


def joined(groups, photos):
    return join_photos(np.array(groups), pd.Series(photos, dtype=str)).tolist()


def test_groups_are_joined_through_copies_and_photos():
    groups = joined([0, 1, 2, 2, 3, 4], ["a", "a", "", "b", "b", ""])
    assert groups[0] == groups[1]
    assert groups[2] == groups[3] == groups[4]
    assert len(set(groups)) == 3


def test_a_copy_joins_two_photos():
    assert len(set(joined([0, 1, 1, 2], ["a", "a", "b", "b"]))) == 1


def test_unknown_photos_are_not_one_photo():
    assert joined([0, 1, 2], ["", "", ""]) == [0, 1, 2]


@pytest.fixture
def cut(patch_folder):
    """The patches, three of each class and photo, and one near-copy."""
    names = [f"{n:05d}.png" for n in range(1, 13)]
    pairs = [
        (f"{class_name}/{name}", f"{class_name} {n // 3}")
        for class_name in ("Positive", "Negative")
        for n, name in enumerate(names)
    ]
    original = patch_folder / "Positive" / "00001.png"
    (patch_folder / "Positive" / "copy.png").write_bytes(original.read_bytes())
    content = photos_of([*pairs, ("Positive/gone.png", "Positive 0")])
    (patch_folder / "photos.csv").write_text(content)
    return patch_folder


def test_images_of_one_photo_and_copies_of_them_stay_on_one_side(cut):
    dataset = add_dataset("walls", cut)
    assert dataset.photos == 8
    assert dataset.near_copies == 2
    assert dataset.unreadable.empty
    assert len(set(dataset.groups)) == 8
    pd.testing.assert_frame_equal(load_dataset("walls").samples, dataset.samples)
    split = make_split(dataset, "grouped", 17)
    assert (split["group"] == dataset.groups).all()
    assert split.groupby("group")["split"].nunique().max() == 1
    assert leak(split)["count"] == 0
    # 16 % and 4 % of 24 images, hardly any of whose photo is not in train.
    assert leak(make_split(dataset, "random", 17))["share"] > 0.5


def test_a_zip_may_hold_it_too(cut, make_zip):
    members = {
        f"walls/{path.relative_to(cut).as_posix()}": path.read_bytes()
        for path in cut.rglob("*.*")
    }
    dataset = add_dataset("walls", make_zip(members))
    assert dataset.photos == 8
    assert dataset.unreadable.empty


def test_it_does_not_count_as_a_class_or_an_image(cut):
    assert inspect_source(cut).class_counts == {"Negative": 12, "Positive": 13}


def test_above_the_class_folders_it_is_a_loose_file(cut, tmp_path):
    top = tmp_path / "top"
    top.mkdir()
    cut.rename(top / "walls")
    (top / "walls" / "photos.csv").rename(top / "photos.csv")
    dataset = add_dataset("walls", top)
    assert dataset.photos == 0
    assert dataset.unreadable["file"].tolist() == ["../photos.csv"]


def test_a_malformed_one_stops_the_import_and_leaves_nothing(cut, crack_home):
    (cut / "photos.csv").write_text("name\nx\n")
    with pytest.raises(CrackError, match="cannot be used"):
        add_dataset("walls", cut)
    assert not list(crack_home.glob("datasets/*"))


@pytest.mark.parametrize(
    ("pairs", "said"),
    [
        ([("00001.png", "a")], "none of the 24 images a photo; it names 00001.png"),
        ([("Positive/00001.png", "")], "none of the 24 images a photo"),
        ([], "none of the 24 images a photo"),
    ],
)
def test_one_that_names_none_of_the_images_is_refused(
    patch_folder, crack_home, pairs, said
):
    (patch_folder / "photos.csv").write_text(photos_of(pairs))
    with pytest.raises(CrackError, match=said) as caught:
        add_dataset("walls", patch_folder)
    assert "such as Negative/00001.png" in caught.value.hint
    assert not list(crack_home.glob("datasets/*"))


def test_how_many_images_it_names_is_told(cut):
    told = "photos.csv names 24 of 25 images, cut from 8 photos."
    assert photos_told(add_dataset("walls", cut).samples) == told
    (cut / "photos.csv").unlink()
    assert photos_told(add_dataset("again", cut).samples) == ""


def test_names_that_look_like_numbers_or_nothing_stay_text(patch_folder):
    pairs = [("Positive/00001.png", "NA"), ("Positive/00002.png", "007")]
    (patch_folder / "photos.csv").write_text(photos_of(pairs))
    names = add_dataset("walls", patch_folder).samples["photo"]
    assert sorted(names[names != ""]) == ["007", "NA"]
    assert load_dataset("walls").photos == 2


def test_an_index_of_before_has_no_photos(dataset, crack_home):
    samples = crack_home / "datasets" / "walls" / "samples.csv"
    assert "photo" not in pd.read_csv(samples).columns
    assert dataset.photos == 0
    assert (dataset.groups == dataset.samples["group"]).all()


def test_a_picture_of_that_name_is_refused(tmp_path):
    buffer = io.BytesIO()
    Image.new("L", (9, 9)).save(buffer, "PNG")
    (tmp_path / "photos.csv").write_bytes(buffer.getvalue())
    with pytest.raises(CrackError, match="not text"):
        read_photos(tmp_path, IMAGES)
