"""Settings as they may be shown: without the passwords that addresses hold."""

import re
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from settings.values import Settings, names

URLS: Final = frozenset({"database_url", "timestamp_url"})
HOOKS: Final = "webhooks"


def masked(name: str, settings: Settings) -> Any:
    """A setting's value as it may be shown: a password in an address is replaced by `***`."""
    value = getattr(settings, names()[name])
    if isinstance(value, Path):
        return str(value)
    if name in URLS and value is not None:
        return masked_url(value)
    if name == HOOKS:
        return [_masked_hook(said) for said in value]
    return list(value) if isinstance(value, tuple) else value


def _masked_hook(said: str) -> str:
    """A webhook without the password and the query of its address, which are often its only secret."""
    name, _, url = said.partition("=")
    address, asked, _ = masked_url(url).partition("?")
    return f"{name}={address}{asked and '?***'}"


def masked_url(url: str) -> str:
    """An address without its password."""
    try:
        parts = urlsplit(url)
        password = parts.password
    except ValueError:
        return "***"
    if password is None and "password=" not in parts.query:
        return url
    shown = url.replace(f":{password}@", ":***@", 1) if password is not None else url
    return re.sub(r"(password=)[^&]*", r"\1***", shown)
