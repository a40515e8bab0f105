"""Every setting: what it means, where it may be said, and what holds when nobody says anything.

A flag wins over the environment, the environment over `parcours.toml`, that over the default. A name that is
no setting is refused: a typing error must not pass for a choice. Opens no database and reads no definition.
"""

import os
import re
import tomllib
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from workflow.errors import ParcoursError

PREFIX = "PARCOURS_"
CONFIG = "PARCOURS_CONFIG"
"""Names another file than `parcours.toml`; the flag is `--config`. It is no key of that file."""

SHIPPED_DEFINITION = Path(__file__).with_name("states.yaml")

_RESERVED = "PARCOURS_TEST_"
_CLOCK = re.compile(r"(?P<origin>[0-9T:.+Z-]+)(?:\*(?P<speed>[0-9]+(?:\.[0-9]+)?))?")


class WrongUsage(ParcoursError):
    """What was asked makes no sense as typed: an option, a value or a setting. Nothing was tried."""

    code = "wrong_usage"

    def __init__(self, message: str, message_en: str, **details: Any) -> None:
        self.message, self.message_en, self.details = message, message_en, details
        super().__init__(message)


class Settings(BaseModel):
    """The settings as they hold. Read them with `read_settings`, which knows where each was said."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    database_url: str = Field(
        "sqlite:///parcours.db",
        description="The database: `sqlite:///file.db`, with four slashes for an absolute path.",
        json_schema_extra={"flag": "--database"},
    )
    definition: Path = Field(
        Path("states.yaml"),
        description="The definition's file, read by `init` and `definition`; where the default file is not "
        "there, the one that is shipped.",
        json_schema_extra={"flag": "--definition"},
    )
    actor: str = Field(
        default_factory=lambda: _system_user(),
        description="Who acts: the person's or account's name. By default the system's user.",
        json_schema_extra={"flag": "--as"},
    )
    role: tuple[str, ...] = Field(
        (),
        description="The roles that the actor may act in, separated by commas; the flag may be repeated.",
        json_schema_extra={"flag": "--role"},
    )
    lang: Literal["fr", "en"] = Field(
        "fr", description="The language of answers: `fr` or `en`.", json_schema_extra={"flag": "--lang"}
    )
    as_json: bool = Field(
        False,
        alias="json",
        description="One JSON value on stdout, for errors too, in place of text for people.",
        json_schema_extra={"flag": "--json"},
    )
    no_color: bool = Field(
        False,
        description="Text without colours, also on a terminal; `NO_COLOR` and `TERM=dumb` say the same.",
        json_schema_extra={"flag": "--no-color"},
    )
    log_format: Literal["auto", "console", "json"] = Field(
        "auto",
        description="Log lines on stderr: `console` for people, `json` for machines, `auto` by whether "
        "stderr is a terminal.",
        json_schema_extra={"flag": "--log-format"},
    )
    log_level: Literal["auto", "debug", "info", "warning", "error"] = Field(
        "auto",
        description="The least level that is logged; `auto` is `info` for `run`, `warning` for all else.",
        json_schema_extra={"flag": "--log-level"},
    )
    clock: str | None = Field(
        None,
        description="In a sandbox only: a fixed instant (`2021-03-17T00:00:00Z`), or one that runs from "
        "there at a speed (`2021-03-01T00:00:00Z*86400`).",
        json_schema_extra={"flag": "--clock"},
    )
    safety_interval_s: float = Field(
        30.0,
        gt=0,
        le=86400,
        description="The daemon sweeps at least this often, in seconds, whatever the next moment to wake.",
        json_schema_extra={"flag": "--safety-interval"},
    )

    @property
    def definition_path(self) -> Path:
        """The definition's file: the one named, `states.yaml` here, or else the one that is shipped."""
        default = type(self).model_fields["definition"].default
        return SHIPPED_DEFINITION if self.definition == default and not default.exists() else self.definition

    @field_validator("role", mode="before")
    @classmethod
    def _split_roles(cls, value: object) -> object:
        texts = [value] if isinstance(value, str) else value
        if not isinstance(texts, list | tuple):
            return value
        return tuple(role.strip() for text in texts for role in str(text).split(",") if role.strip())

    @field_validator("clock")
    @classmethod
    def _check_clock(cls, value: str | None) -> str | None:
        if value is not None:
            parse_clock(value)
        return value


def names() -> dict[str, str]:
    """Every setting as it is written in `parcours.toml` -> its attribute here."""
    return {spec.alias or name: name for name, spec in Settings.model_fields.items()}


def flag_of(name: str) -> str:
    """The command line's option for a setting."""
    extra = Settings.model_fields[names()[name]].json_schema_extra
    return str(extra["flag"]) if isinstance(extra, dict) else ""


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


def masked(name: str, settings: Settings) -> Any:
    """A setting's value as it may be shown: a password in the database's address is replaced by `***`."""
    value = getattr(settings, names()[name])
    if isinstance(value, Path):
        return str(value)
    return masked_url(value) if name == "database_url" else list(value) if isinstance(value, tuple) else value


def masked_url(url: str) -> str:
    """A database's address without its password."""
    try:
        parts = urlsplit(url)
        password = parts.password
    except ValueError:
        return "***"
    if password is None and "password=" not in parts.query:
        return url
    shown = url.replace(f":{password}@", ":***@", 1) if password is not None else url
    return re.sub(r"(password=)[^&]*", r"\1***", shown)


def parse_clock(text: str) -> tuple[datetime, float | None]:
    """A sandbox clock's origin in UTC, and its speed, None where it stands still. Raises ValueError."""
    found = _CLOCK.fullmatch(text.strip())
    if found is None:
        raise ValueError("expected an instant with its offset, and perhaps *speed: 2021-03-01T00:00:00Z*86400")
    origin = datetime.fromisoformat(found["origin"])
    if origin.tzinfo is None:
        raise ValueError("the instant needs an offset, such as Z or +01:00")
    speed = None if found["speed"] is None else float(found["speed"])
    if speed is not None and not 0 < speed <= 1e9:
        raise ValueError("the speed must lie above 0, and at most at 1000000000")
    return origin.astimezone(UTC), speed


_Said = dict[str, tuple[Any, str]]


def _said_by_flags(flags: Mapping[str, Any]) -> _Said:
    return {name: (value, flag_of(name)) for name, value in flags.items() if value is not None}


def _said_in_environment(environ: Mapping[str, str]) -> _Said:
    """The variables that are set; one that begins like ours and is none is wrong usage, and never ignored."""
    ours = {name for name in environ if name.startswith(PREFIX) and not name.startswith(_RESERVED)}
    known = {f"{PREFIX}{name.upper()}": name for name in names()}
    for name in sorted(ours - {CONFIG} - set(known)):
        raise _unknown("La variable", "The variable", name, [*known, CONFIG])
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
    shown = masked_url(str(value)) if name == "database_url" else value
    why = str(first["msg"]).removeprefix("Value error, ")
    return WrongUsage(f"{origin} : la valeur {shown!r} ne convient pas ({why}).",
                      f"{origin}: the value {shown!r} will not do ({why}).", name=name)  # fmt: skip


def _system_user() -> str:
    import getpass

    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return f"uid {os.getuid()}"
