"""Runs one command line: parses it, and turns every expected error into a sentence and an exit code."""

import os
import sys
from collections.abc import Sequence
from contextlib import suppress

from operators.cli.catalogue import COMMANDS
from operators.cli.lazy import group
from operators.cli.session import Session

HELP = "Parcours: placements, their deadlines and their history. Exit codes and JSON: docs/reference/cli.md."

_INTERRUPTED = 130
"""What Typer makes of Ctrl-C; ours is a failure (1) with a sentence, as every other."""


def run(arguments: Sequence[str]) -> int:
    """Carry out one command line, and give its exit code. Only errors of ours that nobody expected raise."""
    session = Session(tuple(arguments))
    try:
        root = group((), HELP, COMMANDS, completion=True)
        code = root.main(list(arguments), prog_name="parcours", standalone_mode=False, obj=session)
        if code == _INTERRUPTED:
            raise KeyboardInterrupt
        sys.stdout.flush()
        return int(code or 0)
    except BrokenPipeError:
        _leave_quietly()
        return 1
    except (Exception, KeyboardInterrupt) as error:
        return _tell(error, session)


def _tell(error: BaseException, session: Session) -> int:
    """Say what went wrong, on stderr where stdout is what cannot be written; gives the exit code."""
    from operators.cli.errors import FAILED, report, sentence

    try:
        return report(error, session)
    except BrokenPipeError:
        _leave_quietly()
    except OSError as full:
        with suppress(OSError, ValueError):
            sys.stderr.write(f"{sentence(error, 'en')} (stdout: {full.strerror})\n")
    return FAILED


def _leave_quietly() -> None:
    """The reader went away: nothing more can be said, and the interpreter must not try when it ends."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    with suppress(OSError, ValueError):
        os.dup2(nowhere, sys.stdout.fileno())
