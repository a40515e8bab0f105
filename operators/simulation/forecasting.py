"""From today's placements on: what falls due if nobody acts, exactly; and what people of given habits make of it.

Everything happens on a copy in memory: nothing is written, and no new placement begins.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from operators.simulation.behaviours import Behaviours, Payments
from operators.simulation.outcomes import Outcome, local, week_of
from operators.simulation.world import Refusals, Scene, World
from storage.memory_claims import MemoryClaims
from workflow.calendar import load_zone
from workflow.definition import Definition
from workflow.facts import Facts
from workflow.living import Life, Living
from workflow.session import Session
from workflow.settling import Undecidable


@dataclass(frozen=True, slots=True)
class Stock:
    """The placements that go on, as they are recorded; `final` are over and only counted."""

    running: Sequence[Facts]
    final: Sequence[Facts]


def stock_of(session: Session, references: Sequence[str]) -> Stock:
    """The placements of these references."""
    known = session.reading.known(references)
    facts = [known[name] for name in references if name in known]
    over = [each for each in facts if _is_over(session, each)]
    return Stock([each for each in facts if each not in over], over)


def _is_over(session: Session, facts: Facts) -> bool:
    return session.rules_of(facts.definition).definition.is_final(facts.state)


def if_nobody_acts(
    session: Session, stock: Stock, definition: Definition, payments: Payments | None, until: datetime
) -> tuple[Outcome, list[str]]:
    """All that falls due until then, exactly; and the references of what cannot be decided."""
    outcome, stuck = _opened(session, stock, definition, payments), []
    later = session.at(until)
    for number, facts in enumerate(stock.running):
        try:
            journal = later.settled(facts)
        except Undecidable:
            stuck.append(facts.reference)
            continue
        for item in journal.entries:
            outcome.see(Life(journal, number), item.entry)
    return outcome, stuck


def expected(
    session: Session, stock: Stock, definition: Definition, behaviours: Behaviours, scene: Scene
) -> tuple[Outcome, Refusals]:
    """One replication of how it may go on."""
    outcome = _opened(session, stock, definition, behaviours.payments)
    living = Living(scene.rules, session.rules_of, session.installation, _held(session, stock).grant)
    world = World(scene, living, outcome.see)
    for facts in stock.running:
        world.take_up(session.rules_of(facts.definition), facts, session.past(facts))
    world.run()
    return outcome, world.refusals


def _opened(session: Session, stock: Stock, definition: Definition, payments: Payments | None) -> Outcome:
    today = local(session.now, load_zone(definition.timezone))
    # What is overdue counts in this week.
    outcome = Outcome(definition, payments, lambda day: week_of(max(day, today)))
    for facts in (*stock.running, *stock.final):
        outcome.starts_with(facts.state, today)
    return outcome


def _held(session: Session, stock: Stock) -> MemoryClaims:
    """What the placements hold today; ceilings as the definition of today sets them."""
    quotas = session.current_rules.definition.quotas
    claims = MemoryClaims(ceilings={name: quota.limit for name, quota in quotas.items()})
    for facts in (*stock.running, *stock.final):
        claims.grant(facts.id, session.journal(facts).claims_since(None))
    return claims
