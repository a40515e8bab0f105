"""One cohort with hostile names among it, made once by the engine, and exports of it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cache
from itertools import chain, product
from pathlib import Path
from random import Random

import pytest

from app import App, open_app, seal
from audit.export_stream import Selection, Stream
from audit.exports import Export, FormName, export
from bench.cohort import NOW, Origin, build, life
from bench.large import url
from storage.queries import StoredEntry
from workflow.clock import VirtualClock
from workflow.definition import Definition
from workflow.history import ChainedEntry, HistoryEntry

ENTRIES = 1_000
_SIGNS = ("=", "+", "-", "@", "＝", "＋", "－", "＠", "\u200b=", "\u2060+")
_BODIES = (
    "1+1",
    "cmd|' /C calc'!A0",
    'HYPERLINK("http://example.org";"ici")',
    "SUM(1;2)",
    'WEBSERVICE("http://example.org/")',
    "1,5",
)
HOSTILE = [f"{sign}{body}" for sign, body in product(_SIGNS, _BODIES)]
AWKWARD = ["x;=1+1", 'x";=1+1', "'=1+1", "<b>&amp;]]>", "Cœur de l'Île — 100 %", "a\u00a0b", "1e5", "00123"]


@dataclass(frozen=True)
class Known:
    """One entry, read as a history is."""

    stored: StoredEntry
    chained: ChainedEntry
    reversed_by: int | None

    @property
    def entry(self) -> HistoryEntry:
        return self.chained.entry

    @property
    def activity(self) -> str:
        """The trigger, else the kind and the deadline, if any."""
        entry = self.entry
        return entry.trigger or " ".join(filter(None, (entry.kind, entry.deadline)))


@dataclass(frozen=True)
class Office:
    """A database opened, and what to export of it."""

    app: App

    def definition(self, digest: str) -> Definition:
        return self.app.engine.rules(digest).definition

    def stream(self, **which: object) -> Stream:
        with self.app.store.reading() as reading:
            definitions = [self.definition(version.digest) for version in reading.versions()]
        return Stream(self.app.queries, self.definition, definitions, Selection(**which))  # type: ignore[arg-type]

    def items(self) -> list[Known]:
        """What an export is to hold, in its order."""
        reversals = chain.from_iterable(page.reversed_by for page in self.stream().pages())
        both = zip(self.app.queries.entries(), reversals, strict=True)
        return [Known(stored, stored.chained(), reversed_by) for stored, reversed_by in both]

    def export(self, form: FormName, target: Path, **which: object) -> Export:
        return export(self.stream(**which), form, target, made_at=NOW)


@pytest.fixture(scope="session")
def cohort(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """Posts with their lives, sealed, and applications by hosts whose names are formulas, markup, accents: not yet."""
    database = build(tmp_path_factory.mktemp("cohort"), ENTRIES)
    with open_app(url(database), clock=VirtualClock(NOW)) as app:
        assert seal(app).sealed >= ENTRIES
        dice = Random(7)
        named = [
            replace(life(f"X{number:03}", dice, Origin(towns=(name,))), facts=(), to_now=False)
            for number, name in enumerate([*HOSTILE, *AWKWARD])
        ]
        # One reference is a formula, too.
        outcomes = app.engine.enter([*named, life('=1+1 & "<x>"', dice)])
        assert {outcome.status for outcome in outcomes} == {"created"}
        yield Office(app)


Exported = Callable[[FormName, str], Path]


@pytest.fixture(scope="session")
def exported(cohort: Office, tmp_path_factory: pytest.TempPathFactory) -> Exported:
    """The whole cohort in a form, in a file of this name; each is written once."""
    base = tmp_path_factory.mktemp("exported")

    @cache
    def run(form: FormName, name: str) -> Path:
        (base / form).mkdir(exist_ok=True)
        cohort.export(form, base / form / name)
        return base / form / name

    return run
