"""The parser of the command line, which says how to go on where a word is wrong."""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Iterable, Sequence
from difflib import get_close_matches
from typing import Any, NoReturn

_NO_COMMAND = re.compile(r"required: (COMMAND|ACTION)$")
_REFUSED = re.compile(r"invalid choice: '([^']*)' \(choose from (.*)\)")


class CommandParser(argparse.ArgumentParser):
    """A parser that names the closest word there is, and where all are listed."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.register("action", "parsers", _Commands)

    def parse_known_args(  # type: ignore[override]
        self, args: Sequence[str] | None = None, namespace: Any = None
    ) -> tuple[argparse.Namespace, list[str]]:
        """Refuse unknown words here, where the options of the command are known."""
        known, unknown = super().parse_known_args(args, namespace)
        if unknown:
            close = _close(unknown[0].partition("=")[0], self._option_string_actions)
            self.error(f"unknown: {' '.join(unknown)}.{close}")
        return known, unknown

    def error(self, message: str) -> NoReturn:
        """End with what the command takes, and what is wrong."""
        if _NO_COMMAND.search(message):
            self.print_help(sys.stderr)
            self.exit(2)
        if refused := _REFUSED.search(message):
            word, choices = refused.groups()
            message += "." + _close(word, re.findall(r"[^', ]+", choices))
        self.print_usage(sys.stderr)
        self.exit(2, f"crack: {message}\nHelp: {self.prog} --help\n")


class _Commands(argparse._SubParsersAction):  # type: ignore[type-arg]
    def add_parser(self, name: str, **options: Any) -> Any:
        """Add a command, whose own help begins with what the list says of it."""
        said = options["help"]
        options.setdefault("description", f"{said[0].upper()}{said[1:]}.")
        return super().add_parser(name, **options)


def _close(word: str, choices: Iterable[str]) -> str:
    found = get_close_matches(word, list(choices), n=1)
    return f" Did you mean {found[0]}?" if found else ""
