"""For auditors: a search of the log, checkpoints, verification, exports, and who had personal data shown."""

import tempfile
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, Final, cast

from fastapi import Depends
from starlette.background import BackgroundTask
from starlette.datastructures import FormData
from starlette.responses import FileResponse

from app import verify
from audit.export_stream import Selection
from audit.exports import FormName, export, missing_library
from operators.actors import found_by
from operators.acts import ACTS, FIELDS, called
from operators.console.lists import LONGEST_TEXT, paged
from operators.console.routing import Screen, current, posted
from operators.console.visit import Visit
from operators.exporting import last_checkpoint, stream_of
from operators.moments import parse_instant
from operators.timeline import KINDS, actor_names, what_text
from settings import WrongUsage
from storage.queries import StoredEntry
from storage.searching import EntryFilter
from workflow.calendar import TERRITORIES

screen = Screen()
Here = Annotated[Visit, Depends(current)]
Form = Annotated[FormData, Depends(posted)]

PAGE = 50
FILTERS = ("reference", "by", "territory", "kind", "since", "until")
VERIFIED_HERE: Final = 50_000
"""A log of more entries is verified by the command, not while a browser waits."""

FORMS: Final[Mapping[str, str]] = {
    "csv-fr": "csv", "csv": "csv", "xlsx": "xlsx", "jsonl": "jsonl", "xes": "xes", "ocel": "json", "parquet": "parquet",
}  # fmt: skip
"""The forms of export, and how each file's name ends."""


@screen.get("/audit", "audit.read")
def show_audit(visit: Here, after: str | None = None) -> Any:
    """The log, the newest entry first, and the last checkpoints."""
    said = _said(visit)
    found = paged(lambda: visit.app.store.search.entries(_filter(visit, said), PAGE, after))
    with visit.app.store.seals.reading() as reading:
        seals, queued = reading.latest_seals(5), reading.queue_length(10_000)
    return visit.page(
        "audit.html", said=said, page=found, rows=_rows(visit, found.items), after=after, seals=seals, queued=queued,
        kinds=KINDS, territories=sorted(TERRITORIES), forms=_forms(), report=None, too_many=False,
    )  # fmt: skip


@screen.post("/audit/verify", "audit.read")
def verify_log(visit: Here) -> Any:
    """Check the whole log now, where that does not take too long."""
    with visit.app.store.seals.reading() as reading:
        entries = reading.entry_count()
    report = None if entries > VERIFIED_HERE else verify(visit.app, None, None, lambda _: None)
    return visit.page("verified.html", report=report, entries=entries)


@screen.post("/audit/export", "audit.export")
def export_log(visit: Here, form: Form) -> Any:
    """Write the entries that were chosen into a file, and send it."""
    name = str(form.get("form", ""))
    if name not in _forms():
        raise WrongUsage("Cette forme d'export n'est pas offerte ici.", "This form of export is not offered here.")
    zone = visit.home
    since, until = (_instant(str(form.get(each, "")), zone) for each in ("since", "until"))
    territory = str(form.get("territory", "")) or None
    folder = tempfile.TemporaryDirectory(prefix="parcours-export-")
    target = Path(folder.name) / f"parcours-{visit.now:%Y-%m-%d}.{FORMS[name]}"
    stream = stream_of(visit.app, Selection(since, until, territory))
    export(stream, cast(FormName, name), target, made_at=visit.now, checkpoint=last_checkpoint(visit.app))
    return FileResponse(target, filename=target.name, background=BackgroundTask(folder.cleanup),
                        headers={"Cache-Control": "no-store"})  # fmt: skip


@screen.get("/audit/access", "access.read")
def show_accesses(visit: Here, after: str | None = None) -> Any:
    """Who had personal data shown, the last first."""
    found = paged(lambda: visit.app.store.accounts.accesses(PAGE, after))
    return visit.page("access.html", page=found, real=visit.console.real.now())


@screen.get("/audit/acts", "audit.read")
def show_acts(visit: Here, after: str | None = None) -> Any:
    """Acts that concern no placement, the newest first: accounts, tokens, the brake, what was set aside."""
    search = visit.app.store.search
    found = paged(lambda: search.acts(PAGE, after))
    ids = {str(each.fields["placement_id"]) for each in found.items if "placement_id" in each.fields}
    with visit.app.store.reading() as reading:
        known = {each.actor: reading.actor(each.actor) or each.actor for each in found.items}
        accounts = {str(each.fields["account"]) for each in found.items if "account" in each.fields}
        people = {account: reading.actor(account) or account for account in accounts}
    return visit.page("acts.html", page=found, after=after, who=actor_names(known, visit.lang), people=people,
                      references=search.references(ids), kinds=ACTS, fields=FIELDS, called=called)  # fmt: skip


def _forms() -> list[str]:
    return [name for name in FORMS if missing_library(cast(FormName, name)) is None]


def _said(visit: Visit) -> dict[str, str]:
    query = visit.request.query_params
    return {name: query[name].strip()[:LONGEST_TEXT] for name in FILTERS if query.get(name, "").strip()}


def _filter(visit: Visit, said: Mapping[str, str]) -> EntryFilter:
    zone = visit.home
    return EntryFilter(
        reference=said.get("reference"), territory=said.get("territory"), kind=said.get("kind"),
        actors=found_by(visit.app, said["by"]) if "by" in said else None,
        since=_instant(said.get("since", ""), zone), until=_instant(said.get("until", ""), zone),
        within=visit.reach("audit.read"),
    )  # fmt: skip


def _instant(text: str, zone: Any) -> datetime | None:
    return parse_instant(text, zone, "date") if text else None


def _rows(visit: Visit, found: tuple[StoredEntry, ...]) -> list[tuple[StoredEntry, Any, str, str]]:
    """Each entry with its content, its sentence, and who acted."""
    entries = [(stored, stored.chained().entry) for stored in found]
    with visit.app.store.reading() as reading:
        known = {entry.actor: reading.actor(entry.actor) or entry.actor for _, entry in entries}
    names = actor_names(known, visit.lang)
    return [
        (stored, entry, what_text(entry, visit.labels, visit.lang), names[entry.actor]) for stored, entry in entries
    ]  # fmt: skip
