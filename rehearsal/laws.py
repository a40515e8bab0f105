"""The general laws, held against one placement: what must be true of every definition, whatever it says.

Nothing early, nothing twice, every instant as the recount has it, the fold equals the row, the lists equal the facts.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime

from msgspec.structs import replace

from rehearsal.entry_words import in_short
from rehearsal.recount import Recounted, recounted, reminder_moments, territory_in
from rehearsal.stage import REFERENCE, Stage
from rehearsal.telling import local
from workflow import asking, deadlines
from workflow.definition import Value
from workflow.history import HistoryEntry
from workflow.language.wording import Said
from workflow.rules import Rules
from workflow.undecided import why_undecided

ON_TIME = ("timeout", "missed", "milestone")


def faults(stage: Stage, *, swept: bool = False) -> list[Said]:
    """Everything that does not hold; `swept`: what is due was just entered."""
    entries = [item.entry for item in stage.history()]
    code = stage.facts().territory
    found = [*_kept(stage), *_lists(stage), *_instants(entries, code), *_dates(stage.rules, entries)]
    wake = stage.engine.next_wake()
    if swept and wake is not None and wake <= stage.now:
        since = local(wake, code)
        fr, en = (
            f"après un balayage, il reste quelque chose d'échu le {since}",
            f"after a sweep, something due on {since} is left",
        )
        found.append(Said(fr, en))
    incident = stage.engine.view(REFERENCE).incident
    if incident is not None:
        why = why_undecided(incident.code, incident.message)
        found.append(Said(f"le placement ne peut être traité : {why.fr}", f"the placement cannot be decided: {why.en}"))
    return found


def differences(one: Stage, other: Stage) -> list[Said]:
    """Where two lives that should be the same are not, but for when the system was told."""
    told, again, code = comparable(one), comparable(other), one.facts().territory
    for mine, theirs in zip(told, again, strict=False):
        if mine != theirs:
            return [_otherwise(mine.seq, in_short(mine, code), in_short(theirs, code))]
    if len(told) == len(again):
        return []
    fr = f"{len(told)} écritures si le démon a dormi, {len(again)} s'il a veillé"
    return [Said(fr, f"{len(told)} entries for a daemon that slept, {len(again)} for one awake")]


def _otherwise(seq: int, asleep: Said, awake: Said) -> Said:
    return Said(
        f"l'écriture {seq} est « {asleep.fr} » si le démon a dormi, « {awake.fr} » s'il a veillé",
        f"entry {seq} is {asleep.en} for a daemon that slept, {awake.en} for one awake",
    )


def comparable(stage: Stage) -> list[HistoryEntry]:
    """A history without what says when the system was told, and without what is drawn at random."""
    entries = (item.entry for item in stage.history())
    return [
        replace(e, recorded_at=e.occurred_at, fields=_undrawn(e), prev="", placement="", commitments={}, actor="")
        for e in entries
    ]


def _undrawn(entry: HistoryEntry) -> dict[str, Value]:
    """Commitments are drawn at random: of those erased only their number can be compared."""
    return {name: len(str(value).split()) if name == "erased" else value for name, value in entry.fields.items()}


def _kept(stage: Stage) -> list[Said]:
    with stage.store.reading() as reading:
        session = stage.engine.session(reading)
        return asking.faults(session, session.find(REFERENCE))


def _lists(stage: Stage) -> Iterator[Said]:
    derived = deadlines.listed(stage.rules, stage.facts())
    stored = {row.name: row for row in stage.store.deadlines(REFERENCE)}
    if stored != derived:
        yield Said(
            "les échéances de la liste ne sont pas celles des faits", "the deadlines listed are not those of the facts"
        )


def _instants(entries: Sequence[HistoryEntry], code: str) -> Iterator[Said]:
    moved_at: datetime | None = None
    for entry in entries:
        if entry.occurred_at > entry.recorded_at:
            yield Said(
                f"l'écriture {entry.seq} est enregistrée avant d'être survenue",
                f"entry {entry.seq} was recorded before it happened",
            )
        if entry.kind in ON_TIME and entry.due_at is not None and entry.occurred_at < entry.due_at:
            yield _early(in_short(entry, code), local(entry.due_at, code))
        if entry.changes_state:
            if moved_at is not None and entry.occurred_at < moved_at:
                yield Said(
                    f"l'écriture {entry.seq} change l'état avant le changement précédent",
                    f"entry {entry.seq} moves the placement before its last move",
                )
            moved_at = entry.occurred_at


def _early(what: Said, due: str) -> Said:
    return Said(f"{what.fr}, avant son instant, {due}", f"{what.en}, before its instant, {due}")


def _dates(rules: Rules, entries: Sequence[HistoryEntry]) -> Iterator[Said]:
    """Every end and reminder at the instant of the recount, and each once."""
    seen: set[tuple[object, ...]] = set()
    for number, entry in enumerate(entries):
        spec = rules.definition.deadlines.get(str(entry.deadline))
        # The recount knows no pauses, those by `paused_in` included.
        if spec is None or spec.stops or entry.kind not in (*ON_TIME, "reminder"):
            continue
        before = entries[:number]
        counted, what = recounted(rules, before, str(entry.deadline)), in_short(entry, territory_in(before))
        if counted is None:
            yield Said(
                f"{what.fr}, sans point de départ selon le recompte", f"{what.en}, without an anchor by the recount"
            )
            continue
        yield from _on_time(rules, before, entry, counted)
        once = (entry.deadline, counted.anchor, *((entry.occurred_at,) if entry.kind == "reminder" else ()))
        if once in seen:
            yield Said(f"{what.fr}, deux fois", f"{what.en}, twice")
        seen.add(once)


def _on_time(rules: Rules, before: Sequence[HistoryEntry], entry: HistoryEntry, counted: Recounted) -> Iterator[Said]:
    code = territory_in(before)
    what, due = in_short(entry, code), local(counted.due_at, code)
    if entry.due_at != counted.due_at:
        said = "—" if entry.due_at is None else local(entry.due_at, code)
        yield Said(
            f"{what.fr}, calculée au {said}, mais au {due} selon le recompte",
            f"{what.en}, reckoned to {said}, but to {due} by the recount",
        )
    if entry.kind == "reminder":
        if entry.occurred_at not in reminder_moments(rules, str(entry.deadline), counted, code):
            yield Said(
                f"{what.fr}, à un moment sans rappel selon le recompte",
                f"{what.en}, at no moment of a reminder by the recount",
            )
        return
    opened = max(moved.occurred_at for moved in before)
    if not counted.due_at <= entry.occurred_at <= max(counted.due_at, opened):
        yield Said(f"{what.fr}, attendue le {due} selon le recompte", f"{what.en}, expected on {due} by the recount")
