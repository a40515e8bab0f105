"""T12: input files spoilt in every way: never a traceback, a sentence for each refusal, and nothing changed."""

import json
import zipfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass, replace
from functools import partial
from io import StringIO
from pathlib import Path
from random import Random

from audit.verifier import verify
from faults import mutations, office
from faults.harness import Row, Tally, replaced, scratch, tried
from faults.office import LIVES
from faults.program import Said, said
from operators.cli import errors
from tests.acceptance.driver import ROOT, Site
from tests.acceptance.test_clocks import QUICK

CONFIG = b"""\
lang = "en"
database_url = "sqlite:///parcours.db"
seal_interval_s = 60
role = ["host", "anct"]
no_color = true
"""
CASES = b"""\
id,anchor,territory,length,counting,roll
a,2021-01-31,75,1 month,calendar,none
b,2021-03-18,57,15 days,calendar,next_working_day
c,2021-04-30,974,2 days,working,none
"""
_KINDS = ("definition", "definition", "definition", "shipped", "import", "import", "import", "import",
          "config", "config", "config", "config", "dates", "dates", "calendar", "bundle")  # fmt: skip
_EXPECTED = {
    "definition": (0, 6), "shipped": (0, 6), "calendar": (0, 6), "import": (0, 2, 6), "dates": (0, 2, 6),
    "config": (0, 2),
}  # fmt: skip


@dataclass(frozen=True)
class Bench:
    """What every case begins with: the office, its database's bytes, a bundle and what it says."""

    folder: Path
    site: Site
    database: bytes
    calendar: bytes
    bundle: bytes


@contextmanager
def _bench() -> Iterator[Bench]:
    with scratch("input") as folder:
        site = office.make(folder / "office")
        bundle = folder / "bundle.zip"
        made = said(site, "audit", "export", "--format", "bundle", "--out", str(bundle))
        built = said(site, "calendar", "build", "--out", str(folder / "calendar.json"), "--version", "FR-9",
                     "--first-year", "2021", "--last-year", "2022")  # fmt: skip
        if made.code or built.code:
            raise RuntimeError(f"{made}\n{built}")
        site.flush()
        calendar = (folder / "calendar.json").read_bytes()
        yield Bench(folder, site, site.database.read_bytes(), calendar, bundle.read_bytes())


def refused(bench: Bench, seed: int) -> list[str]:
    """Spoil one file and give it to the command that reads it; what does not hold."""
    dice = Random(seed)  # noqa: S311 - the same ones every time
    kind = _KINDS[seed % len(_KINDS)]
    with scratch("case") as folder:
        site = replace(bench.site, folder=folder)
        try:
            found = list(_TRIALS[kind](bench, site, kind, dice))
        except Exception as error:
            found = [f"raised {type(error).__name__}: {error}"]
    return [f"{kind} {seed}: {sentence}" for sentence in found]


def _definition(bench: Bench, site: Site, kind: str, dice: Random) -> Iterator[str]:
    source = QUICK.encode() if kind == "definition" else (ROOT / "states.yaml").read_bytes()
    (site.folder / "d.yaml").write_bytes(mutations.spoilt(source, dice))
    yield from _manners(said(site, "definition", "check", "d.yaml"), kind)


def _calendar(bench: Bench, site: Site, kind: str, dice: Random) -> Iterator[str]:
    (site.folder / "calendars").mkdir()
    (site.folder / "calendars/FR-9.json").write_bytes(mutations.spoilt(bench.calendar, dice))
    (site.folder / "d.yaml").write_text(f"calendar: FR-9\n{QUICK}", "utf-8")
    yield from _manners(said(site, "definition", "check", "d.yaml"), kind)


def _config(bench: Bench, site: Site, kind: str, dice: Random) -> Iterator[str]:
    (site.folder / "parcours.toml").write_bytes(mutations.spoilt(CONFIG, dice))
    yield from _manners(said(site, "config", "show"), kind)


def _dates(bench: Bench, site: Site, kind: str, dice: Random) -> Iterator[str]:
    (site.folder / "cases.csv").write_bytes(mutations.spoilt(CASES, dice))
    yield from _manners(said(site, "date", "--batch", "cases.csv"), kind)


def _import(bench: Bench, site: Site, kind: str, dice: Random) -> Iterator[str]:
    site.database.write_bytes(bench.database)
    (site.folder / "lives.csv").write_bytes(mutations.spoilt(LIVES.encode(), dice))
    answer = said(site, "import", "lives.csv")
    yield from _manners(answer, kind)
    if answer.code and site.database.read_bytes() != bench.database:
        yield "the file was refused, and the database has changed"
    if not answer.code:
        yield from office.examined(site)[0]


def _bundle(bench: Bench, site: Site, kind: str, dice: Random) -> Iterator[str]:
    """Spoilt as a file, or in one of its members; accepted only with the same entries."""
    path, out = site.folder / "bundle.zip", StringIO()
    path.write_bytes(mutations.spoilt(bench.bundle, dice) if dice.random() < 0.3 else _spoilt_member(bench, dice))
    with redirect_stdout(out):
        code = verify.main([str(path), "--lang", "en"])
    if "Traceback" in out.getvalue() or not out.getvalue().strip():
        yield f"no answer: {out.getvalue()}"
    if code == 0 and _entries(path.read_bytes(), site.folder) != _entries(bench.bundle, site.folder):
        yield "verify.py accepts other entries"


def _spoilt_member(bench: Bench, dice: Random) -> bytes:
    source = bench.folder / "bundle.zip"
    with scratch("zip") as folder, zipfile.ZipFile(source) as whole:
        chosen = dice.choice(whole.namelist())
        with zipfile.ZipFile(folder / "other.zip", "w") as other:
            for name in whole.namelist():
                content = whole.read(name)
                other.writestr(name, mutations.spoilt(content, dice) if name == chosen else content)
        return (folder / "other.zip").read_bytes()


def _entries(bundle: bytes, folder: Path) -> dict[str, bytes]:
    """What a bundle says happened: its members that are no explanation."""
    path = folder / "read.zip"
    path.write_bytes(bundle)
    with zipfile.ZipFile(path) as whole:
        return {name: whole.read(name) for name in whole.namelist() if "entries" in name}


def _manners(answer: Said, kind: str) -> Iterator[str]:
    if answer.is_traceback:
        yield f"a traceback: {answer.err[-500:]}"
    if answer.code not in _EXPECTED[kind]:
        yield f"the exit code is {answer.code}: {answer.err[-300:]}"
    if answer.code and not (answer.err.strip() or answer.out.strip()):
        yield "it says nothing"


Trial = Callable[[Bench, Site, str, Random], Iterator[str]]
_TRIALS: dict[str, Trial] = {
    "definition": _definition, "shipped": _definition, "calendar": _calendar, "config": _config, "dates": _dates,
    "import": _import, "bundle": _bundle,
}  # fmt: skip


def run(count: int) -> Tally:
    """So many spoilt files, of every kind in turn."""
    with _bench() as shared:
        return tried(partial(refused, shared), range(count), _figures(range(count)))


def _figures(seeds: Sequence[int]) -> str:
    kinds = [_KINDS[seed % len(_KINDS)] for seed in seeds]
    return json.dumps({kind: kinds.count(kind) for kind in sorted(set(kinds))}).strip("{}").replace('"', "")


def control() -> Tally:
    """The same with a command line that takes a refused file for an error that nobody expected."""

    def unexpected(error: BaseException) -> int:
        raise error

    with _bench() as shared, replaced(errors, "exit_code", unexpected):
        return tried(partial(refused, shared), range(32))


ROW = Row(
    name="T12",
    fault="input files spoilt by flips, cuts, depth, aliases, NUL, encodings",
    run=run,
    defect="a command line that passes the refusal of a file on as it comes",
    control=control,
    sample=32,
    usual=20_000,
    many=1_000_000,
)
