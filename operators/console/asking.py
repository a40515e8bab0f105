"""Asking something of a placement: a form, a preview of what would happen, then the act, at the revision that was seen.

The key that a form carries makes a second click harmless. All of it goes through the engine's one door.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from starlette.datastructures import FormData

from operators.addresses import path_of
from operators.commands import shell_words
from operators.console.forms import FIELD, Input, filled, said_in
from operators.console.visit import Visit
from operators.moved import Moved, moved
from operators.sentences import blocker_text
from operators.timeline import actor_names, timeline
from operators.value_texts import value_text
from storage.queries import PlacementItem
from workflow.brake import ClockBehind
from workflow.commands import Outcome, Request
from workflow.errors import Blocker, StalePlacement, TransitionRefused
from workflow.facts import Facts
from workflow.views import PlacementView, deadline_views

LONGEST_KEY = 100


@dataclass(frozen=True, slots=True)
class Said:
    """What was typed into a form, the key that it carries, and the revision that its reader saw."""

    texts: Mapping[str, str]
    key: str
    expect: int | None

    def get(self, name: str) -> str:
        """What was typed; empty where nothing was."""
        return self.texts.get(name, "")


@dataclass(frozen=True, slots=True)
class Sheet:
    """One thing that may be asked: its form, the request that it makes, and how a command line would say it.

    `request` raises WrongUsage for what cannot be read at all.
    """

    path: str
    title: str
    act: str
    inputs: Sequence[Input]
    request: Callable[[Said], Request]
    words: Callable[[Said], Sequence[str]]
    intro: str | None = None
    grave: bool = False


def ask(visit: Visit, item: PlacementItem, sheet: Sheet, form: FormData | None) -> Any:
    """Show the form, the preview, or do it: whichever step the browser is at."""
    if form is None:
        return _form(visit, item, sheet, Said({}, uuid4().hex, item.revision))
    said = _said(sheet, form, item.revision)
    step = form.get("step")
    if step == "edit":
        return _form(visit, item, sheet, said)
    try:
        request = sheet.request(said)
        if step == "confirm":
            return _done(visit, item, visit.app.engine.ask(request))
        return _preview(visit, item, sheet, said, visit.app.engine.preview(request))
    except TransitionRefused as refused:
        return _form(visit, item, sheet, said, refused.blockers, 422)
    except StalePlacement:
        return _stale(visit, item, sheet, said)
    except ClockBehind as behind:
        return _form(visit, item, sheet, said, [_held(behind)], 503)


def _held(behind: ClockBehind) -> Blocker:
    return Blocker("held", behind.held.sentence("fr"), behind.held.sentence("en"))


def _said(sheet: Sheet, form: FormData, revision: int) -> Said:
    key, expect = str(form.get("key", ""))[:LONGEST_KEY] or uuid4().hex, str(form.get("expect", ""))
    return Said(said_in(sheet.inputs, form), key, int(expect) if expect.isdecimal() else revision)


def _form(
    visit: Visit, item: PlacementItem, sheet: Sheet, said: Said, found: Sequence[Blocker] = (), status: int = 200
) -> Any:
    errors: dict[str, list[str]] = {}
    others: list[str] = []
    asked = {each.name for each in sheet.inputs}
    for blocker in found:
        text, name = blocker_text(blocker, visit.labels, visit.lang), _about(blocker)
        (errors.setdefault(name, []) if name in asked else others).append(text)
    inputs = filled(sheet.inputs, said.texts, errors)
    return visit.page("ask.html", status, item=item, sheet=sheet, inputs=inputs, said=said, others=others,
                      wrong=bool(found))  # fmt: skip


def _about(blocker: Blocker) -> str:
    """The input that a blocker speaks of."""
    if blocker.code == "reason_needed":
        return "reason"
    if blocker.code in ("in_the_future", "entries_in_the_way", "before_placement"):
        return "at"
    return FIELD + str(blocker.details.get("field", ""))


def _stale(visit: Visit, item: PlacementItem, sheet: Sheet, said: Said) -> Any:
    """Somebody was first: the form again, at the placement's present revision, to be previewed again."""
    now = visit.find(item.reference)
    told = Blocker(
        "stale",
        "quelqu’un a agi sur ce dossier entre-temps ; relisez-le, puis vérifiez de nouveau",
        "somebody acted on this placement meanwhile; read it again, then check once more",
    )
    return _form(visit, now, sheet, Said(said.texts, uuid4().hex, now.revision), [told], 409)


def _preview(visit: Visit, item: PlacementItem, sheet: Sheet, said: Said, outcome: Outcome) -> Any:
    before = visit.app.engine.view(item.reference)
    return visit.page(
        "preview.html", item=item, sheet=sheet, said=said, inputs=filled(sheet.inputs, said.texts, {}),
        outcome=outcome, before=before, lines=_lines(visit, before, outcome), moved=_moved(before, outcome, visit),
        definition=before.rules.definition, value_text=value_text, command=shell_words(*_words(sheet, said)),
    )  # fmt: skip


def _words(sheet: Sheet, said: Said) -> list[str]:
    return [*sheet.words(said), *([] if said.expect is None else ["--expect", str(said.expect)])]


def _lines(visit: Visit, before: PlacementView, outcome: Outcome) -> Any:
    names = actor_names({}, visit.lang)
    made = [*outcome.settled, *outcome.entries]
    who = visit.who
    own = {item.entry.actor: who.name for item in made if item.entry.actor not in names}
    return timeline(made, before.rules.definition, visit.labels, {**names, **own}, visit.lang, before.facts.fields)


def _moved(before: PlacementView, outcome: Outcome, visit: Visit) -> tuple[Moved, ...]:
    facts: Facts = outcome.facts
    return moved(before.deadlines, deadline_views(visit.app.engine.rules(facts.definition), facts))


def _done(visit: Visit, item: PlacementItem, outcome: Outcome) -> Any:
    seq = outcome.entries[-1].entry.seq if outcome.entries else outcome.facts.seq
    return visit.go(f"{path_of(item.reference)}?{'waits' if outcome.waits else 'done'}={seq}")


def set_words(said: Said, visit: Visit) -> list[str]:
    """The values of fields as options of the command line; what is personal is left for whoever copies it to fill."""
    fields = visit.app.engine.current_rules().definition.fields
    words: list[str] = []
    for name, text in said.texts.items():
        plain = name.removeprefix(FIELD)
        if name.startswith(FIELD) and text:
            hidden = plain in fields and fields[plain].personal
            words += ["--set", f"{plain}={'…' if hidden else text}"]
    return words


def common_words(said: Said) -> list[str]:
    """The moment and the reason as options of the command line; free words are left out, being personal."""
    words = ["--at", said.get("at")] if said.get("at") else []
    if said.get("words"):
        return [*words, "--reason", "…"]
    return [*words, *(["--reason", said.get("reason")] if said.get("reason") else [])]
