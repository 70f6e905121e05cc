"""`crack backup` and `crack restore`."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from pathlib import Path
from typing import Any

from crack import settings
from crack.cli.output import JSON_HELP, print_json, progress_bar
from crack.data.locations import location_of, path_of
from crack.data.transfers import check_free, local_copy, written_at
from crack.disk_space import MEGABYTE
from crack.operations.backup import write_backup
from crack.operations.backup_contents import Manifest
from crack.operations.restore import restore


def add_commands(commands: Any) -> None:
    """Add the commands to the subparsers of `crack`."""
    backup = commands.add_parser(
        "backup", help="write the workspace and the database into one file"
    )
    backup.add_argument(
        "file",
        type=location_of,
        help="to be, such as crack-2026-11-25.tar, or its URL",
    )
    backup.add_argument("--json", action="store_true", help=JSON_HELP)
    backup.set_defaults(command=_backup)
    again = commands.add_parser("restore", help="make a workspace again from a backup")
    again.add_argument(
        "file", type=location_of, help="as 'crack backup' made it, or its URL"
    )
    again.add_argument(
        "--home",
        type=path_of,
        metavar="DIR",
        help="an empty folder; by default the workspace",
    )
    again.add_argument("--json", action="store_true", help=JSON_HELP)
    again.set_defaults(command=_restore)


def _backup(options: argparse.Namespace) -> int:
    if isinstance(options.file, str):
        check_free(options.file)
    with progress_bar() as report, written_at(options.file) as file:
        manifest = write_backup(file, report)
        size = file.stat().st_size / MEGABYTE
    if options.json:
        there = file.resolve() if file == options.file else options.file
        print_json({"file": str(there), **_numbers(manifest)})
        return 0
    print(
        f"{options.file} ({size:,.1f} MB) holds {len(manifest.files):,} files of "
        f"{settings.home()} and {manifest.rows:,} rows of the database."
    )
    _say_what_is_missing(manifest)
    return 0


def _restore(options: argparse.Namespace) -> int:
    home = (options.home or settings.home()).resolve()
    with progress_bar() as report, local_copy(options.file, report) as file:
        manifest = restore(file, home, report)
    if options.json:
        print_json({"home": str(home), **_numbers(manifest)})
        return 0
    print(
        f"{len(manifest.files):,} files are in {home} again and {manifest.rows:,} rows "
        f"in the database, all as they were on {manifest.created}."
    )
    _say_what_is_missing(manifest)
    if home != settings.home():
        print(f"To use it, set CRACK_HOME={home}")
    return 0


def _numbers(manifest: Manifest) -> dict[str, Any]:
    content = asdict(manifest)
    tables = {
        Path(member.name).stem: member.rows
        for member in manifest.members
        if member.rows is not None
    }
    del content["members"], content["empty_folders"]
    return {
        **content,
        "files": len(manifest.files),
        "bytes": manifest.size,
        "tables": tables,
    }


def _say_what_is_missing(manifest: Manifest) -> None:
    for linked in manifest.linked:
        print(
            f"Not in the backup: the {linked.images:,} images of the dataset "
            f"'{linked.dataset}', which lie in {linked.folder}."
        )
    if manifest.lost_photos:
        print(
            f"{manifest.lost_photos:,} photos of inspections had lost their files "
            "before the backup."
        )
