"""`crack models thresholds | versions`."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from typing import Any

from crack.cli.output import JSON_HELP, NAME_HELP, print_json, print_table
from crack.inference.card_versions import card_versions
from crack.inference.thresholds import Thresholds
from crack.reporting.words import threshold
from crack.runs.registry import find_model, restore_version, save_thresholds


def add_actions(actions: Any) -> None:
    """Add the actions to the subparsers of `crack models`."""
    setting = actions.add_parser(
        "thresholds", help="set the probabilities at which a model's answer changes"
    )
    setting.add_argument("name", help=NAME_HELP)
    for option, text in (
        ("--no-crack", "below this probability the answer is no crack"),
        ("--crack", "from this probability on it is crack"),
    ):
        setting.add_argument(
            option, type=float, required=True, metavar="0..1", help=text
        )
    setting.add_argument(
        "--reason", default="Set on the command line.", help="kept in the card"
    )
    setting.set_defaults(command=_set)

    versions = actions.add_parser(
        "versions", help="list the thresholds that a model has had"
    )
    versions.add_argument("name", help=NAME_HELP)
    versions.add_argument(
        "--restore", type=int, metavar="VERSION", help="make an earlier one the next"
    )
    versions.add_argument("--json", action="store_true", help=JSON_HELP)
    versions.set_defaults(command=_versions)


def _set(options: argparse.Namespace) -> int:
    thresholds = Thresholds(options.no_crack, options.crack)
    model = save_thresholds(find_model(options.name), thresholds, options.reason)
    print(
        f"'{model.name}' answers crack from {threshold(thresholds.crack)} on and no "
        f"crack below {threshold(thresholds.no_crack)} (version {model.card.version})."
    )
    return 0


def _versions(options: argparse.Namespace) -> int:
    model = find_model(options.name)
    if options.restore is not None:
        model = restore_version(model, options.restore)
    rows = [
        {
            "version": card.version,
            **asdict(card.thresholds),
            "thresholds_from": card.thresholds_from,
        }
        for card in card_versions(model.folder)
    ]
    if options.json:
        print_json(rows)
    else:
        print_table(list(rows[0]), [list(row.values()) for row in rows])
    return 0
