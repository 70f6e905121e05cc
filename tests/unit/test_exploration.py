"""What is in a dataset: features kept by content, doubtful labels, outliers, maps."""

from __future__ import annotations

import numpy as np
import pytest

from crack import settings
from crack.data.dataset import edit_dataset, load_dataset
from crack.data.importer import add_dataset
from crack.errors import CrackError
from crack.exploration.dataset_map import kept_map, positions
from crack.exploration.doubts import label_probability, strangeness
from crack.exploration.features import features_of
from crack.exploration.judgement import judgement_file, kept_judgement
from crack.exploration.projection import pca_map, tsne_map
from crack.exploration.worker import work_out
from crack.runs.registry import find_model
from tests.inspections import noise_png

CHANNELS = 20


@pytest.fixture
def two_clouds():
    """240 images in two clouds, in pairs that belong together."""
    rng = np.random.default_rng(3)
    is_crack = np.arange(240) % 2 == 0
    features = rng.normal(0, 1, (240, CHANNELS)) + 2 * is_crack[:, None]
    return features.astype(np.float32), is_crack, np.arange(240) // 2 // 2


@pytest.fixture
def default(shipped_models, model):
    return find_model("default").folder


@pytest.fixture
def walls(tmp_path, crack_home):
    photos = tmp_path / "photos"
    for label in ("crack", "sound"):
        (photos / label).mkdir(parents=True)
        for number in range(5):
            seed = number + 10 * (label == "crack")
            (photos / label / f"{number}.png").write_bytes(noise_png(seed, 64))
    return add_dataset("walls", photos)


def looked_at(folder, dataset):
    """Return the features, and how many images were looked at for them."""
    told = []
    features = features_of(
        folder, dataset, lambda done, total: told.append((done, total))
    )
    return features, told[-1][1] if told else 0


def test_an_image_is_looked_at_once_even_after_edits_and_under_another_name(
    walls, default, tmp_path
):
    features, new = looked_at(default, walls)
    assert new == 10
    assert features.shape[0] == 10
    np.testing.assert_allclose(np.linalg.norm(features, axis=1), 1, atol=1e-2)

    edit_dataset("walls", walls.samples["file"][0], "leave out")
    fewer, new = looked_at(default, load_dataset("walls"))
    assert new == 0
    np.testing.assert_array_equal(fewer, features[1:])

    again, new = looked_at(default, add_dataset("again", tmp_path / "photos"))
    assert new == 0
    np.testing.assert_array_equal(again, features)


def test_what_a_killed_process_left_is_cut_off(walls, default):
    features, _ = looked_at(default, walls)
    (file,) = (settings.cache_dir() / "features").glob("*.bin")
    whole = file.read_bytes()
    record = len(whole) // 10
    file.write_bytes(whole[: 4 * record + record // 2])

    healed, new = looked_at(default, walls)

    assert new == 6
    np.testing.assert_array_equal(healed, features)
    assert file.stat().st_size == len(whole)


def test_a_file_that_is_gone_or_changed_has_no_features(walls, default):
    gone, changed = walls.samples["file"][0], walls.samples["file"][1]
    walls.path(gone).unlink()
    walls.path(changed).write_bytes(noise_png(99, 64))

    features, _ = looked_at(default, walls)

    assert np.isnan(features).any(axis=1).tolist() == [True, True] + 8 * [False]
    assert np.isfinite(looked_at(default, walls)[0]).all(axis=1).sum() == 8


def test_wrong_labels_come_first(two_clouds):
    features, is_crack, groups = two_clouds
    wrong = [3, 50, 121, 200]
    given = is_crack.copy()
    given[wrong] = ~given[wrong]
    order = np.argsort(label_probability(features, given, groups))
    assert set(order[:4]) == set(wrong)


def test_a_copy_with_the_same_wrong_label_does_not_confirm_it(two_clouds):
    features, is_crack, groups = two_clouds
    given = is_crack.copy()
    features[2], given[0], given[2], groups[[0, 2]] = features[0], False, False, 999
    assert set(np.argsort(label_probability(features, given, groups))[:2]) == {0, 2}


def test_labels_are_not_judged_from_a_handful(two_clouds):
    features, is_crack, _ = two_clouds
    with pytest.raises(CrackError, match="At least 5"):
        label_probability(features, is_crack, np.zeros(240, np.int64))


def test_what_is_unlike_all_others_is_strangest(two_clouds):
    features, _, _ = two_clouds
    features[17] += 30
    far = strangeness(features)
    assert far.shape == (240,)
    assert np.argmax(far) == 17


def test_maps_keep_the_clouds_apart(two_clouds):
    features, is_crack, _ = two_clouds
    told = []
    slow = tsne_map(features, lambda done, total: told.append(done / total))
    for placed in (pca_map(features), slow):
        assert placed.shape == (240, 2)
        centre = [placed[is_crack == label].mean(axis=0) for label in (True, False)]
        middle = np.mean(centre, axis=0)
        side = (placed - middle) @ (centre[0] - centre[1]) > 0
        assert (side == is_crack).mean() > 0.95
    assert told == sorted(told)
    assert told[-1] == 1


def silent(*_):
    pass


def test_a_map_is_kept_and_outlives_edits(walls, default):
    assert kept_map(default, walls, fine=True) is None
    work_out("fine map", default, walls, silent)
    chart = kept_map(default, walls, fine=True)
    assert chart.up_to_date
    assert np.isfinite(positions(chart)).all()
    assert kept_map(default, walls, fine=False) is None

    edit_dataset("walls", walls.samples["file"][0], "leave out")
    fewer = kept_map(default, load_dataset("walls"), fine=True)
    assert not fewer.up_to_date
    np.testing.assert_array_equal(positions(fewer), positions(chart)[1:])


def test_an_image_that_came_back_has_no_place_on_the_map(walls, default):
    file = walls.samples["file"][0]
    edit_dataset("walls", file, "leave out")
    work_out("coarse map", default, load_dataset("walls"), silent)
    edit_dataset("walls", file, "undo")
    again = positions(kept_map(default, load_dataset("walls"), fine=False))
    assert np.isnan(again).any(axis=1).tolist() == [True] + 9 * [False]


def test_what_was_judged_follows_a_new_label(walls, default):
    assert kept_judgement(default, walls) is None
    told = []
    work_out("judge", default, walls, lambda *step: told.append(step))
    assert ("Looking at the images", 10, 10) in told
    before = kept_judgement(default, walls).label_probability(walls.is_crack)
    edit_dataset("walls", walls.samples["file"][3], "relabel")
    edited = load_dataset("walls")
    after = kept_judgement(default, edited)
    probable = after.label_probability(edited.is_crack)
    assert not after.up_to_date
    assert probable[3] == pytest.approx(1 - before[3])
    np.testing.assert_array_equal(np.delete(probable, 3), np.delete(before, 3))


def test_a_damaged_file_of_what_was_kept_is_no_answer(walls, default):
    work_out("judge", default, walls, silent)
    judgement_file(default, walls).write_bytes(b"PK")
    assert kept_judgement(default, walls) is None


def test_a_worker_says_why_it_cannot(walls, default):
    for file in walls.samples["file"][:3]:
        edit_dataset("walls", file, "leave out")
    with pytest.raises(CrackError, match="At least 5"):
        work_out("judge", default, load_dataset("walls"), silent)


def test_a_worker_that_is_gone_is_told(walls, default, monkeypatch):
    monkeypatch.setattr("crack.exploration.worker.sys.executable", "false")
    with pytest.raises(CrackError, match="has stopped"):
        work_out("judge", default, walls, silent)
