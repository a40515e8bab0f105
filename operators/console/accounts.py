"""Acts on accounts: adding, granting, disabling, inviting. Each is an entry of the log's own chain, without a name.

The command line and the console both come here. Knows no request and no page.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from app import App
from operators.console.policy import CONSOLE_ROLES, is_defined
from operators.console.secrets import digest_of, hash_password, new_token
from settings import WrongUsage
from storage.accounts import Account, AccountWork, Grant
from workflow.calendar import TERRITORIES
from workflow.definition import Field, Label
from workflow.errors import NotFound
from workflow.system import SystemKind, system_entry
from workflow.values import ValueRefused, read_value

LINK_LASTS: Final = timedelta(days=3)
LONGEST_NAME: Final = 100

_SIRET = Field("host_siret", "siret", Label("SIRET", "SIRET"))


@dataclass(frozen=True, slots=True)
class Invited:
    """An account, and the secret of its one-time link, which is told once and kept nowhere."""

    account: Account
    token: str


def known_roles(app: App) -> tuple[str, ...]:
    """All roles that an account may hold: those of the console, and those that a published definition names."""
    with app.store.reading() as reading:
        digests = [version.digest for version in reading.versions()]
    named = (role for digest in digests for role in app.engine.rules(digest).definition.roles if is_defined(role))
    return (*CONSOLE_ROLES, *dict.fromkeys(named))


def read_grants(app: App, texts: Iterable[str]) -> tuple[Grant, ...]:
    """The grants that texts such as `viewer`, `host@75` or `host@@13002603200016` say. Raises WrongUsage."""
    known = known_roles(app)
    return tuple(dict.fromkeys(_grant(text.strip(), known) for text in texts if text.strip()))


def _grant(text: str, known: Sequence[str]) -> Grant:
    role, _, where = text.partition("@")
    territory, _, siret = where.partition("@")
    if role not in known:
        raise WrongUsage(f"Le rôle {role!r} est inconnu ; connus : {', '.join(known)}.",
                         f"The role {role!r} is unknown; known: {', '.join(known)}.")  # fmt: skip
    if territory and territory not in TERRITORIES:
        raise WrongUsage(f"{territory!r} n'est pas un département.", f"{territory!r} is no département.")
    try:
        host = str(read_value(_SIRET, siret)) if siret else None
    except ValueRefused as refused:
        raise WrongUsage(f"{refused.fr}.", f"{refused.en}.") from None
    return Grant(role, territory or None, host)


def add_first(app: App, name: str, password: str, now: datetime) -> Account:
    """Make the first account, an administrator. Raises WrongUsage where there is one already."""
    hashed = hash_password(password, _proper(name))
    with app.store.writing() as unit:
        if unit.accounts.listed():
            raise WrongUsage("Un compte existe déjà : ce lien ne sert plus.",
                             "There is an account already: this link is spent.")  # fmt: skip
        new = _new(unit, _proper(name), (Grant("admin"),), app.settings.lang, now, None, hashed)
        unit.accounts.add(new, None)
        _record(app, unit, "account_added", new.id, new.id, new.grants)
    return new


def add(app: App, by: str, name: str, grants: Sequence[Grant], now: datetime) -> Invited:
    """Add an account with a one-time link, by which its password is chosen. Raises WrongUsage."""
    if not grants:
        raise WrongUsage("Un compte a au moins un rôle.", "An account has at least one role.")
    token = new_token()
    with app.store.writing() as unit:
        if any(each.name == _proper(name) for each in unit.accounts.listed()):
            raise WrongUsage(f"Le compte {name} existe déjà.", f"The account {name} exists already.")
        new = _new(unit, _proper(name), tuple(grants), app.settings.lang, now, now + LINK_LASTS, None)
        unit.accounts.add(new, digest_of(token))
        _record(app, unit, "account_added", unit.actor_id(by), new.id, new.grants)
    return Invited(new, token)


def change_grants(app: App, by: str, name: str, grants: Sequence[Grant]) -> None:
    """Replace what an account may do. Raises NotFound, WrongUsage where nobody would administer any more."""
    if not grants:
        raise WrongUsage("Un compte a au moins un rôle.", "An account has at least one role.")
    with app.store.writing() as unit:
        found = _found(unit, name)
        if found.grants != tuple(grants):
            _refuse_without_admin(unit, found, grants)
            unit.accounts.grant(found.id, grants)
            _record(app, unit, "account_changed", unit.actor_id(by), found.id, grants)


def disable(app: App, by: str, name: str, now: datetime) -> None:
    """Close an account and end its sessions. Raises NotFound, WrongUsage where nobody would administer any more."""
    with app.store.writing() as unit:
        found = _found(unit, name)
        if found.disabled_at is None:
            _refuse_without_admin(unit, found, ())
            unit.accounts.disable(found.id, now)
            _record(app, unit, "account_disabled", unit.actor_id(by), found.id, ())


def enable(app: App, by: str, name: str) -> None:
    """Open a closed account again. Raises NotFound."""
    with app.store.writing() as unit:
        found = _found(unit, name)
        if found.disabled_at is not None:
            unit.accounts.enable(found.id)
            _record(app, unit, "account_enabled", unit.actor_id(by), found.id, found.grants)


def invite(app: App, by: str, name: str, now: datetime) -> Invited:
    """A new one-time link for an account, by which another password is chosen. Raises NotFound, WrongUsage."""
    token = new_token()
    with app.store.writing() as unit:
        found = _found(unit, name)
        if found.disabled_at is not None:
            raise WrongUsage(f"Le compte {name} est fermé.", f"The account {name} is disabled.")
        unit.accounts.invite(found.id, digest_of(token), now + LINK_LASTS)
        _record(app, unit, "account_invited", unit.actor_id(by), found.id, found.grants)
    return Invited(found, token)


def choose_password(app: App, account: Account, password: str, now: datetime) -> None:
    """Keep the password that somebody chose; their other sessions end. Raises WrongUsage."""
    hashed = hash_password(password, account.name)
    with app.store.writing() as unit:
        unit.accounts.keep_password(account.id, hashed, now)
        _record(app, unit, "account_password", account.id, account.id, account.grants)


def _new(
    unit: AccountWork,
    name: str,
    grants: tuple[Grant, ...],
    lang: str,
    now: datetime,
    until: datetime | None,
    password: str | None,
) -> Account:
    return Account(unit.actor_id(name), name, password, grants, lang, now, None, until)


def _record(app: App, unit: AccountWork, kind: SystemKind, actor: str, account: str, grants: Sequence[Grant]) -> None:
    fields = {"account": account, "grants": " ".join(map(str, grants))}
    unit.record(system_entry(app.installation.log, unit.system_head(), kind, actor, app.clock.now(), fields))


def _found(unit: AccountWork, name: str) -> Account:
    found = next((each for each in unit.accounts.listed() if each.name == name), None)
    if found is None:
        raise NotFound(f"there is no account {name}")
    return found


def _refuse_without_admin(unit: AccountWork, changed: Account, grants: Sequence[Grant]) -> None:
    others = (each for each in unit.accounts.listed() if each.id != changed.id and each.disabled_at is None)
    if not any(_is_admin(each.grants) for each in others) and _is_admin(changed.grants) and not _is_admin(grants):
        raise WrongUsage("Il faut au moins un administrateur.", "There has to be at least one administrator.")


def _is_admin(grants: Sequence[Grant]) -> bool:
    return Grant("admin") in grants


def _proper(name: str) -> str:
    clean = " ".join(name.split())
    if not 0 < len(clean) <= LONGEST_NAME or not clean.isprintable():
        raise WrongUsage(f"Un nom de compte a de 1 à {LONGEST_NAME} caractères imprimables.",
                         f"An account's name has 1 to {LONGEST_NAME} printable characters.")  # fmt: skip
    return clean
