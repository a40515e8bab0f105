"""A small world for the engine's tests: a store, a clock that stands still until it is moved, and one engine.

It remembers whom it was told yes to, so that the checker can hold the engine to it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from storage.memory import MemoryStore
from tests.checker import Acknowledged, AnyStore, Checker
from tests.model_rows import Value
from workflow.changes import Published
from workflow.clock import VirtualClock
from workflow.commands import Fire, Moment, Outcome, Place
from workflow.engine import Engine
from workflow.errors import TransitionRefused
from workflow.history import ChainedEntry

ROOT = Path(__file__).parents[1]
SHIPPED = (ROOT / "states.yaml").read_bytes()
BEST_EFFORT = (ROOT / "variants" / "best_effort_selection.yaml").read_bytes()
FOUR_EYES = (
    SHIPPED
    + b"""
approvals:
  late: {by: [anct], triggers: [select_candidate]}
  reverse: {by: [anct, supervisor]}
  amend: {by: [anct], fields: [contract_signed_on, monthly_gross, grant_amount]}
  pause: {by: [supervisor]}
  resume: {by: [supervisor]}
  extension: {by: [supervisor]}
  move: {by: [supervisor], deadlines: [selection]}
  void: {by: [anct]}
"""
)
CANARY = "Zéphyrine Canari"
MONEY = {"grant_amount", "amount", "monthly_gross"}
HOST = {"host_name": "Ville de Testville", "host_siret": "13002603200016", "host_type": "COMMUNE"}


def instant(text: str) -> datetime:
    """An instant written without its zone, in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@cache
def published(source: bytes) -> Published:
    """A definition as publishing keeps it, worked out once for all worlds."""
    return Engine(MemoryStore(), VirtualClock(instant("2021-01-01"))).publish(source, "states.yaml")


def typed(fields: Mapping[str, Value]) -> dict[str, str]:
    """Values as somebody types them; money is in cents."""
    return {name: _typed(name, value) for name, value in fields.items()}


def _typed(name: str, value: Value) -> str:
    if isinstance(value, int):
        return f"{value // 100}.{value % 100:02}" if name in MONEY else str(value)
    return value.isoformat() if isinstance(value, date) else str(value or "")


@dataclass
class World:
    """One store, one clock, and the engine at hand; `restart` takes a new one, on what `reopen` gives."""

    store: AnyStore
    clock: VirtualClock
    make: Callable[[AnyStore, VirtualClock], Engine] = Engine
    reopen: Callable[[], AnyStore] | None = None
    references: list[str] = field(default_factory=list)
    acknowledged: list[Acknowledged] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.engine = self.make(self.store, self.clock)

    @classmethod
    def starting(cls, at: datetime, source: bytes = SHIPPED, make: Callable[..., Engine] = Engine) -> "World":
        """A new world in memory, with one definition published."""
        store = MemoryStore()
        with store.writing() as unit:
            unit.publish(published(source))
        return cls(store, VirtualClock(at), make)

    @property
    def memory(self) -> MemoryStore:
        """The store, where it is one in memory."""
        assert isinstance(self.store, MemoryStore)
        return self.store

    @property
    def now(self) -> datetime:
        return self.clock.now()

    def restart(self) -> None:
        """The process ends, another begins."""
        if self.reopen is not None:
            self.store = self.reopen()
        self.engine = self.make(self.store, self.clock)

    def place(self, reference: str = "P", territory: str = "75", *, at: Moment = None, **fields: str) -> Outcome:
        values = {"territory": territory, **HOST, **fields}
        outcome = self.engine.place(Place(reference=reference, fields=values, actor="Ada", at=at))
        self.references.append(reference)
        self.acknowledged.append(Acknowledged.of(outcome))
        return outcome

    def fire(self, command: Fire) -> Outcome:
        outcome = self.engine.fire(command)
        self.acknowledged.append(Acknowledged.of(outcome, command.key))
        return outcome

    def ask(
        self,
        trigger: str,
        role: str,
        reference: str = "P",
        *,
        at: Moment = None,
        reason: str | None = None,
        **said: Value,
    ) -> Outcome:
        """One request, with its values as a person has them in mind."""
        command = Fire(
            reference=reference,
            trigger=trigger,
            actor="Ada",
            fields=typed(said),
            at=at,
            roles=(role,),
            reason=reason,
        )
        return self.fire(command)

    def refusal(self, trigger: str, role: str, reference: str = "P", **said: Any) -> set[str]:
        """The codes with which a request is refused; empty where it was carried out."""
        try:
            self.ask(trigger, role, reference, **said)
        except TransitionRefused as refused:
            return {blocker.code for blocker in refused.blockers}
        return set()

    def sleep(self, **lasting: float) -> None:
        """Time passes and nobody is awake."""
        self.clock.advance(timedelta(**lasting))

    def wait(self, **lasting: float) -> None:
        """Time passes, and the daemon does what falls due as it falls due."""
        self.wait_until(self.now + timedelta(**lasting))

    def wait_until(self, until: datetime) -> None:
        while (moment := self.engine.next_wake()) is not None and moment <= until:
            self.clock.at = max(self.clock.at, moment)
            self.engine.sweep()
        self.clock.at = until

    def history(self, reference: str = "P") -> list[ChainedEntry]:
        return list(self.checker.history(reference))

    def story(self, reference: str = "P") -> list[tuple[str, str | None, str | None, datetime]]:
        """What happened, in short: kind, trigger, deadline, moment."""
        entries = (item.entry for item in self.history(reference))
        return [(entry.kind, entry.trigger, entry.deadline, entry.occurred_at) for entry in entries]

    def state(self, reference: str = "P") -> str:
        return self.engine.view(reference).facts.state

    def due(self, name: str, reference: str = "P") -> datetime | None:
        """When a deadline that is shown falls due."""
        shown = {view.name: view.due_at for view in self.engine.view(reference).deadlines}
        return shown.get(name)

    @property
    def checker(self) -> Checker:
        return Checker(self.engine, self.store, self.references, self.acknowledged, [CANARY])

    def faults(self, *, swept: bool = False) -> list[str]:
        """All that does not hold."""
        return self.checker.faults(self.now if swept else None)


def reach(world: World, state: str, reference: str = "P") -> None:
    """Bring a placement from its application to a state, by what people ask on the present day."""
    today = world.now.date()
    steps: list[tuple[str, str, str, dict[str, Any]]] = [
        ("ami_application", "grant_post", "anct", {"granted_on": today}),
        (
            "candidate_shown",
            "show_candidate",
            "platform",
            {"candidate_ref": f"C-{reference}", "candidate_name": CANARY},
        ),
        ("candidate_selected", "select_candidate", "host", {"selected_candidate_ref": f"C-{reference}"}),
        ("training_body_contacted", "contact_training_body", "host", contact(today)),
        ("contract_signed", "sign_contract", "host", contract(today)),
        ("in_training", "start_training", "host", {"training_started_on": today}),
    ]
    for reached, trigger, role, said in steps:
        world.ask(trigger, role, reference, **said)
        if reached == state:
            return
    world.ask("take_up_post", "host", reference, reason="training_shortened")


def contact(on: date) -> dict[str, Any]:
    """What comes with the contact of a training body."""
    return {"training_body": "Simplon", "training_body_contacted_on": on}


def contract(on: date, **changed: Value) -> dict[str, Any]:
    """What comes with the signature of a contract that begins at once and lasts for three years."""
    usual: dict[str, Value] = {
        "contract_signed_on": on,
        "contract_type": "CDD",
        "contract_starts_on": on,
        "contract_ends_on": on.replace(year=on.year + 3),
        "monthly_gross": 2_000_00,
    }
    return {name: value for name, value in {**usual, **changed}.items() if value is not None}
