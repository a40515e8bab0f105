"""Acts on the tokens of programs: making one, ending one. Each is an entry of the log's own chain, without a secret.

A token belongs to an account and may never do more than the account may at that moment. Knows no request.
"""

import secrets
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from app import App
from operators.console.accounts import LONGEST_NAME
from operators.console.secrets import digest_of, new_token
from settings import WrongUsage
from storage.accounts import Account, Grant
from storage.tokens import Token, TokenWork
from workflow.errors import NotFound
from workflow.history import instant_text
from workflow.system import SystemKind, system_entry

MARK: Final = "pcs_"
"""How every token begins: whoever finds one lying about knows what it is."""
LASTS: Final = timedelta(days=90)
LONGEST: Final = timedelta(days=366)


@dataclass(frozen=True, slots=True)
class NewToken:
    """A token, and its secret, which is told once and kept nowhere."""

    token: Token
    secret: str


def add(app: App, by: str, name: str, label: str, grants: Sequence[Grant], lasts: timedelta, now: datetime) -> NewToken:
    """Make a token of the account `name`, by default with all that the account may do. Raises NotFound, WrongUsage."""
    if not timedelta() < lasts <= LONGEST:
        raise WrongUsage(f"Un jeton vaut au plus {LONGEST.days} jours.", f"A token lasts {LONGEST.days} days at most.")
    prefix = MARK + secrets.token_hex(4)
    secret = f"{prefix}_{new_token()}"
    with app.store.writing() as unit:
        holder = next((each for each in unit.accounts.listed() if each.name == name), None)
        if holder is None:
            raise NotFound(f"there is no account {name}")
        given = tuple(grants) or holder.grants
        _refuse_more(holder, given)
        new = Token(prefix, holder.id, _proper(label), given, now, now + lasts, None)
        unit.tokens.add(new, digest_of(secret))
        _record(app, unit, "token_added", by, new)
    return NewToken(new, secret)


def revoke(app: App, by: str, prefix: str, now: datetime) -> Token:
    """End a token; ended already, it stays so. Raises NotFound."""
    with app.store.writing() as unit:
        found = unit.tokens.known(prefix)
        if found is None:
            raise NotFound(f"there is no token {prefix}")
        if found.revoked_at is None:
            unit.tokens.revoke(prefix, now)
            _record(app, unit, "token_revoked", by, found)
            found = replace(found, revoked_at=now)
    return found


def holder_of(app: App, secret: str, now: datetime) -> tuple[Token, Account] | None:
    """The token that this text is, and its account with what both may do; None where it opens nothing."""
    found = app.store.tokens.of_hash(digest_of(secret), now) if secret.startswith(MARK) else None
    account = None if found is None else app.store.accounts.identified(found.account)
    if found is None or account is None:
        return None
    return found, replace(account, grants=narrowed(account.grants, found.grants))


def narrowed(held: Iterable[Grant], asked: Iterable[Grant]) -> tuple[Grant, ...]:
    """What is granted by both: the same role, where both reach."""
    pairs = [(mine, wanted) for wanted in asked for mine in held if mine.role == wanted.role]
    return tuple(dict.fromkeys(each for mine, wanted in pairs for each in _both(mine, wanted)))


def _both(one: Grant, other: Grant) -> Iterator[Grant]:
    apart = (
        None not in pair and pair[0] != pair[1]
        for pair in ((one.territory, other.territory), (one.host_siret, other.host_siret))
    )
    if not any(apart):
        yield Grant(one.role, one.territory or other.territory, one.host_siret or other.host_siret)


def _refuse_more(holder: Account, grants: Sequence[Grant]) -> None:
    if holder.disabled_at is not None:
        raise WrongUsage(f"Le compte {holder.name} est fermé.", f"The account {holder.name} is disabled.")
    for grant in grants:
        if narrowed(holder.grants, [grant]) != (grant,) and grant not in holder.grants:
            raise WrongUsage(f"Le compte {holder.name} n'a pas lui-même le rôle {grant}.",
                             f"The account {holder.name} does not hold the role {grant} itself.")  # fmt: skip


def _proper(label: str) -> str:
    clean = " ".join(label.split())
    if not 0 < len(clean) <= LONGEST_NAME or not clean.isprintable():
        raise WrongUsage(f"L'usage d'un jeton se dit en 1 à {LONGEST_NAME} caractères imprimables.",
                         f"What a token is for is said in 1 to {LONGEST_NAME} printable characters.")  # fmt: skip
    return clean


def _record(app: App, unit: TokenWork, kind: SystemKind, by: str, token: Token) -> None:
    fields = {
        "account": token.account, "token": token.prefix, "grants": " ".join(map(str, token.grants)),
        "expires_at": instant_text(token.expires_at),
    }  # fmt: skip
    actor = unit.actor_id(by)
    unit.record(system_entry(app.installation.log, unit.system_head(), kind, actor, app.clock.now(), fields))
