"""Who may import whom, checked on every module there is."""

from __future__ import annotations

import ast
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

from crack.settings import PROJECT

# A module imports only from its own row and from rows above it.
ROWS = (
    (
        "errors",
        "settings",
        "access",
        "claims",
        "checked",
        "computer",
        "database",
        "database_url",
        "disk_space",
        "leases",
        "locks",
        "own_process",
        "storage",
        "logs",
        "metrics",
    ),
    ("data",),
    ("synthetic",),
    ("inference",),
    ("evaluation",),
    ("exploration",),
    ("runs",),
    ("inspections",),
    ("reporting",),
    ("operations",),
    ("bulk",),
    ("service",),
    ("model",),
    ("adaptation",),
    ("training",),
    ("cli",),
)
ROW_OF = {section: row for row, names in enumerate(ROWS) for section in names}
DASHBOARD_ROWS = range(ROW_OF["operations"] + 1)

IMPORT_EACH = """
import importlib, sys
forbidden, *modules = sys.argv[1:]
for module in modules:
    importlib.import_module(module)
    for name in forbidden.split(","):
        if name in sys.modules:
            sys.exit(f"{module} loads {name}")
"""


def core_files() -> list[Path]:
    files = sorted((PROJECT / "crack").rglob("*.py"))
    # What Alembic runs itself needs its context.
    scripts = ("__main__", "env")
    return [f for f in files if module_name(f).count(".") and f.stem not in scripts]


@cache
def service_files() -> list[Path]:
    return [
        file for file in core_files() if (PROJECT / "crack/service") in file.parents
    ]


def dashboard_files() -> list[Path]:
    pages = sorted((PROJECT / "pages").rglob("*.py"))
    return [*PROJECT.glob("streamlit_app.py"), *pages]


def module_name(file: Path) -> str:
    parts = file.relative_to(PROJECT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def row(file: Path) -> int:
    return ROW_OF[module_name(file).split(".")[1]]


def imports(file: Path) -> set[str]:
    """Every absolute import, inside functions too, down to the imported name."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            names.update(f"{node.module}.{alias.name}" for alias in node.names)
    return names


def is_named(file: Path, names: set[str]) -> bool:
    """Return whether something is imported from a module."""
    return any(f"{name}.".startswith(f"{module_name(file)}.") for name in names)


def import_in_new_process(files: list[Path], forbidden: str) -> str:
    """Import each file as a module; return what went wrong first, or nothing."""
    command = [sys.executable, "-c", IMPORT_EACH, forbidden]
    answer = subprocess.run(
        command + [module_name(file) for file in files],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=False,
    )
    return "" if answer.returncode == 0 else answer.stderr.splitlines()[-1]


def test_what_the_dashboard_imports_loads_neither_streamlit_nor_tensorflow():
    files = [file for file in core_files() if row(file) in DASHBOARD_ROWS]
    named = {n for file in dashboard_files() for n in imports(file)}
    begun = [f for f in core_files() if is_named(f, named) and f not in files]
    assert PROJECT / "crack/adaptation/jobs.py" in begun
    files += begun
    assert PROJECT / "crack/storage.py" in files
    assert import_in_new_process(files, "streamlit,tensorflow,keras") == ""


def test_the_first_page_waits_for_no_library_that_only_later_ones_need():
    widgets = [
        *(PROJECT / "pages/shared").glob("*.py"),
        PROJECT / "pages/start/example.py",
    ]
    assert import_in_new_process(widgets, "sklearn,openTSNE,tensorflow,keras") == ""


def test_the_commands_load_nothing_that_only_a_cluster_needs():
    command = [PROJECT / "crack/cli/__init__.py"]
    assert import_in_new_process(command, "fsspec,ray") == ""


@pytest.mark.slow
def test_the_whole_core_loads_no_streamlit():
    files = [file for file in core_files() if file not in service_files()]
    assert import_in_new_process(files, "streamlit") == ""


def test_the_service_loads_neither_streamlit_nor_tensorflow():
    pytest.importorskip("fastapi", reason="requirements-serve.txt is not installed")
    assert import_in_new_process(service_files(), "streamlit,tensorflow,keras") == ""


def test_nothing_but_its_command_names_the_service():
    others = [*core_files(), *dashboard_files()]
    naming = {
        module_name(file)
        for file in others
        if file not in service_files()
        and any(name.startswith("crack.service") for name in imports(file))
    }
    assert naming == {"crack.cli.serve_command"}


def test_the_command_of_the_service_loads_none_of_its_packages():
    command = [PROJECT / "crack/cli/__init__.py"]
    assert import_in_new_process(command, "fastapi,pydantic,starlette,uvicorn") == ""


@pytest.mark.parametrize("file", core_files(), ids=module_name)
def test_core_imports_only_from_its_own_row_and_above(file: Path):
    sections = {n.split(".")[1] for n in imports(file) if n.startswith("crack.")}
    below = {s for s in sections if ROW_OF.get(s, 0) > row(file)}
    assert below == set()


@pytest.mark.parametrize("file", dashboard_files(), ids=module_name)
def test_dashboard_names_nothing_that_needs_tensorflow(file: Path):
    walls = ("tensorflow", "keras", "crack.model", "crack.training", "crack.cli")
    named = {
        n for n in imports(file) if f"{n}.".startswith(tuple(f"{w}." for w in walls))
    }
    assert named == set()
