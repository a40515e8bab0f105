"""The operations of the API: each declared under an action of the one policy, with what it answers and which errors.

Whoever asks is found by their token, and turned away before the operation is asked anything.
"""

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final

from fastapi import Depends, FastAPI, Request
from starlette.responses import JSONResponse, Response

from operators.api.caller import Caller
from operators.api.problems import MEDIA, TITLES, Trouble, as_json
from operators.console.errors import Forbidden
from operators.console.policy import ANYONE, POLICY, may
from operators.console.routing import Declaration, Declared, Guard
from operators.console.throttle import Key
from workflow.errors import StoreUnavailable

PREFIX: Final = "/api/v1"
NDJSON: Final = "application/x-ndjson"

_ALWAYS: Final = (400, 413, 421, 500, 503)
_GUARDED: Final = (401, 403, 429)
_CHANGING: Final = (404, 409, 412, 428)

Function = Callable[..., Any]


@dataclass(frozen=True, slots=True)
class BearerGuard(Guard):
    """Lets a request pass to its operation only where it carries a token that the policy allows the action."""

    def __call__(self, request: Request) -> None:
        caller = Caller.of(request)
        request.state.visit = caller
        if self.action == ANYONE:
            return
        if caller.account is None:
            _turn_away(caller)
        else:
            _bound(caller.bounds.rate.wait_s(caller.token.prefix, caller.console.real.now()))
            # A database that is busy is no reason to turn anybody away: it is written with the next request.
            with suppress(StoreUnavailable):
                caller.app.store.tokens.note_use(caller.token, caller.console.real.now())
        if caller.account is None or not may(caller.account, self.action):
            raise Forbidden(self.action)


def _turn_away(caller: Caller) -> None:
    """Ask for a token; whoever tries many that open nothing waits."""
    now = caller.console.real.now()
    host = caller.request.client.host if caller.request.client else ""
    keys: tuple[Key, ...] = (("address", host),)
    _bound(caller.bounds.guesses.wait_s(keys, now))
    if caller.secret is not None:
        caller.bounds.guesses.failed(keys, now)
    wrong = ', error="invalid_token"' if caller.secret is not None else ""
    raise Trouble(
        401, "token_needed", "Il faut un jeton en cours : Authorization: Bearer pcs_…",
        "A current token is needed: Authorization: Bearer pcs_…",
        {"WWW-Authenticate": f'Bearer realm="parcours"{wrong}'},
    )  # fmt: skip


def _bound(wait_s: int) -> None:
    if wait_s:
        raise Trouble(429, "too_many", f"Trop de demandes : réessayez dans {wait_s} secondes.",
                      f"Too many requests: try again in {wait_s} seconds.", {"Retry-After": str(wait_s)})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation: its declaration, what it answers, and the statuses of its errors."""

    declared: Declaration
    function: Function
    answers: Mapping[int, dict[str, Any]]
    errors: tuple[int, ...]


class Resource:
    """The operations on one kind of thing."""

    def __init__(self, tag: str) -> None:
        self.tag = tag
        self.operations: list[Operation] = []

    def get(
        self, path: str, action: Declared, answer: Any = None, *, errors: tuple[int, ...] = (), media: str | None = None
    ) -> Callable[[Function], Function]:
        """Register a question. `answer` is its type; `media` that of what is no JSON."""
        answers = {200: _answer(answer, media)}
        return self._register(Declaration("GET", PREFIX + path, action), answers, errors)

    def post(
        self, path: str, action: Declared, answer: Any, *, also: Mapping[int, str] | None = None,
        errors: tuple[int, ...] = _CHANGING,
    ) -> Callable[[Function], Function]:  # fmt: skip
        """Register an act. `also` are further statuses with the same answer, and when they are given."""
        more = {status: {"model": answer, "description": said} for status, said in (also or {}).items()}
        answers = {200: _answer(answer, None), **more}
        return self._register(Declaration("POST", PREFIX + path, action), answers, errors)

    def _register(
        self, declared: Declaration, answers: Mapping[int, dict[str, Any]], errors: tuple[int, ...]
    ) -> Callable[[Function], Function]:
        guarded = () if declared.action == ANYONE else _GUARDED
        every = tuple(sorted({*_ALWAYS, *guarded, *errors, 422}))

        def keep(function: Function) -> Function:
            self.operations.append(Operation(declared, function, answers, every))
            return function

        return keep

    def add_to(self, web: FastAPI) -> None:
        """Make these operations part of an application."""
        for each in self.operations:
            web.add_api_route(
                each.declared.path,
                each.function,
                methods=[each.declared.method],
                dependencies=[Depends(BearerGuard(each.declared.action))],
                response_class=Response if None in {a.get("model") for a in each.answers.values()} else Json,
                response_model=None,
                responses=_responses(each),
                operation_id=each.function.__name__,
                tags=[self.tag],
                openapi_extra=_policy(each.declared),
            )


def _responses(each: Operation) -> dict[int | str, dict[str, Any]]:
    found: dict[int | str, dict[str, Any]] = {status: _problem(status) for status in each.errors}
    for status, said in each.answers.items():
        found[status] = said
    return found


class Json(JSONResponse):
    """An answer in JSON."""

    def render(self, content: Any) -> bytes:
        return as_json(content)


def answer(content: Any, caller: Caller, status: int = 200, **headers: str) -> Json:
    """An answer in JSON, which nobody keeps."""
    told = {name.replace("_", "-"): value for name, value in headers.items()}
    return Json(content, status, {"Cache-Control": "no-store", "Content-Language": caller.lang, **told})


def current(request: Request) -> Caller:
    """The caller that the guard let pass."""
    caller: Caller = request.state.visit
    return caller


def _answer(model: Any, media: str | None) -> dict[str, Any]:
    if media is None:
        return {"model": model, "description": "What was asked for."}
    return {"description": "What was asked for.", "content": {media: {}}}


def _problem(status: int) -> dict[str, Any]:
    schema = {"$ref": "#/components/schemas/Problem"}
    return {"description": TITLES[status][1], "content": {MEDIA: {"schema": schema}}}


def _policy(declared: Declaration) -> dict[str, Any]:
    """What the document says of who may."""
    if declared.action == ANYONE:
        return {"security": [], "x-action": ANYONE}
    rule = POLICY[declared.action]
    roles = sorted("definition" if role == "*" else role for role in rule.roles)
    return {"x-action": declared.action, "x-roles": roles, "x-scope": rule.scope}
