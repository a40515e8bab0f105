"""Simulated people: each host, platform and training body has habits of its own, drawn from a seed.

They ask the engine like anybody else, and meet its refusals like anybody else.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random

from workflow.commands import Fire, Outcome
from workflow.engine import Engine
from workflow.errors import TransitionRefused

NAMES = ("Camille Roux", "Inès Lambert", "Yanis Petit", "Louise Garnier", "Hugo Morel", "Aïcha Benali")
NEVER = timedelta(days=10_000)


@dataclass(frozen=True, slots=True)
class Habit:
    """What somebody does in a state: a trigger, in a role, after some days, with odds of being late or idle."""

    trigger: str
    role: str
    prompt: tuple[int, int]
    late: tuple[int, int] = (0, 0)
    late_odds: float = 0.0
    never_odds: float = 0.0

    def delay(self, dice: Random) -> timedelta:
        """How long it takes this time."""
        throw = dice.random()
        if throw < self.never_odds:
            return NEVER
        days = self.late if throw < self.never_odds + self.late_odds else self.prompt
        return timedelta(days=dice.randint(*days), hours=dice.randint(8, 17))


HABITS: Mapping[str, Habit] = {
    "ami_application": Habit("show_candidate", "platform", (5, 25), (35, 60), 0.2),
    "candidate_shown": Habit("select_candidate", "host", (2, 11), (17, 30), 0.12, 0.08),
    "post_vacant": Habit("show_candidate", "platform", (10, 60), (70, 120), 0.2, 0.1),
    "candidate_selected": Habit("contact_training_body", "host", (1, 5), never_odds=0.05),
    "training_body_contacted": Habit("sign_contract", "host", (1, 5), (16, 25), 0.12),
    "contract_signed": Habit("start_training", "host", (5, 14), (16, 25), 0.2),
    "in_training": Habit("abandon_training", "host", (20, 90), never_odds=0.93),
    "in_post": Habit("confirm_equipment", "host", (5, 28), (31, 60), 0.2, 0.1),
}


@dataclass
class People:
    """Everybody around the placements. `acted` counts what was granted, `overtaken` what the timer did first."""

    engine: Engine
    begin: datetime
    seed: int = 2021
    acted: int = 0
    overtaken: int = 0
    _asked: set[tuple[str, str, datetime]] = field(default_factory=set)

    def consider(self, reference: str, state: str, since: datetime, now: datetime) -> Outcome | None:
        """Do what is usual in this state, once, when the time has come."""
        habit, occasion = HABITS.get(state), (reference, state, since)
        if habit is None or occasion in self._asked:
            return None
        dice = Random(f"{self.seed} {reference} {state} {len(self._occasions(reference, state))}")  # noqa: S311 - no secret
        if now - max(since, self.begin) < habit.delay(dice):
            return None
        self._asked.add(occasion)
        return self._ask(reference, habit, now)

    def _occasions(self, reference: str, state: str) -> list[datetime]:
        return [since for asked, where, since in self._asked if (asked, where) == (reference, state)]

    def _ask(self, reference: str, habit: Habit, now: datetime) -> Outcome | None:
        command = Fire(
            reference=reference,
            trigger=habit.trigger,
            actor=f"demo {habit.role}",
            roles=(habit.role,),
            fields=self._said(reference, habit.trigger, now),
            reason="training_failed" if habit.trigger == "abandon_training" else None,
        )
        try:
            outcome = self.engine.fire(command)
        except TransitionRefused:
            self.overtaken += 1
            return None
        self.acted += 1
        return outcome

    def _said(self, reference: str, trigger: str, now: datetime) -> Mapping[str, str]:
        day, entered = now.date(), len(self._asked)
        if trigger == "show_candidate":
            return {"candidate_ref": f"C-{reference}-{entered}", "candidate_name": NAMES[entered % len(NAMES)]}
        if trigger == "select_candidate":
            # Unknown where the timer was first: the engine says so.
            shown = self.engine.view(reference).personal.get("candidate_ref", "?")
            return {"selected_candidate_ref": str(shown)}
        if trigger == "sign_contract":
            return {
                "contract_signed_on": day.isoformat(),
                "contract_type": "CDD",
                "contract_starts_on": day.isoformat(),
                "contract_ends_on": (day + timedelta(days=730)).isoformat(),
                "monthly_gross": "1 900,00",
            }
        return {
            "contact_training_body": {"training_body": "Afpa", "training_body_contacted_on": day.isoformat()},
            "start_training": {"training_started_on": day.isoformat()},
            "confirm_equipment": {"has_computers": "oui", "has_telephones": "oui", "has_rooms": "oui"},
        }.get(trigger, {})
