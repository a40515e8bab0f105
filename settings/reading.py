"""Where settings are said: a flag wins over the environment, that over `parcours.toml`, that over the default.

A name that is no setting is refused: a typing error must not pass for a choice.
"""

import os
import tomllib
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Final

from pydantic import ValidationError

from settings.errors import WrongUsage
from settings.masking import HOOKS, URLS, masked_url
from settings.secrets import SMTP_PASSWORD, WEBHOOK_SECRETS
from settings.values import Settings, flag_of, names

PREFIX: Final = "PARCOURS_"
CONFIG: Final = "PARCOURS_CONFIG"
"""Names another file than `parcours.toml`; the flag is `--config`. It is no key of that file."""

_RESERVED = "PARCOURS_TEST_"

_Said = dict[str, tuple[Any, str]]


def read_settings(
    flags: Mapping[str, Any] | None = None,
    environ: Mapping[str, str] | None = None,
    config: Path | None = None,
) -> Settings:
    """The settings that hold. `WrongUsage` names what is unknown or cannot be read, and where it was said."""
    return read_with_origin(flags, environ, config)[0]


def read_with_origin(
    flags: Mapping[str, Any] | None = None,
    environ: Mapping[str, str] | None = None,
    config: Path | None = None,
) -> tuple[Settings, dict[str, str]]:
    """The settings, and for each where it was said: a flag, a variable, a file's path, or `default`."""
    environ = os.environ if environ is None else environ
    path = config or (Path(environ[CONFIG]) if environ.get(CONFIG) else None)
    said = _said_in_file(path) | _said_in_environment(environ) | _said_by_flags(flags or {})
    try:
        settings = Settings.model_validate({name: value for name, (value, _) in said.items()})
    except ValidationError as error:
        raise _wrong_value(error, said) from None
    return settings, {name: said[name][1] if name in said else "default" for name in names()}


def _said_by_flags(flags: Mapping[str, Any]) -> _Said:
    return {name: (value, flag_of(name)) for name, value in flags.items() if value is not None}


def _said_in_environment(environ: Mapping[str, str]) -> _Said:
    """The variables that are set; one that begins like ours and is none is wrong usage, and never ignored."""
    ours = {name for name in environ if name.startswith(PREFIX) and not name.startswith(_RESERVED)}
    known = {f"{PREFIX}{name.upper()}": name for name in names()}
    unlisted = {CONFIG, SMTP_PASSWORD, WEBHOOK_SECRETS}
    for name in sorted(ours - unlisted - set(known)):
        raise _unknown("La variable", "The variable", name, [*known, *sorted(unlisted)])
    return {known[name]: (environ[name], name) for name in ours & set(known) if environ[name] != ""}


def _said_in_file(path: Path | None) -> _Said:
    """The keys of the file, which must be there where it was named."""
    chosen = path or Path("parcours.toml")
    try:
        content = tomllib.loads(chosen.read_text("utf-8"))
    except FileNotFoundError:
        if path is None:
            return {}
        raise _unreadable(chosen, "not found") from None
    except (OSError, ValueError) as error:
        raise _unreadable(chosen, getattr(error, "strerror", None) or str(error)) from None
    for name in content:
        if name not in names():
            raise _unknown(f"{chosen} : la clé", f"{chosen}: the key", name, names())
    return {name: (value, str(chosen)) for name, value in content.items()}


def _unreadable(path: Path, why: str) -> WrongUsage:
    return WrongUsage(f"Le fichier de réglages {path} ne peut être lu : {why}.",
                      f"The settings file {path} cannot be read: {why}.")  # fmt: skip


def _unknown(what_fr: str, what_en: str, name: str, known: Iterable[str]) -> WrongUsage:
    near = get_close_matches(name, list(known), 1)
    fr, en = (f" Vouliez-vous dire {near[0]} ?", f" Did you mean {near[0]}?") if near else ("", "")
    return WrongUsage(f"{what_fr} {name} est inconnue.{fr}", f"{what_en} {name} is unknown.{en}", name=name)


def _wrong_value(error: ValidationError, said: _Said) -> WrongUsage:
    first = error.errors()[0]
    name = str(first["loc"][0])
    value, origin = said.get(name, ("", name))
    shown = "***" if name == HOOKS else masked_url(str(value)) if name in URLS else value
    why = str(first["msg"]).removeprefix("Value error, ")
    return WrongUsage(f"{origin} : la valeur {shown!r} ne convient pas ({why}).",
                      f"{origin}: the value {shown!r} will not do ({why}).", name=name)  # fmt: skip
