"""Questions about one placement. They write nothing, and say so where something due is not entered yet."""

from typing import TYPE_CHECKING, Annotated

import typer

from operators.cli.command import ACTING, command, new_commands
from operators.cli.options import At, Reference, Trigger
from operators.cli.session import Session

if TYPE_CHECKING:
    from operators.cli.output import Page
    from workflow.commands import Answer
    from workflow.views import Explanation, PlacementView

commands = new_commands()


@command(commands, "show")
def show(
    session: Session,
    reference: Reference,
    as_of: Annotated[
        str | None, typer.Option("--as-of", metavar="I", help="As it was believed at this moment.")
    ] = None,
    at: Annotated[
        str | None, typer.Option("--at", metavar="I", help="As it was at this moment, by what is known now.")
    ] = None,
) -> None:
    """Show one placement: state, fields, deadlines."""
    from operators.cli.shapes import placement_object
    from operators.moments import optional_moment, parse_instant
    from workflow.calendar import zone_of

    with session.open() as app:
        view = app.engine.view(reference)
        if as_of is not None or at is not None:
            zone = zone_of(view.facts.territory)
            known = None if as_of is None else parse_instant(as_of, zone, "--as-of")
            view = app.engine.view(reference, as_of=known, at=optional_moment(at))
    session.answer(placement_object(view), lambda page: _write_placement(page, view))


@command(commands, "history")
def history(session: Session, reference: Reference) -> None:
    """Show the history of a placement, oldest first."""
    from audit.records import history_records
    from operators.cli.people import write_entries
    from workflow.calendar import zone_of
    from workflow.errors import NotFound

    with session.open() as app:
        with app.store.reading() as reading:
            facts = reading.find(reference)
            entries = () if facts is None else reading.history(facts.id)
        if facts is None:
            raise NotFound(session.say(f"Aucun dossier {reference}.", f"There is no placement {reference}."))
        records = history_records(entries, lambda digest: app.engine.rules(digest).definition)
        zone = zone_of(facts.territory)
        session.answer(records, lambda page: write_entries(page, app, entries, zone))


@command(commands, "can", ACTING)
def can(session: Session, reference: Reference, trigger: Trigger = None, at: At = None) -> None:
    """Say what may fire now, and every blocker of what may not."""
    from operators.cli.shapes import answer_object
    from operators.moments import optional_moment

    moment = optional_moment(at)
    with session.open() as app:
        answers = app.engine.can(reference, trigger, at=moment, roles=session.settings.role)
    lang = session.lang
    session.answer([answer_object(answer, lang) for answer in answers], lambda page: _write_answers(page, answers))


@command(commands, "explain")
def explain(
    session: Session,
    reference: Reference,
    deadline: Annotated[str, typer.Argument(metavar="DEADLINE", help="The deadline's name.")],
) -> None:
    """Say how the date of a deadline was computed, step by step."""
    from operators.cli.shapes import explanation_object

    with session.open() as app:
        explanation = app.engine.explain(reference, deadline)
    session.answer(explanation_object(explanation, session.lang), lambda page: _write_explanation(page, explanation))


def _write_placement(page: "Page", view: "PlacementView") -> None:
    from operators.cli.people import field_label, state_label, write_deadlines
    from operators.cli.shapes import fields_object
    from operators.moments import local_text
    from workflow.calendar import zone_of

    facts, definition = view.facts, view.rules.definition
    zone = zone_of(facts.territory)
    state = state_label(definition, facts.state, page.lang)
    page.heading(page.say(f"{facts.reference} : {state}", f"{facts.reference}: {state}"))
    page.pairs([
        (page.say("depuis", "since"), local_text(facts.state_since, zone)),
        (page.say("révision", "revision"), facts.revision),
        (page.say("définition", "definition"), f"{definition.name} {definition.version}"),
        (page.say("prochain réveil", "wakes at"), local_text(view.wakes_at, zone)),
    ])  # fmt: skip
    _write_warnings(page, view)
    page.line()
    values = fields_object(definition, {**facts.fields, **view.personal})
    page.pairs([(field_label(definition, name, page.lang), str(value)) for name, value in values.items()])
    if facts.erased:
        page.line(page.say(f"Effacé : {', '.join(facts.erased)}", f"Erased: {', '.join(facts.erased)}"))
    if facts.held:
        page.line(page.say("Conservation légale : rien ne peut être effacé.", "Legal hold: nothing may be erased."))
    page.line()
    write_deadlines(page, view.deadlines, zone)


def _write_warnings(page: "Page", view: "PlacementView") -> None:
    from operators.cli.people import waits_text
    from workflow.undecided import why_undecided

    if view.behind:
        names = ", ".join(view.pending)
        page.line(page.say(f"En retard d'un balayage : {names} est échu et pas encore inscrit.",
                           f"Behind: {names} is due and not entered yet."))  # fmt: skip
    if view.incident is not None:
        why = why_undecided(view.incident.code, view.incident.message)
        page.line(page.say(f"Incident : {why.fr}", f"Incident: {why.en}"))
    for request in view.requests:
        page.line(waits_text(page, request.waiting))
        asked = {**request.options, **request.fields, page.say("motif", "reason"): request.text or request.reason}
        page.pairs([(f"  {name}", page.say("effacé", "erased") if v is None else v) for name, v in asked.items()])


def _write_answers(page: "Page", answers: "list[Answer]") -> None:
    page.table(
        page.say("déclencheur|possible|vers|rôles|demande", "trigger|may fire|to|roles|needs").split("|"),
        [
            (a.trigger, page.say("oui" if a.allowed else "non", "yes" if a.allowed else "no"), a.to,
             ", ".join(a.by), ", ".join(a.needs))
            for a in answers
        ],
    )  # fmt: skip
    for answer in answers:
        for blocker in answer.blockers:
            sentence = f"{blocker.sentence(page.lang)} [{blocker.code}]"
            page.line(page.say(f"{answer.trigger} : {sentence}", f"{answer.trigger}: {sentence}"))


def _write_explanation(page: "Page", explanation: "Explanation") -> None:
    page.lines(step.en if page.lang == "en" else step.fr for step in explanation.steps)
