"""Every setting: what it means, and what holds when nobody says anything."""

import os
from pathlib import Path
from typing import Annotated, Final, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from settings import parsing

SHIPPED_DEFINITION: Final = Path(__file__).parents[1] / "states.yaml"

Words = Annotated[tuple[str, ...], BeforeValidator(parsing.split_list)]
Address = Annotated[str, AfterValidator(parsing.check_address)]
Addresses = Annotated[tuple[Address, ...], BeforeValidator(parsing.split_list)]
Told = Annotated[tuple[Annotated[str, AfterValidator(parsing.check_told)], ...], BeforeValidator(parsing.split_list)]
Digests = Annotated[Told, AfterValidator(parsing.check_digests)]
Hooks = Annotated[Words, AfterValidator(parsing.check_hooks)]
Page = Annotated[str, AfterValidator(parsing.check_page)]
Issuer = Annotated[str, AfterValidator(parsing.check_issuer)]
Listening = Annotated[str, AfterValidator(parsing.check_listening)]
ClockText = Annotated[str, AfterValidator(parsing.check_clock)]


def _system_user() -> str:
    import getpass

    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return f"uid {os.getuid()}"


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
        default_factory=_system_user,
        description="Who acts: the person's or account's name. By default the system's user.",
        json_schema_extra={"flag": "--as"},
    )
    role: Words = Field(
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
    clock: ClockText | None = Field(
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
    mail_to: Addresses = Field(
        (),
        description="Who receives checkpoints by e-mail: addresses, separated by commas; the flag may be repeated.",
        json_schema_extra={"flag": "--mail-to"},
    )
    mail_from: Address | None = Field(
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
    notices_to: Told = Field(
        (),
        description="Who else is told what is awaited of a role: `ROLE=ADDRESS`, `ROLE+ROLE=ADDRESS`, or "
        "`ROLE/75+77=ADDRESS` for some territories; `*` is every role. Separated by commas; the flag may be repeated.",
        json_schema_extra={"flag": "--notices-to"},
    )
    digest_to: Digests = Field(
        (),
        description="Who receives one e-mail each working day at 8:00 with what is overdue, due today and in 7 days: "
        "written as `notices_to`.",
        json_schema_extra={"flag": "--digest-to"},
    )
    notices_lang: Literal["fr", "en"] = Field(
        "fr", description="The language of these e-mails: `fr` or `en`.", json_schema_extra={"flag": "--notices-lang"}
    )
    notices_url: Page | None = Field(
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
    webhooks: Hooks = Field(
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

    health_address: Listening | None = Field(
        None,
        description="Where the daemon tells how it does (`/livez`, `/readyz`, `/metrics`), such as `127.0.0.1:9402`; "
        "without it, nowhere. It asks for no login: keep it to loopback or a network of your own.",
        json_schema_extra={"flag": "--health-address"},
    )
    console_health_address: Listening | None = Field(
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
    console_names: Words = Field(
        (),
        description="The names under which browsers reach the console besides localhost, separated by commas; the flag "
        "may be repeated.",
        json_schema_extra={"flag": "--name"},
    )
    console_proxies: Words = Field(
        ("127.0.0.1", "::1"),
        description="The addresses of proxies whose word counts on how and from where a browser came "
        "(`X-Forwarded-Proto`, `X-Forwarded-For`), separated by commas; the flag may be repeated.",
        json_schema_extra={"flag": "--proxy"},
    )
    oidc_issuer: Issuer | None = Field(
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
    oidc_scopes: Words = Field(
        ("openid",),
        description="What is asked of the provider, separated by commas; with ProConnect `openid,idp_id`.",
        json_schema_extra={"flag": "--oidc-scope"},
    )
    oidc_acr: Words = Field(
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


def names() -> dict[str, str]:
    """Every setting as it is written in `parcours.toml` -> its attribute here."""
    return {spec.alias or name: name for name, spec in Settings.model_fields.items()}


def flag_of(name: str) -> str:
    """The command line's option for a setting."""
    extra = Settings.model_fields[names()[name]].json_schema_extra
    return str(extra["flag"]) if isinstance(extra, dict) else ""
