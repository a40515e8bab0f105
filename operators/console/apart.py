"""What takes the console long, in a process of its own, for a while at most: nobody else waits for it.

Such a process opens no database: what it needs of definitions is written to files for it.
"""

import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Semaphore
from typing import Final

from workflow.changes import Published

PATIENCE_S: Final = 60.0


class NotAnswered(Exception):
    """Why there is no answer, in both languages."""

    def __init__(self, fr: str, en: str) -> None:
        super().__init__(en)
        self.fr, self.en = fr, en


@contextmanager
def definition_files(chosen: Sequence[Published]) -> Iterator[list[str]]:
    """The definitions as files, each with its calendar, for as long as they are needed."""
    with TemporaryDirectory(prefix="parcours-apart-") as folder:
        files = []
        for each in chosen:
            own = Path(folder) / each.digest[:12]
            (own / "calendars").mkdir(parents=True)
            (own / "calendars" / f"{each.calendar}.json").write_bytes(each.calendar_source)
            file = own / f"version {each.version}.yaml"
            file.write_bytes(each.source)
            files.append(str(file))
        yield files


class Apart:
    """A module of the product that runs in a process of its own; `one` is held while it does."""

    def __init__(self, busy: NotAnswered, overtime: NotAnswered) -> None:
        self.one, self._busy, self._overtime = Semaphore(), busy, overtime

    def answer(self, *arguments: str, told: bytes = b"", codes: frozenset[int] = frozenset({0})) -> bytes:
        """What it writes, told something on standard input. Raises NotAnswered.

        Another exit code than `codes` raises CalledProcessError: that is nobody's fault but ours.
        """
        if not self.one.acquire(blocking=False):
            raise self._busy
        try:
            done = subprocess.run(  # noqa: S603 - our own program, with arguments that we wrote
                [sys.executable, "-m", *arguments],
                input=told,
                capture_output=True,
                timeout=PATIENCE_S,
                check=False,
                env={},
            )
        except subprocess.TimeoutExpired:
            raise self._overtime from None
        finally:
            self.one.release()
        if done.returncode not in codes:
            done.check_returncode()
        return done.stdout
