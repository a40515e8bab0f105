"""What a stage did, as short texts that can be compared and read: codes, states, local moments; no labels, no ids."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from rehearsal.judging import named
from rehearsal.stage import REFERENCE, Ask, Stage
from workflow.calendar import zone_of
from workflow.errors import ParcoursError, TransitionRefused
from workflow.facts import Facts
from workflow.history import HistoryEntry


def local(moment: datetime, territory: str) -> str:
    """A moment in the placement's zone: the day alone where it is the day's start."""
    there = moment.astimezone(zone_of(territory))
    clock = there.strftime("%H:%M" if not there.second and not there.microsecond else "%H:%M:%S.%f")
    return there.date().isoformat() if clock == "00:00" else f"{there.date().isoformat()} {clock}"


def told(entry: HistoryEntry, territory: str, awaits: Sequence[str] = ()) -> str:
    """One entry in a line."""
    parts = [entry.kind, entry.deadline, entry.trigger, *_moved(entry), local(entry.occurred_at, territory)]
    if entry.due_at is not None and entry.due_at != entry.occurred_at:
        parts.append(f"due {local(entry.due_at, territory)}")
    parts += [f"as {entry.role}"] if entry.role else []
    parts += [f"because {entry.reason}"] if entry.reason else []
    parts += [f"{name}={'' if value is None else value}" for name, value in _values(entry)]
    parts += [f"{name}=*" for name in sorted(entry.commitments)]
    parts += [f"{code}{'' if held else '!'}?" for code, held in sorted(entry.guards.items())]
    parts += [f"awaits {','.join(awaits)}"] if awaits else []
    return " ".join(part for part in parts if part)


def _moved(entry: HistoryEntry) -> Iterator[str]:
    if entry.from_state != entry.to_state:
        yield f"{entry.from_state or ''}>{entry.to_state}"


def _values(entry: HistoryEntry) -> Iterator[tuple[str, object]]:
    """The public values; of commitments erased, which are drawn at random, the number."""
    for name, value in sorted(entry.fields.items()):
        yield name, len(str(value).split()) if name == "erased" else value


def lines(stage: Stage, after: int) -> list[str]:
    """The entries of the placement after a seq, one line each."""
    code, specs = stage.facts().territory, stage.rules.definition.deadlines
    entries = (item.entry for item in stage.history() if item.entry.seq > after)
    return [told(e, code, specs[str(e.deadline)].awaits if e.deadline in specs else ()) for e in entries]


def clocks(stage: Stage) -> list[str]:
    """The deadlines that run or were missed: last day, instant, status."""
    facts = stage.facts()
    shown = {name: run for name, run in facts.occurrences.items() if run.closed in (None, "missed")}
    return [f"{name} {run.last_day} {run.closed or 'running'}" for name, run in sorted(shown.items())]


def answer(stage: Stage, ask: Ask) -> str:
    """What comes of a request on a stage that is thrown away: entries, emptied fields, shares; or the blockers."""
    tried = stage.fork()
    before, shares = tried.facts(), _shares(tried)
    try:
        tried.ask(ask)
    except TransitionRefused as refused:
        return "! " + ", ".join(sorted({named(blocker) for blocker in refused.blockers}))
    except ParcoursError as error:
        return f"! {error.code}"
    after = tried.facts()
    parts = [*lines(tried, before.seq), *emptied(before, after), *_differences(shares, _shares(tried))]
    return "; ".join(parts)


def emptied(before: Facts, after: Facts) -> Iterator[str]:
    """The fields that had a value and have none any more, if any."""
    gone = {*before.fields, *before.personal} - {*after.fields, *after.personal}
    if gone:
        yield f"empties {' '.join(sorted(gone))}"


def _shares(stage: Stage) -> set[str]:
    return stage.store.shares(REFERENCE)


def _differences(before: set[str], after: set[str]) -> Iterator[str]:
    yield from (f"takes {name}" for name in sorted(after - before))
    yield from (f"gives back {name}" for name in sorted(before - after))
