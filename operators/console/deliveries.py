"""What became of notices with each recipient: the log, by status; those given up are sent again, or dismissed."""

from collections.abc import Mapping
from functools import partial
from typing import Annotated, Any, Final

from fastapi import Depends
from starlette.datastructures import FormData

from operators.console.incidents import refusal_text
from operators.console.lists import LONGEST_TEXT, paged
from operators.console.routing import Screen, current, posted
from operators.console.spreadsheets import as_csv
from operators.console.visit import Visit
from operators.filters import every_item
from operators.notices.dismissing import dismiss
from operators.notices.post import EMAIL
from operators.notices.recipients import EVERY_ROLE
from operators.notices.retrying import retry
from operators.notices.subscribers import MARK
from operators.roles import roles_text
from operators.times import short_text
from settings import WrongUsage
from storage.queries import Delivery
from workflow.brake import BrakeHolds
from workflow.definition import SUPERVISOR, Label
from workflow.errors import TransitionRefused

screen = Screen()
Here = Annotated[Visit, Depends(current)]
Form = Annotated[FormData, Depends(posted)]

PAGE: Final = 50
_AT_ONCE: Final = 500
_COLUMNS = ("key", "reference", "seq", "recipient", "channel", "channel_label", "status", "status_label", "error",
            "attempts", "next_at", "ended_at", "zone", "dismissal_reason", "dismissed_by", "dismissed_at")  # fmt: skip
STATUSES: Final[Mapping[str, Label]] = {
    "dead": Label("abandonné", "given up"),
    "waiting": Label("en attente", "waiting"),
    "dismissed": Label("écarté", "dismissed"),
    "sent": Label("envoyé", "sent"),
    "overtaken": Label("devenu inutile", "no longer needed"),
}
CHANNELS: Final[Mapping[str, Label]] = {"email": Label("courriel", "e-mail"), "webhook": Label("webhook", "webhook")}


@screen.get("/deliveries", "notice.read")
def show_deliveries(visit: Here) -> Any:
    """A page of the log of deliveries, by the notice's key."""
    return _page(visit)


@screen.get("/deliveries.csv", "notice.read")
def export_deliveries(visit: Here) -> Any:
    """All deliveries that the page's filters select, by the notice's key."""
    said = _filters(visit)
    listed = partial(visit.app.store.deliveries.listed, said.get("status"), said.get("key"), _AT_ONCE)
    known: dict[tuple[str, str], str] = {}
    return as_csv("deliveries.csv", _COLUMNS, (_cells(visit, each, known) for each in every_item(listed)))


def _cells(visit: Visit, item: Delivery, known: dict[tuple[str, str], str]) -> tuple[str, ...]:
    """A row; whom a recipient means is looked up once."""
    if (who := (item.channel, item.recipient)) not in known:
        known[who] = recipient_text(visit, item)
    zone, said = visit.home, item.dismissal
    next_at = short_text(item.next_at, zone) if item.status == "waiting" else ""
    ended_at = short_text(item.ended_at, zone) if item.ended_at else ""
    by_hand = ("", "", "") if said is None else (said.reason, said.actor, short_text(said.at, zone))
    channel = CHANNELS[item.channel][visit.lang] if item.channel in CHANNELS else item.channel
    return (item.key, item.reference or "", str(item.seq or ""), known[who], item.channel, channel,
            item.status, STATUSES[item.status][visit.lang], item.error or "", str(item.attempts), next_at, ended_at,
            zone.key, *by_hand)  # fmt: skip


@screen.post("/deliveries/retry", "notice.retry")
def retry_notices(visit: Here, form: Form) -> Any:
    """Have a notice sent again for whom it was given up or dismissed; without a key, all that were given up."""
    try:
        found = retry(visit.app, _said(form, "key") or None, visit.who.name)
    except BrakeHolds as refused:
        return _page(visit, 409, wrong=refusal_text(visit, refused))
    return _page(visit, again=len(found))


@screen.post("/deliveries/dismiss", "notice.dismiss")
def dismiss_notice(visit: Here, form: Form) -> Any:
    """Dismiss a notice for whom it was given up, for a reason: it alarms nobody any more."""
    try:
        found = dismiss(visit.app, _said(form, "key"), _said(form, "reason"), visit.who.name, (SUPERVISOR,))
    except (TransitionRefused, WrongUsage, BrakeHolds) as refused:
        return _page(visit, 422, wrong=refusal_text(visit, refused))
    return _page(visit, dismissed=len(found))


def _said(form: FormData, name: str) -> str:
    return str(form.get(name, "")).strip()


def recipient_text(visit: Visit, item: Delivery) -> str:
    """Who it was for, as people call them: roles by their labels, an account by its name; never an address."""
    known, _, own = item.recipient.partition(":")
    if item.channel != EMAIL:
        return item.recipient
    if known == MARK.rstrip(":"):
        account = visit.app.store.accounts.identified(own)
        return own if account is None else account.name
    named = roles_text(known.split("+"), visit.lang).replace(EVERY_ROLE, visit.say("tous les rôles", "every role"))
    return f"{named} ({own})" if own else named


def _filters(visit: Visit) -> Mapping[str, str]:
    query = visit.request.query_params
    said = {name: query[name].strip()[:LONGEST_TEXT] for name in ("status", "key") if query.get(name, "").strip()}
    if said.get("status", "dead") not in STATUSES:
        raise WrongUsage("Il n'y a pas d'envois de cet état.", "There are no deliveries of this status.")
    return said


def _page(visit: Visit, code: int = 200, **told: Any) -> Any:
    said, after, log = _filters(visit), visit.request.query_params.get("after"), visit.app.store.deliveries
    found = paged(lambda: log.listed(said.get("status"), said.get("key"), PAGE, after))
    return visit.page(
        "deliveries.html", code, page=found, said=said, after=after, counts=log.counts(), statuses=STATUSES,
        channels=CHANNELS, recipient=lambda item: recipient_text(visit, item),
        **{"wrong": None, "again": None, "dismissed": None, **told},
    )  # fmt: skip
