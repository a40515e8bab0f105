"""From the outbox to deliveries: for each notice, to whom it goes and by what. It sends nothing."""

import logging
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

from app import App
from operators.notices.post import EMAIL, WEBHOOK, Post
from operators.notices.recipients import address_field, once_each
from operators.notices.schedule import office_hours
from storage.queries import Delivery, NoticeItem, NoticePlan
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
    while True:
        page = app.queries.pending_outbox(BATCH, after)
        plans = list(_planned(app, post, page.items))
        count += sum(1 for each in app.store.deliveries.plan(plans) if each.deliveries) if plans else 0
        if page.next is None:
            return count
        after = page.next


def _planned(app: App, post: Post, items: Sequence[NoticeItem]) -> Iterator[NoticePlan]:
    now, oldest = app.clock.now(), timedelta(seconds=app.settings.notices_give_up_s)
    with app.store.reading() as reading:
        facts = reading.known([item.reference for item in items])
    for item in items:
        if now - item.at > oldest:
            yield NoticePlan(item.placement, item.seq, "overtaken")
            continue
        try:
            found = tuple(_deliveries(post, item, facts, app.engine.rules(facts[item.reference].definition), now))
        except (ParcoursError, KeyError) as error:
            _LOG.error("notices.failed", extra={"reason": str(error), "reference": item.reference})
            continue
        yield NoticePlan(item.placement, item.seq, "queued" if found else "unaddressed", found)


def _deliveries(
    post: Post, item: NoticeItem, facts: Mapping[str, Facts], rules: Rules, now: datetime
) -> Iterator[Delivery]:
    placed = facts[item.reference]
    for name in post.hooks:
        yield new_delivery(key_of(item), WEBHOOK, name, now, now, item)
    if post.mails:
        opens = office_hours(now, placed.territory, rules.calendar)
        for recipient in _by_mail(post, item, placed, rules):
            yield new_delivery(key_of(item), EMAIL, recipient, now, opens, item)


def _by_mail(post: Post, item: NoticeItem, facts: Facts, rules: Rules) -> Iterator[str]:
    spec = rules.definition.deadlines.get(str(item.deadline))
    roles = spec.awaits if spec is not None else ()
    for role in roles:
        field = address_field(rules.definition, role)
        if field is not None and facts.is_set(field) and field not in facts.erased:
            yield role
    for each in once_each(one for one in post.told if one.wants(roles, facts.territory)):
        yield each.recipient


def key_of(item: NoticeItem) -> str:
    """The key of a notice: the placement's random id and the entry's number, at every attempt the same."""
    return f"{item.placement}.{item.seq}"


def new_delivery(
    key: str, channel: str, recipient: str, now: datetime, first_at: datetime, item: NoticeItem | None = None
) -> Delivery:
    """A delivery that waits for its first attempt at `first_at`."""
    placement, seq = (None, None) if item is None else (item.placement, item.seq)
    return Delivery(key, channel, recipient, placement, seq, "waiting", 0, None, now, first_at)
