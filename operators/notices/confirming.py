"""The link that confirms an account's address: made from the installation's secret, so that it need not be kept.

Whoever follows it has read what was sent to the address, and is signed in as the account. Knows no page.
"""

import hashlib
import hmac
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import quote

from app import App
from operators.notices.planning import new_delivery
from operators.notices.post import EMAIL
from operators.notices.subscribers import MARK
from storage.notice_choices import NoticeChoice

PREFIX: Final = "confirm:"
LASTS: Final = timedelta(days=3)
CHOOSE: Final = "/me/notices"
MOST_LINKS: Final = 5
"""So many an hour are sent for one account: it cannot flood anybody."""


def secret_of(app: App, choice: NoticeChoice) -> str:
    """What only somebody knows who reads what is sent to the address."""
    said = f"parcours notices confirm\n{choice.account}\n{choice.nonce}\n{choice.email}"
    return hmac.new(app.installation.secret, said.encode(), hashlib.sha256).hexdigest()


def link_of(app: App, choice: NoticeChoice) -> str:
    """The address of the page that confirms; without the console's own where the settings do not say it."""
    base = (app.settings.notices_url or "").rstrip("/")
    return f"{base}{CHOOSE}/confirm?token={quote(secret_of(app, choice))}"


def ask(app: App, choice: NoticeChoice) -> None:
    """Keep a choice whose address is new, and have the link sent to it."""
    app.store.notice_choices.keep(replace(choice, confirmed_at=None))
    now = app.clock.now()
    app.store.deliveries.add(new_delivery(PREFIX + choice.nonce, EMAIL, MARK + choice.account, now, now))


def are_too_many(app: App, account: str) -> bool:
    """Whether so many links were sent for an account within the hour that no other is."""
    since = app.clock.now() - timedelta(hours=1)
    return app.store.deliveries.planned(PREFIX, MARK + account, since) >= MOST_LINKS


def confirm(app: App, account: str, token: str, now: datetime) -> bool:
    """Whether the link was the present one; then notices come to the address from now on."""
    choice = app.store.notice_choices.of(account)
    if choice is None or now > choice.asked_at + LASTS:
        return False
    if not hmac.compare_digest(secret_of(app, choice).encode(), token.encode("utf-8", "replace")):
        return False
    return app.store.notice_choices.confirm(account, choice.nonce, now)
