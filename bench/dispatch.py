"""Deciding alone, in memory: a deadline that lapses, and a contract that is signed with all its guards.

Facts to a finished change, chain and dates included; nothing is read or written.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bench.rounds import Case, Taken, timed
from storage.memory import MemoryStore
from workflow.clock import VirtualClock
from workflow.commands import Fire, Place
from workflow.deciding import decide_fire
from workflow.engine import Engine
from workflow.facts import Facts
from workflow.session import Session

LAPSE, SIGNATURE = "a lapse decided, in memory", "a signature decided, in memory"
_COUNT = 1_000
_STARTED_AT = datetime(2021, 3, 1, 8, tzinfo=UTC)
_HOST = {"territory": "75", "host_name": "Ville", "host_siret": "13002603200016", "host_type": "COMMUNE"}
_CONTRACT = {
    "contract_signed_on": "2021-03-05",
    "contract_type": "CDD",
    "contract_starts_on": "2021-04-01",
    "contract_ends_on": "2023-03-31",
    "monthly_gross": "1 900,00",
}
_STEPS: Sequence[tuple[str, str, dict[str, str]]] = (
    ("grant_post", "anct", {"granted_on": "2021-03-01"}),
    ("show_candidate", "platform", {"candidate_ref": "C", "candidate_name": "Camille Roux"}),
    ("select_candidate", "host", {"selected_candidate_ref": "C"}),
    ("contact_training_body", "host", {"training_body": "Simplon", "training_body_contacted_on": "2021-03-02"}),
)


def cases() -> list[Case]:
    """Both, beside the lapse."""
    return [Case(LAPSE, lapses, LAPSE), Case(SIGNATURE, signatures, LAPSE)]


def lapses(_: Path) -> Taken:
    """The end of a period fires."""
    engine, store = _world(_STEPS[:2])
    due_at = _STARTED_AT + timedelta(days=20)
    with store.reading() as reading:
        session = engine.session(reading).at(due_at)
        # The reminders before it are over.
        facts = [session.settled(each, due_at - timedelta(days=5)).facts for each in _facts(session)]
        for each in facts[:50]:
            session.settled(each, due_at).change()
        with timed(len(facts)) as taken:
            for each in facts:
                session.settled(each, due_at).change()
    return taken


def signatures(_: Path) -> Taken:
    """A host signs a contract: five guards, four of them expressions that look at dates and a table."""
    engine, store = _world(_STEPS)
    with store.reading() as reading:
        session = engine.session(reading).at(datetime(2021, 3, 5, 12, tzinfo=UTC))
        facts = _facts(session)
        for each in facts[:50]:
            _signed(session, each)
        with timed(len(facts)) as taken:
            for each in facts:
                _signed(session, each)
    return taken


def _signed(session: Session, facts: Facts) -> None:
    journal = session.settled(facts)
    fire = Fire(reference=facts.reference, trigger="sign_contract", actor="bench", roles=("host",), fields=_CONTRACT)
    decide_fire(journal, fire, "operator:1")
    journal.change()


def _facts(session: Session) -> list[Facts]:
    return [session.find(f"P{number}") for number in range(_COUNT)]


def _world(steps: Sequence[tuple[str, str, dict[str, str]]]) -> tuple[Engine, MemoryStore]:
    from settings import SHIPPED_DEFINITION

    store = MemoryStore()
    clock = VirtualClock(_STARTED_AT)
    engine = Engine(store, clock)
    engine.publish(SHIPPED_DEFINITION.read_bytes().replace(b"limit: 4000", b"limit: 1000000"), "states.yaml")
    for number in range(_COUNT):
        engine.place(Place(reference=f"P{number}", fields=_HOST, actor="bench"))
    for trigger, role, fields in steps:
        clock.at += timedelta(hours=8)
        for number in range(_COUNT):
            said = {n: f"{v}{number}" if n.endswith("_ref") else v for n, v in fields.items()}
            engine.fire(Fire(reference=f"P{number}", trigger=trigger, actor="bench", roles=(role,), fields=said))
    return engine, store
