"""Accounts that chose to be told: what is for them, by the roles that they hold now, and where they are reached.

Asked anew for every letter: whoever lost a role, or was disabled, is told no more. In logs one is an account's id.
"""

from dataclasses import dataclass
from typing import Final

from app import App
from operators.console.policy import reach_of, roles_at
from operators.notices.recipients import About
from storage.accounts import Account
from storage.notice_choices import NoticeChoice
from workflow.definition import SUPERVISOR

MARK: Final = "account:"


@dataclass(frozen=True, slots=True)
class Subscriber:
    """An account that chose to be told, and confirmed its address."""

    choice: NoticeChoice
    account: Account

    @property
    def id(self) -> str:
        """The id that stands for the account in the history."""
        return self.account.id

    @property
    def recipient(self) -> str:
        """How the log of deliveries calls them."""
        return MARK + self.account.id

    @property
    def address(self) -> str:
        """Where they are reached."""
        return self.choice.email

    @property
    def lang(self) -> str | None:
        """The language that they chose."""
        return self.choice.lang

    @property
    def territories(self) -> frozenset[str]:
        """Those in which their roles are held; empty where one is held beyond territories."""
        held = {grant.territory for grant in self.account.grants}
        return frozenset() if None in held else frozenset(str(each) for each in held)

    def wants(self, about: About) -> bool:
        """Whether this is for them: within their reach, and among what they chose."""
        held = roles_at(self.account, about.territory, about.host_siret)
        if about.asker is not None:
            return self.choice.approvals and about.asker != self.account.id and not {*held}.isdisjoint(about.roles)
        if self.choice.deadlines and about.deadline not in self.choice.deadlines:
            return False
        if self.choice.extent == "awaited":
            return not {*held}.isdisjoint(about.roles)
        return any(each.holds(about.territory, about.host_siret) for each in reach_of(self.account, "placement.read"))


def subscribers(app: App) -> tuple[Subscriber, ...]:
    """All of them, as they are now."""
    return tuple(Subscriber(*each) for each in app.store.notice_choices.told() if each[0].confirmed_at is not None)


def subscriber(app: App, recipient: str) -> Subscriber | None:
    """The one whom the log of deliveries calls so; None where nobody is, or wants to be told any more."""
    found = app.store.notice_choices.told(recipient.removeprefix(MARK))
    return next((Subscriber(*each) for each in found if each[0].confirmed_at is not None), None)


def is_account(recipient: str) -> bool:
    """Whether the log of deliveries speaks of an account."""
    return recipient.startswith(MARK)


def may_be_asked(account: Account) -> bool:
    """Whether corrections may come to wait for this account's approval."""
    return bool(reach_of(account, "placement.decide")) or any(each.role == SUPERVISOR for each in account.grants)
