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

SMTP_PASSWORD = "PARCOURS_SMTP_PASSWORD"  # noqa: S105 - the variable's name
"""Holds the mail account's password. It is neither a key of the file nor a flag, and nothing shows it."""

WEBHOOK_SECRETS = "PARCOURS_WEBHOOK_SECRETS"
"""Holds the secrets that sign webhooks, as `NAME=whsec_…` with commas between them. It is no key and no flag either."""

_RESERVED = "PARCOURS_TEST_"
_URLS = {"database_url", "timestamp_url"}
_HOOKS = "webhooks"
_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*")
_TOLD = re.compile(r"(?:[a-z][a-z0-9_]*(?:\+[a-z][a-z0-9_]*)*|\*)(?:/[0-9AB+]+)?=(?P<address>.+)")
_HOOK = re.compile(r"[a-z][a-z0-9_-]*=https?://[^\s]+")
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
        description="The database: `sqlite:///file.db`, with four slashes for an absolute path, or "
        "`postgresql://user@host/name`.",
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
    signing_key: Path | None = Field(
        None,
        description="The file of the key that signs checkpoints, made by `init`; by default beside the database, "
        "with `.signing-key` after its name (a server's database: in the current directory).",
        json_schema_extra={"flag": "--signing-key"},
    )
    seal_interval_s: float = Field(
        60.0,
        gt=0,
        le=86400,
        description="The daemon seals new entries this often, in seconds, and as soon as 1,000 wait.",
        json_schema_extra={"flag": "--seal-interval"},
    )
    anchor_record: Path | None = Field(
        None,
        description="Tells which checkpoints went out and which are due; by default a file beside the signing key.",
        json_schema_extra={"flag": "--anchor-record"},
    )
    anchor_interval_s: float = Field(
        86400.0,
        ge=0,
        description="The last checkpoint becomes due for sending at most so often, in seconds.",
        json_schema_extra={"flag": "--anchor-interval"},
    )
    anchor_timeout_s: float = Field(
        20.0,
        gt=0,
        le=300,
        description="How long a mail server or time-stamp authority may be silent, in seconds.",
        json_schema_extra={"flag": "--anchor-timeout"},
    )
    mail_to: tuple[str, ...] = Field(
        (),
        description="Who receives checkpoints by e-mail: addresses, separated by commas; the flag may be repeated.",
        json_schema_extra={"flag": "--mail-to"},
    )
    mail_from: str | None = Field(
        None, description="The sender's address of all e-mails.", json_schema_extra={"flag": "--mail-from"}
    )
    smtp_host: str | None = Field(
        None,
        description="The mail server; without it nothing goes out by e-mail.",
        json_schema_extra={"flag": "--smtp-host"},
    )
    smtp_port: int = Field(587, ge=1, le=65535, description="Its port.", json_schema_extra={"flag": "--smtp-port"})
    smtp_security: Literal["starttls", "tls", "none"] = Field(
        "starttls",
        description="`starttls`, `tls` from the first byte (port 465), or `none`, with which no password is sent.",
        json_schema_extra={"flag": "--smtp-security"},
    )
    smtp_user: str | None = Field(
        None, description="The mail account's name, where it needs one.", json_schema_extra={"flag": "--smtp-user"}
    )
    smtp_password_file: Path | None = Field(
        None,
        description="The file of its password, which nobody else may read; the variable `PARCOURS_SMTP_PASSWORD` wins.",
        json_schema_extra={"flag": "--smtp-password-file"},
    )
    timestamp_url: str | None = Field(
        None,
        description="The time-stamp authority (RFC 3161, over HTTP); without it no checkpoint is stamped.",
        json_schema_extra={"flag": "--timestamp-url"},
    )
    timestamp_roots: Path | None = Field(
        None,
        description="The authority's root certificates in PEM, as received from it; a stamp must lead to one of them.",
        json_schema_extra={"flag": "--timestamp-roots"},
    )

    erasure_register: Path | None = Field(
        None,
        description="The register of erasures, to be applied to restored copies; by default beside the database, with "
        "`.erasures.jsonl` after its name (a server's database: in the current directory).",
        json_schema_extra={"flag": "--erasure-register"},
    )

    notices_email: bool = Field(
        False,
        description="Whether notices go out by e-mail, through `smtp_host`: to the address that a placement has for a "
        "role that is awaited (`host_email` for `host`), and to those in `notices_to`.",
        json_schema_extra={"flag": "--notices-email"},
    )
    notices_to: tuple[str, ...] = Field(
        (),
        description="Who else is told what is awaited of a role: `ROLE=ADDRESS`, `ROLE+ROLE=ADDRESS`, or "
        "`ROLE/75+77=ADDRESS` for some territories; `*` is every role. Separated by commas; the flag may be repeated.",
        json_schema_extra={"flag": "--notices-to"},
    )
    digest_to: tuple[str, ...] = Field(
        (),
        description="Who receives one e-mail each working day at 8:00 with what is overdue, due today and in 7 days: "
        "written as `notices_to`.",
        json_schema_extra={"flag": "--digest-to"},
    )
    notices_lang: Literal["fr", "en"] = Field(
        "fr", description="The language of these e-mails: `fr` or `en`.", json_schema_extra={"flag": "--notices-lang"}
    )
    notices_url: str | None = Field(
        None,
        description="The address of the console, `https://parcours.example`, for links in notices.",
        json_schema_extra={"flag": "--notices-url"},
    )
    notices_interval_s: float = Field(
        10.0,
        gt=0,
        le=3600,
        description="The daemon looks for notices to send this often, in seconds.",
        json_schema_extra={"flag": "--notices-interval"},
    )
    notices_timeout_s: float = Field(
        20.0,
        gt=0,
        le=300,
        description="How long a mail server or a webhook may be silent, in seconds; three times as long in all.",
        json_schema_extra={"flag": "--notices-timeout"},
    )
    notices_give_up_s: float = Field(
        7 * 86400.0,
        gt=0,
        description="A notice that could not be sent for so long, in seconds, is dead: `parcours notices --dead`.",
        json_schema_extra={"flag": "--notices-give-up"},
    )
    deliveries_keep_days: int = Field(
        365,
        ge=0,
        description="The log of deliveries keeps what was sent, or needed no sending any more, for so many days; "
        "0: for ever.",
        json_schema_extra={"flag": "--deliveries-keep"},
    )
    accesses_keep_days: int = Field(
        365,
        ge=0,
        description="The log of whose personal data were shown to whom keeps its lines for so many days; 0: for ever.",
        json_schema_extra={"flag": "--accesses-keep"},
    )
    webhooks: tuple[str, ...] = Field(
        (),
        description="Who is told of every notice by HTTPS: `NAME=https://…`, separated by commas; the flag may be "
        "repeated.",
        json_schema_extra={"flag": "--webhook"},
    )
    webhook_secrets_file: Path | None = Field(
        None,
        description="The file of the secrets that sign them, which nobody else may read: a line `NAME=whsec_…` for "
        "each, two while one takes the other's place; the variable `PARCOURS_WEBHOOK_SECRETS` wins.",
        json_schema_extra={"flag": "--webhook-secrets-file"},
    )
    webhook_loopback: bool = Field(
        False,
        description="For trials: webhooks may lie on this machine itself, without encryption too.",
        json_schema_extra={"flag": "--webhook-loopback"},
    )

    brake: Literal["auto", "on", "off"] = Field(
        "auto",
        description="Whether the clock is judged and a sweep may be held; `auto`: in production, not in a sandbox.",
        json_schema_extra={"flag": "--brake"},
    )
    brake_max_gap_s: float = Field(
        14 * 86400.0,
        ge=2 * 86400,
        description="The brake holds where the clock was not seen for longer, in seconds.",
        json_schema_extra={"flag": "--brake-max-gap"},
    )
    brake_max_back_s: float = Field(
        60.0,
        ge=0,
        description="Nothing is written where the clock is further behind what was written already, in seconds.",
        json_schema_extra={"flag": "--brake-max-back"},
    )
    brake_max_share: float = Field(
        0.3,
        ge=0,
        le=1,
        description="The brake holds where one sweep would fire more of all open deadlines that have a `then`.",
        json_schema_extra={"flag": "--brake-max-share"},
    )
    brake_min_firings: int = Field(
        50,
        ge=1,
        description="A sweep that would fire fewer deadlines than that is never too much.",
        json_schema_extra={"flag": "--brake-min-firings"},
    )

    health_address: str | None = Field(
        None,
        description="Where the daemon tells how it does (`/livez`, `/readyz`, `/metrics`), such as `127.0.0.1:9402`; "
        "without it, nowhere. It asks for no login: keep it to loopback or a network of your own.",
        json_schema_extra={"flag": "--health-address"},
    )
    console_health_address: str | None = Field(
        None,
        description="The same for the console, apart from the address that browsers use, such as `127.0.0.1:9403`.",
        json_schema_extra={"flag": "--console-health-address"},
    )

    console_host: str = Field(
        "127.0.0.1",
        description="The address that the console listens on; anything but loopback belongs behind a proxy that "
        "speaks TLS.",
        json_schema_extra={"flag": "--host"},
    )
    console_port: int = Field(
        8421,
        ge=0,
        le=65535,
        description="The port that the console listens on; 0 for any that is free.",
        json_schema_extra={"flag": "--port"},
    )
    console_names: tuple[str, ...] = Field(
        (),
        description="The names under which browsers reach the console besides localhost, separated by commas; the flag "
        "may be repeated.",
        json_schema_extra={"flag": "--name"},
    )
    console_proxies: tuple[str, ...] = Field(
        ("127.0.0.1", "::1"),
        description="The addresses of proxies whose word counts on how and from where a browser came "
        "(`X-Forwarded-Proto`, `X-Forwarded-For`), separated by commas; the flag may be repeated.",
        json_schema_extra={"flag": "--proxy"},
    )
    oidc_issuer: str | None = Field(
        None,
        description="The identity provider (OpenID Connect) by which people may sign in to the console, such as "
        "`https://idp.example/api/v2`; without it, by passwords alone.",
        json_schema_extra={"flag": "--oidc-issuer"},
    )
    oidc_name: str = Field(
        "ProConnect", description="What the provider is called on the pages.", json_schema_extra={"flag": "--oidc-name"}
    )
    oidc_client_id: str = Field(
        "", description="The id that the provider gave this console.", json_schema_extra={"flag": "--oidc-client-id"}
    )
    oidc_client_secret_file: Path | None = Field(
        None,
        description="The file of the secret that the provider gave it, which nobody else may read.",
        json_schema_extra={"flag": "--oidc-client-secret-file"},
    )
    oidc_scopes: tuple[str, ...] = Field(
        ("openid",),
        description="What is asked of the provider, separated by commas; with ProConnect `openid,idp_id`.",
        json_schema_extra={"flag": "--oidc-scope"},
    )
    oidc_acr: tuple[str, ...] = Field(
        (),
        description="Levels of assurance of which a login must have one, such as `eidas2`; by default any will do.",
        json_schema_extra={"flag": "--oidc-acr"},
    )
    oidc_idp_hint: str | None = Field(
        None,
        description="The id of the provider behind the provider that people are sent to at once.",
        json_schema_extra={"flag": "--oidc-idp-hint"},
    )
    oidc_pkce: Literal["auto", "on", "off"] = Field(
        "auto",
        description="Whether a login carries a code challenge (PKCE); `auto`: where the provider says that it can.",
        json_schema_extra={"flag": "--oidc-pkce"},
    )

    api_rate: int = Field(
        600,
        ge=1,
        le=1_000_000,
        description="So many requests a minute the API takes under one token.",
        json_schema_extra={"flag": "--api-rate"},
    )

    @property
    def definition_path(self) -> Path:
        """The definition's file: the one named, `states.yaml` here, or else the one that is shipped."""
        default = type(self).model_fields["definition"].default
        return SHIPPED_DEFINITION if self.definition == default and not default.exists() else self.definition

    @field_validator(
        "role",
        "mail_to",
        "notices_to",
        "digest_to",
        "webhooks",
        "console_names",
        "console_proxies",
        "oidc_scopes",
        "oidc_acr",
        mode="before",
    )
    @classmethod
    def _split_list(cls, value: object) -> object:
        texts = [value] if isinstance(value, str) else value
        if not isinstance(texts, list | tuple):
            return value
        return tuple(word.strip() for text in texts for word in str(text).split(",") if word.strip())

    @field_validator("mail_to", "mail_from")
    @classmethod
    def _check_addresses(cls, value: tuple[str, ...] | str | None) -> tuple[str, ...] | str | None:
        for address in (value,) if isinstance(value, str) else value or ():
            if not _ADDRESS.fullmatch(address):
                raise ValueError("expected plain addresses such as audit@example.fr")
        return value

    @field_validator("notices_to", "digest_to")
    @classmethod
    def _check_told(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for said in value:
            found = _TOLD.fullmatch(said)
            if found is None or not _ADDRESS.fullmatch(found["address"]):
                raise ValueError("expected ROLE=ADDRESS or ROLE/75+77=ADDRESS, such as anct=suivi@example.fr")
        return value

    @field_validator("digest_to")
    @classmethod
    def _check_digests(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if len({said.rpartition("=")[2].lower() for said in value}) < len(value):
            raise ValueError("expected each address once: ROLE+ROLE=ADDRESS")
        return value

    @field_validator("webhooks")
    @classmethod
    def _check_webhooks(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if not all(_HOOK.fullmatch(said) and "@" not in urlsplit(said.partition("=")[2]).netloc for said in value):
            raise ValueError("expected NAME=https://…, the name in small letters, the address without a password")
        if len({said.partition("=")[0] for said in value}) < len(value):
            raise ValueError("expected another name for each webhook")
        return value

    @field_validator("notices_url")
    @classmethod
    def _check_page(cls, value: str | None) -> str | None:
        if value is not None and not value.startswith(("https://", "http://")):
            raise ValueError("expected an address such as https://parcours.example")
        return value

    @field_validator("health_address", "console_health_address")
    @classmethod
    def _check_listening(cls, value: str | None) -> str | None:
        if value is not None:
            split_address(value)
        return value

    @field_validator("oidc_issuer")
    @classmethod
    def _check_issuer(cls, value: str | None) -> str | None:
        parts = urlsplit(value or "https://none")
        local = parts.hostname in ("localhost", "127.0.0.1", "::1")
        if not parts.hostname or parts.scheme not in (("https", "http") if local else ("https",)):
            raise ValueError("expected an address with https://")
        return value

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
    """A setting's value as it may be shown: a password in an address is replaced by `***`."""
    value = getattr(settings, names()[name])
    if isinstance(value, Path):
        return str(value)
    if name in _URLS and value is not None:
        return masked_url(value)
    if name == _HOOKS:
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


def split_address(text: str) -> tuple[str, int]:
    """The host and port of an address such as `127.0.0.1:9402` or `[::1]:9402`. Raises ValueError."""
    try:
        parts = urlsplit(f"//{text}")
        if parts.hostname and parts.port is not None and parts.netloc == text and "@" not in text:
            return parts.hostname, parts.port
    except ValueError:
        pass
    raise ValueError("expected an address and a port, such as 127.0.0.1:9402 or [::1]:9402")


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
    shown = "***" if name == _HOOKS else masked_url(str(value)) if name in _URLS else value
    why = str(first["msg"]).removeprefix("Value error, ")
    return WrongUsage(f"{origin} : la valeur {shown!r} ne convient pas ({why}).",
                      f"{origin}: the value {shown!r} will not do ({why}).", name=name)  # fmt: skip


def _system_user() -> str:
    import getpass

    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return f"uid {os.getuid()}"
