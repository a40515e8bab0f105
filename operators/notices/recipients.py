"""To whom a notice is addressed: those who are awaited, by the definition; where they are reached, by the settings.

A role's own address is the field of type `email` called `ROLE_email`. In logs a recipient is a role, or a role and a
keyed hash: never an address. Accounts that chose to be told are in subscribers.py.
"""

import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Protocol, TypeVar

from workflow.definition import Definition
from workflow.facts import Facts

EVERY_ROLE: Final = "*"
_ID_DIGITS: Final = 16


@dataclass(frozen=True, slots=True)
class About:
    """What a notice is about: of which roles something is awaited, where; `asker` asked for what waits for approval."""

    roles: Sequence[str]
    territory: str
    host_siret: str | None
    deadline: str | None = None
    asker: str | None = None


class Reader(Protocol):
    """Somebody who is told by e-mail."""

    @property
    def id(self) -> str:
        """Names them in the key of a digest; it stays, whatever else is said of them."""
        ...

    @property
    def recipient(self) -> str:
        """How the log of deliveries calls them."""
        ...

    @property
    def address(self) -> str: ...

    @property
    def territories(self) -> frozenset[str]:
        """Those outside of which nothing is for them; empty: nothing is."""
        ...

    @property
    def lang(self) -> str | None:
        """Their language, where it is not the installation's."""
        ...

    def wants(self, about: About) -> bool:
        """Whether this is for them."""
        ...


R = TypeVar("R", bound=Reader)


@dataclass(frozen=True, slots=True)
class Subscription:
    """Somebody who is told what is awaited of some roles, in some territories or (empty) in all.

    `id` names their address in the log of deliveries: it stays, whatever else the settings say of them.
    """

    id: str
    roles: frozenset[str]
    territories: frozenset[str]
    address: str

    @property
    def lang(self) -> str | None:
        """The installation's."""
        return None

    @property
    def recipient(self) -> str:
        """How the log of deliveries calls them: the roles, for people, and the id."""
        return f"{'+'.join(sorted(self.roles))}:{self.id}"

    def wants(self, about: About) -> bool:
        """Whether this is for them."""
        if self.territories and about.territory not in self.territories:
            return False
        return EVERY_ROLE in self.roles or not self.roles.isdisjoint(about.roles)


def subscriptions(said: Sequence[str], secret: bytes) -> tuple[Subscription, ...]:
    """What the settings say as `ROLE+ROLE/75+77=ADDRESS`; `secret` is the installation's."""
    return tuple(_subscription(each, secret) for each in said)


def _subscription(said: str, secret: bytes) -> Subscription:
    whom, _, address = said.partition("=")
    roles, _, territories = whom.partition("/")
    named = frozenset(territories.split("+")) - {""}
    return Subscription(_hash(secret, address), frozenset(roles.split("+")), named, address)


def _hash(secret: bytes, address: str) -> str:
    # With the secret, and never the plain hash of an address: those can be guessed.
    return hmac.new(secret, f"notices\n{address.lower()}".encode(), hashlib.sha256).hexdigest()[:_ID_DIGITS]


def id_in(recipient: str) -> str:
    """The id in what the log of deliveries calls somebody; for a placement's own role there is none."""
    return recipient.rpartition(":")[2]


def address_field(definition: Definition, role: str) -> str | None:
    """The field that holds a role's own address; None where the definition has none."""
    field = definition.fields.get(f"{role}_email")
    return field.name if field is not None and field.type == "email" else None


def once_each(found: Sequence[R]) -> list[R]:
    """One for each address, the first one that was said."""
    return list({each.address.lower(): each for each in reversed(found)}.values())[::-1]


def own_addresses(definition: Definition, facts: Facts, roles: Sequence[str]) -> list[str]:
    """The roles, of these, whose address the placement itself has, and still has."""
    fields = {role: address_field(definition, role) for role in roles}
    return [role for role, name in fields.items() if name and facts.is_set(name) and name not in facts.erased]
