"""The command line: it reads what was typed, calls the core, and prints the outcome.

A module for each group of commands, and `output` for what all of them print. What the
core decides, measures and writes is not repeated here, so that the dashboard does the
same. TensorFlow is imported only inside the one command that needs it.

Exit status: see `_EPILOG`.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from io import TextIOWrapper

from crack import __version__
from crack.cli import (
    adapt_command,
    backup_commands,
    check_command,
    dataset_commands,
    evaluate_command,
    inspection_commands,
    model_commands,
    predict_command,
    run_commands,
    sample_command,
    serve_command,
)
from crack.cli.output import own_stdout
from crack.cli.parser import CommandParser
from crack.errors import CrackError
from crack.storage import disk_error

_EPILOG = (
    "COMMAND --help lists the options of a command. Exit status: 0 when all was done, "
    "1 when the work or any input failed, 2 for wrong usage, 130 after Ctrl-C (1 for a "
    "training, which is stopped in order). CRACK_HOME is the folder that everything "
    "is kept in, by default 'workspace' beside the program."
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status.

    Args:
        arguments: Words after the program's name, by default those of the process.
    """
    # File names may contain characters that the terminal's encoding lacks.
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    try:
        with own_stdout():
            options = build_parser().parse_args(arguments)
            status: int = options.command(options)
    except CrackError as error:
        print(f"crack: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        return 1  # the reader of our output, such as `head`, has seen enough
    except OSError as error:
        print(f"crack: {disk_error(error)}", file=sys.stderr)
        return 1
    return status


def build_parser() -> CommandParser:
    """Return the parser of all commands; each sets `command` to what runs it."""
    parser = CommandParser(
        prog="python -m crack",
        description="Tell cracked concrete from sound concrete: ask a model about "
        "photos, judge it, and train others.",
        epilog=_EPILOG,
    )
    parser.add_argument(
        "--version",
        action="version",
        version=f"crack {__version__}",
        help="say which version this is and end",
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    sample_command.add_commands(commands)
    dataset_commands.add_commands(commands)
    run_commands.add_commands(commands)
    adapt_command.add_commands(commands)
    predict_command.add_commands(commands)
    evaluate_command.add_commands(commands)
    model_commands.add_commands(commands)
    inspection_commands.add_commands(commands)
    backup_commands.add_commands(commands)
    check_command.add_commands(commands)
    serve_command.add_commands(commands)
    return parser
