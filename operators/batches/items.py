"""One item of a batch: for whom it may be acted on, and what became of it in one verdict.

The dry run and the act are the same but for the engine's door: what was found possible is what is asked for.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from app import App
from operators.batches.acts import Asked, action_of
from operators.batches.told import awaited_text
from operators.console.policy import reach_of
from operators.labels import Labels
from operators.moved import Moved, told
from operators.sentences import blocker_text
from operators.unknown_names import unknown_fr
from storage.accounts import Account
from storage.batches import BatchItem, Verdict
from storage.queries import PlacementItem
from workflow.civil import wording
from workflow.commands import Correction, Outcome, Remind, Request
from workflow.definition import Label
from workflow.errors import Blocker, NotFound, StalePlacement, TransitionRefused, UnknownName

STALE = Verdict("moved", None, "Modifié depuis qu’il a été choisi.", "Changed since it was chosen.")
CLOSED = Verdict("closed", None, "Il ne vous est pas ouvert.", "It is not open to you.")
NOBODY_TOLD = Verdict("refused", None, "Personne n’a d’adresse.", "Nobody has an address.")
_WAITS = Label("Attendra l’approbation d’une autre personne.", "Will wait for another person's approval.")


@dataclass(frozen=True, slots=True)
class Bench:
    """Where items are tried or done, and for whom; `done` is the status where nothing refuses."""

    app: App
    labels: Labels
    who: Account
    act: Callable[[Request], Outcome]
    done: str


def verdict_on(bench: Bench, asked: Asked, each: BatchItem) -> Verdict:
    """What becomes of an item. Raises StoreUnavailable, ClockBehind, and WrongUsage for what cannot be read."""
    app, who = bench.app, bench.who
    item = app.queries.placement(each.reference, reach_of(who, action_of(asked.kind)))
    if item is None:
        return CLOSED
    try:
        request = asked.request(each, item, who)
        if isinstance(request, Remind) and not _addressees(bench, request).fr:
            return NOBODY_TOLD
        return _verdict(bench, request)
    except StalePlacement:
        return STALE
    except NotFound:
        return CLOSED
    except UnknownName as unknown:
        return Verdict("refused", None, unknown_fr(unknown), f"{unknown}.")
    except TransitionRefused as refused:
        return _refused(bench, item, refused)


def _verdict(bench: Bench, request: Request) -> Verdict:
    if bench.done == "ready":
        return _previewed(bench, request)
    outcome = bench.act(request)
    seq = outcome.entries[-1].entry.seq if outcome.entries else None
    return Verdict("waits" if outcome.waits else bench.done, seq)


def _previewed(bench: Bench, request: Request) -> Verdict:
    """With what would follow: who is told, which dates move, whether somebody has to approve."""
    if isinstance(request, Correction):
        done = told(bench.app.engine, request, bench.act)
        outcome, said = done.outcome, list(_dates(bench.labels, done.moved or ()))
    else:
        outcome, said = bench.act(request), []
    said += [_addressees(bench, request)] if isinstance(request, Remind) else []
    said += [_WAITS] if outcome.waits else []
    fr, en = (" ".join(each[lang] for each in said) for lang in ("fr", "en"))
    return Verdict(bench.done, None, fr, en)


def _addressees(bench: Bench, request: Remind) -> Label:
    """Who would be told, and of what; for a deadline that does not run it is the engine that says so."""
    with bench.app.store.reading() as reading:
        facts = reading.known([request.reference]).get(request.reference)
    if facts is None or request.deadline not in facts.occurrences:
        return Label("–", "–")
    return awaited_text(bench.app, bench.labels, facts, request.deadline)


def _dates(labels: Labels, moved: tuple[Moved, ...]) -> Iterator[Label]:
    """The deadlines that get another date."""
    for each in moved:
        before, after = ((None if view is None else view.last_day) for view in (each.before, each.after))
        if before is not None or after is not None:
            name = labels.deadlines.get(each.name, Label(each.name, each.name))
            fr, en = ([write(day) if day else "–" for day in (before, after)]
                      for write in (wording.day_fr, wording.day_en))  # fmt: skip
            yield Label(f"{name.fr} : {fr[0]} → {fr[1]}.", f"{name.en}: {en[0]} → {en[1]}.")


def _refused(bench: Bench, item: PlacementItem, refused: TransitionRefused) -> Verdict:
    fields = bench.app.engine.rules(item.definition).definition.fields
    personal = {name for name, spec in fields.items() if spec.personal}
    fr, en = (" ".join(_told(each, bench.labels, lang, personal) for each in refused.blockers) for lang in ("fr", "en"))
    return Verdict("refused", None, fr, en)


def _told(blocker: Blocker, labels: Labels, lang: str, personal: set[str]) -> str:
    """The sentence of a blocker; of a personal value that was typed, nothing is repeated: sentences are kept."""
    name = str(blocker.details.get("field", ""))
    if name in personal and blocker.code != "field_needed":
        label = labels.fields[name][lang] if name in labels.fields else name
        return f"“{label}” is not accepted." if lang == "en" else f"« {label} » n’est pas accepté."
    return blocker_text(blocker, labels, lang)
