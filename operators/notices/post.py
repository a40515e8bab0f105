"""The post of an installation: by which channels it sends, to whom besides the placements' own addresses.

From settings alone; opens no database and no connection.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from app import App
from audit.mail_server import MailServer
from operators.notices import mail
from operators.notices.guarded import Guard
from operators.notices.recipients import Subscription, subscriptions
from operators.notices.webhooks import Hook, signatures
from settings import Settings, WrongUsage, smtp_password, webhook_secrets
from workflow.clock import SystemClock

EMAIL: Final = "email"
WEBHOOK: Final = "webhook"


@dataclass(frozen=True, slots=True)
class Post:
    """`server` None: no e-mail at all. `mails`: notices go out by e-mail; a digest may go out where they do not."""

    server: MailServer | None
    sender: str
    mails: bool
    told: tuple[Subscription, ...]
    digests: tuple[Subscription, ...]
    hooks: Mapping[str, Hook]
    guard: Guard

    @property
    def tells(self) -> bool:
        """Whether notices go anywhere."""
        return self.mails or bool(self.hooks)


def is_set_up(settings: Settings) -> bool:
    """Whether the settings name any channel for notices."""
    return settings.notices_email or bool(settings.digest_to or settings.webhooks)


def post_of(app: App) -> Post:
    """The post as the settings have it. Raises WrongUsage for a channel that is not fully set."""
    settings, secret = app.settings, app.installation.secret
    by_mail = settings.notices_email or bool(settings.digest_to)
    if by_mail:
        mail.ready()
    return Post(
        server=mail_server(settings, settings.notices_timeout_s) if by_mail else None,
        sender=settings.mail_from or "",
        mails=settings.notices_email,
        told=subscriptions(settings.notices_to, secret),
        digests=subscriptions(settings.digest_to, secret),
        hooks=_hooks(settings),
        guard=Guard(settings.notices_timeout_s, settings.webhook_loopback),
    )


def mail_server(settings: Settings, timeout_s: float) -> MailServer:
    """The mail server of the settings. Raises WrongUsage where it is not fully set."""
    if settings.smtp_host is None or settings.mail_from is None:
        raise WrongUsage("Le courriel demande smtp_host et mail_from.", "E-mail needs smtp_host and mail_from.")
    password = smtp_password(settings)
    if (settings.smtp_user is None) != (password is None):
        raise WrongUsage(
            "smtp_user et le mot de passe vont ensemble : smtp_password_file, ou PARCOURS_SMTP_PASSWORD.",
            "smtp_user and the password go together: smtp_password_file, or PARCOURS_SMTP_PASSWORD.",
        )
    if password is not None and settings.smtp_security == "none":
        raise WrongUsage(
            "Un mot de passe ne part jamais en clair : smtp_security doit être starttls ou tls.",
            "A password is never sent in the clear: smtp_security must be starttls or tls.",
        )
    return MailServer(
        settings.smtp_host, settings.smtp_port, settings.smtp_security, settings.smtp_user, password, timeout_s
    )


def _hooks(settings: Settings) -> dict[str, Hook]:
    secrets = webhook_secrets(settings) if settings.webhooks else []
    hooks = {}
    for said in settings.webhooks:
        name, _, url = said.partition("=")
        own = tuple(secret for owner, secret in secrets if owner == name)
        if not own:
            raise WrongUsage(
                f"Le webhook {name} n'a pas de secret : webhook_secrets_file, ou PARCOURS_WEBHOOK_SECRETS.",
                f"The webhook {name} has no secret: webhook_secrets_file, or PARCOURS_WEBHOOK_SECRETS.",
            )
        if not url.startswith("https://") and not settings.webhook_loopback:
            raise WrongUsage(f"Le webhook {name} doit commencer par https://.",
                             f"The webhook {name} must begin with https://.")  # fmt: skip
        # What cannot sign is found out before anything is taken in hand.
        signatures(own, "", SystemClock().now(), "")
        hooks[name] = Hook(name, url, own)
    return hooks
