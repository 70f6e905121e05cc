from __future__ import annotations

import io
from pathlib import PurePosixPath

import pytest
from PIL import Image

from crack.data.importer import add_dataset, inspect_source
from crack.data.photo_sizes import is_too_large
from crack.data.published import recognise

SIZES = [(227, 227)] * 12


def metu(numbers=range(1, 20_001)):
    """The files of the published dataset, or of some numbers of it."""
    second = range(10_000, 19_376)
    return {
        "Positive": [
            PurePosixPath(f"Positive/{n:05d}{'_1' if n in second else ''}.jpg")
            for n in numbers
        ],
        "Negative": [PurePosixPath(f"Negative/{n:05d}.jpg") for n in numbers],
    }


def test_metu_is_recognised_and_whole():
    found = recognise(metu(), SIZES)
    assert found is not None
    assert found.missing_count == 0
    assert found.completeness() == "All 40,000 images are there."
    assert "Özgenel" in found.credit
    assert "CC BY 4.0" in found.credit
    assert "10.17632/5y9wdsg2zt.2" in found.credit


def test_what_is_missing_is_counted_and_named():
    files = metu()
    del files["Negative"][16:19]
    del files["Positive"][10_000], files["Positive"][4]
    found = recognise(files, SIZES)
    assert found is not None
    assert found.missing_count == 5
    assert found.completeness() == (
        "39,995 of its 40,000 images are there. Missing are 3 of Negative: 00017 to "
        "00019; 2 of Positive: 00005, 10001."
    )


def test_of_many_gaps_the_first_are_named():
    found = recognise(metu(range(1, 20_001, 2)), SIZES)
    assert found is not None
    assert "10,000 of Negative: 00002, 00004, 00006, 00008, 00010, and more" in (
        found.completeness()
    )


def renamed(kind, change):
    files = metu()
    files[kind] = [PurePosixPath(change(str(file))) for file in files[kind]]
    return files


@pytest.mark.parametrize(
    ("files", "sizes"),
    [
        (metu(), [(256, 256)] * 12),
        (metu(), []),
        (metu(range(1, 50)), SIZES),
        (renamed("Positive", lambda file: file.replace("_1", "")), SIZES),
        (renamed("Negative", lambda file: file.replace(".jpg", "_1.jpg")), SIZES),
        (renamed("Negative", lambda file: file.replace(".jpg", ".png")), SIZES),
        ({"crack": metu()["Positive"], "sound": metu()["Negative"]}, SIZES),
    ],
)
def test_another_dataset_is_not_taken_for_it(files, sizes):
    assert recognise(files, sizes) is None


def test_a_stray_file_does_no_harm():
    files = metu()
    files["Positive"].append(PurePosixPath("Positive/copy of 00001.jpg"))
    assert recognise(files, SIZES) is not None


def jpeg(number: int, side: int = 227) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (side, side), (number % 256, number // 256, 90)).save(
        buffer, "JPEG"
    )
    return buffer.getvalue()


def test_the_credit_is_kept_with_the_dataset(make_zip):
    numbers = [*range(1, 100), *range(10_000, 10_050)]
    files = {str(file): file for files in metu(numbers).values() for file in files}
    archive = make_zip({name: jpeg(n) for n, name in enumerate(files)}, "metu.zip")
    summary = inspect_source(archive)
    assert summary.published is not None
    assert summary.published.missing_count == 40_000 - len(files)
    dataset = add_dataset("metu", archive, summary=summary)
    assert dataset.credit == summary.published.credit


def test_another_dataset_has_no_credit(patch_folder):
    assert add_dataset("walls", patch_folder).credit == ""


def test_the_real_one_is_recognised(test_data):
    published = inspect_source(test_data / "metu").published
    assert published is not None
    assert published.missing_count == 28_000


def test_large_photos_are_seen_before_the_import(make_zip, patch_folder):
    large = {f"{c}/{n}.jpg": jpeg(n, 700) for c in ("crack", "sound") for n in range(3)}
    summary = inspect_source(make_zip(large | {"crack/odd.jpg": b"1"}))
    assert summary.side == 700
    assert is_too_large(700)
    assert inspect_source(patch_folder).side == 64
    assert not is_too_large(448)
