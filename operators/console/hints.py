"""The stream of server-sent events that a page listens to: hints that something has changed, and nothing of what.

A page that is told so asks its own address again, under the same policy as ever.
"""

import asyncio
from collections.abc import Callable, Hashable, Mapping
from typing import Annotated, Any, Final

from fastapi import Depends, Response
from starlette.responses import PlainTextResponse
from starlette.types import Receive, Scope, Send

from operators.console.errors import Forbidden
from operators.console.policy import Action
from operators.console.routing import Screen, current
from operators.console.secrets import digest_of
from operators.console.visit import Visit
from operators.console.watching import Question, Stream, Watching
from storage.marks import Marks
from workflow.errors import NotFound

screen = Screen()
Here = Annotated[Visit, Depends(current)]

ALIVE_S: Final = 15.0
"""A stream says at least so often that it lives: proxies cut what is silent for a minute."""

_HINT, _END, _ALIVE = b"event: hint\ndata:\n\n", b"event: end\ndata:\n\n", b":\n\n"
_WHOLE: Mapping[str, tuple[Action, Callable[[Marks], Hashable]]] = {
    "placements": ("placement.read", Marks.placements),
    "incidents": ("incident.read", Marks.incidents),
    "system": ("system.read", Marks.system),
}
_HEADERS = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-store"),
    # nginx would keep the hints until it had a page of them.
    (b"x-accel-buffering", b"no"),
]


class Hinting(Response):
    """An answer that goes on until the page is closed, its session over, or the console."""

    def __init__(self, watching: Watching, stream: Stream) -> None:
        super().__init__()
        self._watching, self._stream = watching, stream

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        gone = asyncio.ensure_future(_gone(receive))
        self._watching.join(self._stream)
        try:
            await send({"type": "http.response.start", "status": 200, "headers": _HEADERS})
            await _pass_on(self._stream, gone, send)
        finally:
            self._watching.leave(self._stream)
            gone.cancel()


async def _pass_on(stream: Stream, gone: "asyncio.Future[None]", send: Send) -> None:
    gone.add_done_callback(lambda _: stream.end())
    await send({"type": "http.response.body", "body": _ALIVE, "more_body": True})
    while not stream.ended:
        said = _HINT if await stream.news(ALIVE_S) else _ALIVE
        if not stream.ended:
            await send({"type": "http.response.body", "body": said, "more_body": True})
    if not gone.done():
        await send({"type": "http.response.body", "body": _END if stream.expired else b"", "more_body": False})


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


@screen.get("/hints", "console.enter")
def hints(visit: Here, about: str = "") -> Any:
    """Hints about `placements`, `incidents`, `system`, a `placement:…` or `batch:…`. Raises Forbidden, NotFound."""
    question = _question(visit, about)
    watching = visit.console.watching
    if not watching.has_room(visit.who.id):
        return PlainTextResponse("Too many pages are open.\n", 503, {"Retry-After": "60"})
    session = digest_of(visit.request.cookies.get(visit.cookie, ""))
    return Hinting(watching, Stream(visit.who.id, session, question))


def _question(visit: Visit, about: str) -> Question:
    marks = visit.app.store.marks
    kind, _, name = about.partition(":")
    if kind == "placement":
        item = visit.find(name)
        return Question((kind, item.id), lambda: marks.placement(item.id))
    if kind == "batch":
        batch = visit.app.store.batches.find(name)
        if batch is not None and batch.account == visit.who.id:
            return Question((kind, batch.id), lambda: marks.batch(batch.id))
    if about in _WHOLE:
        action, mark = _WHOLE[about]
        if not visit.may(action):
            raise Forbidden(action)
        return Question(about, lambda: mark(marks))
    raise NotFound(f"there are no hints about {about}")
