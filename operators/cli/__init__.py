"""The command line `parcours`: one file per noun, each imported only when one of its commands is wanted."""

import gc
import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from typing import NoReturn


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command line (that of the process by default), and give its exit code."""
    # Importing makes many objects and no garbage: collecting it all the while is a tenth of a short command's time.
    gc.set_threshold(200_000)
    from operators.cli.running import run

    return run(sys.argv[1:] if arguments is None else arguments)


def program() -> NoReturn:
    """The process `parcours`: run its command line, and leave at once with the exit code.

    All is committed and closed by then; tearing the interpreter down would take longer than most commands.
    """
    code = main()
    for stream in (sys.stdout, sys.stderr):
        # A reader that went away was told of, or needs to be told nothing.
        with suppress(OSError, ValueError):
            stream.flush()
    os._exit(code)
