"""What the things in a record are called in French and in English: situations, steps, requests that differ."""

from collections.abc import Mapping
from typing import Final

from rehearsal.record import Asked, Placed, Rival, Seen, Try
from workflow.language.wording import Said

ELSEWHERE: Final = Said("ce qui ne peut y être demandé", "what cannot be asked for there")
TRIES: Final[Mapping[str, Said]] = {
    "as": Said("par {}", "as {}"),
    "without": Said("sans {}", "without {}"),
    "with": Said("avec {}", "with {}"),
    "only": Said("avec {} seulement", "with {} only"),
    "reason": Said("avec le motif {}", "for the reason {}"),
    "used": Said("quand sont déjà pris {}", "when taken already are {}"),
}
"""What a request has that differs."""
NOTHING: Final[Mapping[str, Said]] = {
    "as": Said("sans rôle", "without a role"),
    "reason": Said("sans motif", "without a reason"),
}
"""The same where it has nothing instead."""


def place(seen: Seen) -> str:
    """A situation by its number, in either language."""
    return f"situation {seen.id}"


def placing(placed: Placed) -> Said:
    """How a placement was made."""
    if not placed.fields:
        return Said("création avec les valeurs usuelles", "placing with the usual values")
    values = ", ".join(f"{name}={'' if text is None else text}" for name, text in placed.fields.items())
    return Said(f"création avec {values}", f"placing with {values}")


def step(seen: Seen) -> Said:
    """The step that leads to a situation."""
    if seen.ask:
        return Said(seen.ask, seen.ask)
    return Said("création", "placing") if seen.placed is not None else Said("attente", "waiting")


def _after(seen: Seen) -> Said:
    """The same, behind `after`."""
    if seen.ask:
        return step(seen)
    return Said("la création", "placing") if seen.placed is not None else Said("l'attente", "waiting")


def clocks(seen: Seen) -> Said:
    """The deadlines after that step."""
    after = _after(seen)
    return Said(f"échéances après {after.fr}", f"deadlines after {after.en}")


def left_alone(seen: Seen) -> Said:
    """What happens where nobody does anything after it."""
    after = _after(seen)
    return Said(f"si personne n'agit après {after.fr}", f"where nobody acts after {after.en}")


def asked(request: Asked) -> Said:
    """A request."""
    return Said(request.ask, request.ask)


def tried(request: Asked, differing: Try) -> Said:
    """A request that differs in one thing."""
    value = differing.value
    form = TRIES[differing.what] if value else NOTHING[differing.what]
    told = ", ".join(f"{name}={text}" for name, text in value.items()) if isinstance(value, dict) else value
    return Said(f"{request.ask} {form.fr.format(told)}", f"{request.ask} {form.en.format(told)}")


def others(request: Asked) -> Said:
    """A request with each field that it does not take."""
    return Said(f"{request.ask} avec d'autres champs", f"{request.ask} with other fields")


def second(rival: Rival) -> Said:
    """A request of a second placement, for what the first has."""
    return Said(f"{rival.ask.ask} par un second placement", f"{rival.ask.ask} by a second placement")
