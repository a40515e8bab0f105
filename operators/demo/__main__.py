"""`make demo`: an empty database, fifty structures, the real daemon, and three years in under a minute."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from importlib.util import find_spec
from pathlib import Path

from rich.console import Console
from rich.live import Live

from app import App, initialise, open_app
from operators.demo import open_house
from operators.demo.people import People
from operators.demo.screen import Scene, history_table, picture
from operators.imports.run import import_file
from operators.plurals import counted
from settings import read_settings
from storage.queries import PlacementFilter
from workflow.clock import VirtualClock

FOLDER = Path(".demo")
STRUCTURES = Path(__file__).with_name("structures_50.csv")
BEGIN, END = datetime(2022, 1, 3, 8, tzinfo=UTC), datetime(2025, 6, 1, tzinfo=UTC)
SPEED = 1_728_000
"""How much faster than real the demonstration's clock runs: twenty days a second."""
TICK_S = 0.05
PLAIN_EVERY_S = 5.0


def main() -> int:
    """Run the demonstration to its end; 0 where everything held."""
    console = Console(width=None if sys.stdout.isatty() else 110)
    database = _fresh_database()
    _fill(database, console)
    with _running(database, _clock(BEGIN, SPEED)) as app:
        _live(app, console)
    with open_app(database, clock=VirtualClock(END)) as app:
        code = _show_end(app, console)
    if sys.stdin.isatty() and find_spec("uvicorn") is not None:
        # Only where somebody sits there.
        with _running(database, _clock(END, open_house.SPEED)) as app:
            open_house.open_house(app, console)
    return code


def _clock(begin: datetime, speed: int) -> str:
    return f"{begin:%Y-%m-%dT%H:%M:%SZ}*{speed}"


@contextmanager
def _running(database: str, clock: str) -> Iterator[App]:
    """The database on a clock that runs, with the daemon."""
    settings = read_settings({"database_url": database, "clock": clock, "console_port": 0})
    environ = {**os.environ, "PARCOURS_DATABASE_URL": database, "PARCOURS_CLOCK": clock}
    with open_app(settings=settings) as app, _daemon(environ):
        yield app


def _fresh_database() -> str:
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir()
    return f"sqlite:///{FOLDER / 'parcours.db'}"


def _fill(database: str, console: Console) -> None:
    initialise(read_settings({"database_url": database}), sandbox=True)
    with open_app(database, clock=VirtualClock(BEGIN)) as app:
        report = import_file(app.engine, STRUCTURES)
    console.print(f"{report.created} postes importés de {STRUCTURES.name} ; l'horloge part du {BEGIN:%d/%m/%Y},")
    console.print(f"{SPEED // 86_400} jours par seconde ; le démon tourne, son journal est dans {FOLDER}/daemon.log.")


@contextmanager
def _daemon(environ: dict[str, str]) -> Iterator[None]:
    command = [sys.executable, "-m", "operators.cli", "run"]
    with (FOLDER / "daemon.log").open("ab") as log:
        daemon = subprocess.Popen(command, env=environ, stderr=log, stdout=log)  # noqa: S603 - its own program
        try:
            yield
        finally:
            daemon.send_signal(signal.SIGTERM)
            daemon.wait(10)


def _live(app: App, console: Console) -> None:
    definition, people = app.engine.current_rules().definition, People(app.engine, BEGIN)
    drawn_at = 0.0
    with Live(console=console, auto_refresh=False, transient=False) as live:
        while app.clock.now() < END:
            scene = _step(app, people)
            if console.is_terminal:
                live.update(picture(definition, scene), refresh=True)
            elif time.monotonic() - drawn_at > PLAIN_EVERY_S:
                drawn_at = time.monotonic()
                console.print(picture(definition, scene))
            time.sleep(TICK_S)


def _step(app: App, people: People) -> Scene:
    for item in app.queries.placements(PlacementFilter(), limit=500).items:
        people.consider(item.reference, item.state, item.state_since, app.clock.now())
    placements = app.queries.placements(PlacementFilter(), limit=500).items
    next_due = app.queries.deadlines(PlacementFilter(), limit=500).items
    running = [item for item in next_due if item.status == "running"][:8]
    return Scene(app.clock.now(), placements, running, people.acted, people.overtaken)


def _show_end(app: App, console: Console) -> int:
    app.engine.sweep()
    definition = app.engine.current_rules().definition
    placements = app.queries.placements(PlacementFilter(), limit=500).items
    longest = max(placements, key=lambda item: (item.state == "convention_ended", item.seq))
    facts = app.engine.view(longest.reference).facts
    entries = [stored.chained() for stored in app.queries.history(longest.reference)]
    console.print(history_table(definition, facts, entries))
    faults = [fault for item in placements for fault in app.engine.check(item.reference)]
    timeouts = sum(1 for _ in app.queries.entries_of("timeout"))
    found = counted(len(faults), "anomalie|anomalies|fault|faults", "fr")
    console.print(f"{timeouts} échéances ont été tenues par le démon ; vérification : {found}.")
    console.print(f"À explorer : parcours list --database sqlite:///{FOLDER}/parcours.db")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
