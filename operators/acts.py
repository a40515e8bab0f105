"""Acts that concern no placement, as people read them: what was done, and on what. Knows no page and no database."""

from collections.abc import Mapping
from typing import Final

from workflow.definition import Label

ACTS: Final[Mapping[str, Label]] = {
    "published": Label("Définition publiée", "Definition published"),
    "restored": Label("Reprise sur une base restaurée", "Went on from a restored database"),
    "released": Label("Frein levé", "Brake released"),
    "actor_erased": Label("Nom effacé d’une personne qui agit", "Name erased of somebody who acts"),
    "key_rotated": Label("Clé de signature changée", "Signing key changed"),
    "notices_retried": Label("Avis renvoyés", "Notices sent again"),
    "notices_dismissed": Label("Avis écartés", "Notices dismissed"),
    "incident_retried": Label("Incident essayé à nouveau", "Incident tried again"),
    "incident_set_aside": Label("Incident mis de côté", "Incident set aside"),
    "incident_taken_up": Label("Incident repris", "Incident taken up again"),
    "log_thinned": Label("Anciennes lignes oubliées", "Old lines forgotten"),
    "account_added": Label("Compte ouvert", "Account opened"),
    "account_changed": Label("Rôles d’un compte changés", "Roles of an account changed"),
    "account_disabled": Label("Compte fermé", "Account closed"),
    "account_enabled": Label("Compte rouvert", "Account opened again"),
    "account_invited": Label("Lien d’entrée donné", "Way in given"),
    "account_password": Label("Mot de passe choisi", "Password chosen"),
    "account_linked": Label("Compte lié à une identité", "Account linked with an identity"),
    "token_added": Label("Jeton fait", "Token made"),
    "token_revoked": Label("Jeton révoqué", "Token revoked"),
}
"""What kinds of acts are called."""

FIELDS: Final[Mapping[str, Label]] = {
    "account": Label("compte", "account"),
    "before": Label("d’avant le", "of before"),
    "calendar": Label("calendrier", "calendar"),
    "cause": Label("cause", "cause"),
    "count": Label("nombre", "number"),
    "decision": Label("décision", "decision"),
    "erased_actor": Label("identifiant", "id"),
    "grants": Label("rôles", "roles"),
    "ground": Label("fondement", "ground"),
    "log": Label("journal", "log"),
    "name": Label("nom", "name"),
    "notice": Label("avis", "notice"),
    "placement_id": Label("dossier", "placement"),
    "token": Label("jeton", "token"),
    "until": Label("jusqu’au", "until"),
    "version": Label("version", "version"),
}
"""What the fields of acts are called; others go by their names."""


def called(known: Mapping[str, Label], name: str, lang: str) -> str:
    """What a kind or a field is called."""
    return known[name][lang] if name in known else name
