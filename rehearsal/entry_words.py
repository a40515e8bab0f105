"""What a rehearsal's entries are called in French and in English: by their kind, with the names that they speak of."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

from rehearsal.telling import local
from workflow.history import HistoryEntry
from workflow.language.wording import Said

KINDS: Final[Mapping[str, Said]] = {
    "placed": Said("création du placement", "placing"),
    "transition": Said("transition {}", "transition {}"),
    "recorded": Said("fait enregistré {}", "recorded fact {}"),
    "timeout": Said("échéance {} échue", "deadline {} fired"),
    "missed": Said("échéance {} manquée", "deadline {} missed"),
    "milestone": Said("jalon {} passé sans son fait", "milestone {} passed without its fact"),
    "reminder": Said("rappel de l'échéance {}", "reminder of deadline {}"),
    "automatic": Said("suite automatique {}", "automatic follow-up {}"),
    "erasure": Said("données personnelles effacées", "personal data erased"),
}
"""The kinds of entries that a rehearsal makes; it corrects, imports and migrates nothing."""


def called(kind: str, names: Sequence[str]) -> Said:
    """An entry by its kind, its deadline and its trigger, as far as it has them."""
    form = KINDS.get(kind, Said(f"{kind} {{}}", f"{kind} {{}}"))
    behind = names[1:] if "{}" in form.fr else names
    more = "".join(f" ({name})" for name in behind)
    return Said(*(f"{each.format(*(names or ['']))}{more}" for each in form))


def in_short(entry: HistoryEntry, territory: str) -> Said:
    """An entry with its moment, in the placement's zone."""
    names = [name for name in (entry.deadline, entry.trigger) if name]
    return on(called(entry.kind, names), entry.occurred_at, territory)


def on(what: Said, moment: datetime, territory: str) -> Said:
    """What happened, with its moment, in the placement's zone."""
    day = local(moment, territory)
    return Said(f"{what.fr} le {day}", f"{what.en} on {day}")
