"""The JSON objects of lists and counts, as the reference docs promise them; the API answers with the same."""

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from operators.cli.brake import brake_object
from operators.cli.output import day, instant
from operators.cli.runners import runner_object

if TYPE_CHECKING:
    from app import App
    from storage.queries import DeadlineItem, PlacementItem, RequestItem

Json = dict[str, Any]


def placement_item(item: "PlacementItem", now: datetime) -> Json:
    """One placement of `list`."""
    return {
        "reference": item.reference,
        "territory": item.territory,
        "state": item.state,
        "state_since": instant(item.state_since),
        "revision": item.revision,
        "host_name": item.host_name,
        "host_siret": item.host_siret,
        "wakes_at": instant(item.wakes_at),
        "behind": item.wakes_at is not None and item.wakes_at <= now,
    }


def deadline_item(item: "DeadlineItem", now: datetime) -> Json:
    """One deadline of `deadlines`."""
    return {
        "reference": item.reference,
        "territory": item.territory,
        "state": item.state,
        "host_name": item.host_name,
        "name": item.name,
        "anchored_at": instant(item.anchored_at),
        "last_day": day(item.last_day),
        "due_at": instant(item.due_at),
        "status": item.status,
        "then": item.then,
        "overdue": item.due_at <= now,
    }


def request_item(item: "RequestItem", now: datetime) -> Json:
    """One correction of `approvals`."""
    return {
        "reference": item.reference,
        "territory": item.territory,
        "request": item.seq,
        "act": item.act,
        "about": item.about,
        "by": list(item.by),
        "actor": item.actor,
        "asked_at": instant(item.asked_at),
        "waits_s": max(0, int((now - item.asked_at).total_seconds())),
    }


def stats_object(app: "App", lang: str) -> Json:
    """The answer of `stats`."""
    counts = app.queries.count_by_state_and_territory()
    totals, due = app.queries.stats(), app.queries.due_counts(app.clock.now())
    return {
        "placements": totals.placements,
        "entries": totals.entries,
        "incidents": totals.incidents,
        "incidents_set_aside": app.store.counts.waiting().set_aside,
        "by_state": _added_up(counts, 0),
        "by_territory": _added_up(counts, 1),
        "counts": [{"state": s, "territory": t, "count": n} for (s, t), n in counts.items()],
        "deadlines": dict(totals.deadlines),
        "overdue": dict(due.overdue),
        "notices": dict(totals.notices),
        "quotas": [{"name": q.name, "used": q.used, "ceiling": q.ceiling} for q in totals.quotas],
        "brake": brake_object(app.engine.brake(), lang),
        "behind": due.waking > 0,
        "pending": {"placements": due.waking, "oldest": instant(due.oldest)},
        "runners": [runner_object(item) for item in app.store.runners.listed()],
    }


def _added_up(counts: Mapping[tuple[str, str], int], part: int) -> dict[str, int]:
    totals: dict[str, int] = {}
    for key, count in counts.items():
        totals[key[part]] = totals.get(key[part], 0) + count
    return totals
