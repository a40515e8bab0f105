"""`notices`: what there is to tell, what became of it, and the same as a calendar."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from operators.cli.anchors import MAIL
from operators.cli.command import ACTING, SIGNING, command, new_commands
from operators.cli.filters import After, Limit
from operators.cli.options import Why
from operators.cli.session import Session

if TYPE_CHECKING:
    from collections.abc import Sequence

    from operators.cli.output import Page
    from operators.notices.delivering import Delivered
    from storage.queries import Delivery, NoticeItem

commands = new_commands()

SENDING: dict[str, Any] = {
    "notices_email": Annotated[bool | None, typer.Option("--notices-email", help="Send notices by e-mail.")],
    "notices_to": Annotated[
        list[str] | None,
        typer.Option("--notices-to", metavar="ROLE=ADDRESS", help="Who else is told what is awaited of a role."),
    ],
    "digest_to": Annotated[
        list[str] | None,
        typer.Option("--digest-to", metavar="ROLE=ADDRESS", help="Who receives a digest each working day."),
    ],
    "notices_lang": Annotated[
        Literal["fr", "en"] | None, typer.Option("--notices-lang", help="The language of these e-mails.")
    ],
    "notices_url": Annotated[
        str | None, typer.Option("--notices-url", metavar="URL", help="The console's address, for links.")
    ],
    "notices_interval_s": Annotated[
        float | None, typer.Option("--notices-interval", metavar="S", help="The daemon looks this often.")
    ],
    "notices_timeout_s": Annotated[
        float | None, typer.Option("--notices-timeout", metavar="S", help="How long to wait for a silent server.")
    ],
    "notices_give_up_s": Annotated[
        float | None, typer.Option("--notices-give-up", metavar="S", help="How long a notice is tried.")
    ],
    "webhooks": Annotated[
        list[str] | None,
        typer.Option("--webhook", metavar="NAME=URL", help="Who is told of every notice by HTTPS; repeatable."),
    ],
    "webhook_secrets_file": Annotated[
        Path | None, typer.Option("--webhook-secrets-file", metavar="FILE", help="The file of what signs them.")
    ],
    "webhook_loopback": Annotated[
        bool | None, typer.Option("--webhook-loopback", help="For trials: webhooks on this machine itself.")
    ],
    **MAIL,
}


@command(commands, "notices list")
def list_(
    session: Session,
    dead: Annotated[bool, typer.Option("--dead", help="Those given up, with each recipient.")] = False,
    limit: Limit = 50,
    after: After = None,
) -> None:
    """List the notices that reminders and deadlines gave rise to, or those given up."""
    from operators.cli.lists import answer_list, paged

    if dead:
        return _log(session, "dead", None, limit, after)
    with session.open() as app:
        found = paged(lambda: app.queries.notices(limit, after))
    columns = session.say("clé|dossier|quoi|échéance|survenu le|état", "key|placement|what|deadline|at|status")
    return answer_list(session, found, _notice_object, columns, _notice_row)


@command(commands, "notices log")
def log(
    session: Session,
    key: Annotated[str | None, typer.Argument(metavar="[KEY]", help="Of this notice only.")] = None,
    status: Annotated[
        Literal["waiting", "sent", "dead", "dismissed", "overtaken"] | None,
        typer.Option("--status", help="Of this status only."),
    ] = None,
    limit: Limit = 50,
    after: After = None,
) -> None:
    """Show what became of notices with each recipient."""
    _log(session, status, key, limit, after)


@command(commands, "notices send", {**SENDING, **SIGNING})
def send(session: Session) -> int:
    """Send all that is due, as the daemon does."""
    from dataclasses import asdict

    from operators.cli.errors import DONE, FAILED
    from operators.notices.delivering import deliver
    from operators.notices.post import is_set_up
    from settings import WrongUsage

    if not is_set_up(session.settings):
        raise WrongUsage(
            "Aucun canal n'est réglé : notices_email, digest_to ou webhooks.",
            "No channel is set: notices_email, digest_to or webhooks.",
        )
    with session.open() as app:
        done = deliver(app)
    session.answer(asdict(done), lambda page: _write_sent(page, done))
    return FAILED if done.failed or done.dead else DONE


@command(commands, "notices retry", {**ACTING, **SIGNING})
def retry(
    session: Session,
    key: Annotated[str | None, typer.Argument(metavar="[KEY]", help="The notice's key, as `--dead` shows it.")] = None,
    all_dead: Annotated[bool, typer.Option("--all-dead", help="All that were given up.")] = False,
) -> None:
    """Have notices tried again that were given up."""
    from operators.notices.retrying import retry as try_again
    from settings import WrongUsage
    from workflow.errors import NotFound

    if (key is None) != all_dead:
        raise WrongUsage("Une clé ou --all-dead, l'un des deux.", "A key or --all-dead, one of the two.")
    with session.open() as app:
        found = try_again(app, key)
    if key is not None and not found:
        raise NotFound(session.say(f"Aucun avis abandonné sous la clé {key}.", f"No notice was given up under {key}."))
    count = len(found)
    said = session.say(f"À nouveau en attente : {count}.", f"Waiting again: {count}.")
    session.answer({"count": count}, lambda page: page.line(said))


@command(commands, "notices dismiss", ACTING)
def dismiss(
    session: Session,
    key: Annotated[str, typer.Argument(metavar="KEY", help="The notice's key, as `--dead` shows it.")],
    reason: Why,
) -> None:
    """Dismiss a notice that was given up, for a reason: it alarms nobody any more."""
    from operators.notices.dismissing import dismiss as let_be
    from workflow.errors import NotFound

    with session.open() as app:
        found = let_be(app, key, reason, app.settings.actor, app.settings.role)
    if not found:
        raise NotFound(session.say(f"Aucun avis abandonné sous la clé {key}.", f"No notice was given up under {key}."))
    count = len(found)
    said = session.say(f"Écartés : {count}.", f"Dismissed: {count}.")
    session.answer({"count": count}, lambda page: page.line(said))


@command(commands, "notices calendar")
def calendar(
    session: Session,
    out: Annotated[Path, typer.Option("--out", metavar="FILE", help="The file to write, which is replaced.")],
    territory: Annotated[str | None, typer.Option("--territory", metavar="T", help="Of this territory only.")] = None,
    awaits: Annotated[
        list[str] | None, typer.Option("--awaits", metavar="ROLE", help="Awaited of this role only; repeatable.")
    ] = None,
) -> None:
    """Write the deadlines as a calendar file (iCalendar)."""
    from operators.notices.feed import Wanted, calendar_feed

    with session.open() as app:
        data = calendar_feed(app, session.lang, Wanted(territory, frozenset(awaits or ())))
    out.write_bytes(data)
    count = data.count(b"BEGIN:VEVENT")
    said = session.say(f"{out} : {count} échéances.", f"{out}: {count} deadlines.")
    session.answer({"file": str(out), "events": count}, lambda page: page.line(said))


def _log(session: Session, status: str | None, key: str | None, limit: int, after: str | None) -> None:
    from operators.cli.lists import answer_list, paged

    with session.open() as app:
        found = paged(lambda: app.store.deliveries.listed(status, key, limit, after))
    columns = session.say("clé|canal|destinataire|dossier|état|essais|prochain essai|pourquoi",
                          "key|channel|recipient|placement|status|attempts|next attempt|why")  # fmt: skip
    answer_list(session, found, delivery_object, columns, _delivery_row)


def _notice_object(item: "NoticeItem") -> dict[str, Any]:
    from operators.cli.output import instant
    from operators.notices.planning import key_of

    names = ("reference", "territory", "seq", "kind", "deadline", "trigger", "status")
    return {**{name: getattr(item, name) for name in names}, "at": instant(item.at), "key": key_of(item)}


def _notice_row(item: "NoticeItem") -> "Sequence[Any]":
    from operators.moments import local_text
    from operators.notices.planning import key_of
    from workflow.calendar import zone_of

    at = local_text(item.at, zone_of(item.territory))
    return key_of(item), item.reference, item.kind, item.deadline, at, item.status


def delivery_object(item: "Delivery") -> dict[str, Any]:
    """A delivery, as in all JSON."""
    from operators.cli.incidents import aside_object
    from operators.cli.output import instant

    names = ("key", "channel", "recipient", "reference", "seq", "status", "attempts", "error")
    moments = ("planned_at", "next_at", "ended_at")
    said = {name: getattr(item, name) for name in names} | {name: instant(getattr(item, name)) for name in moments}
    return {**said, "dismissal": aside_object(item.dismissal)}


def _delivery_row(item: "Delivery") -> "Sequence[Any]":
    from operators.cli.output import instant

    next_at = instant(item.next_at) if item.status == "waiting" else None
    why = item.error if item.dismissal is None else f"{item.error} ; {item.dismissal.actor} : {item.dismissal.reason}"
    return (item.key, item.channel, item.recipient, item.reference, item.status, item.attempts, next_at, why)


def _write_sent(page: "Page", done: "Delivered") -> None:
    page.line(page.say(
        f"Envoyés : {done.sent}. À réessayer : {done.failed}. Abandonnés : {done.dead}. Dépassés : {done.overtaken}.",
        f"Sent: {done.sent}. To be tried again: {done.failed}. Given up: {done.dead}. Overtaken: {done.overtaken}.",
    ))  # fmt: skip
