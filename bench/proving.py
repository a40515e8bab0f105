"""Proving what is stored, beside the least that it takes: sealing and verifying a cohort, and exports of it.

The limit of a verification reads what that has to look at (every entry with its leaf, every placement's row, the tree's
lowest tiles) and hashes bytes once; that of a seal does so with what waits, and writes nothing. (Both of them have to
hash an entry twice: by the chain, and as a leaf; and a leaf once more, in the tree.) An export is beside reading: every
row, the entry that its bytes say, and their hash. Libraries are loaded before: they take as long for one entry as for
all.
"""

import hashlib
import shutil
from collections import deque
from functools import partial
from importlib import import_module
from pathlib import Path

from app import App, open_app, seal, verify
from audit.export_stream import Selection, Stream
from audit.exports import FORMS, FormName, export, missing_library
from audit.tree import TILE_WIDTH
from bench.cohort import NOW, build
from bench.large import copy, url
from bench.rounds import Case, Taken, timed
from workflow.clock import VirtualClock

READING = "every entry read, decoded, hashed"
VERIFIED, VERIFIED_LIMIT = "audit verify", "all that it reads, hashed once"
SEALED, SEALED_LIMIT = "audit seal", "what waits read and hashed"
_ENTRIES = 20_000


def cases() -> list[Case]:
    """Verifying and sealing beside their limits, and each form of export beside reading."""
    forms = [form for form in FORMS if missing_library(form) is None]
    return [
        Case(VERIFIED, _verified, VERIFIED_LIMIT),
        Case(VERIFIED_LIMIT, _read_and_hashed, VERIFIED_LIMIT),
        Case(SEALED, _sealed, SEALED_LIMIT),
        Case(SEALED_LIMIT, _queue_hashed, SEALED_LIMIT),
        Case(READING, _read, READING),
        *(Case(f"export {form}", partial(_exported, form), READING) for form in forms),
    ]


def _verified(folder: Path) -> Taken:
    with _open(_cohort(folder, sealed=True)) as app, timed(0) as taken:
        report = verify(app, None, None, lambda count: None)
    if report.faults:
        raise RuntimeError(f"the log does not hold: {report.faults[:3]}")
    taken.count = report.entries
    return taken


def _read_and_hashed(folder: Path) -> Taken:
    with (
        _open(_cohort(folder, sealed=True)) as app,
        app.store.seals.reading() as reading,
        timed(reading.entry_count()) as taken,
    ):
        for row in reading.entries():
            hashlib.sha256(row.data).digest()
        deque(reading.placements(), 0)
        for number in range(-(-reading.leaf_end() // TILE_WIDTH)):
            hashlib.sha256(reading.get(0, number)).digest()
    return taken


def _sealed(folder: Path) -> Taken:
    before = _cohort(folder, sealed=False)
    fresh = copy(before, "sealing.db")
    shutil.copy(f"{before}.signing-key", f"{fresh}.signing-key")
    with _open(fresh) as app, timed(0) as taken:
        taken.count = seal(app).sealed
    return taken


def _queue_hashed(folder: Path) -> Taken:
    with _open(_cohort(folder, sealed=False)) as app, app.store.seals.reading() as reading, timed(0) as taken:
        for row in reading.queued(2 * _ENTRIES):
            hashlib.sha256(row.data or b"").digest()
            taken.count += 1
    return taken


def _read(folder: Path) -> Taken:
    with _open(_cohort(folder, sealed=True)) as app, timed(0) as taken:
        taken.count = sum(1 for each in app.queries.entries() if each.chained())  # type: ignore[misc] # 1 is an int
    return taken


def _exported(form: FormName, folder: Path) -> Taken:
    with _open(_cohort(folder, sealed=True)) as app:
        definition = app.engine.current_rules().definition

        def write(which: Selection) -> int:
            stream = Stream(app.queries, lambda _: definition, [definition], which)
            return export(stream, form, folder / f"export.{form}", made_at=NOW).entries

        # Loads the libraries.
        write(Selection(territory="75"))
        with timed(0) as taken:
            taken.count = write(Selection())
    return taken


def _cohort(folder: Path, *, sealed: bool) -> Path:
    own = folder / ("sealed" if sealed else "cohort")
    if not own.exists():
        database = build(own, _ENTRIES)
        with _open(database) as app:
            if sealed:
                seal(app)
            app.store.database.empty_log()
    return own / "cohort.db"


def _open(database: Path) -> App:
    for name in ("audit.signing", "audit.verification"):
        import_module(name)
    return open_app(url(database), clock=VirtualClock(NOW))
