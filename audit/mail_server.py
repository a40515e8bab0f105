"""One mail server: how it is reached, and what its answers mean. Checkpoints and notices go out through it.

It refuses to know what a message says, and to say a password, or an address, to anybody but the server.
"""

import smtplib
import ssl
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from email.message import EmailMessage
from typing import Any, Literal

from audit.cutting import cut_after
from workflow.errors import ParcoursError

Security = Literal["starttls", "tls", "none"]

_PERMANENT = 500


class MailRefused(ParcoursError):
    """The server did not take a message: one sentence, no address, no secret.

    `permanent`: asking again would be in vain. `unreachable`: it takes no message at all at the moment.
    """

    code = "mail_refused"

    def __init__(self, message: str, *, permanent: bool = False, unreachable: bool = False) -> None:
        self.permanent, self.unreachable = permanent, unreachable
        super().__init__(message)


@dataclass(frozen=True)
class MailServer:
    """`security`: `starttls`, `tls` from the first byte, or `none`, without a password.

    `timeout_s` bounds every wait for the server, and three times as long the whole conversation.
    """

    host: str
    port: int
    security: Security = "starttls"
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    timeout_s: float = 20.0
    context: ssl.SSLContext | None = field(default=None, repr=False)

    def send(self, message: EmailMessage, sender: str, recipients: Sequence[str]) -> int:
        """Hand a message over; gives for how many of its recipients it was taken, one at least. Raises MailRefused."""
        try:
            return len(recipients) - len(self._sent(message, sender, recipients))
        except smtplib.SMTPRecipientsRefused as error:
            codes = [code for code, _ in error.recipients.values()]
            permanent = min(codes) >= _PERMANENT
            raise MailRefused(f"the mail server refused all {len(codes)} recipients", permanent=permanent) from None
        except smtplib.SMTPDataError as error:
            # Never its text: it may repeat an address.
            permanent = error.smtp_code >= _PERMANENT
            raise MailRefused(f"the mail server answered {error.smtp_code}", permanent=permanent) from None
        except smtplib.SMTPResponseException as error:
            raise MailRefused(f"the mail server answered {error.smtp_code}", unreachable=True) from None
        except smtplib.SMTPNotSupportedError as error:
            raise MailRefused(f"the mail server would not do ({type(error).__name__})") from None
        except smtplib.SMTPServerDisconnected:
            raise MailRefused("the mail server broke off, or was silent for too long", unreachable=True) from None
        except smtplib.SMTPException as error:
            reason = f"the mail server would not do ({type(error).__name__})"
            raise MailRefused(reason, unreachable=True) from None
        except UnicodeError:
            # Its text would hold the password.
            reason = "the mail account's name or password has characters other than ASCII"
            raise MailRefused(reason, unreachable=True) from None
        except OSError as error:
            reason = f"the mail server was not reached ({error.strerror or type(error).__name__})"
            raise MailRefused(reason, unreachable=True) from None

    def _sent(self, message: EmailMessage, sender: str, recipients: Sequence[str]) -> dict[str, Any]:
        met: list[smtplib.SMTP] = []
        with cut_after(3 * self.timeout_s, lambda: met[0].sock if met else None):
            server = self._connected(met)
            try:
                refused = server.send_message(message, sender, recipients)
                # It was taken: a server that hangs now changes nothing of that.
                with suppress(smtplib.SMTPException, OSError):
                    server.quit()
            finally:
                server.close()
        return refused

    def _connected(self, met: list[smtplib.SMTP]) -> smtplib.SMTP:
        where = (self.host, self.port)
        if self.security == "tls":
            server: smtplib.SMTP = _Tls(met, *where, timeout=self.timeout_s, context=self._trust())
        else:
            server = _Plain(met, *where, timeout=self.timeout_s)
        try:
            if self.security == "starttls":
                server.starttls(context=self._trust())
            if self.user is not None and self.password is not None and self.security != "none":
                server.login(self.user, self.password)
        except BaseException:
            server.close()
            raise
        return server

    def _trust(self) -> ssl.SSLContext:
        return self.context or ssl.create_default_context()


class _Plain(smtplib.SMTP):
    """Makes itself known before it connects, so that it can be cut off while the server hesitates to greet."""

    def __init__(self, met: list[smtplib.SMTP], *where: Any, **options: Any) -> None:
        met.append(self)
        super().__init__(*where, **options)


class _Tls(smtplib.SMTP_SSL):
    def __init__(self, met: list[smtplib.SMTP], *where: Any, **options: Any) -> None:
        met.append(self)
        super().__init__(*where, **options)
