"""The photos of an inspection, one after another, and their verdicts."""

from __future__ import annotations

from dataclasses import replace

from crack import settings
from crack.inference.prediction import Label
from crack.inspections.records import VerdictKind
from crack.inspections.store import photos_of
from crack.inspections.verdicts import give_verdict
from tests.inspections import IS_CRACK, IS_NO_CRACK, add, full_answer
from tests.pages.conftest import INSPECTIONS, all_said, links


def field(widgets, key):
    """The field of a form, with or without a verdict before."""
    return next(widget for widget in widgets if widget.key.startswith(key))


def give(app, photo, words, *, button="verdict_next", width=None, exposure=None):
    field(app.radio, f"verdict_{photo.id}").set_value(words).run()
    if width:
        field(app.number_input, f"verdict_width_{photo.id}").set_value(width).run()
    if exposure:
        field(app.selectbox, f"verdict_exposure_{photo.id}").set_value(exposure).run()
    app.button(key=button).click().run()
    assert not app.exception


def test_the_photos_are_shown_by_their_answer_or_without_verdict(visit, full):
    app = visit(INSPECTIONS, inspection=full.id)
    for choice, names in {
        "All": ["dark.png", "grey.png", "light.png", "broken.png"],
        "Without verdict": ["grey.png", "light.png"],
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
    assert captions[2].endswith("the frame is region 1 itself")
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
    assert "grey.png, 1 of 2" in all_said(app)
    assert app.button(key="inspection_previous").disabled
    app.button(key="inspection_next").click().run()
    assert "light.png, 2 of 2" in all_said(app)
    app.button(key="inspection_all").click().run()
    choice = app.segmented_control(key=f"inspection_show_{full.id}")
    assert choice.value == "Without verdict"


def test_a_verdict_is_kept_and_the_next_photo_without_one_comes(visit, full):
    kept = photos_of(full.id)
    app = visit(INSPECTIONS, inspection=full.id, photo=kept[0].id)
    give(app, kept[0], "Cannot tell from the photo")
    assert photos_of(full.id)[0].verdict.kind is VerdictKind.CANNOT_TELL
    assert "grey.png, 2 of 4" in all_said(app)
    assert "1 of 3 photos has a verdict" in all_said(app)
    give(app, kept[1], "No crack")
    assert "2 of 3 photos have a verdict" in all_said(app)
    given = photos_of(full.id)[1].verdict
    assert (given.kind, given.label) == (VerdictKind.CORRECT, Label.NO_CRACK)
    assert "light.png, 3 of 4" in all_said(app)
    give(app, kept[2], "Accept: no crack")
    assert photos_of(full.id)[2].verdict.kind is VerdictKind.ACCEPT
    assert "the last one missing" in app.success[0].value
    assert "dark.png" in links(app)


def test_a_file_that_cannot_be_read_needs_no_verdict(visit, full):
    kept = photos_of(full.id)
    app = visit(INSPECTIONS, inspection=full.id, photo=kept[3].id)
    assert "it needs no verdict" in all_said(app)
    assert "No verdict yet" not in all_said(app)
    assert not app.radio
    assert not app.number_input
    for photo in kept[1:3]:
        give_verdict(photo.id, IS_NO_CRACK)
    app = visit(INSPECTIONS, inspection=full.id)
    assert "3 of 3 photos have a verdict; 1 file could not be read" in all_said(app)
    assert app.get("progress")[0].proto.value == 100


def test_a_verdict_once_given_on_such_a_file_is_told(visit, full):
    broken = photos_of(full.id)[3]
    give_verdict(broken.id, IS_CRACK)
    app = visit(INSPECTIONS, inspection=full.id, photo=broken.id)
    assert "Decided: crack" in all_said(app)
    assert "1 of 3 photos has a verdict" in all_said(app)


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


def test_what_is_entered_outlasts_a_look_at_another_photo(visit, full):
    first, second = photos_of(full.id)[1:3]
    app = visit(INSPECTIONS, inspection=full.id, photo=first.id)
    assert "Not saved yet" not in all_said(app)
    app.radio(key=f"verdict_{first.id}").set_value("Crack").run()
    app.number_input(key=f"verdict_width_{first.id}").set_value(0.4).run()
    app.text_area(key=f"verdict_note_{first.id}").set_value("At the bearing.").run()
    assert "Not saved yet" in all_said(app)
    app.button(key="inspection_next").click().run()
    assert second.prediction.file in all_said(app)
    assert "Not saved yet" not in all_said(app)
    app.button(key="inspection_previous").click().run()
    assert app.radio(key=f"verdict_{first.id}").value == "Crack"
    assert "Not saved yet" in all_said(app)
    app.button(key="verdict_save").click().run()
    assert "Not saved yet" not in all_said(app)
    given = photos_of(full.id)[1].verdict
    assert (given.width_mm, given.note) == (0.4, "At the bearing.")


def test_a_verdict_from_elsewhere_replaces_what_was_entered(visit, full):
    kept = photos_of(full.id)[1]
    app = visit(INSPECTIONS, inspection=full.id, photo=kept.id)
    app.text_area(key=f"verdict_note_{kept.id}").set_value("At the bearing.").run()
    give_verdict(kept.id, replace(IS_CRACK, note="Old."))
    app.run()
    (note,) = app.text_area
    assert note.value == "Old."
    assert app.radio[0].value == "Crack"


def test_a_width_that_looks_like_a_slip_is_doubted_and_kept(visit, full):
    kept = photos_of(full.id)[0]
    app = visit(INSPECTIONS, inspection=full.id, photo=kept.id)
    app.number_input[0].set_value(0.25).run()
    assert "If you mean" not in all_said(app)
    app.number_input[0].set_value(25.0).run()
    doubt = "That is 25 mm, wider than a thumb. If you mean 0.25 mm"
    assert doubt in all_said(app)
    app.button(key="verdict_next").click().run()
    assert photos_of(full.id)[0].verdict.width_mm == 25
    assert doubt in app.success[0].value.replace("\\", "")


def test_a_width_that_no_crack_has_is_refused(visit, full):
    kept = photos_of(full.id)[0]
    app = visit(INSPECTIONS, inspection=full.id, photo=kept.id)
    assert app.number_input[0].max == 100


def test_a_photo_without_regions_is_said_to_have_none(visit, inspect):
    inspection = inspect()
    kept = add(inspection, replace(full_answer(Label.NO_CRACK), regions=()))
    app = visit(INSPECTIONS, inspection=inspection.id, photo=kept.id)
    captions = [image.captions[0] for image in app.image if image.captions[0]]
    assert captions[1].endswith("no region looks enough like one to be framed")


def test_a_photo_whose_file_is_gone_still_takes_a_verdict(visit, full):
    kept = photos_of(full.id)[2]
    (settings.home() / "inspections" / full.id / kept.stored).unlink()
    app = visit(INSPECTIONS, inspection=full.id, photo=kept.id)
    assert "light.png cannot be read" in all_said(app)
    give(app, kept, "Accept: no crack", button="verdict_save")
    assert photos_of(full.id)[2].verdict.kind is VerdictKind.ACCEPT
