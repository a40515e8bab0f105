"""For auditors: the log searched and exported, checkpoints, verification, and who had personal values shown."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import Depends, Query
from starlette.responses import StreamingResponse

from app import verify as verify_log
from audit.export_jsonl import pages
from audit.export_stream import Selection
from audit.records import entry_record
from operators.actors import found_by
from operators.api.caller import Caller
from operators.api.lists import After, Limit, Text
from operators.api.models.audit import Access, Sealed, Verified
from operators.api.models.common import Listed
from operators.api.models.history import LogEntry
from operators.api.problems import Trouble
from operators.api.routing import NDJSON, Resource, answer, current
from operators.cli.output import instant
from operators.cli.seals import checkpoint_object, verified_object
from operators.console.audit import VERIFIED_HERE
from operators.console.lists import LONGEST_TEXT, paged
from operators.exporting import stream_of
from operators.moments import parse_instant
from storage.searching import EntryFilter
from workflow.calendar import load_zone

resource = Resource("audit")
Here = Annotated[Caller, Depends(current)]
Moment = Annotated[str | None, Query(max_length=100, description="An instant, a local time or a date.")]
By = Annotated[
    str | None,
    Query(min_length=1, max_length=LONGEST_TEXT, description="Made by this person: a name, a part of one, or an id."),
]
CHECKPOINTS = 50
QUEUED = 10_000
"""More entries that wait for a seal are not counted."""


@resource.get("/audit/entries", "audit.read", Listed[LogEntry])
def entries(
    caller: Here, reference: Text = None, by: By = None, territory: Text = None, kind: Text = None,
    since: Moment = None, until: Moment = None, limit: Limit = 50, after: After = None,
) -> Any:  # fmt: skip
    """Entries of the log, the newest first; `since` and `until` (excluded) are of the moment of recording."""
    which = EntryFilter(
        reference=reference, territory=territory, kind=kind,
        actors=None if by is None else found_by(caller.app, by), since=_instant(caller, since, "since"),
        until=_instant(caller, until, "until"), within=caller.reach("audit.read"),
    )  # fmt: skip
    found = paged(lambda: caller.app.store.search.entries(which, limit, after))
    items = [_entry(caller, each.reference, each.chained()) for each in found.items]
    return answer({"items": items, "next": found.next}, caller)


@resource.get("/exports/entries", "audit.export", media=NDJSON)
def export_entries(caller: Here, territory: Text = None, since: Moment = None, until: Moment = None) -> Any:
    """Entries in the order of the sealed log, then those not sealed yet, one JSON object a line: the form `jsonl`."""
    selection = Selection(_instant(caller, since, "since"), _instant(caller, until, "until"), territory)
    return StreamingResponse(
        pages(stream_of(caller.app, selection)), media_type=NDJSON, headers={"Cache-Control": "no-store"}
    )


@resource.get("/audit/checkpoints", "audit.read", Sealed)
def checkpoints(caller: Here, limit: Limit = CHECKPOINTS) -> Any:
    """The last signed checkpoints, the newest first, and how many entries wait for the next."""
    with caller.app.store.seals.reading() as reading:
        seals, queued = reading.latest_seals(limit), reading.queue_length(QUEUED)
    return answer({"items": [checkpoint_object(each) for each in seals], "unsealed": queued}, caller)


@resource.post("/audit/verification", "audit.read", Verified, errors=(409,))
def verify(caller: Here) -> Any:
    """Check the whole log now: what `parcours audit verify --json` answers. A long log is left to the command."""
    with caller.app.store.seals.reading() as reading:
        count = reading.entry_count()
    if count > VERIFIED_HERE:
        raise Trouble(409, "too_many_entries", f"{count} écritures : lancez parcours audit verify.",
                      f"{count} entries: run parcours audit verify.")  # fmt: skip
    return answer(verified_object(verify_log(caller.app, None, None, lambda _: None), caller.lang), caller)


@resource.get("/audit/accesses", "access.read", Listed[Access])
def accesses(caller: Here, limit: Limit = 50, after: After = None) -> Any:
    """Who had personal values shown, the last first."""
    found = paged(lambda: caller.app.store.accounts.accesses(limit, after))
    items = [
        {"at": instant(each.at), "account": each.account, "name": each.name, "reference": each.reference,
         "fields": list(each.fields)}
        for each in found.items
    ]  # fmt: skip
    return answer({"items": items, "next": found.next}, caller)


def _instant(caller: Caller, text: str | None, name: str) -> datetime | None:
    zone = load_zone(caller.app.engine.current_rules().definition.timezone)
    return None if text is None else parse_instant(text, zone, name)


def _entry(caller: Caller, reference: str, chained: Any) -> dict[str, Any]:
    return {"reference": reference, **entry_record(chained, lambda digest: caller.app.engine.rules(digest).definition)}
