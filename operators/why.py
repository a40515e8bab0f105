"""Why a placement waits: for whom, until when, and what comes then; or why nothing can happen. Sentences for people."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from operators.labels import Labels
from operators.roles import roles_text
from operators.times import weekday_text
from operators.typography import french
from workflow.definition import Label
from workflow.undecided import why_undecided
from workflow.views import DeadlineView, PlacementView


@dataclass(frozen=True, slots=True)
class Why:
    """One reason; `weight` is `stop` (a person must look), `late`, `wait` or `calm`."""

    weight: str
    sentence: str
    due_at: datetime | None = None


def why(view: PlacementView, labels: Labels, lang: str) -> list[Why]:
    """All reasons, the weightiest first."""
    found = sorted(_reasons(view, labels, lang), key=lambda each: _WEIGHTS.index(each.weight))
    return found if lang == "en" else [replace(each, sentence=french(each.sentence)) for each in found]


_WEIGHTS = ("stop", "late", "wait", "calm")


def _reasons(view: PlacementView, labels: Labels, lang: str) -> Iterator[Why]:
    fr = lang != "en"
    if view.incident is not None:
        why = why_undecided(view.incident.code, view.incident.message)
        yield Why("stop", f"Ce dossier ne peut pas être traité : {why.fr}" if fr
                  else f"This placement cannot be decided: {why.en}")  # fmt: skip
    for request in view.requests:
        roles = roles_text(request.waiting.by, lang)
        yield Why("stop", f"Une correction attend l’accord d’une autre personne ({roles})." if fr
                  else f"A correction waits for another person’s approval ({roles}).")  # fmt: skip
    if view.behind:
        yield Why("late", "Une échéance est passée et n’est pas encore inscrite : le démon l’inscrira." if fr
                  else "A deadline has passed and is not entered yet: the daemon will enter it.")  # fmt: skip
    if view.rules.definition.is_final(view.facts.state):
        yield Why("calm", "Ce dossier est clos : il n’attend plus rien." if fr
                  else "This placement is closed: it waits for nothing.")  # fmt: skip
        return
    running = sorted((each for each in view.deadlines if each.due_at is not None), key=_due)
    for each in running:
        yield _of_deadline(each, labels, fr)
    for each in view.deadlines:
        if each.due_at is None:
            yield Why("calm", _not_started(each, labels, fr))
    if not view.deadlines:
        yield Why("calm", "Aucune échéance ne court : il attend que quelqu’un agisse." if fr
                  else "No deadline is running: it waits for somebody to act.")  # fmt: skip


def _due(view: DeadlineView) -> datetime:
    if view.due_at is None:
        raise ValueError(f"{view.name} has no date")
    return view.due_at


def _of_deadline(view: DeadlineView, labels: Labels, fr: bool) -> Why:
    name = _called(labels.deadlines, view.name, fr)
    day = "" if view.last_day is None else weekday_text(view.last_day, "fr" if fr else "en")
    who = roles_text(labels.awaits.get(view.name, ()), "fr" if fr else "en")
    awaited = (f" On attend : {who}." if fr else f" Awaited: {who}.") if who else ""
    if view.status == "missed":
        return Why("late", f"{name} : manquée, dernier jour {day}.{awaited}" if fr
                   else f"{name}: missed, last day {day}.{awaited}", view.due_at)  # fmt: skip
    if view.status == "paused":
        return Why("calm", f"{name} : suspendue." if fr else f"{name}: paused.", view.due_at)
    then = _called(labels.triggers, view.then, fr) if view.then else None
    ends = (f" Ensuite, d’office : {then}." if fr else f" Then, automatically: {then}.") if then else ""
    return Why("wait", f"{name} : jusqu’au {day} inclus.{awaited}{ends}" if fr
               else f"{name}: up to and including {day}.{awaited}{ends}", view.due_at)  # fmt: skip


def _not_started(view: DeadlineView, labels: Labels, fr: bool) -> str:
    name = _called(labels.deadlines, view.name, fr)
    return f"{name} : ne court pas encore, son point de départ n’est pas connu." if fr else (
        f"{name}: not running yet, its starting point is not known.")  # fmt: skip


def _called(known: Mapping[str, Label], name: str, fr: bool) -> str:
    return known[name]["fr" if fr else "en"] if name in known else name
