"""Whether the console lives, and whether it can work. Without login; tells nothing else."""

from typing import Annotated, Any

from fastapi import Depends
from starlette.responses import PlainTextResponse

from operators.console.routing import Screen, current
from operators.console.visit import Visit
from operators.readiness import is_ready

screen = Screen()
Here = Annotated[Visit, Depends(current)]


@screen.get("/livez", "anyone")
def live() -> Any:
    """The process answers."""
    return PlainTextResponse("live\n")


@screen.get("/readyz", "anyone")
def ready(visit: Here) -> Any:
    """The database can be read, and has this program's schema."""
    return PlainTextResponse("ready\n") if is_ready(visit.app) else PlainTextResponse("not ready\n", 503)
