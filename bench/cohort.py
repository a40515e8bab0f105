"""A simulated cohort: posts with lives of their own, drawn from a seed, and entered through the engine.

Each goes on until somebody drops it; the timers do the rest, up to NOW.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from random import Random

from app import App, initialise, open_app
from bench.large import unlimited, url
from settings import read_settings
from workflow.clock import VirtualClock
from workflow.commands import Fire, Life, Place
from workflow.facts import Facts
from workflow.history import ChainedEntry

APPLIED_ON = date(2021, 3, 1)
NOW = datetime(2023, 6, 1, 8, tzinfo=UTC)
TERRITORIES = ("75", "01", "2A", "57", "974", "972", "973")
AT_ONCE = 500
CANARY = "Zéphyrine Canari"
"""In every personal value of the cohort: no export may hold it."""

# What follows what, in which role, after how many days at most. Every deadline is held: who is late is dropped.
_STEPS = (
    ("grant_post", "anct", 20),
    ("show_candidate", "platform", 25),
    ("select_candidate", "host", 13),
    ("contact_training_body", "host", 4),
    ("sign_contract", "host", 9),
    ("start_training", "host", 13),
    ("take_up_post", "host", 90),
    ("confirm_equipment", "host", 25),
    ("record_tranche", "anct", 60),
)
_GOES_ON = 0.93


def build(folder: Path, entries: int, seed: int = 2021) -> Path:
    """A database with at least so many entries; gives its file."""
    folder.mkdir(parents=True, exist_ok=True)
    database = folder / "cohort.db"
    settings = read_settings({"database_url": url(database), "definition": unlimited(folder)}, environ={})
    initialise(settings, sandbox=True)
    counted = _Counted()
    with open_app(settings=settings, clock=VirtualClock(NOW), witness=counted) as app:
        _enter(app, entries, counted, Random(seed))  # noqa: S311 - no secret
    return database


class _Counted:
    """Counts the entries that were committed."""

    entries = 0

    def __call__(self, facts: Facts, entries: Sequence[ChainedEntry]) -> None:
        self.entries += len(entries)


def _enter(app: App, entries: int, counted: _Counted, dice: Random) -> None:
    count = 0
    while counted.entries < entries:
        lives = [life(f"C{number:06}", dice) for number in range(count, count + _enough(entries))]
        count += len(lives)
        refused = [outcome for outcome in app.engine.enter(lives) if outcome.status != "created"]
        if refused:
            raise RuntimeError(f"{refused[0].life.reference} was refused: {refused[0].blockers}")


def _enough(entries: int) -> int:
    """How many lives to enter at once: a life has about twelve entries."""
    return max(1, min(AT_ONCE, entries // 12))


@dataclass(frozen=True)
class Origin:
    """Where and when the posts of a cohort begin, and up to when they go on."""

    territories: Sequence[str] = TERRITORIES
    towns: Sequence[str] = ("Commune d'Évry-Grégy-sur-Yerres",)
    begun_on: date = APPLIED_ON
    until: datetime = NOW


def life(reference: str, dice: Random, origin: Origin = Origin()) -> Life:
    """The life of one post, from its application on."""
    fields = {
        "territory": dice.choice(origin.territories),
        "host_name": dice.choice(origin.towns),
        "host_siret": dice.choice(("13002603200016", "21750001600019")),
        "host_type": "COMMUNE",
    }
    place = Place(reference=reference, fields=fields, actor="bench", at=_moment(origin.begun_on))
    return Life(reference=reference, place=place, facts=tuple(_facts(reference, dice, origin)), to_now=True)


def _facts(reference: str, dice: Random, origin: Origin) -> Iterator[Fire]:
    day = origin.begun_on
    for trigger, role, days in _STEPS:
        if dice.random() > _GOES_ON:
            return
        day += timedelta(days=dice.randint(1, days))
        if day >= origin.until.date():
            return
        dated = trigger in ("grant_post", "sign_contract", "start_training")
        yield Fire(
            reference=reference,
            trigger=trigger,
            actor="bench",
            roles=(role,),
            fields=_said(reference, trigger, day),
            at=None if dated else _moment(day),
            reason="training_shortened" if trigger == "take_up_post" else None,
        )


def _said(reference: str, trigger: str, day: date) -> dict[str, str]:
    candidate = f"{CANARY} {reference}"
    return {
        "grant_post": {"granted_on": day.isoformat()},
        "show_candidate": {"candidate_ref": candidate, "candidate_name": CANARY},
        "select_candidate": {"selected_candidate_ref": candidate},
        "contact_training_body": {"training_body": "Le PôleS", "training_body_contacted_on": day.isoformat()},
        "sign_contract": {
            "contract_signed_on": day.isoformat(),
            "contract_type": "CDD",
            "contract_starts_on": day.isoformat(),
            "contract_ends_on": (day + timedelta(days=730)).isoformat(),
            "monthly_gross": "1 900,00",
        },
        "start_training": {"training_started_on": day.isoformat()},
        "confirm_equipment": {"has_computers": "oui", "has_telephones": "non", "has_rooms": "oui"},
        "record_tranche": {"rank": "1", "amount": "12 345,60"},
    }.get(trigger, {})


def _moment(day: date) -> datetime:
    """A local time of the placement's territory."""
    return datetime.combine(day, time(10, 30))
