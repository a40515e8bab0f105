"""The settings: every one of them, where it may be said, and what holds when nobody says anything.

Opens no database and reads no definition.
"""

from settings.errors import WrongUsage
from settings.masking import masked, masked_url
from settings.parsing import parse_clock, split_address
from settings.reading import CONFIG, PREFIX, read_settings, read_with_origin
from settings.secrets import SMTP_PASSWORD, WEBHOOK_SECRETS, oidc_secret, smtp_password, webhook_secrets
from settings.values import SHIPPED_DEFINITION, Settings, flag_of, names

__all__ = [
    "CONFIG",
    "PREFIX",
    "SHIPPED_DEFINITION",
    "SMTP_PASSWORD",
    "WEBHOOK_SECRETS",
    "Settings",
    "WrongUsage",
    "flag_of",
    "masked",
    "masked_url",
    "names",
    "oidc_secret",
    "parse_clock",
    "read_settings",
    "read_with_origin",
    "smtp_password",
    "split_address",
    "webhook_secrets",
]
