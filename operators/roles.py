"""What roles are called: those of the console, and those of the shipped definition. Others go by their own names."""

from collections.abc import Iterable, Mapping
from typing import Final

from workflow.definition import Label

ROLES: Final[Mapping[str, Label]] = {
    "viewer": Label("lecteur", "viewer"),
    "operator": Label("opérateur", "operator"),
    "supervisor": Label("superviseur", "supervisor"),
    "author": Label("rédacteur des règles", "author of definitions"),
    "auditor": Label("auditeur", "auditor"),
    "admin": Label("administrateur", "administrator"),
    "scheduler": Label("échéancier", "scheduler"),
    "host": Label("structure d’accueil", "host structure"),
    "platform": Label("plateforme", "platform"),
    "anct": Label("ANCT", "ANCT"),
    "training_body": Label("organisme de formation", "training body"),
}


def role_text(role: str, lang: str) -> str:
    """What a role is called."""
    return ROLES[role][lang] if role in ROLES else role


def roles_text(roles: Iterable[str], lang: str) -> str:
    """Several, with commas between them."""
    return ", ".join(role_text(role, lang) for role in roles)
