"""Letters: what an e-mail says, written and handed to the mail server; and that it was not sent."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from audit.mail_server import MailRefused, MailServer
from operators.notices import mail
from workflow.clock import SystemClock
from workflow.errors import ParcoursError


class NotSent(ParcoursError):
    """An attempt in vain: `permanent`, another would be too; `unreachable`, so would be all that go the same way.

    One sentence, without an address or a secret.
    """

    code = "not_sent"

    def __init__(self, message: str, *, permanent: bool = False, unreachable: bool = False) -> None:
        self.permanent, self.unreachable = permanent, unreachable
        super().__init__(message)


class Letter(NamedTuple):
    """What an e-mail says: the template and what fills it."""

    template: str
    lang: str
    title: str
    values: Mapping[str, Any]


class Letters:
    """Writes e-mails and hands them to the mail server."""

    def __init__(self, server: MailServer, sender: str) -> None:
        self._server, self._sender = server, sender

    def send(self, key: str, to: str, letter: Letter) -> None:
        """Send one. Raises NotSent, and what composing raises."""
        # The world's own time, in a sandbox too: mail programs and people compare it with theirs.
        at, (template, lang, title, values) = SystemClock().now(), letter
        try:
            message = mail.compose(key, template, lang, values, title=title, sender=self._sender, to=to, at=at)
            self._server.send(message, self._sender, [to])
        except MailRefused as error:
            raise NotSent(str(error), permanent=error.permanent, unreachable=error.unreachable) from None
