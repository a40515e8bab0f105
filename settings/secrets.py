"""The secrets that settings lead to: of a variable, or of a file that nobody else may read. Nothing shows them."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from settings.errors import WrongUsage
from settings.values import Settings

SMTP_PASSWORD: Final = "PARCOURS_SMTP_PASSWORD"  # noqa: S105 - the variable's name
"""Holds the mail account's password. It is neither a key of the file nor a flag."""

WEBHOOK_SECRETS: Final = "PARCOURS_WEBHOOK_SECRETS"
"""Holds the secrets that sign webhooks, as `NAME=whsec_…` with commas between them. It is no key and no flag either."""


def smtp_password(settings: Settings, environ: Mapping[str, str] | None = None) -> str | None:
    """The mail account's password: of the variable, else of the file. WrongUsage where others may read the file."""
    said = (os.environ if environ is None else environ).get(SMTP_PASSWORD)
    if said or settings.smtp_password_file is None:
        return said or None
    lines = _private_lines(settings.smtp_password_file, "de mot de passe", "password")
    return (lines[0] if lines else "") or None


def webhook_secrets(settings: Settings, environ: Mapping[str, str] | None = None) -> list[tuple[str, str]]:
    """The name and the secret of each webhook, several for one that changes: of the variable, else of the file.

    WrongUsage where others may read the file, or a line is no `NAME=whsec_…`; it shows none of it.
    """
    said = (os.environ if environ is None else environ).get(WEBHOOK_SECRETS)
    path = settings.webhook_secrets_file
    lines = said.split(",") if said else [] if path is None else _private_lines(path, "de secrets", "secrets")
    pairs = [line.strip().partition("=")[::2] for line in lines if line.strip()]
    if not all(name and secret.startswith("whsec_") for name, secret in pairs):
        raise WrongUsage("Un secret de webhook s'écrit NOM=whsec_…, un par ligne.",
                         "A webhook's secret is written NAME=whsec_…, one a line.")  # fmt: skip
    return [(name, secret) for name, secret in pairs]


def oidc_secret(settings: Settings) -> str:
    """The secret that the identity provider gave. WrongUsage where it is not said, or others may read it."""
    path = settings.oidc_client_secret_file
    if path is None or not settings.oidc_client_id:
        raise WrongUsage("oidc_issuer demande oidc_client_id et oidc_client_secret_file.",
                         "oidc_issuer needs oidc_client_id and oidc_client_secret_file.")  # fmt: skip
    lines = _private_lines(path, "de secret", "secret")
    if not lines or not lines[0]:
        raise WrongUsage(f"Le fichier de secret {path} est vide.", f"The secret file {path} is empty.")
    return lines[0]


def _private_lines(path: Path, what_fr: str, what_en: str) -> list[str]:
    try:
        with path.open(encoding="utf-8") as stream:
            if os.fstat(stream.fileno()).st_mode & 0o077:
                raise WrongUsage(f"D'autres peuvent lire le fichier {what_fr} {path} : chmod 600.",
                                 f"Others may read the {what_en} file {path}: chmod 600.")  # fmt: skip
            return [line.rstrip("\r\n") for line in stream]
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "UTF-8"
        raise WrongUsage(f"Le fichier {what_fr} {path} ne peut être lu ({why}).",
                         f"The {what_en} file {path} cannot be read ({why}).") from None  # fmt: skip
