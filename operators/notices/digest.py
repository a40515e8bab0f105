"""The digest: one e-mail each working day with what somebody awaits: overdue, due today, due in seven days.

The key names the day and the recipient, so that a day's digest is known when it comes twice.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from app import App
from operators.addresses import page_of
from operators.console.policy import reach_of
from operators.notices.awaited import awaited
from operators.notices.planning import new_delivery
from operators.notices.post import EMAIL, Post
from operators.notices.recipients import About, Reader
from operators.notices.schedule import CLOSES, OPENS, is_working
from operators.notices.subscribers import Subscriber, subscribers
from operators.timeline import ACTS
from storage.queries import DeadlineItem
from workflow.calendar import local_day, zone_of
from workflow.civil import wording

PREFIX: Final = "digest:"
MOST_ROWS: Final = 200
"""So many of each section are written out; the others are counted."""

_NATIONAL: Final = "75"
"""Whose time and holidays hold for somebody who has no territory of their own."""

_WEEK: Final = timedelta(days=7)
# A day on either side: the zones of the territories are less than a day apart.
_HORIZON: Final = _WEEK + timedelta(days=2)


@dataclass(frozen=True, slots=True)
class Row:
    """One deadline of a placement."""

    last_day: str
    reference: str
    host: str
    territory: str
    deadline: str
    page: str | None


@dataclass(frozen=True, slots=True)
class Section:
    """Deadlines of one urgency: how many there are, and the first of them."""

    title: str
    count: int
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class ToApprove:
    """One correction that waits for its reader's approval."""

    reference: str
    host: str
    act: str
    page: str | None


@dataclass(frozen=True, slots=True)
class Digest:
    """What one recipient reads on one day."""

    title: str
    sections: tuple[Section, ...]
    sandbox: bool
    waiting: tuple[ToApprove, ...] = ()


def plan_digests(app: App, post: Post) -> int:
    """Plan the digests whose hour has come; gives how many are new."""
    now, count, found = app.clock.now(), 0, readers(app, post)
    calendar = app.engine.current_rules().calendar if found else None
    for each in found:
        home = _home(each)
        local = now.astimezone(zone_of(home))
        key = key_of(each, local.date())
        in_hours = OPENS <= local.time() < CLOSES
        if calendar is None or not in_hours or not is_working(local.date(), home, calendar):
            continue
        if not app.store.deliveries.known(key):
            app.store.deliveries.add(new_delivery(key, EMAIL, each.recipient, now, now))
            count += 1
    return count


def readers(app: App, post: Post) -> tuple[Reader, ...]:
    """Who receives a digest: those whom the settings name, and accounts that chose it."""
    chose = [each for each in subscribers(app) if each.choice.rhythm == "digest"] if post.mails else []
    return (*post.digests, *chose)


def key_of(recipient: Reader, day: date) -> str:
    """`digest:2021-03-16:` and who it is for."""
    return f"{PREFIX}{day.isoformat()}:{recipient.id}"


def is_over(key: str, recipient: Reader, now: datetime) -> bool:
    """Whether the day of a digest has passed: the next one says all that it would have said."""
    return key != key_of(recipient, local_day(now, _home(recipient)))


def digest_of(app: App, recipient: Reader, lang: str) -> Digest:
    """What is awaited, which may be nothing: then a digest has no section."""
    now = app.clock.now()
    found: tuple[list[Row], list[Row], list[Row]] = ([], [], [])
    only = min(recipient.territories) if len(recipient.territories) == 1 else None
    for item, spec, _, siret in awaited(app, only, now + _HORIZON):
        if not recipient.wants(About(spec.awaits, item.territory, siret, item.name)):
            continue
        today = local_day(now, item.territory)
        place = 0 if item.due_at <= now else 1 if item.last_day <= today else 2
        if item.last_day <= today + _WEEK:
            found[place].append(_row(item, spec.label[lang], app.settings.notices_url, lang))
    names = ("Overdue", "Due today", "In 7 days") if lang == "en" else ("En retard", "Aujourd'hui", "Sous 7 jours")
    sections = (Section(name, len(rows), tuple(rows[:MOST_ROWS])) for name, rows in zip(names, found, strict=True))
    counts = [len(rows) for rows in found]
    title = _title(local_day(now, _home(recipient)), counts, lang)
    waiting = tuple(_waiting(app, recipient, lang)) if isinstance(recipient, Subscriber) else ()
    return Digest(title, tuple(each for each in sections if each.count), app.installation.sandbox, waiting)


def _waiting(app: App, reader: Subscriber, lang: str) -> Iterator[ToApprove]:
    """The first corrections that wait for this account, the oldest first."""
    items = app.queries.requests(MOST_ROWS, None, reach_of(reader.account, "placement.decide")).items
    with app.store.reading() as reading:
        facts = reading.known(list({item.reference for item in items}))
    for item in items:
        fields = facts[item.reference].fields
        siret = None if fields.get("host_siret") is None else str(fields["host_siret"])
        if reader.wants(About(item.by, item.territory, siret, None, item.actor)):
            page = page_of(app.settings.notices_url, item.reference)
            act = ACTS[item.act][lang] if item.act in ACTS else item.act
            yield ToApprove(item.reference, str(fields.get("host_name") or ""), act,
                            None if page is None else f"{page}/requests/{item.seq}")  # fmt: skip


def _home(recipient: Reader) -> str:
    return min(recipient.territories, default=_NATIONAL)


def _title(day: date, counts: list[int], lang: str) -> str:
    late, today, week = counts
    if lang == "en":
        return f"Digest of {wording.day_en(day)}: {late} overdue, {today} due today, {week} in 7 days"
    return f"Récapitulatif du {wording.day_fr(day)} : {late} en retard, {today} aujourd'hui, {week} sous 7 jours"


def _row(item: DeadlineItem, label: str, url: str | None, lang: str) -> Row:
    day = wording.day_en(item.last_day) if lang == "en" else wording.day_fr(item.last_day)
    return Row(day, item.reference, item.host_name or "", item.territory, label, page_of(url, item.reference))
