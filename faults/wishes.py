"""What a person asks of a placement next: mostly what `can` says may be done, with the values that it needs.

Random, by the dice that are handed in, and by nothing else.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from random import Random
from typing import Any

from faults.shaky_store import Asked
from tests.world import CANARY, HOST
from workflow.calendar import local_day
from workflow.commands import Adjust, Amend, Answer, Decide, Fire, HoldData, Note, Place, Reverse, Void
from workflow.engine import Engine
from workflow.errors import NotFound
from workflow.views import PlacementView

ROLES = ("platform", "host", "anct", "training_body", "supervisor")
_TERRITORIES = ("75", "75", "67", "971", "974", "987")
_KINDS = {"next": 70, "any": 5, "past": 8, "reverse": 5, "amend": 5, "adjust": 8, "note": 1, "hold": 1, "void": 0.3}
_ENDING = {"withdraw", "end_convention", "refuse_application", "return_post"}
_BACK = {"reject_candidates", "candidate_withdraws", "break_contract", "abandon_training", "exempt_from_training"}
_AMENDED = (
    {"convention_months": "12"}, {"convention_months": "6"}, {"territory": "974"}, {"territory": "75"},
    {"funded_months": "18"}, {"contract_ends_on": "2023-05-31"}, {"host_name": "Commune de Metz"},
)  # fmt: skip
_DAYS = (0, 0, 0, 0, -1, 1, -6)


@dataclass(frozen=True)
class Seen:
    """A placement as somebody saw it, at that moment by their own clock."""

    view: PlacementView
    answers: Sequence[Answer]
    now: datetime

    @property
    def day(self) -> date:
        """The local day."""
        return local_day(self.now, self.view.facts.territory)


def wish(engine: Engine, who: str, reference: str, key: str, now: datetime, dice: Random) -> Asked:
    """What somebody wants of a placement after a look at it; that it be placed, where it is not there."""
    said: dict[str, Any] = {"reference": reference, "key": key, "actor": f"{CANARY} {who}"}
    try:
        view = engine.view(reference)
    except NotFound:
        return Place(fields={"territory": dice.choice(_TERRITORIES), **HOST}, **said)
    if dice.random() < 0.25:
        said["expect"] = view.facts.revision
    if view.facts.requests and dice.random() < 0.6:
        return _decision(said, dice)
    kind = dice.choices(list(_KINDS), list(_KINDS.values()))[0]
    if kind in ("next", "any", "past"):
        return _fire(kind, said, Seen(view, engine.can(reference, roles=ROLES), now), dice)
    return _otherwise(kind, said | {"roles": ("supervisor",), "reason": "other"}, Seen(view, (), now), dice)


def _decision(said: dict[str, Any], dice: Random) -> Decide:
    return Decide(verdict=dice.choices(("approve", "refuse"), (4, 1))[0], roles=ROLES, reason="other", **said)


def _fire(kind: str, said: dict[str, Any], seen: Seen, dice: Random) -> Fire:
    allowed = [answer for answer in seen.answers if answer.allowed]
    if kind == "any" or not allowed:
        answer = dice.choice(seen.answers)
    else:
        answer = dice.choices(allowed, [_weight(each, seen) for each in allowed])[0]
    back = timedelta(hours=dice.choice((1, 13, 30, 24 * 6, 24 * 20))) if kind == "past" else timedelta()
    moment = Seen(seen.view, (), seen.now - back)
    fields = {name: value(name, moment, dice) for name in answer.needs if name != "reason"}
    fields |= {name: value(name, moment, dice) for name in answer.takes if _is_given(name, dice)}
    reason = f"{CANARY} why" if "reason" in answer.needs and dice.random() < 0.3 else "other"
    return Fire(
        trigger=answer.trigger,
        fields=fields,
        roles=("anct",) if kind == "any" else answer.by,
        reason=reason if "reason" in answer.needs or dice.random() < 0.1 else None,
        at=moment.now if back else None,
        late=bool(back) and dice.random() < 0.5,
        **said,
    )


def _weight(answer: Answer, seen: Seen) -> float:
    if answer.trigger in _ENDING:
        return 0.15
    if answer.trigger in _BACK or answer.trigger == "set_schedule":
        return 0.5
    if answer.trigger == "grant_post":
        return 20
    return 10 if answer.to != seen.view.facts.state else 1


def _is_given(name: str, dice: Random) -> bool:
    return name == "contract_ends_on" or dice.random() < 0.4


def value(name: str, seen: Seen, dice: Random) -> str:
    """A value for a field, as somebody types it on that day."""
    near = seen.day + timedelta(days=dice.choice(_DAYS))
    match name:
        case "granted_on" | "contract_signed_on" | "training_started_on" | "broken_on":
            return seen.day.isoformat() if dice.random() < 0.9 else near.isoformat()
        case "training_body_contacted_on" | "contract_starts_on":
            return seen.day.isoformat()
        case "contract_ends_on":
            return (seen.day + timedelta(days=dice.choice((100, 400, 700, 1100)))).isoformat()
        case "candidate_ref":
            return f"C{dice.randrange(4)}"
        case "selected_candidate_ref":
            shown = seen.view.personal.get("candidate_ref")
            return str(shown) if shown and dice.random() < 0.9 else f"C{dice.randrange(4)}"
        case "rank":
            return str(dice.choice((1, 1, 1, 2, 2, 3)))
    if name.endswith("_on"):
        return (seen.day + timedelta(days=dice.choice((2, 31, 200, -3)))).isoformat()
    return dice.choice(_PLAIN[name])


_PLAIN = {
    "candidate_name": (CANARY,),
    "training_body": ("Afpa", "Simplon"),
    "contract_type": ("CDD", "CDD", "CDI"),
    "monthly_gross": ("2500.00", "2500.00", "1700.00"),
    "break_motive": (CANARY,),
    "funded_months": ("12", "24", "36"),
    "grant_amount": ("50000", "61234.57"),
    "amount": ("10000", "25000.01"),
    "result": (CANARY,),
    "certification_title": ("CCP 1 du titre professionnel responsable d'espace de médiation numérique",),
    "training_kind": ("initial", "continuing"),
    "has_computers": ("yes",),
    "has_telephones": ("yes", "no"),
    "has_rooms": ("yes",),
    "has_car": ("no",),
}


def _otherwise(kind: str, said: dict[str, Any], seen: Seen, dice: Random) -> Asked:
    match kind:
        case "reverse":
            return _reversal(said, seen, dice)
        case "amend":
            return Amend(fields=dice.choice(_AMENDED), accept_earlier=dice.random() < 0.5, **said)
        case "adjust":
            return _adjustment(said, seen, dice)
        case "hold":
            return HoldData(on=dice.random() < 0.5, **said)
        case "void":
            return Void(**said)
    del said["roles"], said["reason"]
    return Note(text=f"{CANARY} remarks", **said)


def _reversal(said: dict[str, Any], seen: Seen, dice: Random) -> Reverse:
    chance = dice.random()
    to = seen.day + timedelta(days=dice.randrange(1, 20)) if chance < 0.4 else None
    return Reverse(extend_to=to, waive=chance > 0.7, **said)


def _adjustment(said: dict[str, Any], seen: Seen, dice: Random) -> Adjust:
    known = [deadline.name for deadline in seen.view.deadlines if deadline.due_at] or ["selection"]
    kind = dice.choices(("pause", "resume", "extension", "move"), (2, 2, 1, 1))[0]
    to = seen.day + timedelta(days=dice.randrange(60)) if kind == "move" else None
    by = f"{dice.randrange(1, 20)} days" if kind == "extension" else None
    return Adjust(deadline=dice.choice(known), by=by, to=to, **said | {"kind": kind})
