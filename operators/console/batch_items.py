"""One item of a batch: the request that it makes, for whom it may be made, and what became of it in one verdict.

The dry run and the act are the same but for the engine's door: what was found possible is what is asked for.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from app import App
from operators.console.forms import fields_said, reason_said
from operators.console.policy import reach_of, roles_at
from operators.labels import Labels
from operators.moments import parse_moment
from operators.sentences import blocker_text
from operators.unknown_names import unknown_fr
from storage.accounts import Account
from storage.batches import BatchItem, Verdict
from storage.queries import PlacementItem
from workflow.commands import Fire, Note, Outcome, Request
from workflow.errors import Blocker, NotFound, StalePlacement, TransitionRefused, UnknownName

MOVED = Verdict("moved", None, "Modifié depuis qu’il a été choisi.", "Changed since it was chosen.")
CLOSED = Verdict("closed", None, "Il ne vous est pas ouvert.", "It is not open to you.")


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked of each placement of a batch: a remark where `trigger` is None, and all that was typed."""

    batch: str
    trigger: str | None
    texts: Mapping[str, str]

    def request(self, each: BatchItem, item: PlacementItem, who: Account) -> Request:
        """The request for one placement, at its frozen revision; its key makes a second time harmless.

        Raises WrongUsage for a moment that cannot be read.
        """
        # The key of another item would do too, keys being of one placement; a dossier chosen twice stays two items.
        key, correlation = f"bulk:{self.batch}:{each.position}", f"bulk:{self.batch}"
        if self.trigger is None:
            return Note(reference=each.reference, text=self.texts.get("text", ""), actor=who.name,
                        expect=each.revision, key=key, correlation=correlation)  # fmt: skip
        at = self.texts.get("at")
        return Fire(
            reference=each.reference, trigger=self.trigger, actor=who.name, fields=fields_said(self.texts),
            at=parse_moment(at, "«") if at else None, roles=roles_at(who, item.territory, item.host_siret),
            reason=reason_said(self.texts), key=key, expect=each.revision, correlation=correlation, dates="french",
        )  # fmt: skip


def verdict_on(
    app: App, labels: Labels, who: Account, asked: Asked, each: BatchItem, act: Callable[[Request], Outcome], done: str
) -> Verdict:
    """What `act` makes of an item; `done` is the status where nothing refuses. Raises StoreUnavailable, ClockBehind."""
    item = app.queries.placement(each.reference, reach_of(who, "placement.act"))
    if item is None:
        return CLOSED
    try:
        outcome = act(asked.request(each, item, who))
    except StalePlacement:
        return MOVED
    except NotFound:
        return CLOSED
    except UnknownName as unknown:
        return Verdict("refused", None, unknown_fr(unknown), f"{unknown}.")
    except TransitionRefused as refused:
        return _refused(app, labels, item, refused)
    if done == "ready":
        return Verdict(done)
    return Verdict("waits" if outcome.waits else done, outcome.entries[-1].entry.seq if outcome.entries else None)


def _refused(app: App, labels: Labels, item: PlacementItem, refused: TransitionRefused) -> Verdict:
    fields = app.engine.rules(item.definition).definition.fields
    personal = {name for name, spec in fields.items() if spec.personal}
    fr, en = (" ".join(_told(each, labels, lang, personal) for each in refused.blockers) for lang in ("fr", "en"))
    return Verdict("refused", None, fr, en)


def _told(blocker: Blocker, labels: Labels, lang: str, personal: set[str]) -> str:
    """The sentence of a blocker; of a personal value that was typed, nothing is repeated: sentences are kept."""
    name = str(blocker.details.get("field", ""))
    if name in personal and blocker.code != "field_needed":
        label = labels.fields[name][lang] if name in labels.fields else name
        return f"“{label}” is not accepted." if lang == "en" else f"« {label} » n’est pas accepté."
    return blocker_text(blocker, labels, lang)
