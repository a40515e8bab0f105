"""The JSON objects of placements, deadlines and outcomes, as the reference docs promise them."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from audit.records import entry_record
from operators.cli.errors import blocker_object
from operators.cli.output import day, instant
from workflow.definition import Definition, Value
from workflow.values import show_value

if TYPE_CHECKING:
    from operators.moved import Moved
    from workflow.calendar import Step
    from workflow.commands import Answer, Otherwise, Outcome
    from workflow.engine import Engine
    from workflow.facts import Facts, Waiting
    from workflow.supposing import WhatIf
    from workflow.views import DeadlineView, Explanation, PlacementView, RequestView

Json = dict[str, Any]


def definition_object(definition: Definition) -> Json:
    """Which definition: name, version, digest."""
    return {"name": definition.name, "version": definition.version, "digest": definition.digest}


def fields_object(definition: Definition, values: Mapping[str, Value]) -> Json:
    """The values of fields, in the definition's order; those without a value are left out."""
    known = ((name, spec) for name, spec in definition.fields.items() if values.get(name) is not None)
    return {name: show_value(spec, values[name]) for name, spec in known}


def deadline_object(view: "DeadlineView") -> Json:
    """One deadline of `show`."""
    return {
        "name": view.name,
        "anchored_at": instant(view.anchored_at),
        "last_day": day(view.last_day),
        "due_at": instant(view.due_at),
        "status": view.status,
        "then": view.then,
        "reminders": [{"at": instant(r.at), "sent": r.sent, "seq": r.seq} for r in view.reminders],
    }


def placement_object(view: "PlacementView") -> Json:
    """The answer of `show`."""
    facts, definition = view.facts, view.rules.definition
    return {
        "reference": facts.reference,
        "territory": facts.territory,
        "state": facts.state,
        "state_since": instant(facts.state_since),
        "revision": facts.revision,
        "definition": definition_object(definition),
        "fields": fields_object(definition, {**facts.fields, **view.personal}),
        "deadlines": [deadline_object(deadline) for deadline in view.deadlines],
        "wakes_at": instant(view.wakes_at),
        "behind": view.behind,
        "pending": list(view.pending),
        "erased": list(facts.erased),
        "held": facts.held,
        "incident": incident_object(view),
        "requests": [_request_view(each) for each in view.requests],
    }


def request_object(waiting: "Waiting | None") -> Json | None:
    """A correction that waits for a second person; None where none does."""
    if waiting is None:
        return None
    return {
        "request": waiting.seq,
        "act": waiting.act,
        "about": waiting.about,
        "by": list(waiting.by),
        "actor": waiting.actor,
        "asked_at": instant(waiting.asked_at),
    }


def _request_view(view: "RequestView") -> Json:
    """The same with all that it asks for; who may see the placement may see that."""
    return {
        **(request_object(view.waiting) or {}),
        "options": dict(view.options),
        "fields": dict(view.fields),
        "reason": view.reason,
        "reason_text": view.text,
    }


def incident_object(view: "PlacementView") -> Json | None:
    """Why a placement cannot be decided at present, if so."""
    found = view.incident
    if found is None:
        return None
    return {
        "code": found.code,
        "message": found.message,
        "since": instant(found.since_at),
        "attempts": found.attempts,
        "retry_at": instant(found.retry_at),
    }


def outcome_object(engine: "Engine", outcome: "Outcome", moved: "Sequence[Moved] | None" = None) -> Json:
    """What a command did: where the placement is now, the entries made, those due before, its deadlines."""
    view = placement_object(engine.view(outcome.reference))
    kept = ("reference", "territory", "state", "state_since", "revision", "deadlines", "wakes_at")
    return {
        **{name: view[name] for name in kept},
        "repeated": outcome.repeated,
        "waits": request_object(outcome.waits),
        "entries": [entry_record(item, lambda d: engine.rules(d).definition) for item in outcome.entries],
        "settled": [entry_record(item, lambda d: engine.rules(d).definition) for item in outcome.settled],
        **moved_object(outcome, moved),
    }


def preview_object(engine: "Engine", outcome: "Outcome", moved: "Sequence[Moved] | None" = None) -> Json:
    """What a command would do; nothing was written, so there are no deadlines to read yet."""
    facts: Facts = outcome.facts
    return {
        "reference": outcome.reference,
        "territory": facts.territory,
        "state": facts.state,
        "state_since": instant(facts.state_since),
        "revision": facts.revision,
        "dry_run": True,
        "repeated": outcome.repeated,
        "waits": request_object(outcome.waits),
        "entries": [entry_record(item, lambda d: engine.rules(d).definition) for item in outcome.entries],
        "settled": [entry_record(item, lambda d: engine.rules(d).definition) for item in outcome.settled],
        **moved_object(outcome, moved),
    }


def moved_object(outcome: "Outcome", moved: "Sequence[Moved] | None") -> Json:
    """The deadlines that a correction moved, and those ended that it would have; for a transition only where any."""
    ended = {"otherwise": [otherwise_object(each) for each in outcome.otherwise]}
    if moved is None:
        return ended if outcome.otherwise else {}
    dates = ((each.name, _date_object(each.before), _date_object(each.after)) for each in moved)
    return {"moved": [{"name": name, "before": before, "after": after} for name, before, after in dates], **ended}


def otherwise_object(each: "Otherwise") -> Json:
    """A deadline that has ended: by which entry, its date, and what the date would have been."""
    would = {"last_day": day(each.would_end_on), "due_at": instant(each.would_be_due_at)}
    return {
        "name": each.deadline,
        "kind": each.kind,
        "seq": each.seq,
        "was": {"last_day": day(each.last_day), "due_at": instant(each.due_at)},
        "would_be": None if each.would_end_on is None else would,
    }


def _date_object(view: "DeadlineView | None") -> Json | None:
    return None if view is None else {"last_day": day(view.last_day), "due_at": instant(view.due_at)}


def answer_object(answer: "Answer", lang: str) -> Json:
    """One trigger of `can`."""
    return {
        "trigger": answer.trigger,
        "allowed": answer.allowed,
        "to": answer.to,
        "by": list(answer.by),
        "needs": list(answer.needs),
        "takes": list(answer.takes),
        "blockers": [blocker_object(blocker, lang) for blocker in answer.blockers],
    }


def explanation_object(explanation: "Explanation", lang: str) -> Json:
    """The answer of `explain`."""
    return {
        "deadline": explanation.deadline,
        "anchored_at": instant(explanation.anchored_at),
        "last_day": day(explanation.last_day),
        "due_at": instant(explanation.due_at),
        "status": explanation.status,
        "steps": [step_object(step, lang) for step in explanation.steps],
    }


def step_object(step: "Step", lang: str) -> Json:
    """One step of a computation, its sentence in the language asked and in both."""
    sentence = step.en if lang == "en" else step.fr
    return {
        "code": step.code,
        "sentence": sentence,
        "fr": step.fr,
        "en": step.en,
        "details": dict(step.details),
    }


def supposed_object(reference: str, found: "WhatIf") -> Json:
    """What would follow, as in all JSON."""
    return {
        "reference": reference,
        "supposed": [{"trigger": each.trigger, "at": instant(each.at)} for each in found.supposed],
        "state": found.facts.state,
        "deadlines": [
            {"name": each.name, "before": _ends(each.before), "after": _ends(each.after)} for each in found.deadlines
        ],
    }


def _ends(view: "DeadlineView | None") -> Json | None:
    if view is None:
        return None
    return {"last_day": day(view.last_day), "due_at": instant(view.due_at), "status": view.status}
