"""What is in deploy/ fits the program it runs."""

from __future__ import annotations

import re

import pytest
import yaml

from crack.settings import PROJECT

DEPLOY = PROJECT / "deploy"
CONTAINERFILE = (DEPLOY / "Containerfile").read_text(encoding="utf-8")
COMPOSE = yaml.safe_load((DEPLOY / "compose.yaml").read_text(encoding="utf-8"))


def copied() -> set[str]:
    lines = re.findall(r"^COPY (.+)$", CONTAINERFILE, re.MULTILINE)
    return {source for line in lines for source in line.split()[:-1]}


def test_what_the_image_is_made_of_is_there():
    assert {"crack", "pages", "models", "server.py", "streamlit_app.py"} <= copied()
    for source in copied():
        assert (PROJECT / source).exists(), source


def test_nothing_else_can_get_into_the_image():
    ignoring = (DEPLOY / "Containerfile.dockerignore").read_text(encoding="utf-8")
    rules = [line for line in ignoring.splitlines() if not line.startswith("#")]
    assert rules[0] == "*"
    assert {rule[1:] for rule in rules if rule.startswith("!")} == copied()


@pytest.mark.parametrize(
    "variable", [*re.findall(r"CRACK_[A-Z_]+(?==)", CONTAINERFILE), "CRACK_LOG"]
)
def test_the_program_knows_each_variable(variable):
    sources = [*PROJECT.glob("crack/*.py"), *PROJECT.glob("pages/shared/*.py")]
    assert any(variable in file.read_text(encoding="utf-8") for file in sources)


def test_the_dashboards_have_host_names_of_their_own():
    dashboards = [s for s in COMPOSE["services"].values() if s["image"] == "crack"]
    assert len({service["hostname"] for service in dashboards}) == len(dashboards) == 2
    for service in dashboards:
        build = service["build"]
        assert (DEPLOY / build["context"] / build["dockerfile"]).is_file()
        assert "STREAMLIT_SERVER_COOKIE_SECRET" in service["environment"]
        volumes = {volume.split(":")[0] for volume in service["volumes"]}
        assert volumes <= set(COMPOSE["volumes"])


@pytest.mark.parametrize("file", ["Caddyfile", "nginx.conf"])
def test_the_balancer_sends_to_both_and_keeps_a_browser_at_one(file):
    text = (DEPLOY / file).read_text(encoding="utf-8")
    named = re.findall(r"[\w.-]+:850\d", text)
    assert len(set(named)) == len(named) == 2
    assert "cookie" in text
