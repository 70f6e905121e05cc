"""No page and no command reaches what writes, but through a declared change.

The calls are followed through the source, from every page and every command. The way
ends at a function declared with `crack.access.change`, or one that asks `read_only`
first. A method is looked up by its name alone, so a few too many are followed; those of
the processes of a training, which pages cannot reach, are not.
"""

from __future__ import annotations

import ast
import string
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import pytest

from crack.settings import PROJECT

WRITING_METHODS = {"mkdir", "touch", "unlink", "write_text", "write_bytes"}
WRITING_CALLS = {"rmtree", "copytree", "copyfile", "Popen", "FileLock", "writing"}

# These write where the user of the command line says, outside the workspace, or what a
# process tells whoever started it.
ELSEWHERE = {
    "crack.cli.output:progress_shown",
    "crack.adaptation.progress:ProgressFile",
    "crack.data.locations:write_location",
    "crack.data.locations:delete_location",
    "crack.bulk.packed_model:unpacked_predictor",  # for the time of reading it
    "crack.reporting.report.file:write_report",
    "crack.model.export:export_model",
    "crack.operations.backup:write_backup",
    "crack.operations.restore:restore",  # into a workspace that is empty
    *(
        "crack.service.uploads:",
        "crack.service.form:",
        "crack.data.transfers:",
    ),  # into the folder for temporary files
}
# These write into memory, or to a stream that they are given.
IN_MEMORY = {
    "crack.cli.output:_Stdout",
    "crack.runs.exports:export_content",
    "crack.reporting.heatmaps_zip:write_heatmaps",
    "crack.inspections.verdict_export:export_settled",
    "crack.reporting.report.html:write_html",
    "crack.reporting.report.pdf.document:write_pdf",
}
# What is called `report` here is a path that was typed, and the progress of a command.
NOT_OF_A_RUN = ("crack.cli.predict_command:", "crack.cli.adapt_command:")


@dataclass
class Code:
    """A function, or all of a script."""

    name: str
    declared: str | None = None  # `on` of its declaration
    asks: bool = False
    writes: bool = False
    arguments: set[str] = field(default_factory=set)
    used: set[str] = field(default_factory=set)


def module_of(file: Path) -> str:
    parts = file.relative_to(PROJECT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imported(tree: ast.Module) -> dict[str, str]:
    """What each name of a module stands for, as module:name or as a module."""
    names = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            for alias in node.names:
                whole = f"{node.module}.{alias.name}".replace(".", "/")
                is_module = (PROJECT / f"{whole}.py").exists() or (
                    PROJECT / whole
                ).is_dir()
                joint = "." if is_module else ":"
                names[alias.asname or alias.name] = f"{node.module}{joint}{alias.name}"
        elif isinstance(node, ast.Import):
            for alias in node.names:
                names[alias.asname or alias.name.split(".")[0]] = alias.name
    return names


def opens_to_write(call: ast.Call) -> bool:
    if not (isinstance(call.func, ast.Attribute) and call.func.attr == "open"):
        return False
    modes = [a.value for a in call.args if isinstance(a, ast.Constant)]
    return any(isinstance(m, str) and set(m) & set("wax+") for m in modes)


def is_write(call: ast.Call) -> bool:
    if isinstance(call.func, ast.Name):
        return call.func.id in WRITING_CALLS
    if not isinstance(call.func, ast.Attribute):
        return False
    name = call.func.attr
    renames = name == "rename" and len(call.args) == 1 and not call.keywords
    tables = name == "to_csv" and bool(call.args)
    return (
        name in WRITING_METHODS | WRITING_CALLS
        or renames
        or tables
        or opens_to_write(call)
    )


def look_at(code: Code, node: ast.AST, module: str, names: dict[str, str]) -> Code:
    """Note what a function uses; an unknown method, called or handed on, as .name."""
    calls = [part for part in ast.walk(node) if isinstance(part, ast.Call)]
    in_calls = {
        id(each)
        for call in calls
        for each in (call.func, *call.args, *(k.value for k in call.keywords))
    }
    for part in ast.walk(node):
        if isinstance(part, ast.Call) and is_write(part):
            code.writes = True
        if isinstance(part, ast.Name):
            code.used.add(names.get(part.id, f"{module}:{part.id}"))
            code.asks |= part.id == "read_only"
        elif isinstance(part, ast.Attribute):
            base = part.value.id if isinstance(part.value, ast.Name) else ""
            known = names.get(base, "")
            if known and ":" not in known:
                code.used.add(f"{known}:{part.attr}")
                continue
            if known:
                code.used.add(f"{known}.{part.attr}")
            if id(part) in in_calls:
                code.used.add(f".{part.attr}")
    return code


def declaration(function: ast.FunctionDef | ast.AsyncFunctionDef) -> str | None:
    for each in function.decorator_list:
        if isinstance(each, ast.Call) and getattr(each.func, "id", "") == "change":
            on = [k.value for k in each.keywords if k.arg == "on"]
            return ast.literal_eval(on[0]) if on else ""
    return None


def functions(
    tree: ast.Module,
) -> Iterator[tuple[str, ast.FunctionDef | ast.AsyncFunctionDef]]:
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node.name, node
        elif isinstance(node, ast.ClassDef):
            for part in node.body:
                if isinstance(part, ast.FunctionDef | ast.AsyncFunctionDef):
                    yield f"{node.name}.{part.name}", part


@cache
def all_code() -> dict[str, Code]:
    found: dict[str, Code] = {}
    files = [p for top in ("crack", "pages") for p in (PROJECT / top).rglob("*.py")]
    for file in [*files, PROJECT / "streamlit_app.py"]:
        module, tree = module_of(file), ast.parse(file.read_text(encoding="utf-8"))
        names = imported(tree)
        for name, node in functions(tree):
            code = Code(f"{module}:{name}", declaration(node))
            spec = node.args
            code.arguments = {
                a.arg for a in (*spec.posonlyargs, *spec.args, *spec.kwonlyargs)
            }
            found[code.name] = look_at(code, node, module, names)
        script = Code(f"{module}:<script>")
        for node in tree.body:
            kinds = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
            if not isinstance(node, kinds):
                look_at(script, node, module, names)
        found[script.name] = script
    return found


@cache
def methods() -> dict[str, list[str]]:
    by_name: dict[str, list[str]] = {}
    for name in all_code():
        called = name.split(":")[1]
        in_a_process = name.startswith(("crack.training.", "crack.model."))
        if "." in called and ".__" not in called and not in_a_process:
            by_name.setdefault(f".{called.split('.')[1]}", []).append(name)
    return by_name


def next_ones(code: Code) -> Iterator[Code]:
    known = all_code()
    in_a_command = code.name.startswith(NOT_OF_A_RUN)
    for used in code.used:
        constructor = [f"{used}.__init__", f"{used}.__post_init__"]
        for name in [used, *constructor, *methods().get(used, [])]:
            not_meant = name.endswith(":Run.report") and in_a_command
            if name in known and not not_meant:
                yield known[name]


def is_exempt(code: Code) -> bool:
    return code.name.split(".__init__")[0].startswith(tuple(ELSEWHERE | IN_MEMORY))


def undeclared_writes(*, heed: bool = True) -> dict[str, str]:
    """Each function that writes and is reached without a declaration, and the way."""
    begun = [c for c in all_code().values() if c.name.startswith(ENTRIES)]
    ways = {code.name: code.name for code in begun}
    writes, waiting = {}, list(begun)
    while waiting:
        code = waiting.pop()
        if heed and (code.declared is not None or code.asks or is_exempt(code)):
            continue
        if code.writes:
            writes[code.name] = ways[code.name]
        for other in next_ones(code):
            if other.name not in ways:
                ways[other.name] = f"{ways[code.name]}\n  > {other.name}"
                waiting.append(other)
    return writes


ENTRIES = (
    *("pages.", "streamlit_app:", "crack.cli.", "crack.cli:"),
    *("crack.service.app:", "crack.service.predictions:"),
    *(f"crack.service.{what}_routes:" for what in ("batch", "model", "watch")),
)


def test_nothing_writes_without_a_declaration():
    found = undeclared_writes()
    assert not found, "\n".join(found.values())


def test_the_way_to_what_writes_is_found_where_no_declaration_ends_it():
    found = undeclared_writes(heed=False)
    for name in (
        "crack.storage:write_bytes",
        "crack.storage:new_folder",
        "crack.storage:append_jsonl",
        "crack.inspections.store:add_photo",
        "crack.runs.jobs:stop",
        "crack.runs.background:launch",
        "crack.exploration.features:_append",
    ):
        assert name in found


CHANGES = [code for code in all_code().values() if code.declared is not None]


@pytest.mark.parametrize("code", CHANGES, ids=lambda code: code.name)
def test_a_line_of_the_audit_can_be_written_for_each_change(code: Code):
    parts = [part for _, part, _, _ in string.Formatter().parse(code.declared) if part]
    roots = {part.split(".")[0].split("[")[0] for part in parts}
    assert roots <= code.arguments | {"result"}
    assert parts or not code.arguments, "it does not say on what"
