"""Routes with the action that they are declared under; one that declares none is refused when the console is made.

Whoever asks is found by their session, and turned away before the page is asked anything.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final, Literal

from fastapi import Depends, FastAPI, Request, Response
from fastapi.params import Depends as DependsParam
from fastapi.routing import APIRoute
from starlette.datastructures import FormData
from starlette.routing import BaseRoute, Mount

from operators.console.errors import Forbidden, SignInNeeded
from operators.console.policy import ANYONE, Action, may
from operators.console.visit import Visit

Declared = Action | Literal["anyone"]
STATIC: Final = "/static"
"""The only mount, open to anyone."""


class UndeclaredRoute(Exception):
    """A route that does not say under which action of the policy it falls."""


@dataclass(frozen=True, slots=True)
class Guard:
    """Lets a request pass to its page only where the policy allows the action."""

    action: Declared

    def __call__(self, request: Request) -> None:
        visit = Visit.of(request)
        request.state.visit = visit
        if self.action == ANYONE:
            return
        if visit.account is None:
            raise SignInNeeded(visit.address if request.method == "GET" else "/")
        if not may(visit.account, self.action):
            raise Forbidden(self.action)


@dataclass(frozen=True, slots=True)
class Declaration:
    """One route: how it is asked, and the action that it falls under."""

    method: str
    path: str
    action: Declared


class Screen:
    """The routes of one screen."""

    def __init__(self) -> None:
        self.routes: list[tuple[Declaration, Callable[..., Any]]] = []

    def get(self, path: str, action: Declared) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
        """Register a page."""
        return self._register(Declaration("GET", path, action))

    def post(self, path: str, action: Declared) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
        """Register what a form does."""
        return self._register(Declaration("POST", path, action))

    def _register(self, declared: Declaration) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
        def keep(function: Callable[..., Any]) -> Callable[..., Any]:
            self.routes.append((declared, function))
            return function

        return keep

    def add_to(self, web: FastAPI) -> None:
        """Make these routes part of an application."""
        for declared, function in self.routes:
            web.add_api_route(
                declared.path,
                function,
                methods=[declared.method],
                dependencies=[Depends(Guard(declared.action))],
                response_class=Response,
                response_model=None,
            )


def declarations(routes: list[BaseRoute]) -> Iterator[Declaration]:
    """The policy's word on every route. Raises UndeclaredRoute for one on which it has none."""
    for route in routes:
        if isinstance(route, Mount) and route.path == STATIC:
            continue
        if not isinstance(route, APIRoute):
            raise UndeclaredRoute(f"{route} is no route of a screen")
        guard = next((each.dependency for each in route.dependencies if _guards(each)), None)
        if not isinstance(guard, Guard):
            raise UndeclaredRoute(f"{sorted(route.methods or ())} {route.path} declares no action of the policy")
        yield from (Declaration(method, route.path, guard.action) for method in sorted(route.methods or ()))


def _guards(dependency: DependsParam) -> bool:
    return isinstance(dependency.dependency, Guard)


def current(request: Request) -> Visit:
    """The visit that the guard let pass."""
    visit: Visit = request.state.visit
    return visit


async def posted(request: Request) -> FormData:
    """The form that was sent."""
    return await request.form(max_files=0, max_fields=300)
