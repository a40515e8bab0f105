"""What is done with one delivery: a notice by e-mail, a digest by e-mail, a notice by webhook.

An errand says whether it is still worth going, when doors open, and goes. It writes nothing down.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from datetime import datetime
from functools import cached_property
from typing import Any

from app import App
from audit.mail_server import MailRefused, MailServer
from operators.notices import mail, webhooks
from operators.notices.digest import Digest, digest_of, is_over
from operators.notices.guarded import Guard, RequestFailed
from operators.notices.post import EMAIL, Post
from operators.notices.recipients import Subscription, id_in
from operators.notices.schedule import office_hours
from operators.notices.subject import Subject, subject_of
from operators.notices.telling import told
from storage.queries import Delivery
from workflow.clock import SystemClock
from workflow.errors import IntegrityBroken, NotFound, ParcoursError


class NotSent(ParcoursError):
    """An attempt in vain: `permanent`, another would be too; `unreachable`, so would be all that go the same way.

    One sentence, without an address or a secret.
    """

    code = "not_sent"

    def __init__(self, message: str, *, permanent: bool = False, unreachable: bool = False) -> None:
        self.permanent, self.unreachable = permanent, unreachable
        super().__init__(message)


class Errand(ABC):
    """What is to be done for one delivery."""

    @abstractmethod
    def superfluous(self, now: datetime) -> str | None:
        """Why there is no need to go any more; None where there is."""

    def opens(self, moment: datetime) -> datetime:
        """The first moment from this one on at which it may be done."""
        return moment

    @abstractmethod
    def go(self) -> None:
        """Do it. Raises NotSent, and anything else where it cannot be written."""


class Superfluous(Errand):
    """Nobody is there for it any more."""

    def __init__(self, reason: str) -> None:
        self._reason = reason

    def superfluous(self, now: datetime) -> str | None:
        return self._reason

    def go(self) -> None:
        raise NotSent(self._reason, permanent=True)


class Unreadable(Errand):
    """What it is about cannot be read at the moment: somebody may repair it."""

    def __init__(self, reason: str) -> None:
        self._reason = reason

    def superfluous(self, now: datetime) -> str | None:
        return None

    def go(self) -> None:
        raise NotSent(self._reason)


class MailErrand(Errand):
    """A notice by e-mail, to an address of the settings or to the placement's own."""

    def __init__(self, app: App, letters: "Letters", key: str, subject: Subject, address: str | None) -> None:
        self._app, self._letters, self._key = app, letters, key
        self._subject, self._address = subject, address

    def superfluous(self, now: datetime) -> str | None:
        if self._address is None:
            return "there is no address (any more)"
        return self._subject.overtaken(now)

    def opens(self, moment: datetime) -> datetime:
        return office_hours(moment, self._subject.facts.territory, self._subject.view.rules.calendar)

    def go(self) -> None:
        settings, sandbox = self._app.settings, self._app.installation.sandbox
        content = told(self._subject, settings.notices_lang, url=settings.notices_url, sandbox=sandbox)
        self._letters.send(self._key, str(self._address), "notice", content.title, {"told": content})


class DigestErrand(Errand):
    """A digest by e-mail."""

    def __init__(self, app: App, letters: "Letters", key: str, recipient: Subscription) -> None:
        self._app, self._letters, self._key, self._recipient = app, letters, key, recipient

    @cached_property
    def _digest(self) -> Digest:
        return digest_of(self._app, self._recipient, self._app.settings.notices_lang)

    def superfluous(self, now: datetime) -> str | None:
        if is_over(self._key, self._recipient, now):
            return "its day has passed"
        return None if self._digest.sections else "there is nothing to tell"

    def go(self) -> None:
        content = self._digest
        self._letters.send(self._key, self._recipient.address, "digest", content.title, {"digest": content})


class HookErrand(Errand):
    """A notice by webhook."""

    def __init__(self, log: str, guard: Guard, hook: webhooks.Hook, key: str, subject: Subject) -> None:
        self._log, self._guard, self._hook, self._key, self._subject = log, guard, hook, key, subject

    def superfluous(self, now: datetime) -> str | None:
        return self._subject.overtaken(now)

    def go(self) -> None:
        body = webhooks.event(self._key, self._log, self._subject.facts, self._subject.entry)
        try:
            # The world's own time, in a sandbox too: receivers compare it with theirs.
            status = self._hook.send(self._guard, self._key, body, SystemClock().now())
        except RequestFailed as error:
            raise NotSent(str(error), unreachable=True) from None
        if not webhooks.was_taken(status):
            raise NotSent(f"the webhook answered {status}", permanent=webhooks.is_gone(status), unreachable=True)


class Letters:
    """Writes e-mails and hands them to the mail server."""

    def __init__(self, server: MailServer, sender: str, lang: str) -> None:
        self._server, self._sender, self._lang = server, sender, lang

    def send(self, key: str, to: str, template: str, title: str, values: Mapping[str, Any]) -> None:
        """Send one. Raises NotSent, and what composing raises."""
        # The world's own time, in a sandbox too: mail programs and people compare it with theirs.
        at = SystemClock().now()
        try:
            message = mail.compose(key, template, self._lang, values, title=title, sender=self._sender, to=to, at=at)
            self._server.send(message, self._sender, [to])
        except MailRefused as error:
            raise NotSent(str(error), permanent=error.permanent, unreachable=error.unreachable) from None


class Errands:
    """From deliveries to errands, through one post."""

    def __init__(self, app: App, post: Post) -> None:
        self._app, self._post = app, post
        self._told = {each.id: each for each in reversed(post.told)}
        self._digests = {each.id: each for each in post.digests}

    def of(self, item: Delivery) -> Errand:
        """What is to be done for a delivery. Raises StoreUnavailable."""
        try:
            return self._found(item)
        except (NotFound, IntegrityBroken) as error:
            return Unreadable(str(error))

    def _found(self, item: Delivery) -> Errand:
        if item.channel != EMAIL:
            return self._hook(item)
        server = self._post.server
        if server is None or (item.reference is not None and not self._post.mails):
            return Superfluous("no e-mail is set any more")
        letters = Letters(server, self._post.sender, self._app.settings.notices_lang)
        if item.reference is not None:
            subject = subject_of(self._app, item.reference, item.seq or 0)
            return MailErrand(self._app, letters, item.key, subject, self._address(item, subject))
        recipient = self._digests.get(id_in(item.recipient))
        if recipient is None:
            return Superfluous("nobody is set for this digest any more")
        return DigestErrand(self._app, letters, item.key, recipient)

    def _address(self, item: Delivery, subject: Subject) -> str | None:
        if item.recipient in subject.view.rules.definition.roles:
            return subject.address(item.recipient)
        found = self._told.get(id_in(item.recipient))
        return None if found is None else found.address

    def _hook(self, item: Delivery) -> Errand:
        hook = self._post.hooks.get(item.recipient)
        if hook is None or item.reference is None:
            return Superfluous("this webhook is not set any more")
        subject = subject_of(self._app, item.reference, item.seq or 0)
        return HookErrand(self._app.installation.log, self._post.guard, hook, item.key, subject)
