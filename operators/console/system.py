"""How the installation does: daemons, lateness, the brake, notices that wait, seals, versions."""

from typing import Annotated, Any

from fastapi import Depends

from operators.console.routing import Screen, current
from operators.console.visit import Visit
from operators.heartbeat import program_version

screen = Screen()
Here = Annotated[Visit, Depends(current)]


@screen.get("/system", "system.read")
def show_system(visit: Here) -> Any:
    """All of it on one page; every number is of this moment."""
    store = visit.app.store
    with store.seals.reading() as reading:
        seal, queued = reading.last_seal(), reading.queue_length(10_000)
    runners, (waking, oldest) = store.runners.listed(), visit.app.queries.waking(visit.now)
    return visit.page(
        "system.html",
        runners=runners,
        formats={each.definition_format for each in runners if each.alive},
        waking=waking,
        oldest=oldest,
        standing=visit.app.engine.brake(),
        notices=store.counts.pending_notices(),
        seal=seal,
        queued=queued,
        versions=(program_version(), store.database.revision()),
        real=visit.console.real.now(),
    )
