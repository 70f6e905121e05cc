"""`crack inspections list | table`."""

from __future__ import annotations

import argparse
import sys
from typing import Any

from crack.cli.output import JSON_HELP, print_json, print_table
from crack.inspections.store import list_inspections
from crack.reporting.inspection_table import inspection_lines


def add_commands(commands: Any) -> None:
    """Add the commands to the subparsers of `crack`."""
    group = commands.add_parser(
        "inspections", help="list inspections, and their photos as a table"
    )
    actions = group.add_subparsers(required=True, metavar="ACTION")
    listing = actions.add_parser("list", help="list the inspections, the latest first")
    listing.add_argument("--json", action="store_true", help=JSON_HELP)
    listing.set_defaults(command=_list)
    table = actions.add_parser(
        "table", help="print photos, answers and verdicts of an inspection as CSV"
    )
    table.add_argument("id", help="of the inspection, as `inspections list` shows it")
    table.set_defaults(command=_table)


def _list(options: argparse.Namespace) -> int:
    rows = [
        {
            "id": summary.inspection.id,
            "structure": summary.inspection.structure,
            "element": summary.inspection.element,
            "inspected_on": summary.inspection.inspected_on.isoformat(),
            "photos": summary.photos,
            "verdicts": summary.verdicts,
        }
        for summary in list_inspections()
    ]
    if options.json:
        print_json(rows)
    elif rows:
        print_table(list(rows[0]), [list(row.values()) for row in rows])
    else:
        print("No inspections yet. Begin one in the dashboard.", file=sys.stderr)
    return 0


def _table(options: argparse.Namespace) -> int:
    for line in inspection_lines(options.id):
        print(line, end="")
    return 0
