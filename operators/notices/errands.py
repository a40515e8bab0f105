"""What is done with one delivery: a notice or a digest by e-mail, a link that confirms, a notice by webhook.

An errand says whether it is still worth going, when doors open, and goes. It writes nothing down.
"""

from abc import ABC, abstractmethod
from datetime import datetime
from functools import cached_property
from typing import Any

from app import App
from operators.notices import confirming, webhooks
from operators.notices.approvals import waiting_in, waits_of
from operators.notices.digest import Digest, digest_of, is_over
from operators.notices.guarded import Guard, RequestFailed
from operators.notices.letters import Letter, Letters, NotSent
from operators.notices.planning import about_notice
from operators.notices.post import EMAIL, Post
from operators.notices.recipients import Reader, id_in
from operators.notices.schedule import office_hours
from operators.notices.subject import Subject, subject_of
from operators.notices.subscribers import MARK, Subscriber, is_account, subscriber
from operators.notices.telling import told
from storage.notice_choices import NoticeChoice
from storage.queries import Delivery
from workflow.clock import SystemClock
from workflow.errors import IntegrityBroken, NotFound


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
    """A notice by e-mail: to an account, to an address of the settings, or to the placement's own."""

    def __init__(
        self,
        app: App,
        letters: Letters,
        key: str,
        subject: Subject,
        address: str | None,
        reader: Reader | None = None,
    ) -> None:
        self._app, self._letters, self._key = app, letters, key
        self._subject, self._address, self._reader = subject, address, reader

    def superfluous(self, now: datetime) -> str | None:
        if self._address is None:
            return "there is no address (any more)"
        return self._subject.overtaken(now)

    def opens(self, moment: datetime) -> datetime:
        return office_hours(moment, self._subject.facts.territory, self._subject.view.rules.calendar)

    def go(self) -> None:
        lang = language(self._app, self._reader)
        said: dict[str, Any] = {"url": self._app.settings.notices_url, "sandbox": self._app.installation.sandbox}
        waiting = waiting_in(self._subject) if self._subject.entry.kind == "approval" else None
        if waiting is not None:
            waits = waits_of(self._subject, waiting, lang, **said)
            self._send("approval", lang, waits.title, {"waits": waits})
        else:
            content = told(self._subject, lang, **said)
            self._send("notice", lang, content.title, {"told": content})

    def _send(self, template: str, lang: str, title: str, values: dict[str, Any]) -> None:
        choose = chooses_at(self._app, self._reader)
        letter = Letter(template, lang, title, {**values, "choose": choose})
        self._letters.send(self._key, str(self._address), letter)


class DigestErrand(Errand):
    """A digest by e-mail."""

    def __init__(self, app: App, letters: Letters, key: str, recipient: Reader) -> None:
        self._app, self._letters, self._key, self._recipient = app, letters, key, recipient

    @cached_property
    def _lang(self) -> str:
        return language(self._app, self._recipient)

    @cached_property
    def _digest(self) -> Digest:
        return digest_of(self._app, self._recipient, self._lang)

    def superfluous(self, now: datetime) -> str | None:
        if is_over(self._key, self._recipient, now):
            return "its day has passed"
        return None if self._digest.sections or self._digest.waiting else "there is nothing to tell"

    def go(self) -> None:
        content = self._digest
        values = {"digest": content, "choose": chooses_at(self._app, self._recipient)}
        self._letters.send(self._key, self._recipient.address, Letter("digest", self._lang, content.title, values))


class ConfirmErrand(Errand):
    """The link by which an account confirms its address."""

    def __init__(self, app: App, letters: Letters, key: str, choice: NoticeChoice | None) -> None:
        self._app, self._letters, self._key, self._choice = app, letters, key, choice

    def superfluous(self, now: datetime) -> str | None:
        if self._choice is None or confirming.PREFIX + self._choice.nonce != self._key:
            return "the account has another address by now, or none"
        return None if self._choice.confirmed_at is None else "the address is confirmed"

    def go(self) -> None:
        choice = self._choice
        if choice is None:
            raise NotSent("the account has no address any more", permanent=True)
        title = "Confirm your address" if choice.lang == "en" else "Confirmez votre adresse"
        values = {"title": title, "link": confirming.link_of(self._app, choice),
                  "sandbox": self._app.installation.sandbox}  # fmt: skip
        self._letters.send(self._key, choice.email, Letter("confirm", choice.lang, title, values))


def language(app: App, reader: Reader | None) -> str:
    """The language of a letter: its reader's own, else the installation's."""
    own = None if reader is None else reader.lang
    return own or app.settings.notices_lang


def chooses_at(app: App, reader: Reader | None) -> str | None:
    """Where an account chooses what it is told; None for who is in the settings."""
    url = app.settings.notices_url
    return f"{url.rstrip('/')}{confirming.CHOOSE}" if isinstance(reader, Subscriber) and url else None


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
        server, to_account = self._post.server, is_account(item.recipient)
        if server is None or ((item.reference is not None or to_account) and not self._post.mails):
            return Superfluous("no e-mail is set any more")
        letters = Letters(server, self._post.sender)
        if item.key.startswith(confirming.PREFIX):
            return ConfirmErrand(self._app, letters, item.key, self._asked(item))
        if item.reference is None:
            return self._digest(item, letters, subscriber(self._app, item.recipient) if to_account else None)
        subject = subject_of(self._app, item.reference, item.seq or 0)
        if to_account:
            return self._to_account(item, letters, subject)
        return MailErrand(self._app, letters, item.key, subject, self._address(item, subject))

    def _asked(self, item: Delivery) -> NoticeChoice | None:
        found = self._app.store.notice_choices.told(item.recipient.removeprefix(MARK))
        return found[0][0] if found else None

    def _digest(self, item: Delivery, letters: Letters, account: Subscriber | None) -> Errand:
        chosen = account if account is not None and account.choice.rhythm == "digest" else None
        recipient = self._digests.get(id_in(item.recipient)) if account is None else chosen
        if recipient is None:
            return Superfluous("nobody is set for this digest any more")
        return DigestErrand(self._app, letters, item.key, recipient)

    def _to_account(self, item: Delivery, letters: Letters, subject: Subject) -> Errand:
        """Only where the account still wants it, and still may read it."""
        reader, entry = subscriber(self._app, item.recipient), subject.entry
        about = about_notice(entry.kind, entry.seq, entry.deadline, subject.view.rules.definition, subject.facts)
        # Of a correction that was answered nobody is told any more, which says more than that it is not for them.
        waits = entry.kind != "approval" or subject.overtaken(self._app.clock.now()) is None
        if waits and (reader is None or not reader.wants(about)):
            return Superfluous("the account is told this no more")
        address = None if reader is None else reader.address
        return MailErrand(self._app, letters, item.key, subject, address, reader)

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
