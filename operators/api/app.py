"""Makes the API: its operations, its OpenAPI document, and the answers to what goes wrong.

An operation without a word of the policy stops it from being made at all.
"""

import logging
from collections.abc import Sequence
from typing import Any, Final

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.convertors import register_url_convertor
from starlette.exceptions import HTTPException
from starlette.responses import Response

from operators.api import (
    approvals,
    audit,
    batches,
    changes,
    corrections,
    definition,
    deliveries,
    documents,
    incidents,
    lists,
    persons,
    placements,
    standing,
)
from operators.api.caller import Bounds, Caller
from operators.api.gate import Gate
from operators.api.problems import Trouble, error_answer, problem, status_of, trouble_answer
from operators.api.rate import Rate
from operators.api.routing import Resource
from operators.console.addresses import ReferenceConvertor
from operators.console.errors import Forbidden
from operators.console.routing import declarations
from operators.console.shield import Shield
from operators.console.throttle import Throttle
from operators.console.visit import LOOPBACK, Console
from workflow.errors import ParcoursError

_MODULES: Final = (
    standing,
    placements,
    changes,
    corrections,
    approvals,
    batches,
    persons,
    lists,
    incidents,
    deliveries,
    definition,
    audit,
    documents,
)
RESOURCES: Final[Sequence[Resource]] = tuple(module.resource for module in _MODULES)

_LOG = logging.getLogger("parcours.console")


def with_api(shield: Shield) -> Gate:
    """The console with the API before it, over the same application."""
    console: Console = shield.inner.state.console
    hosts = (*LOOPBACK, *console.settings.console_names)
    api = make_api(console)
    api.state.work = shield.inner.state.work
    return Gate(api, shield, hosts, console.settings.lang)


def make_api(console: Console, resources: Sequence[Resource] = RESOURCES) -> FastAPI:
    """The API over what the console shares. Raises UndeclaredRoute."""
    web = routed(resources)
    web.state.console = console
    web.state.bounds = Bounds(Rate(console.settings.api_rate), Throttle())
    list(declarations(web.routes))
    _answer_errors(web)
    return web


def routed(resources: Sequence[Resource] = RESOURCES) -> FastAPI:
    """The operations alone: enough to say in a document what they are."""
    register_url_convertor("reference", ReferenceConvertor())
    web = FastAPI(docs_url=None, redoc_url=None, openapi_url=None, redirect_slashes=False)
    for resource in resources:
        resource.add_to(web)
    return web


def _answer_errors(web: FastAPI) -> None:
    web.add_exception_handler(Trouble, _trouble)
    web.add_exception_handler(Forbidden, _forbidden)
    web.add_exception_handler(HTTPException, _http)
    web.add_exception_handler(RequestValidationError, _unreadable)
    web.add_exception_handler(ParcoursError, _expected)
    web.add_exception_handler(Exception, _unexpected)


def _caller(request: Request) -> Caller:
    """The caller that the guard found, or one for a request that reached no operation."""
    found: Caller | None = getattr(request.state, "visit", None)
    return found or Caller.of(request)


def _trouble(request: Request, error: Any) -> Response:
    return trouble_answer(error, _caller(request).lang)


def _forbidden(request: Request, error: Any) -> Response:
    caller = _caller(request)
    told = caller.say(
        f"Ce jeton ne permet pas cela ({error.action}).", f"This token does not allow it ({error.action})."
    )
    return problem(403, "forbidden", told, caller.lang)


def _http(request: Request, error: Any) -> Response:
    caller = _caller(request)
    said = {
        400: ("unreadable", "Cette demande ne se lit pas.", "This request cannot be read."),
        404: ("not_found", "Cette adresse n'existe pas.", "There is no such address."),
        405: (
            "method_not_allowed",
            "Cette adresse ne se demande pas ainsi.",
            "This address is not asked for like that.",
        ),
    }
    code, fr, en = said.get(error.status_code, said[400])
    return problem(error.status_code, code, caller.say(fr, en), caller.lang, headers=error.headers)


def _unreadable(request: Request, error: Any) -> Response:
    """What cannot be read: one finding for each fault, with where it is; what was sent is not repeated."""
    caller = _caller(request)
    findings = [{"where": ".".join(map(str, each["loc"])), "message": str(each["msg"])} for each in error.errors()]
    first = "; ".join(f"{each['where']}: {each['message']}" for each in findings[:3])
    told = caller.say(f"La demande ne se lit pas : {first}.", f"The request cannot be read: {first}.")
    return problem(422, "unreadable", told, caller.lang, findings=findings)


def _expected(request: Request, error: Any) -> Response:
    """An error of the product that its operation did not answer itself."""
    if status_of(error) in (500, 503) and error.code not in ("refused", "clock_behind", "held"):
        _log(request, error)
    return error_answer(error, _caller(request).lang)


def _unexpected(request: Request, error: Any) -> Response:
    _log(request, error)
    return problem(
        500, "failed", "Erreur inattendue : elle est au journal du serveur. / Unexpected: see the log.", "fr"
    )


def _log(request: Request, error: Exception) -> None:
    _LOG.error("request.failed", exc_info=error, extra={"method": request.method, "path": request.url.path})
