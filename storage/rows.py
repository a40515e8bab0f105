"""Values to rows: the tuples of each insert, in the order of the table's columns."""

from collections.abc import Callable, Iterable, Iterator
from functools import cache
from operator import itemgetter
from typing import Any

from storage.instants import micros
from storage.stored import MOVING, Names, moving
from workflow.actors import PERSON
from workflow.changes import Change

Values = tuple[Any, ...]


def new_placements(changes: Iterable[Change]) -> Iterator[Values]:
    """Rows of `placement` for placements that are new."""
    for change in changes:
        after = change.after
        yield (after.id, after.reference, micros(after.recorded_at), *_moving(change))


def moved_placements(changes: Iterable[Change], changed: Names) -> Iterator[Values]:
    """What replaces the columns `moving` of a placement, then its id and the seq that it must be at."""
    chosen = _chosen(changed)
    for change in changes:
        yield (*chosen(_moving(change)), change.after.id, change.before_seq)


@cache
def _chosen(changed: Names) -> Callable[[Values], Values]:
    return itemgetter(*map(MOVING.index, moving(changed)))


def _moving(change: Change) -> Values:
    after, fields = change.after, change.after.fields
    return (
        after.territory,
        fields.get("host_siret"),
        fields.get("host_name"),
        after.state,
        micros(after.state_since),
        after.definition,
        after.revision,
        after.seq,
        after.head,
        None if change.wakes_at is None else micros(change.wakes_at),
        after.to_bytes(),
    )


def entries(changes: Iterable[Change]) -> Iterator[Values]:
    """Rows of `history`."""
    for change in changes:
        for item in change.entries:
            entry = item.entry
            moments = (micros(entry.occurred_at), micros(entry.recorded_at))
            yield (entry.placement, entry.seq, entry.prev, item.hash, entry.kind, *moments, item.data)


def acted(changes: Iterable[Change]) -> Iterator[Values]:
    """Rows of `acted`: who made an entry, where a person did."""
    for change in changes:
        for item in change.entries:
            entry = item.entry
            if entry.actor.startswith(PERSON):
                yield (entry.actor, micros(entry.recorded_at), entry.placement, entry.seq)


def unsealed(changes: Iterable[Change]) -> Iterator[Values]:
    """Rows of `unsealed`, one for each row of `history`."""
    return ((item.entry.placement, item.entry.seq) for change in changes for item in change.entries)


def notices(changes: Iterable[Change]) -> Iterator[Values]:
    """Rows of `outbox`."""
    for change in changes:
        for notice in change.notices:
            status = "stale" if notice.stale else "pending"
            about = (notice.seq, notice.kind, notice.deadline, notice.trigger)
            yield (change.after.id, *about, micros(notice.at), status)


def dropped(changes: Iterable[Change]) -> Iterator[Values]:
    """Keys of `deadline` that are gone."""
    return ((change.after.id, name) for change in changes for name in change.dropped)


def deadlines(changes: Iterable[Change]) -> Iterator[Values]:
    """Rows of `deadline`."""
    for change in changes:
        for row in change.deadlines:
            moments = (micros(row.anchored_at), row.last_day.isoformat(), micros(row.due_at))
            yield (change.after.id, row.name, *moments, row.status, row.then)


def requests(changes: Iterable[Change]) -> Iterator[Values]:
    """Rows of `request`."""
    for change in changes:
        for asked in change.asked:
            who = (" ".join(asked.by), asked.actor)
            yield (change.after.id, asked.seq, asked.act, asked.about, *who, micros(asked.asked_at))


def decided(changes: Iterable[Change]) -> Iterator[Values]:
    """Keys of `request` that are gone."""
    return ((change.after.id, seq) for change in changes for seq in change.decided)


def command_keys(changes: Iterable[Change]) -> Iterator[Values]:
    """Rows of `command_key`."""
    for change in changes:
        if command := change.remembered:
            yield (change.after.id, command.key, command.fingerprint, command.first_seq, command.last_seq)
