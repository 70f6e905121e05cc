"""`crack check`."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from typing import Any

from crack.cli.output import JSON_HELP, print_json
from crack.operations.checks import run_checks


def add_commands(commands: Any) -> None:
    """Add the command to the subparsers of `crack`."""
    check = commands.add_parser(
        "check", help="say whether workspace, disk, database and model are well"
    )
    check.add_argument("--json", action="store_true", help=JSON_HELP)
    check.set_defaults(command=_check)


def _check(options: argparse.Namespace) -> int:
    checks = run_checks()
    well = all(check.passed for check in checks)
    if options.json:
        print_json({"passed": well, "checks": [asdict(check) for check in checks]})
    else:
        for check in checks:
            print(f"{'ok' if check.passed else 'FAILED'}: {check.said}")
    return 0 if well else 1
