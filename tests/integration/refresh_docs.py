"""Writes anew what the pages show: `python -m tests.integration.refresh_docs [PAGE …]`.

Only output that no longer agrees is replaced. Where some of it was left out (`…`), a person has to look: the
place is named, and stays as it is.
"""

import contextlib
import logging
import os
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from tests.integration.doc_pages import PAGES, Block, Transcript, agrees, blocks_of, steps_of


def main(arguments: Sequence[str]) -> int:
    """Refresh the pages named, or all; 1 where a person has to look."""
    pages = [Path(argument).resolve() for argument in arguments] or PAGES
    unsure = [place for page in pages for place in _refresh(page)]
    for place in unsure:
        sys.stderr.write(f"{place}\n")
    return 1 if unsure else 0


def _refresh(page: Path) -> list[str]:
    lines, unsure = page.read_text("utf-8").splitlines(), list[str]()
    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
        transcript, shift = Transcript(Path(folder)), 0
        for block in blocks_of(page):
            if block.file is not None:
                transcript.write(block)
            elif block.language == "python":
                transcript.run_python(block)
            elif block.language == "console":
                new = list(_followed(transcript, block, unsure))
                start = block.line + shift
                lines[start : start + len(block.lines)] = new
                shift += len(new) - len(block.lines)
    page.write_text("".join(f"{line}\n" for line in lines), "utf-8")
    return unsure


def _followed(transcript: Transcript, block: Block, unsure: list[str]) -> Iterator[str]:
    typed = list(_typed(block))
    for words, step in zip(typed, steps_of(block), strict=True):
        yield from words
        printed = "" if step.command.startswith("make ") else transcript.run(step.command)
        if not any(step.shown) or step.command.startswith("make ") or agrees(step.shown, printed):
            yield from step.shown
        elif any("…" in line for line in step.shown):
            unsure.append(f"{block}: {step.command} printed\n{printed}")
            yield from step.shown
        else:
            yield from (line.rstrip() for line in printed.rstrip().splitlines())


def _typed(block: Block) -> Iterator[list[str]]:
    """The lines of each command as they stand on the page."""
    typed: list[str] = []
    for line in block.lines:
        if line.startswith("$ "):
            typed = [line]
        elif typed and typed[-1].endswith("\\"):
            typed.append(line)
        else:
            continue
        if not line.endswith("\\"):
            yield typed


if __name__ == "__main__":
    for name in [name for name in os.environ if name.startswith("PARCOURS_")]:
        del os.environ[name]
    logging.getLogger().setLevel(logging.WARNING)
    sys.exit(main(sys.argv[1:]))
