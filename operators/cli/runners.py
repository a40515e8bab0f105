"""How the daemons that run on a database are shown, and what there is to warn of about them."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from operators.cli.output import instant

if TYPE_CHECKING:
    from operators.cli.output import Page
    from operators.cli.session import Session
    from storage.queries import RunnerItem


def runner_object(item: "RunnerItem") -> dict[str, Any]:
    """A runner as in all JSON."""
    return {
        "host": item.host,
        "pid": item.pid,
        "version": item.version,
        "definition_format": item.definition_format,
        "seals": item.seals,
        "started_at": instant(item.started_at),
        "heartbeat_at": instant(item.heartbeat_at),
        "alive": item.alive,
    }


def write_runners(page: "Page", runners: Sequence[dict[str, Any]]) -> None:
    """One line for each."""
    for each in runners:
        said = page.say("en marche", "alive") if each["alive"] else page.say("muet", "silent")
        where = f"{each['host']} {each['pid']}"
        since = page.say(f"depuis {each['heartbeat_at']}", f"since {each['heartbeat_at']}")
        page.line(f"parcours run, {where} : {said}{'' if each['alive'] else ' ' + since}")


def runner_warnings(session: "Session", runners: Sequence["RunnerItem"]) -> list[str]:
    """Those that fell silent without leaving, and programs of several versions on one database."""
    found = []
    for item in runners:
        if not item.alive:
            since = instant(item.heartbeat_at)
            found.append(session.say(
                f"le démon {item.host} {item.pid} se tait depuis {since} : arrêté de force, ou bloqué.",
                f"the daemon {item.host} {item.pid} has been silent since {since}: killed, or hanging.",
            ))  # fmt: skip
    formats = {item.definition_format for item in runners if item.alive}
    if len(formats) > 1:
        found.append(session.say(
            "des démons de plusieurs versions partagent cette base : mettez-les à la même.",
            "daemons of several versions share this database: bring them to the same one.",
        ))  # fmt: skip
    return found
