"""From the outbox to deliveries: for each notice, to whom it goes and by what. It sends nothing."""

import logging
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Final

from app import App
from operators.notices.post import EMAIL, WEBHOOK, Post
from operators.notices.recipients import About, Reader, once_each, own_addresses
from operators.notices.schedule import office_hours
from operators.notices.subscribers import Subscriber, subscribers
from storage.queries import Delivery, NoticeItem, NoticePlan
from workflow.definition import Definition
from workflow.errors import ParcoursError
from workflow.facts import Facts
from workflow.rules import Rules

BATCH: Final = 100

_LOG = logging.getLogger("parcours.notices")


def plan_pending(app: App, post: Post) -> int:
    """Plan all notices that are pending; gives how many have somebody to go to.

    One that is older than the time after which sending is given up is overtaken: whoever sets a channel up is not
    flooded.
    """
    count, after = 0, None
    accounts = subscribers(app) if post.mails else ()
    while True:
        page = app.queries.pending_outbox(BATCH, after)
        plans = list(_planned(app, post, accounts, page.items))
        count += sum(1 for each in app.store.deliveries.plan(plans) if each.deliveries) if plans else 0
        if page.next is None:
            return count
        after = page.next


def _planned(app: App, post: Post, accounts: Sequence[Subscriber], items: Sequence[NoticeItem]) -> Iterator[NoticePlan]:
    now, oldest = app.clock.now(), timedelta(seconds=app.settings.notices_give_up_s)
    with app.store.reading() as reading:
        facts = reading.known([item.reference for item in items])
    for item in items:
        if now - item.at > oldest:
            yield NoticePlan(item.placement, item.seq, "overtaken")
            continue
        try:
            rules = app.engine.rules(facts[item.reference].definition)
            found = tuple(_deliveries(post, accounts, item, facts[item.reference], rules, now))
        except (ParcoursError, KeyError) as error:
            _LOG.error("notices.failed", extra={"reason": str(error), "reference": item.reference})
            continue
        yield NoticePlan(item.placement, item.seq, "queued" if found else "unaddressed", found)


def _deliveries(
    post: Post, accounts: Sequence[Subscriber], item: NoticeItem, placed: Facts, rules: Rules, now: datetime
) -> Iterator[Delivery]:
    for name in post.hooks:
        yield new_delivery(key_of(item), WEBHOOK, name, now, now, item)
    if post.mails:
        opens = office_hours(now, placed.territory, rules.calendar)
        about = about_notice(item.kind, item.seq, item.deadline, rules.definition, placed)
        at_once = [each for each in accounts if each.choice.rhythm == "each"]
        for recipient in by_mail(rules.definition, placed, about, (*post.told, *at_once)):
            yield new_delivery(key_of(item), EMAIL, recipient, now, opens, item)


def about_notice(kind: str, seq: int, deadline: str | None, definition: Definition, placed: Facts) -> About:
    """What a notice is about: a correction that waits is for those who may approve it, all else for the awaited."""
    siret = placed.fields.get("host_siret")
    where = (placed.territory, None if siret is None else str(siret))
    if kind == "approval":
        waiting = next((each for each in placed.requests if each.seq == seq), None)
        return About(waiting.by if waiting else (), *where, None, waiting.actor if waiting else "")
    spec = definition.deadlines.get(str(deadline))
    return About(spec.awaits if spec is not None else (), *where, deadline)


def by_mail(definition: Definition, placed: Facts, about: About, readers: Sequence[Reader]) -> Iterator[str]:
    """Who gets an e-mail: roles by the placement's own addresses, then those who are told, each address once."""
    if about.asker is None:
        yield from own_addresses(definition, placed, about.roles)
    yield from (each.recipient for each in once_each([one for one in readers if one.wants(about)]))


def key_of(item: NoticeItem) -> str:
    """The key of a notice: the placement's random id and the entry's number, at every attempt the same."""
    return f"{item.placement}.{item.seq}"


def new_delivery(
    key: str, channel: str, recipient: str, now: datetime, first_at: datetime, item: NoticeItem | None = None
) -> Delivery:
    """A delivery that waits for its first attempt at `first_at`."""
    placement, seq = (None, None) if item is None else (item.placement, item.seq)
    return Delivery(key, channel, recipient, placement, seq, "waiting", 0, None, now, first_at)
