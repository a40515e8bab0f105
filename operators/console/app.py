"""Makes the console: its routes, what wraps them, and the pages for what goes wrong.

A route without a word of the policy stops it from being made at all.
"""

import logging
import time
from collections.abc import Sequence
from typing import Any, Final

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.convertors import register_url_convertor
from starlette.exceptions import HTTPException
from starlette.staticfiles import StaticFiles

from app import App
from operators.api.rate import Rate
from operators.batches import work
from operators.console import (
    acting,
    approving,
    audit,
    batches,
    correcting,
    definition,
    definition_changes,
    deliveries,
    due,
    feeds,
    health,
    hints,
    incidents,
    login,
    months,
    oidc,
    own_notices,
    people,
    person_data,
    persons,
    placement,
    placements,
    placing,
    simulating,
    system,
    views,
)
from operators.console.addresses import ReferenceConvertor, query_of
from operators.console.counted import Counted
from operators.console.errors import Forbidden, SignInNeeded, TooMany, status_sentence
from operators.console.pages import STATICS, Pages
from operators.console.routing import STATIC, Screen, declarations
from operators.console.secrets import digest_of
from operators.console.shield import Shield
from operators.console.throttle import Throttle
from operators.console.visit import LOOPBACK, Console, Visit
from operators.console.watching import Watching
from operators.unknown_names import unknown_fr
from settings import WrongUsage
from workflow.clock import Clock, SystemClock
from workflow.errors import NotFound, ParcoursError, StoreUnavailable, UnknownName

SCREENS: Sequence[Screen] = tuple(
    module.screen
    for module in (
        health, login, oidc, due, months, placements, batches, placing, placement, acting, correcting, approving,
        incidents, deliveries,
        hints, feeds, views, system, definition, definition_changes, simulating, audit, people, persons, person_data,
        own_notices,
    )
)  # fmt: skip

LONGEST_FORM: Final = 256 * 1024
"""So many bytes of a form are read."""

FEEDS_A_MINUTE: Final = 6
"""So often the address of one calendar may be asked for."""

SELDOM_S: Final = 600
"""What is asked for seldom, and is not to the minute, is kept for so long."""

_LOG = logging.getLogger("parcours.console")


def make_console(
    app: App, *, first: str | None = None, real: Clock | None = None, screens: Sequence[Screen] = SCREENS
) -> Shield:
    """The console over an open application. `first` is the secret of the link that makes the first account.

    `real` is the clock of sessions and links, by default the system's. Raises UndeclaredRoute.
    """
    register_url_convertor("reference", ReferenceConvertor())
    web = FastAPI(docs_url=None, redoc_url=None, openapi_url=None, max_body_size=LONGEST_FORM)
    link = None if first is None else digest_of(first)
    # What a server takes to answer is no time of ours.
    spent_s = time.thread_time if app.store.database.dialect.name == "sqlite" else time.perf_counter
    counted = Counted(app.store.change_token, spent_s)
    clock = real or SystemClock()
    watching = Watching(app.store.change_token, lambda held: app.store.accounts.live_sessions(held, clock.now()))
    feeds, seldom = Rate(FEEDS_A_MINUTE), Counted(lambda: int(clock.now().timestamp()) // SELDOM_S)
    web.state.console = Console(app, Pages(), clock, Throttle(), link, counted, watching, feeds, seldom)
    for screen in screens:
        screen.add_to(web)
    web.mount(STATIC, StaticFiles(directory=STATICS), name="static")
    work.attend(web, app, web.state.console.real)
    web.state.provider = oidc.provider_for(app.settings, web.state.console.real.now)
    list(declarations(web.routes))
    _answer_errors(web)
    return Shield(web, (*LOOPBACK, *app.settings.console_names))


def _answer_errors(web: FastAPI) -> None:
    web.add_exception_handler(SignInNeeded, _sign_in)
    web.add_exception_handler(Forbidden, _forbidden)
    web.add_exception_handler(TooMany, _too_many)
    web.add_exception_handler(HTTPException, _http)
    web.add_exception_handler(RequestValidationError, _unreadable)
    web.add_exception_handler(ParcoursError, _expected)
    web.add_exception_handler(Exception, _unexpected)


def _sign_in(request: Request, error: Any) -> Response:
    address = error.address
    return _visit(request).go("/login" + (query_of({"next": address}) if address != "/" else ""))


def _forbidden(request: Request, error: Any) -> Response:
    visit = _visit(request)
    return _message(visit, 403, visit.say("Cette page ne vous est pas ouverte.", "This page is not open to you."))


def _too_many(request: Request, error: Any) -> Response:
    visit = _visit(request)
    minutes = error.wait_s // 60 + 1
    answer = _message(visit, 429, visit.say(
        f"Trop de tentatives : réessayez dans {minutes} minutes.", f"Too many attempts: try again in {minutes} minutes."
    ))  # fmt: skip
    answer.headers["Retry-After"] = str(error.wait_s)
    return answer


def _http(request: Request, error: Any) -> Response:
    visit = _visit(request)
    return _message(visit, error.status_code, visit.say(*status_sentence(error)))


def _unreadable(request: Request, error: Any) -> Response:
    visit = _visit(request)
    return _message(visit, 422, visit.say("Cette adresse ne se lit pas.", "This address cannot be read."))


def _expected(request: Request, error: Any) -> Response:
    """An error of the product that its page did not answer itself."""
    visit = _visit(request)
    if isinstance(error, NotFound):
        return _message(visit, 404, visit.say(*status_sentence(HTTPException(404))))
    if isinstance(error, WrongUsage):
        return _message(visit, 422, visit.say(error.message, error.message_en))
    if isinstance(error, UnknownName):
        return _message(visit, 422, visit.say(unknown_fr(error), f"{error}."))
    _LOG.error("request.failed", exc_info=error, extra={"method": request.method, "path": _path(request)})
    if isinstance(error, StoreUnavailable):
        return _plain(visit, 503, visit.say("La base de données ne répond pas. Rien n'est perdu : réessayez.",
                                            "The database does not answer. Nothing is lost: try again."))  # fmt: skip
    return _plain(visit, 500, visit.say("Ce qui est enregistré se contredit : parcours doctor dit où.",
                                        "What is stored contradicts itself: parcours doctor says where."))  # fmt: skip


def _unexpected(request: Request, error: Any) -> Response:
    _LOG.error("request.failed", exc_info=error, extra={"method": request.method, "path": _path(request)})
    return Response("Erreur inattendue : elle est au journal du serveur.\nUnexpected error: see the server's log.\n",
                    500, media_type="text/plain")  # fmt: skip


def _path(request: Request) -> str:
    """What was asked for, as the log may have it: a calendar's address is a secret."""
    path = request.url.path
    return "/calendar/…" if path.startswith("/calendar/") else path


def _visit(request: Request) -> Visit:
    """The visit that the guard found, or one for a request that reached no page."""
    found: Visit | None = getattr(request.state, "visit", None)
    return found or Visit.of(request)


def _message(visit: Visit, status: int, sentence: str) -> Response:
    return visit.page("message.html", status, sentence=sentence)


def _plain(visit: Visit, status: int, sentence: str) -> Response:
    """Without a page, which would ask the database who is signed in."""
    return Response(f"{sentence}\n", status, media_type="text/plain")
