"""After the demonstration: the console left open over its database, whose clock runs on, with people and newcomers.

Whoever looks sees placements move while the page is open: half a day goes by each second.
"""

import threading
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from rich.console import Console

from app import App
from operators.console.accounts import add
from operators.demo.people import People
from storage.accounts import Grant
from storage.queries import PlacementFilter, PlacementItem
from workflow.clock import SystemClock
from workflow.commands import Fire, Place
from workflow.engine import Engine
from workflow.errors import ParcoursError

SPEED: Final = 43_200
"""How much faster than real the clock runs while the console is open: half a day each second."""

STEP_S: Final = 0.5
EVERY: Final = timedelta(days=5)
"""So often another structure is granted a post."""

ROLES: Final = ("supervisor", "operator", "host", "anct", "platform", "author", "auditor", "admin")
"""What the guest may do: everything."""

_HOST: Final = ("territory", "host_name", "host_siret", "host_type")


@dataclass
class Newcomers:
    """Structures that are granted a post one after the other: those of before, once more."""

    engine: Engine
    hosts: Sequence[PlacementItem]
    since: datetime
    came: int = field(default=0)

    def consider(self, now: datetime) -> None:
        """Let come whoever should have come by now."""
        while self.hosts and self.since + EVERY <= now:
            self.since += EVERY
            self.came += 1
            self._welcome(f"N-{self.came}", self.hosts[self.came % len(self.hosts)], now)

    def _welcome(self, reference: str, like: PlacementItem, now: datetime) -> None:
        known = self.engine.view(like.reference).facts.fields
        fields = {name: str(known[name]) for name in _HOST if known.get(name) is not None}
        self.engine.place(Place(reference=reference, fields=fields, actor="demo anct"))
        granted = {"granted_on": now.date().isoformat()}
        self.engine.fire(
            Fire(reference=reference, trigger="grant_post", actor="demo anct", roles=("anct",), fields=granted)
        )


class Life(threading.Thread):
    """People and newcomers, until they are told to stop."""

    def __init__(self, app: App) -> None:
        super().__init__(name="demo life", daemon=True)
        self._app, self._stop_asked = app, threading.Event()
        now = app.clock.now()
        self._people = People(app.engine, now)
        self._newcomers = Newcomers(app.engine, app.queries.placements(PlacementFilter(), limit=50).items, now)

    def run(self) -> None:
        while not self._stop_asked.wait(STEP_S):
            # What one of them may not do now, or while another writes, is tried again with the next step.
            with suppress(ParcoursError):
                step(self._app, self._people, self._newcomers)

    def stop(self) -> None:
        """End with the step in hand."""
        self._stop_asked.set()
        self.join(10)


def step(app: App, people: People, newcomers: Newcomers) -> None:
    """What happens in a moment: who comes, and what everybody does whose time has come."""
    newcomers.consider(app.clock.now())
    for item in app.queries.placements(PlacementFilter(), limit=500).items:
        people.consider(item.reference, item.state, item.state_since, app.clock.now())


def open_house(app: App, console: Console) -> None:
    """Leave the console open, with an account for the guest, until somebody ends it."""
    from operators.console.serving import serve

    token = add(app, "demo", "Visite", [Grant(role) for role in ROLES], SystemClock().now()).token

    def tell(address: str, link: str | None) -> None:
        console.print("La console est ouverte, son horloge avance d'une demi-journée par seconde (Ctrl+C l'arrête).")
        console.print("Choisissez le mot de passe du compte Visite, puis regardez Échéances ou Dossiers bouger :")
        console.print(f"{address}welcome?token={token}", soft_wrap=True)

    life = Life(app)
    life.start()
    try:
        serve(app, tell)
    finally:
        life.stop()
