"""The command line `parcours`: one file per noun, each imported only when one of its commands is wanted."""

import gc
import sys
from collections.abc import Sequence


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command line (that of the process by default), and give its exit code."""
    # Importing makes many objects and no garbage: collecting it all the while is a tenth of a short command's time.
    gc.set_threshold(200_000)
    from operators.cli.main import run

    return run(sys.argv[1:] if arguments is None else arguments)
