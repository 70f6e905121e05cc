"""From which photos the default learned."""

from __future__ import annotations

import hashlib
import shutil

import pytest

from crack.data.importer import add_dataset
from crack.evaluation.holdout import seen_samples
from crack.settings import SHIPPED_MODELS
from tools.default_sources import photo_hashes

PHOTOS = {
    "uav_cc0/images": ["DJI1320.jpg", "slide-7.jpg"],
    "mdmcs_ccby/images": ["10255.jpg"],
    "road_ccby/images": ["1014585_RS_386.png"],
    "textures_cc0": ["brick_wall-2.jpg"],
}


@pytest.mark.parametrize(
    ("crop", "photo"),
    [
        ("crack/drones--DJI1320-104-144-150.jpg", "DJI1320.jpg"),
        ("no crack/drones--slide-7-0-0-99.jpg", "slide-7.jpg"),
        ("crack/damage--10255-118-574-273.jpg", "10255.jpg"),
        ("crack/roads--1014585_RS_386-1-2-371.jpg", "1014585_RS_386.png"),
        ("no crack/textures--brick_wall-2-017.jpg", "brick_wall-2.jpg"),
        ("crack/metu--00001.jpg", None),
        ("crack/metu--far-train-00001.jpg", None),
        ("crack/drawn--photo-00001-3-4-90.jpg", None),
    ],
)
def test_a_crop_leads_to_the_photo_it_was_cut_from(tmp_path, crop, photo):
    for folder, names in PHOTOS.items():
        (tmp_path / folder).mkdir(parents=True)
        for name in names:
            (tmp_path / folder / name).write_text(name)
    expected = {hashlib.sha256(photo.encode()).hexdigest()} if photo else set()
    assert photo_hashes(tmp_path, [crop, crop]) == expected


def test_of_the_public_photos_the_default_knows_those_it_learned_from(
    test_data, tmp_path
):
    """Cut by a user, they share no tile with the training of the default."""
    photos = sorted((test_data / "uav_cc0/images").iterdir())[:12]
    for folder in ("images", "masks"):
        (tmp_path / "drones" / folder).mkdir(parents=True)
    for photo in photos:
        shutil.copy(photo, tmp_path / "drones/images")
        (mask,) = (test_data / "uav_cc0/masks").glob(f"{photo.stem}.*")
        shutil.copy(mask, tmp_path / "drones/masks")
    dataset = add_dataset("drones", tmp_path / "drones")
    seen = seen_samples(SHIPPED_MODELS / "default", dataset)
    by_photo = dataset.samples.assign(seen=seen).groupby("photo")["seen"]
    assert (by_photo.nunique() == 1).all()
    assert 0 < by_photo.first().sum() < len(photos)
