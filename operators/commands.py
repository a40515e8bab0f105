"""A command of `parcours` as somebody would type it in a shell."""

import shlex


def shell_words(*words: str) -> str:
    """The command with these words, each quoted where it needs to be."""
    return shlex.join(["parcours", *words])
