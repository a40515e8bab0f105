"""Random lives: what somebody might ask of a placement next, drawn from a few small numbers that shrink well.

Most draws follow the process, so that lives get far; the others ask for anything, in any role, at any moment.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from random import Random

from hypothesis import settings
from hypothesis import strategies as st

from tests.model import Life
from tests.model_process import BY, NEEDS, TAKES, WAGES, WITH_REASON
from tests.model_rows import Value, candidates, times
from tests.world import CANARY, typed
from workflow.commands import Fire

ROLES = ("platform", "host", "anct", "training_body", "supervisor")
TRIGGERS = tuple(sorted(BY))
NEXT = {
    "ami_application": ("show_candidate", "show_candidate", "contact_training_body", "set_schedule"),
    "candidate_shown": (
        "select_candidate",
        "select_candidate",
        "show_candidate",
        "candidate_withdraws",
        "contact_training_body",
    ),
    "candidate_selected": ("contact_training_body", "contact_training_body", "candidate_withdraws"),
    "training_body_contacted": ("sign_contract", "sign_contract", "sign_contract", "candidate_withdraws"),
    "contract_signed": (
        "start_training",
        "start_training",
        "exempt_from_training",
        "set_schedule",
        "break_contract",
    ),
    "in_training": (
        "take_up_post",
        "record_certification",
        "set_schedule",
        "abandon_training",
        "record_tranche",
    ),
    "in_post": (
        "set_schedule",
        "renew_contract",
        "confirm_equipment",
        "record_tranche",
        "record_tranche",
        "break_contract",
    ),
    "post_vacant": ("show_candidate", "show_candidate", "contact_training_body", "record_tranche"),
}
HOURS = (0, 0, 1, 13, 24, 30, 72, 24 * 6, 24 * 12, 24 * 16, 24 * 40, 24 * 130)
DOINGS = ("ask", "ask", "ask", "ask", "ask", "sweep", "restart", "wait")
TERRITORIES = ("75", "971", "974", "975", "987", "67")
OFFSETS = (0, 0, 0, 0, -1, -4, 1)

Dice = tuple[int, ...]


@dataclass(frozen=True)
class Wish:
    """A request in the model's words."""

    trigger: str
    fields: dict[str, Value]
    at: datetime | None
    role: str
    reason: bool

    def command(self, reference: str, key: str | None = None) -> Fire:
        """The same request in the engine's words."""
        return Fire(
            reference=reference,
            trigger=self.trigger,
            actor=f"{CANARY} 1",
            fields=typed(self.fields),
            at=self.at,
            roles=(self.role,),
            reason=f"{CANARY} 2" if self.reason else None,
            key=key,
        )


@dataclass(frozen=True)
class Step:
    """Wait, then ask, sweep, restart or only wait."""

    does: str
    hours: int
    dice: Dice


dice = st.tuples(*[st.integers(0, 11)] * 8)
steps = st.builds(
    Step,
    does=st.sampled_from(DOINGS),
    hours=st.sampled_from(HOURS),
    dice=dice,
)
territories = st.sampled_from(TERRITORIES)
starts = st.integers(0, 24 * 365 * 3).map(
    lambda hours: datetime(2021, 1, 4, 9, 30, tzinfo=UTC) + timedelta(hours=hours)
)


def wish(life: Life, now: datetime, drawn: Dice) -> Wish:
    """What somebody asks of `life` now."""
    trigger = _trigger(life, drawn)
    at = now - timedelta(hours=(0, 1, 13, 30, 24 * 6, 24 * 20)[drawn[2] % 6]) if drawn[1] in (3, 11) else None
    fields = _fields(life, trigger, at or now, drawn)
    role = sorted(BY[trigger])[0] if drawn[5] < 10 else ROLES[drawn[6] % len(ROLES)]
    return Wish(trigger, fields, at, role, reason=(trigger in WITH_REASON) != (drawn[5] == 9))


def _trigger(life: Life, drawn: Dice) -> str:
    if drawn[0] >= 10 or life.state not in NEXT:
        return TRIGGERS[(drawn[1] + 12 * (drawn[0] - 10)) % len(TRIGGERS)]
    if life.state == "ami_application" and not times(life.rows, "grant_post"):
        return "grant_post"
    return NEXT[life.state][drawn[1] % len(NEXT[life.state])]


def _fields(life: Life, trigger: str, moment: datetime, drawn: Dice) -> dict[str, Value]:
    names = sorted(NEEDS.get(trigger, set()) | (_taken(trigger, drawn)))
    if drawn[7] == 11:
        names = names[1:]
    day = life.day(moment)
    return {name: _value(life, name, day, drawn) for name in names}


def _taken(trigger: str, drawn: Dice) -> set[str]:
    taken = sorted(TAKES.get(trigger, set()))
    if trigger == "set_schedule":
        return {taken[drawn[3] % len(taken)], taken[drawn[4] % len(taken)]}
    if trigger in ("sign_contract", "renew_contract"):
        return {"contract_ends_on"} if drawn[3] < 9 else set(taken)
    return set(taken)


def _value(life: Life, name: str, day: date, drawn: Dice) -> Value:
    near = day + timedelta(days=OFFSETS[drawn[2] % len(OFFSETS)])
    far = day + timedelta(days=(500, 200, 80, 45, 31, 20, 2, 0, -3, -40, -400, 900)[drawn[6]])
    match name:
        case "granted_on" | "contract_signed_on" | "training_started_on" | "broken_on" | "training_body_contacted_on":
            return near
        case "contract_starts_on":
            return day + timedelta(days=(0, 0, 0, 0, -9, 3)[drawn[4] % 6])
        case "convention_starts_on" | "contract_ends_on":
            return far
        case "monthly_gross":
            return (2_000_00, WAGES[drawn[6] % len(WAGES)][1], 1_801_80, 1_801_79)[drawn[4] % 4]
        case "candidate_ref" | "selected_candidate_ref":
            return _candidate(life, drawn)
        case "rank":
            return times(life.rows, "record_tranche") + 1 if drawn[3] < 9 else drawn[4] % 3 + 1
    if name.startswith("tranche_"):
        return far
    return _PLAIN[name][drawn[4] % len(_PLAIN[name])]


_PLAIN: dict[str, Sequence[Value]] = {
    "candidate_name": (f"{CANARY} 3",),
    "training_body": ("Afpa", "Simplon"),
    "contract_type": ("CDD", "CDI", "CDP", "TIT"),
    "break_motive": (f"{CANARY} 4",),
    "funded_months": (12, 18, 24, 36, 7),
    "grant_amount": (10_000_00, 61_234_57),
    "amount": (10_000_00, 25_000_00, 40_000_01),
    "result": (f"{CANARY} 5",),
    "training_kind": ("initial", "continuing"),
    "has_computers": ("yes",),
}


def _candidate(life: Life, drawn: Dice) -> str:
    known = sorted(map(str, candidates(life.rows)))
    if known and drawn[3] < 7:
        return known[drawn[4] % len(known)]
    return f"{CANARY} C{drawn[4] % 3}"


def led_in(so_far: int, then: Sequence[Step]) -> list[Step]:
    """So many days on which everything goes as planned, then the rest of a life."""
    return [*[Step("ask", 24, (0,) * 8)] * so_far, *then]


lives = st.builds(led_in, st.sampled_from([7, 7, 6, 6, 5, 4, 3, 0]), st.lists(steps, min_size=5, max_size=25))


def times_as_many(factor: float) -> settings:
    """So many times the examples that the profile in force asks for."""
    return settings(max_examples=max(1, int(settings().max_examples * factor)))


habits = st.lists(st.sampled_from(["asleep", "asleep", "awake", "halfway", "restarts"]), min_size=1, max_size=8)


def at_random(count: int) -> Iterator[tuple[str, datetime, list[Step]]]:
    """So many lives, always the same ones: to see whether a broken engine is found out."""
    chance = Random(20210316)
    for _ in range(count):
        drawn = [
            Step(chance.choice(DOINGS), chance.choice(HOURS), tuple(chance.randrange(12) for _ in range(8)))
            for _ in range(20)
        ]
        start = datetime(2021, 1, 4, 9, 30, tzinfo=UTC) + timedelta(hours=chance.randrange(24 * 365))
        yield chance.choice(TERRITORIES), start, led_in(chance.randrange(8), drawn)
