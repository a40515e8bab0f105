"""Four eyes: what waits for a second person, and that person's answer. For supervisors and those whom they ask."""

from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from operators.cli.command import ACTING, command, new_commands
from operators.cli.filters import After, Limit
from operators.cli.options import MANY, Reason, complete_reference
from operators.cli.session import Session

if TYPE_CHECKING:
    from datetime import datetime

    from storage.queries import RequestItem

commands = new_commands()

OneReference = Annotated[
    str | None,
    typer.Argument(metavar="[REF]", help="The placement's reference, or --where.", autocompletion=complete_reference),
]
Number = Annotated[
    int | None, typer.Argument(metavar="[REQUEST]", help="The request's number; without it, the only one that waits.")
]


@command(commands, "approvals")
def approvals(session: Session, limit: Limit = 50, after: After = None) -> None:
    """List the corrections that wait for a second person, oldest first."""
    from operators.cli.list_shapes import request_item
    from operators.cli.lists import answer_list, paged

    with session.open() as app:
        found, now = paged(lambda: app.queries.requests(limit, after)), app.clock.now()
        with app.store.reading() as reading:
            names = {item.actor: reading.actor(item.actor) or item.actor for item in found.items}
    columns = session.say("dossier|demande|quoi|sur|demandé par|demandé le|depuis|à approuver par",
                          "placement|request|what|about|asked by|asked at|for|to be approved by")  # fmt: skip
    answer_list(
        session,
        found,
        lambda item: request_item(item, now),
        columns,
        lambda item: _row(item, names[item.actor], now, session.lang),
    )


@command(commands, "approve", ACTING, MANY)
def approve(
    session: Session, reference: OneReference = None, request: Number = None, reason: Reason = None, **chosen: Any
) -> int:
    """Approve a correction that somebody else asked for: it is carried out at once."""
    return _decide(session, "approve", reference, request, reason, chosen)


@command(commands, "refuse", ACTING, MANY)
def refuse(
    session: Session, reference: OneReference = None, request: Number = None, reason: Reason = None, **chosen: Any
) -> int:
    """Refuse a correction that waits; who asked for it withdraws it so."""
    return _decide(session, "refuse", reference, request, reason, chosen)


def _decide(
    session: Session,
    verdict: Literal["approve", "refuse"],
    reference: str | None,
    request: int | None,
    reason: str | None,
    chosen: dict[str, Any],
) -> int:
    from operators.cli.asking import ask_each
    from workflow.commands import Decide

    settings = session.settings

    def make(reference: str, revision: int | None, _: str | None, key: str) -> Decide:
        return Decide(
            reference=reference, verdict=verdict, actor=settings.actor, request=request, reason=reason,
            roles=settings.role, expect=revision, key=key,
        )  # fmt: skip

    return ask_each(session, make, [] if reference is None else [reference], chosen)


def _row(item: "RequestItem", who: str, now: "datetime", lang: str) -> tuple[str | int | None, ...]:
    from operators.moments import length_text, local_text
    from workflow.calendar import zone_of

    asked = local_text(item.asked_at, zone_of(item.territory))
    since = length_text(now - item.asked_at, lang)
    return item.reference, item.seq, item.act, item.about, who, asked, since, ", ".join(item.by)
