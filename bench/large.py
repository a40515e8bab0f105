"""A large sandbox for benchmarks: many placements, some of which have a deadline at one and the same instant."""

import os
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from app import App, initialise, open_app
from settings import SHIPPED_DEFINITION, Settings, read_settings
from storage import sqlite
from workflow.clock import VirtualClock
from workflow.commands import Fire, Life, Place

APPLIED_AT = datetime(2021, 3, 1, 8, tzinfo=UTC)
READY_AT = datetime(2021, 3, 16, 22, tzinfo=UTC)
DUE_AT = datetime(2021, 3, 16, 23, tzinfo=UTC)
"""The end, in Paris, of the fifteenth day after the 1st of March; READY_AT is after the last reminder."""

AT_ONCE = 2_000
ROOT = Path(__file__).parents[1]
HOST = {"territory": "75", "host_name": "Ville", "host_siret": "13002603200016", "host_type": "COMMUNE"}


def build(folder: Path, placements: int, due: int) -> Path:
    """A database with so many placements, of which `due` have their selection's end at DUE_AT; gives its file."""
    folder.mkdir(parents=True, exist_ok=True)
    database = folder / "large.db"
    settings = read_settings({"database_url": url(database), "definition": unlimited(folder)}, environ={})
    fill(settings, placements, due)
    flush(database)
    return database


def fill(settings: Settings, placements: int, due: int) -> None:
    """Make a sandbox of it, with so many placements."""
    initialise(settings, sandbox=True)
    _enter(settings, placements, due)


def url(database: Path) -> str:
    """The address of a database file."""
    return f"sqlite:///{database}"


def environ(database: Path, **own: str) -> dict[str, str]:
    """What a command on this file is started with, as where it is installed: its modules are compiled once."""
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return {**kept, "PYTHONPATH": str(ROOT), "PARCOURS_DATABASE_URL": url(database), **own}


def copy(database: Path, name: str) -> Path:
    """A copy beside it, without the rest of an earlier one."""
    for old in database.parent.glob(f"{name}*"):
        old.unlink()
    return Path(shutil.copyfile(database, database.with_name(name)))


def open_at(database: Path, moment: datetime) -> App:
    """The application over this file, at a moment that stands still."""
    return open_app(url(database), clock=VirtualClock(moment))


def unlimited(folder: Path) -> Path:
    """The shipped definition with room for any number of posts."""
    path = folder / "states.yaml"
    path.write_text(SHIPPED_DEFINITION.read_text("utf-8").replace("limit: 4000", "limit: 1000000"), "utf-8")
    return path


def _enter(settings: Settings, placements: int, due: int) -> None:
    with open_app(settings=settings, clock=VirtualClock(READY_AT)) as app:
        lives = _lives(placements, due)
        while some := [life for _, life in zip(range(AT_ONCE), lives, strict=False)]:
            refused = [outcome for outcome in app.engine.enter(some) if outcome.status != "created"]
            if refused:
                raise RuntimeError(f"{refused[0].life.reference} was refused: {refused[0].blockers}")


def flush(database: Path) -> None:
    """Bring all into the file itself."""
    connection = sqlite.connect(sqlite.library(), database)
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    connection.close()


def _lives(placements: int, due: int) -> Iterator[Life]:
    for number in range(placements):
        # Those that are due lie scattered among the others.
        shown = number * due // placements != (number + 1) * due // placements
        reference = f"P{number:06}"
        place = Place(reference=reference, fields=HOST, actor="bench", at=APPLIED_AT)
        yield Life(reference=reference, place=place, facts=_shown(reference) if shown else (), to_now=True)


def _shown(reference: str) -> tuple[Fire, ...]:
    candidate = {"candidate_ref": reference, "candidate_name": "Camille Roux"}
    return (
        _fact(reference, "grant_post", "anct", {"granted_on": "2021-03-01"}),
        _fact(reference, "show_candidate", "platform", candidate),
    )


def _fact(reference: str, trigger: str, role: str, fields: dict[str, str]) -> Fire:
    at = APPLIED_AT if trigger == "show_candidate" else None
    return Fire(reference=reference, trigger=trigger, actor="bench", roles=(role,), fields=fields, at=at)
