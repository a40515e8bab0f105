"""The documentation as tests see it: pages, blocks and links, and transcripts, carried out as they are shown.

A `console` block is run: a line that begins with `$ ` is a command, what follows is what it prints. A line
that is only `…` stands for any lines, `…` within a line for any text; a command without output shown must
exit 0. A block whose fence names a file (```csv file=facts.csv) is written to that file first.
"""

import io
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from pathlib import Path

from operators.cli import main

ROOT = Path(__file__).parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
SAMPLE = "operators/demo/structures_50.csv"
"""In its folder a page finds, as in a checkout, the definition, variants, examples, and the sample of the demo."""

_FENCE = re.compile(r"^(```+)(.*)$")
_LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)")
_HEADING = re.compile(r"^#+ +(.+?) *$")
_NEEDS_A_SHELL = re.compile(r"[|<>;&*]|\$\(")


@dataclass(frozen=True)
class Block:
    """A fenced block: the words after its fence, its text, and the line where it begins."""

    page: Path
    line: int
    info: tuple[str, ...]
    lines: tuple[str, ...]

    @property
    def language(self) -> str:
        return self.info[0] if self.info else ""

    @property
    def file(self) -> str | None:
        return next((word.removeprefix("file=") for word in self.info if word.startswith("file=")), None)

    @property
    def text(self) -> str:
        return "".join(f"{line}\n" for line in self.lines)

    def __str__(self) -> str:
        return f"{self.page.relative_to(ROOT)}:{self.line}"


@dataclass(frozen=True)
class Step:
    """One command of a transcript, and the output that the page shows for it."""

    command: str
    shown: tuple[str, ...]


def blocks_of(page: Path) -> list[Block]:
    """The fenced blocks of a page, in order."""
    found: list[Block] = []
    fence, info, start, lines = "", "", 0, list[str]()
    for number, line in enumerate(page.read_text("utf-8").splitlines(), start=1):
        matched = _FENCE.match(line)
        if not fence and matched:
            fence, info, start, lines = matched[1], matched[2], number, []
        elif fence and line == fence:
            found.append(Block(page, start, tuple(info.split()), tuple(lines)))
            fence = ""
        elif fence:
            lines.append(line)
    return found


def prose_of(page: Path) -> str:
    """A page without its blocks."""
    return re.sub(r"(?ms)^```.*?^```$", "", page.read_text("utf-8"))


def links_of(page: Path) -> list[str]:
    """What a page links to."""
    return _LINK.findall(prose_of(page))


def anchors_of(page: Path) -> set[str]:
    """The anchors of a page's headings, as code hosts make them."""
    headings = (found[1] for line in prose_of(page).splitlines() if (found := _HEADING.match(line)))
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def steps_of(block: Block) -> Iterator[Step]:
    """The commands of a `console` block, with what each prints."""
    command, shown = "", list[str]()
    for line in block.lines:
        if command.endswith("\\"):
            command = f"{command[:-1]}{line.strip()}"
        elif line.startswith("$ "):
            if command:
                yield Step(command, tuple(shown))
            command, shown = line[2:], []
        else:
            shown.append(line)
    if command:
        yield Step(command, tuple(shown))


def agrees(shown: tuple[str, ...], printed: str) -> bool:
    """Whether what a command printed is what the page shows, elisions aside."""
    lines = [line.rstrip() for line in shown]
    pattern = "".join("(?:.*\n)*?" if line == "…" else f"{_any_text(line)}\n" for line in lines)
    actual = "".join(f"{line.rstrip()}\n" for line in printed.rstrip().splitlines())
    return re.fullmatch(pattern, actual) is not None


def _any_text(line: str) -> str:
    return ".*".join(re.escape(part) for part in line.split("…"))


@dataclass
class Transcript:
    """Carries out the blocks of one page in a folder of its own; `environ` is what the page has exported."""

    folder: Path
    environ: dict[str, str] = field(default_factory=lambda: dict(os.environ))
    code: int = 0

    def __post_init__(self) -> None:
        shutil.copy(ROOT / "states.yaml", self.folder)
        shutil.copytree(ROOT / "variants", self.folder / "variants")
        shutil.copytree(ROOT / "examples", self.folder / "examples")
        (self.folder / SAMPLE).parent.mkdir(parents=True)
        shutil.copy(ROOT / SAMPLE, self.folder / SAMPLE)
        programs = self.folder / ".programs"
        programs.mkdir()
        in_checkout = f'export PYTHONPATH="{ROOT}"; exec "{sys.executable}"'
        _program(programs / "parcours", f'{in_checkout} -m operators.cli "$@"')
        _program(programs / "python", f'exec "{sys.executable}" -I -S "$@"')
        self.environ["PATH"] = f"{programs}:{self.environ['PATH']}"

    def write(self, block: Block) -> None:
        """Write a block that is a file."""
        (self.folder / str(block.file)).write_text(block.text, "utf-8")

    def run_python(self, block: Block) -> str:
        """What an example prints; marked `run` it may import the product, else the standard library only."""
        alone = [] if "run" in block.info else ["-I", "-S"]
        environ = {**self.environ, "PYTHONPATH": str(ROOT)}
        done = subprocess.run(
            [sys.executable, *alone, "-c", block.text], cwd=self.folder, env=environ, check=False,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, encoding="utf-8",
        )  # fmt: skip
        self.code = done.returncode
        return done.stdout

    def run(self, command: str) -> str:
        """What one command prints, on both streams."""
        words = shlex.split(command)
        if words[0] == "export":
            self.environ |= {name: value for name, _, value in (word.partition("=") for word in words[1:])}
            self.code = 0
            return ""
        if command == "echo $?":
            return str(self.code)
        if words[0] == "parcours" and not _NEEDS_A_SHELL.search(command):
            self.code, printed = self._in_process(words[1:])
        else:
            self.code, printed = self._in_shell(command)
        return printed

    def _in_process(self, words: list[str]) -> tuple[int, str]:
        before = dict(os.environ)
        os.environ.update(self.environ)
        printed = io.TextIOWrapper(io.BytesIO(), "utf-8", write_through=True)
        try:
            with redirect_stdout(printed), redirect_stderr(printed):
                code = main(words)
        finally:
            os.environ.clear()
            os.environ.update(before)
        return code, printed.buffer.getvalue().decode()

    def _in_shell(self, command: str) -> tuple[int, str]:
        done = subprocess.run(
            ["bash", "-c", command], cwd=self.folder, env=self.environ, check=False,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, encoding="utf-8", timeout=30,
        )  # fmt: skip
        return done.returncode, done.stdout


def _program(path: Path, line: str) -> None:
    path.write_text(f"#!/bin/sh\n{line}\n", "utf-8")
    path.chmod(0o755)
