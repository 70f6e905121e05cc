"""What a visitor may do who has signed in, has not, or looks at a demo."""

from __future__ import annotations

import pytest

from crack import access, storage
from crack.evaluation.holdout import write_seen
from crack.runs.registry import default_name
from pages.model import model_actions
from pages.shared import visitors

MODELS = "pages/model/models.py"
AUTH = {"auth": {"client_id": "crack"}}
VIEWER = {"is_logged_in": True, "email": "vera@example.org"}
ADMIN = {"is_logged_in": True, "email": "ada@example.org", "roles": ["admin"]}


@pytest.fixture
def visit_as(app):
    """Open a page as somebody who signs in; {} for nobody."""

    def open_page(page, claims, **query):
        app.secrets, app.user = dict(AUTH), claims
        app.query_params.update(query)
        app.run()
        if page and claims:
            app.switch_page(page)
            for name, value in query.items():
                app.query_params[name] = value
            app.run()
        assert not app.exception
        return app

    return open_page


def texts(elements):
    return " ".join(each.value for each in elements)


def test_without_auth_everybody_may_do_everything_and_is_not_asked_who(visit, model):
    app = visit(MODELS, model=model.name)
    assert not app.button(key="models_default").disabled
    assert not app.sidebar.text
    app.button(key="models_default").click().run()
    assert storage.read_jsonl(access.audit_path())[-1]["role"] == "admin"


def test_nobody_who_has_not_signed_in_sees_anything(visit_as, model):
    app = visit_as(MODELS, {}, model=model.name)
    assert "You are not signed in" in texts(app.markdown)
    assert [button.label for button in app.button] == ["Sign in"]
    assert model.name not in texts(app.markdown)


def test_the_sidebar_says_who_has_signed_in_and_what_that_allows(visit_as, model):
    app = visit_as("", VIEWER)
    assert texts(app.sidebar.text) == "vera@example.org"
    assert "Viewer. You can look" in texts(app.sidebar.caption)
    app.sidebar.button(key="sign_out").click().run()
    assert "You are not signed in" in texts(app.markdown)


def test_a_viewer_sees_why_a_button_is_disabled(visit_as, model):
    app = visit_as(MODELS, VIEWER, model=model.name)
    button = app.button(key="models_default")
    assert button.disabled
    assert "It takes the role admin to choose the default model" in button.help


def test_the_core_refuses_a_viewer_even_where_the_button_is_not_disabled(
    visit_as, model, monkeypatch
):
    monkeypatch.setattr(
        model_actions, "allowed", lambda *_, **__: {"disabled": False, "help": None}
    )
    before = default_name()
    app = visit_as(MODELS, VIEWER, model=model.name)
    app.button(key="models_default").click().run()
    assert "It takes the role admin" in texts(app.error)
    name = app.text_input(key=f"models_name_{model.name}")
    name.set_value("stolen").run()
    app.button(key="models_rename_yes").click().run()  # a callback, before the script
    assert "It takes the role engineer to rename a model" in texts(app.error)
    assert default_name() == before
    assert all(
        row["who"] != "vera@example.org"
        for row in storage.read_jsonl(access.audit_path())
    )


def test_an_admin_makes_a_change_under_the_name_of_the_sign_in(visit_as, model):
    app = visit_as(MODELS, ADMIN, model=model.name)
    app.button(key="models_default").click().run()
    assert default_name() == model.name
    line = storage.read_jsonl(access.audit_path())[-1]
    assert (line["who"], line["role"]) == ("ada@example.org", "admin")


@pytest.mark.parametrize(
    "page",
    [
        "pages/dataset/browse.py",
        "pages/training/train.py",
        "pages/training/runs.py",
        "pages/model/evaluate.py",
        "pages/inspection/predict.py",
        "pages/inspection/inspections.py",
    ],
)
def test_a_demo_shows_every_page_and_keeps_nothing(
    page, visit, model, crack_home, monkeypatch
):
    def files():
        return {
            path: path.stat().st_mtime_ns
            for path in crack_home.rglob("*")
            if path.is_file()
        }

    write_seen(model.folder, [])
    before = files()
    monkeypatch.setenv("CRACK_READ_ONLY", "1")
    app = visit(page)
    assert "nothing is kept here" in texts(app.sidebar.caption)
    assert texts(app.error) == ""
    assert files() == before


def test_a_demo_answers_for_a_photo(visit, model, photo, crack_home, monkeypatch):
    monkeypatch.setenv("CRACK_READ_ONLY", "1")
    app = visit("pages/inspection/predict.py", predict_model=model.name)
    app.file_uploader[0].upload("wall.png", photo(250), "image/png").run()
    assert "the answer is" in texts(app.markdown)
    assert app.get("popover")[0].proto.popover.disabled


def test_a_file_of_secrets_that_cannot_be_read_opens_nothing(tmp_path, monkeypatch):
    class Unreadable:
        def load_if_toml_exists(self):
            return False

    file = tmp_path / "secrets.toml"
    file.write_text("[auth")
    monkeypatch.setattr(visitors.st, "secrets", Unreadable())
    monkeypatch.setattr(visitors.st, "get_option", lambda _: [str(file)])
    assert visitors.sign_in_needed()
    file.unlink()
    assert not visitors.sign_in_needed()
