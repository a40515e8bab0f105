"""`doctor`: does everything stored hold together? It repairs nothing and writes nothing."""

import sys
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from operators.cli.command import command, new_commands
from operators.cli.session import Session

if TYPE_CHECKING:
    from app import App
    from audit.register import Row
    from operators.cli.output import Page

commands = new_commands()

Fault = dict[str, str]


@command(commands, "doctor")
def doctor(session: Session) -> int:
    """Check that everything stored holds together."""
    from operators.cli.errors import BROKEN, DONE

    with session.open() as app:
        database = [
            *app.queries.integrity(),
            *_published(session, app),
            *_tallied(session, app),
            *_continued(session, app),
        ]
        total = app.queries.stats().placements
        faults: list[Fault] = []
        for checked, fault in _checked(session, app):
            faults += fault
            _tell_progress(checked, total)
        answer = _report(session, app, total, database, faults)
    session.answer(answer, lambda page: _write(page, answer))
    return DONE if answer["ok"] else BROKEN


def _continued(session: Session, app: "App") -> list[str]:
    """What keeps this database from being written to: it does not continue the checkpoint that is remembered."""
    from app import expect_continued
    from operators.cli.errors import sentence
    from workflow.errors import IntegrityBroken

    try:
        expect_continued(app)
    except IntegrityBroken as error:
        return [sentence(error, session.lang)]
    return []


def _published(session: Session, app: "App") -> list[str]:
    from operators.published_checks import published_faults

    with app.store.reading() as reading, app.store.seals.reading() as seals:
        acts = [row.data for row in seals.acts() if row.data is not None]
        return [session.say(*fault) for fault in published_faults(reading.versions(), acts)]


def _tallied(session: Session, app: "App") -> list[str]:
    """Where the counts kept with every change are not what there is."""
    return [session.say(
        f"La table tally compte {kept} dossiers pour {state} et {territory}, il y en a {there}.",
        f"The table tally counts {kept} placements for {state} and {territory}, there are {there}.",
    ) for (state, territory), kept, there in app.store.counts.misplaced()]  # fmt: skip


def _checked(session: Session, app: "App") -> Iterator[tuple[int, list[Fault]]]:
    """For each placement in turn: how many were checked, and what does not hold for this one."""
    from operators.cli.errors import sentence
    from operators.filters import all_placements
    from operators.row_checks import row_faults
    from storage.queries import PlacementFilter
    from workflow.errors import IntegrityBroken

    for number, item in enumerate(all_placements(app, PlacementFilter()), start=1):
        try:
            faults = [*app.engine.check(item.reference), *row_faults(app.engine, app.queries, item.reference)]
            sentences = [session.say(f"{item.reference} : {fr}", f"{item.reference}: {en}") for fr, en in faults]
        except IntegrityBroken as error:
            sentences = [sentence(error, session.lang)]
        yield number, [{"reference": item.reference, "message": each} for each in sentences]


def _report(session: Session, app: "App", total: int, database: list[str], faults: list[Fault]) -> dict[str, Any]:
    from operators.cli.brake import brake_object, brake_warnings
    from operators.cli.incidents import incident_object
    from operators.cli.output import instant
    from operators.cli.runners import runner_object, runner_warnings

    standing = app.engine.brake()
    due = app.queries.due_counts(app.clock.now())
    runners = app.store.runners.listed()
    incidents = [incident_object(item) for item in app.queries.incidents()]
    alarming = sum(item["set_aside"] is None for item in incidents)
    waiting = {"placements": due.waking, "oldest": instant(due.oldest)}
    return {
        "ok": not database and not faults,
        "checked": total,
        "database": database,
        "faults": faults,
        "incidents": incidents,
        "pending": waiting,
        "brake": brake_object(standing, session.lang),
        "runners": [runner_object(item) for item in runners],
        "warnings": [
            *brake_warnings(session, standing),
            *_warnings(session, 0 if standing.held else due.waking, alarming),
            *runner_warnings(session, runners),
            *_unlooked(session, app),
            *_notices(session, app),
            *_register(session, app),
        ],
    }


def _warnings(session: Session, waiting: int, incidents: int) -> list[str]:
    """What deserves a look and breaks no invariant: work that waits shows a missing or late runner."""
    found = []
    if waiting:
        found.append(session.say(
            f"{waiting} dossiers attendent un balayage : parcours run est absent ou en retard.",
            f"{waiting} placements wait for a sweep: parcours run is missing or late.",
        ))  # fmt: skip
    if incidents:
        found.append(session.say(f"{incidents} incidents sont ouverts.", f"{incidents} incidents are open."))
    return found


def _unlooked(session: Session, app: "App") -> list[str]:
    """What was not looked at, because this server does not let us."""
    if app.store.database.checks_pages():
        return []
    return [session.say(
        "Les pages et index du serveur n'ont pas été vérifiés : l'extension amcheck manque, ou ce compte ne peut pas "
        "l'utiliser (parcours database roles).",
        "The server's pages and indexes were not checked: its extension amcheck is missing, or this account may not "
        "use it (parcours database roles).",
    )]  # fmt: skip


def _notices(session: Session, app: "App") -> list[str]:
    """Whether there are notices that nobody received, and that are not tried any more."""
    dead = app.store.deliveries.counts().get("dead", 0)
    if not dead:
        return []
    return [session.say(
        f"{dead} avis ne sont pas arrivés et ne sont plus essayés : parcours notices --dead.",
        f"{dead} notices did not arrive and are not tried any more: parcours notices --dead.",
    )]  # fmt: skip


def _register(session: Session, app: "App") -> list[str]:
    """Whether the register beside the database and its history name the same erasures: a restored copy lacks some."""
    from app import register_path
    from audit.register import read
    from workflow.errors import InputRefused, IntegrityBroken

    path = register_path(app.settings)
    try:
        lost, unnamed = _compared(app, read(path) if path.exists() else ())
    except (InputRefused, IntegrityBroken) as error:
        return [str(error)]
    found = []
    if lost:
        found.append(session.say(
            f"{path} nomme {lost} données effacées que cette base a encore : parcours person reapply {path}.",
            f"{path} names {lost} erased values that this database still has: parcours person reapply {path}.",
        ))  # fmt: skip
    if unnamed:
        found.append(session.say(
            f"{unnamed} données effacées ne sont pas dans {path} : parcours person register --out {path}.",
            f"{unnamed} erased values are not in {path}: parcours person register --out {path}.",
        ))  # fmt: skip
    return found


def _compared(app: "App", listed: "Sequence[Row]") -> tuple[int, int]:
    """How many values and names the register names and this database still has; how many it erased unnamed there."""
    from app import actor_erasures, erasures
    from audit.register import ActorErasure

    made = {text for row in erasures(app) for text in row.commitments}
    rows = [row for row in listed if not isinstance(row, ActorErasure)]
    actors = {row.actor for row in listed if isinstance(row, ActorErasure)}
    named = {text for row in rows for text in row.commitments}
    # What a copy never had cannot be erased there: only what its history still holds counts.
    references = {row.reference for row in rows if not made.issuperset(row.commitments)}
    history = (stored.chained().entry for reference in references for stored in app.queries.history(reference))
    here = {text for entry in history for text in entry.commitments.values()}
    with app.store.reading() as reading:
        known = {actor for actor, _ in reading.actors()}
    lost = len((named - made) & here) + len(actors & known)
    return lost, len(made - named) + len({row.actor for row in actor_erasures(app)} - actors)


def _tell_progress(checked: int, total: int) -> None:
    if sys.stderr.isatty() and (checked % 100 == 0 or checked == total):
        sys.stderr.write(f"\r{checked} / {total}" + ("\n" if checked == total else ""))
        sys.stderr.flush()


def _write(page: "Page", answer: dict[str, Any]) -> None:
    from operators.cli.incidents import why

    for sentence in answer["database"]:
        page.line(f"{page.say('base', 'database')} : {sentence}")
    for fault in answer["faults"]:
        page.line(fault["message"])
    for incident in answer["incidents"]:
        aside = "" if incident["set_aside"] is None else page.say(" (mis de côté)", " (set aside)")
        page.line(f"incident, {incident['reference']} : {why(page, incident)} [{incident['code']}]{aside}")
    for warning in answer["warnings"]:
        page.line(f"{page.say('attention', 'warning')} : {warning}")
    if answer["brake"]["released_at"]:
        at = answer["brake"]["released_at"]
        page.line(page.say(f"Frein levé pour la dernière fois le {at}.", f"The brake was released last at {at}."))
    verdict = page.say("Tout se tient.", "All holds.") if answer["ok"] else page.say(
        "Un invariant est rompu : ne rien écrire avant d'avoir compris.",
        "An invariant is broken: write nothing before it is understood.",
    )  # fmt: skip
    page.line(f"{answer['checked']} {page.say('dossiers vérifiés.', 'placements checked.')} {verdict}")
