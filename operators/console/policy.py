"""Who may do what in the console: one table, deny by default. Knows no request, no page and no database.

A role is held for all placements, for those of a territory, or for those of a host structure (storage.accounts.Grant).
Which trigger a role may ask for is the definition's matter: the engine is given the roles that are held where the
placement is.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

from storage.accounts import Account, Grant
from storage.queries import EVERYWHERE, Reach
from workflow.definition import IMPORT, SCHEDULER, SUPERVISOR

Action = Literal[
    "console.enter", "placement.read", "placement.export", "placement.place", "placement.act", "placement.correct",
    "placement.decide", "personal.reveal", "person.manage", "definition.read",
    "definition.simulate", "incident.read", "incident.retry", "incident.aside", "notice.read", "notice.retry",
    "notice.dismiss", "system.read", "brake.release",
    "audit.read", "audit.export",
    "access.read", "account.manage",
]  # fmt: skip

Scope = Literal["rows", "all"]
"""`rows`: for the placements within the role's reach; `all`: only for whoever holds the role everywhere."""

CONSOLE_ROLES: Final = ("viewer", "operator", SUPERVISOR, "author", "auditor", "admin")
DEFINED: Final = "*"
"""Stands in the table for every role of a definition: `host`, `anct` …"""

ANYONE: Final = "anyone"
"""What a route declares that needs no login."""


@dataclass(frozen=True, slots=True)
class Rule:
    """Which roles may do it, and whether for single placements or only for whoever holds the role everywhere."""

    scope: Scope
    roles: frozenset[str]


def _rule(scope: Scope, *roles: str) -> Rule:
    return Rule(scope, frozenset(roles))


POLICY: Final[Mapping[Action, Rule]] = {
    "console.enter": _rule("rows", *CONSOLE_ROLES, DEFINED),
    "placement.read": _rule("rows", "viewer", "operator", SUPERVISOR, "auditor", DEFINED),
    "placement.export": _rule("rows", "viewer", "operator", SUPERVISOR, "auditor", DEFINED),
    "placement.place": _rule("rows", "operator", SUPERVISOR),
    "placement.act": _rule("rows", "operator", SUPERVISOR, DEFINED),
    "placement.correct": _rule("rows", SUPERVISOR),
    "placement.decide": _rule("rows", SUPERVISOR, DEFINED),
    "personal.reveal": _rule("rows", "operator", SUPERVISOR, DEFINED),
    "person.manage": _rule("rows", SUPERVISOR),
    "definition.read": _rule("rows", "viewer", "operator", SUPERVISOR, "author", "auditor", DEFINED),
    "definition.simulate": _rule("rows", SUPERVISOR, "author"),
    "incident.read": _rule("rows", "viewer", "operator", SUPERVISOR, "auditor"),
    "incident.retry": _rule("rows", SUPERVISOR),
    "incident.aside": _rule("rows", SUPERVISOR),
    "notice.read": _rule("all", "viewer", "operator", SUPERVISOR, "auditor"),
    "notice.retry": _rule("all", SUPERVISOR),
    "notice.dismiss": _rule("all", SUPERVISOR),
    "system.read": _rule("all", "viewer", "operator", SUPERVISOR, "author", "auditor", "admin"),
    "brake.release": _rule("all", SUPERVISOR),
    "audit.read": _rule("all", "auditor"),
    "audit.export": _rule("all", "auditor"),
    "access.read": _rule("all", "auditor"),
    "account.manage": _rule("all", "admin"),
}
"""The whole policy. What is not here is forbidden."""


def reach_of(account: Account, action: Action) -> tuple[Reach, ...]:
    """The placements for which somebody may do it; none where they may not at all."""
    rule = POLICY[action]
    found = tuple(dict.fromkeys(grant.reach for grant in account.grants if _counts(grant) in rule.roles))
    if Reach() in found:
        return EVERYWHERE
    return found if rule.scope == "rows" else ()


def may(account: Account, action: Action) -> bool:
    """Whether somebody may do it, for some placements at least."""
    return bool(reach_of(account, action))


def roles_at(account: Account, territory: str, host_siret: str | None) -> tuple[str, ...]:
    """The definition's roles in which somebody may act on a placement of this territory and host."""
    held = (grant.role for grant in account.grants if grant.reach.holds(territory, host_siret))
    return tuple(dict.fromkeys(role for role in held if role == SUPERVISOR or is_defined(role)))


def is_defined(role: str) -> bool:
    """Whether a role is one that a definition names, and a person may hold."""
    return role not in (*CONSOLE_ROLES, SCHEDULER, IMPORT)


def _counts(grant: Grant) -> str:
    return DEFINED if is_defined(grant.role) else grant.role
