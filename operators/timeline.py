"""A placement's history as people read it: what happened, who did it, why, both times, before and after.

Personal values are told as set or emptied, never shown. Knows no terminal and no page.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from operators.labels import Labels
from workflow.definition import SCHEDULER, Definition, Label, Value
from workflow.history import MOVED, ChainedEntry, HistoryEntry
from workflow.requested import ASKED, OPTION
from workflow.standing import reversed_by
from workflow.waiting import ACT, APPROVED, REFUSED, REQUESTED, STEP, WITHDRAWN, answered_by

KINDS: Final[Mapping[str, Label]] = {
    "placed": Label("Dossier créé", "Placement created"),
    "missed": Label("Échéance manquée", "Deadline missed"),
    "milestone": Label("Jalon passé sans son fait", "Milestone passed without its fact"),
    "reminder": Label("Rappel", "Reminder"),
    "timeout": Label("Échéance échue", "Deadline fired"),
    "automatic": Label("Suite automatique", "Automatic follow-up"),
    "amendment": Label("Valeurs corrigées", "Values corrected"),
    "reversal": Label("Annulation", "Reversal"),
    "pause": Label("Échéance suspendue", "Deadline paused"),
    "resume": Label("Échéance reprise", "Deadline resumed"),
    "extension": Label("Échéance prolongée", "Deadline extended"),
    "move": Label("Échéance déplacée", "Deadline moved"),
    "note": Label("Remarque", "Remark"),
    "void": Label("Dossier mis de côté", "Placement put aside"),
    "migration": Label("Passage à une autre version", "Brought under another version"),
    "erasure": Label("Données personnelles effacées", "Personal data erased"),
    "transition": Label("Transition", "Transition"),
    "recorded": Label("Fait enregistré", "Fact recorded"),
    "approval": Label("Approbation", "Approval"),
}
"""What kinds of entries are called."""

_ASKED_REMINDER: Final = Label("Rappel envoyé par une personne", "Reminder sent by a person")
_STEPS: Final[Mapping[str, Label]] = {
    REQUESTED: Label("Correction demandée", "Correction asked for"),
    APPROVED: Label("Correction approuvée", "Correction approved"),
    REFUSED: Label("Correction refusée", "Correction refused"),
    WITHDRAWN: Label("Correction retirée", "Correction withdrawn"),
}
ACTS: Final[Mapping[str, Label]] = {
    "late": Label("fait tardif", "late fact"),
    "reverse": Label("annulation", "reversal"),
    "amend": Label("correction de valeurs", "correction of values"),
    "void": Label("mise de côté", "putting aside"),
    "pause": Label("suspension", "pause"),
    "resume": Label("reprise", "resumption"),
    "extension": Label("prolongation", "extension"),
    "move": Label("déplacement", "move"),
}
"""What may have to wait for a second person."""


@dataclass(frozen=True, slots=True)
class Change:
    """One field before and after an entry; `personal` ones have no values here, only whether one is set."""

    name: str
    before: Value
    after: Value
    personal: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """One entry. `what` is its sentence; `about` the deadline that it speaks of; `answer` the seq that answers it."""

    seq: int
    kind: str
    what: str
    about: str | None
    actor: str
    role: str | None
    by_scheduler: bool
    reason: str | None
    has_text: bool
    occurred_at: datetime
    recorded_at: datetime
    from_state: str | None
    to_state: str | None
    late: bool
    concerns: int | None
    reversed_by: int | None
    answer: int | None
    changes: tuple[Change, ...]
    hash: str


def timeline(
    entries: Sequence[ChainedEntry],
    definition: Definition,
    labels: Labels,
    names: Mapping[str, str],
    lang: str,
    before: Mapping[str, Value] | None = None,
) -> list[Line]:
    """The entries as lines, oldest first; `names` are those behind the actors' ids, `before` the values they met."""
    undone, answered = reversed_by(entries), answered_by(entries)
    values: dict[str, Value] = dict(before or {})
    lines = []
    for item in entries:
        entry = item.entry
        changes = tuple(_changes(entry, definition, values))
        values.update({name: value for name, value in entry.fields.items() if "." not in name})
        lines.append(Line(
            seq=entry.seq, kind=entry.kind, what=what_text(entry, labels, lang), about=entry.deadline,
            actor=names.get(entry.actor, entry.actor), role=entry.role, by_scheduler=entry.actor == SCHEDULER,
            reason=entry.reason, has_text="reason" in entry.commitments or "note" in entry.commitments,
            occurred_at=entry.occurred_at, recorded_at=entry.recorded_at, from_state=entry.from_state,
            to_state=entry.to_state, late=entry.late, concerns=entry.concerns, reversed_by=undone.get(entry.seq),
            answer=answered.get(entry.seq), changes=changes, hash=item.hash,
        ))  # fmt: skip
    return lines


def what_text(entry: HistoryEntry, labels: Labels, lang: str) -> str:
    """What an entry says happened."""
    if entry.kind == "approval":
        act = ACTS.get(str(entry.fields[ACT]))
        said = _STEPS[str(entry.fields[STEP])][lang]
        return said if act is None else f"{said} ({act[lang]})"
    trigger = labels.triggers.get(entry.trigger or "")
    named = trigger[lang] if trigger else entry.trigger
    if entry.kind in ("transition", "recorded"):
        return str(named)
    deadline = labels.deadlines.get(entry.deadline or "")
    kind = _ASKED_REMINDER if entry.kind == "note" and entry.deadline is not None else KINDS[entry.kind]
    parts = (kind[lang], deadline[lang] if deadline else entry.deadline, named)
    colon = ": " if lang == "en" else " : "
    return colon.join(part for part in parts if part)


def _changes(entry: HistoryEntry, definition: Definition, values: Mapping[str, Value]) -> Iterator[Change]:
    """What the entry sets, and for a deadline that it moved its last day before and after."""
    for name, value in entry.fields.items():
        if name.startswith((MOVED, ASKED)):
            continue
        if "." not in name and not name.startswith(OPTION) and values.get(name) != value:
            yield Change(name, values.get(name), value)
    for name in entry.commitments:
        if name in definition.fields:
            yield Change(name, None, None, personal=True)


def actor_names(found: Mapping[str, str], lang: str) -> dict[str, str]:
    """The names of those who act; the scheduler, an import and the system under theirs."""
    own = {
        SCHEDULER: Label("L’échéancier", "The scheduler"),
        "import": Label("Import", "Import"),
        "system": Label("Le système", "The system"),
    }
    return {**found, **{name: label[lang] for name, label in own.items()}}
