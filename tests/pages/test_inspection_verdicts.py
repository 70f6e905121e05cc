"""The photos of an inspection, one after another, and their verdicts."""

from __future__ import annotations

from crack import settings
from crack.inference.prediction import Label
from crack.inspections.records import VerdictKind
from crack.inspections.store import photos_of
from tests.pages.conftest import INSPECTIONS, all_said, links


def give(app, photo, words, *, button="verdict_next", width=None, exposure=None):
    app.radio(key=f"verdict_{photo.id}").set_value(words).run()
    if width:
        app.number_input(key=f"verdict_width_{photo.id}").set_value(width).run()
    if exposure:
        app.selectbox(key=f"verdict_exposure_{photo.id}").set_value(exposure).run()
    app.button(key=button).click().run()
    assert not app.exception


def test_the_photos_are_shown_by_their_answer_or_without_verdict(visit, full):
    app = visit(INSPECTIONS, inspection=full.id)
    for choice, names in {
        "All": ["dark.png", "grey.png", "light.png", "broken.png"],
        "Without verdict": ["grey.png", "light.png", "broken.png"],
        "Crack": ["dark.png"],
        "Needs review": ["grey.png"],
        "No crack": ["light.png"],
        "Unreadable": ["broken.png"],
    }.items():
        app.segmented_control(key=f"inspection_show_{full.id}").set_value(choice).run()
        assert [name for name in links(app) if name.endswith(".png")] == names


def test_a_photo_tells_its_answer_reasons_and_regions(visit, full):
    kept = photos_of(full.id)[1]
    app = visit(INSPECTIONS, inspection=full.id, photo=kept.id)
    written = all_said(app)
    assert "Needs review" in written
    assert "50.0" in written
    assert "Too dark:" in written
    captions = [image.captions[0] for image in app.image if image.captions[0]]
    assert captions[0] == "As taken, 120 × 80 px"
    assert captions[1].startswith("Heatmap of where the model sees a crack")
    assert captions[2].startswith("Region 1 with its surroundings")
    app.radio(key=f"photo_region_{kept.inspection_id}/{kept.stored}").set_value(2).run()
    assert not app.exception
    captions = [image.captions[0] for image in app.image if image.captions[0]]
    assert captions[2].startswith("Region 2 with its surroundings")
    assert len(captions) == 4


def test_the_steps_stay_among_the_chosen_photos(visit, full):
    kept = photos_of(full.id)
    app = visit(INSPECTIONS, inspection=full.id)
    choice = app.segmented_control(key=f"inspection_show_{full.id}")
    choice.set_value("Without verdict").run()
    app.button(key=f"inspection_photo_{kept[1].id}").click().run()
    assert "grey.png, 1 of 3" in all_said(app)
    assert app.button(key="inspection_previous").disabled
    app.button(key="inspection_next").click().run()
    assert "light.png, 2 of 3" in all_said(app)
    app.button(key="inspection_all").click().run()
    choice = app.segmented_control(key=f"inspection_show_{full.id}")
    assert choice.value == "Without verdict"


def test_a_verdict_is_kept_and_the_next_photo_without_one_comes(visit, full):
    kept = photos_of(full.id)
    app = visit(INSPECTIONS, inspection=full.id, photo=kept[3].id)
    give(app, kept[3], "Cannot tell from the photo")
    assert photos_of(full.id)[3].verdict.kind is VerdictKind.CANNOT_TELL
    assert "grey.png, 2 of 4" in all_said(app)
    assert "2 of 4 photos have a verdict" in all_said(app)
    give(app, kept[1], "No crack")
    given = photos_of(full.id)[1].verdict
    assert (given.kind, given.label) == (VerdictKind.CORRECT, Label.NO_CRACK)
    assert "light.png, 3 of 4" in all_said(app)
    give(app, kept[2], "Accept: no crack")
    assert photos_of(full.id)[2].verdict.kind is VerdictKind.ACCEPT
    assert "the last one missing" in app.success[0].value
    assert "dark.png" in links(app)


def test_without_a_choice_nothing_can_be_saved(visit, full):
    app = visit(INSPECTIONS, inspection=full.id, photo=photos_of(full.id)[1].id)
    assert app.button(key="verdict_next").disabled
    assert app.button(key="verdict_save").disabled


def test_a_width_is_compared_with_the_design_value_and_kept(visit, full):
    kept = photos_of(full.id)[2]
    app = visit(INSPECTIONS, inspection=full.id, photo=kept.id)
    assert app.number_input(key=f"verdict_width_{kept.id}").disabled
    give(
        app,
        kept,
        "Correct to: crack",
        button="verdict_save",
        width=0.35,
        exposure="aci-humid",
    )
    written = all_said(app)
    assert "0.35 mm measured" in written
    assert "is 0.30 mm: above it" in written
    assert "not acceptance limits" in written
    given = photos_of(full.id)[2].verdict
    assert (given.label, given.width_mm, given.exposure) == (
        Label.CRACK,
        0.35,
        "aci-humid",
    )
    assert "Corrected: crack" in written
    assert "light.png, 3 of 4" in written


def test_a_photo_whose_file_is_gone_still_takes_a_verdict(visit, full):
    kept = photos_of(full.id)[2]
    (settings.home() / "inspections" / full.id / kept.stored).unlink()
    app = visit(INSPECTIONS, inspection=full.id, photo=kept.id)
    assert "light.png cannot be read" in all_said(app)
    give(app, kept, "Accept: no crack", button="verdict_save")
    assert photos_of(full.id)[2].verdict.kind is VerdictKind.ACCEPT
