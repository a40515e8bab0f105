"""What an account is told by e-mail: it chooses its address, which it confirms by a link, what, in which language, how.

Nobody chooses for another account. What is for whom is decided when it is sent (operators/notices/subscribers.py).
"""

import secrets
from dataclasses import replace
from typing import Annotated, Any, Final

from fastapi import Depends
from starlette.datastructures import FormData

from operators.console.routing import Screen, current, posted
from operators.console.visit import Visit
from operators.notices import confirming
from operators.notices.subscribers import may_be_asked
from settings import Settings, WrongUsage
from storage.notice_choices import Extent, NoticeChoice, Rhythm
from workflow.values import is_email

screen = Screen()
Here = Annotated[Visit, Depends(current)]
Form = Annotated[FormData, Depends(posted)]

LONGEST: Final = 254
_PAGE: Final = confirming.CHOOSE


def is_offered(settings: Settings) -> bool:
    """Whether accounts can be told at all: e-mail is sent, and a link can say where the console is."""
    return settings.notices_email and settings.notices_url is not None


@screen.get("/me/notices", "console.enter")
def show_notices(visit: Here) -> Any:
    """What one chose, to be changed."""
    return _page(visit, visit.app.store.notice_choices.of(visit.who.id))


@screen.post("/me/notices", "console.enter")
def choose_notices(visit: Here, form: Form) -> Any:
    """Keep what one chose; a new address is asked to confirm first."""
    choices = visit.app.store.notice_choices
    before = choices.of(visit.who.id)
    if form.get("act") == "none":
        choices.forget(visit.who.id)
        return visit.go(_PAGE)
    said = _said(visit, form)
    asks = _asks(said, before, again=form.get("act") == "again")
    try:
        _refuse(visit, said, asks)
    except WrongUsage as error:
        return _page(visit, said, 422, visit.say(error.message, error.message_en), before)
    if asks or before is None:
        confirming.ask(visit.app, said)
    else:
        own: dict[str, Any] = {"nonce": before.nonce, "asked_at": before.asked_at, "confirmed_at": before.confirmed_at}
        choices.keep(replace(said, **own))
    return visit.go(_PAGE)


def _asks(said: NoticeChoice, before: NoticeChoice | None, *, again: bool) -> bool:
    """Whether an address is to be confirmed: a new one, or one whose link is asked for once more."""
    return before is None or before.email != said.email or (again and before.confirmed_at is None)


@screen.get("/me/notices/confirm", "console.enter")
def show_confirm(visit: Here, token: str = "") -> Any:
    """The button that confirms: a mail program that looks at links confirms nothing."""
    return visit.page("notices_confirm.html", token=token, wrong=None)


@screen.post("/me/notices/confirm", "console.enter")
def confirm(visit: Here, form: Form) -> Any:
    """Notices come to the address from now on."""
    if confirming.confirm(visit.app, visit.who.id, str(form.get("token", "")), visit.console.real.now()):
        return visit.go(_PAGE)
    wrong = visit.say("Ce lien n’est plus valable, ou n’est pas celui de ce compte. Demandez-en un autre.",
                      "This link is no longer valid, or is not that of this account. Ask for another one.")  # fmt: skip
    return visit.page("notices_confirm.html", 422, token="", wrong=wrong)


def _said(visit: Visit, form: FormData) -> NoticeChoice:
    extent: Extent = "all" if form.get("extent") == "all" else "awaited"
    rhythm: Rhythm = "digest" if form.get("rhythm") == "digest" else "each"
    named = {str(each) for each in form.getlist("deadline")}
    deadlines = tuple(name for name in visit.labels.deadlines if name in named)
    return NoticeChoice(
        account=visit.who.id, email=str(form.get("email", "")).strip(), nonce=secrets.token_hex(16),
        asked_at=visit.console.real.now(), confirmed_at=None, extent=extent,
        deadlines=deadlines, approvals=bool(form.get("approvals")),
        lang="en" if form.get("lang") == "en" else "fr", rhythm=rhythm,
    )  # fmt: skip


def _refuse(visit: Visit, said: NoticeChoice, asks: bool) -> None:
    """Raises WrongUsage for what is no address, and where too many links were sent."""
    if not is_offered(visit.app.settings):
        raise WrongUsage("Cette installation n’envoie pas d’avis aux comptes.",
                         "This installation sends no notices to accounts.")  # fmt: skip
    if len(said.email) > LONGEST or not is_email(said.email):
        raise WrongUsage("Ce n’est pas une adresse électronique : nom@domaine.example.",
                         "That is no e-mail address: name@domain.example.")  # fmt: skip
    if asks and confirming.are_too_many(visit.app, visit.who.id):
        raise WrongUsage("Trop de liens ont été demandés : attendez une heure.",
                         "Too many links were asked for: wait an hour.")  # fmt: skip


def _page(
    visit: Visit, shown: NoticeChoice | None, status: int = 200, wrong: str | None = None,
    kept: NoticeChoice | None = None,
) -> Any:  # fmt: skip
    return visit.page(
        "notices.html", status, choice=shown, kept=kept or (shown if wrong is None else None), wrong=wrong,
        offered=is_offered(visit.app.settings), approves=may_be_asked(visit.who),
        deadlines=[(name, label[visit.lang]) for name, label in visit.labels.deadlines.items()],
    )  # fmt: skip
