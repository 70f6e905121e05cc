"""Links to what was renamed or deleted since."""

from __future__ import annotations

import pytest

from tests.pages.conftest import INSPECTIONS, PREDICT

BROWSE = "pages/dataset/browse.py"
EVALUATE = "pages/model/evaluate.py"
MODELS = "pages/model/models.py"


@pytest.mark.parametrize(
    ("page", "key", "what"),
    [
        (MODELS, "model", "model"),
        (PREDICT, "predict_model", "model"),
        (EVALUATE, "evaluate_model", "model"),
        (EVALUATE, "evaluate_dataset", "dataset"),
        (BROWSE, "browse_dataset", "dataset"),
        (BROWSE, "browse_split", "split"),
    ],
)
def test_it_is_said_that_a_link_opens_another(visit, model, page, key, what):
    app = visit(page, **{key: "gone_1"})
    (warning,) = app.warning
    assert warning.value == (
        f"The {what} gone\\_1 of this link cannot be opened (renamed, deleted or "
        "damaged); this is another one."
    )
    assert app.selectbox(key=key).value != "gone_1"
    assert not any(popover.warning for popover in app.get("popover"))


def test_nothing_is_said_of_a_model_that_is_renamed_on_its_page(visit, model):
    app = visit(MODELS, model=model.name)
    assert not app.warning
    app.text_input(key=f"models_name_{model.name}").set_value("bridge").run()
    app.button(key="models_rename_yes").click().run()
    assert app.selectbox(key="model").value == "bridge"
    assert not app.warning


def test_it_is_said_that_an_image_is_not_in_the_dataset(visit, dataset):
    app = visit(BROWSE, browse_image="gone_1.png")
    (warning,) = app.warning
    assert warning.value == (
        "The image gone\\_1.png of this link is not in the dataset (renamed, deleted "
        "or left out by an edit)."
    )
    assert "browse_image" not in app.query_params
    assert not app.run().warning


def test_it_is_said_that_a_photo_is_not_in_the_inspection(visit, full):
    app = visit(INSPECTIONS, inspection=full.id, photo="gone")
    (error,) = app.error
    assert error.value == "The photo of this link is not in this inspection."
    assert app.button(key="inspection_list")
    assert app.segmented_control(key=f"inspection_view_{full.id}").value == "Photos"
    assert app.query_params == {"inspection": full.id}
    assert not app.run().error


def test_it_is_said_that_an_inspection_is_gone(visit, full):
    app = visit(INSPECTIONS, inspection="gone")
    (error,) = app.error
    assert error.value.startswith("There is no inspection")
