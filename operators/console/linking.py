"""Linking a person of an identity provider with an account: by the account's one-time link, and in no other way."""

from datetime import datetime

from app import App
from settings import WrongUsage
from storage.accounts import Account, Identity
from workflow.system import system_entry


def link(app: App, invited: Account, who: Identity, now: datetime) -> None:
    """Let this person into this account from now on; the one-time link is spent, its act entered in the log's chain.

    Raises WrongUsage where the person is linked to another account.
    """
    with app.store.writing() as unit:
        before = unit.identities.account_of(who)
        if before not in (None, invited.id):
            raise WrongUsage(
                "Cette identité ouvre déjà un autre compte.", "This identity opens another account already."
            )
        if before is None:
            unit.identities.link(who, invited.id, now)
            fields = {"account": invited.id, "grants": " ".join(map(str, invited.grants))}
            head = unit.system_head()
            unit.record(system_entry(app.installation.log, head, "account_linked", invited.id, app.clock.now(), fields))
        unit.accounts.spend_link(invited.id)
