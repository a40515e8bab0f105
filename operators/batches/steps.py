"""The steps of a batch: placements are chosen and frozen, tried, confirmed by their count, gone on with.

What was previewed is what is acted on: an item that changed meanwhile, or was refused in the preview, is not.
"""

import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from app import App
from operators.batches.acts import Asked
from operators.batches.items import Bench, verdict_on
from operators.batches.work import Work
from operators.filters import all_placements
from operators.labels import Labels
from settings import WrongUsage
from storage.accounts import Account
from storage.batches import Batch, BatchItem, Verdict
from storage.queries import PlacementFilter, PlacementItem
from workflow.definition import Definition
from workflow.errors import ParcoursError

MOST: Final = 1000
"""So many placements at once: a preview of more takes longer than a browser likes to wait."""


class PreviewOvertaken(ParcoursError):
    """What was confirmed is not what was previewed last."""

    code = "preview_overtaken"


def all_found(app: App, which: PlacementFilter) -> list[PlacementItem]:
    """All that a filter selects. Raises WrongUsage for too many."""
    found: list[PlacementItem] = []
    for item in all_placements(app, which):
        found.append(item)
        if len(found) > MOST:
            break
    return checked(found)


def checked(found: list[PlacementItem]) -> list[PlacementItem]:
    """The same. Raises WrongUsage for none, or for too many."""
    if not found:
        raise WrongUsage("Aucun dossier n’est choisi.", "No placement is chosen.")
    if len(found) > MOST:
        raise WrongUsage(f"Au plus {MOST} dossiers à la fois : resserrez les filtres.",
                         f"At most {MOST} placements at once: narrow the filters.")  # fmt: skip
    return found


@dataclass(frozen=True, slots=True)
class Tried:
    """A dry run: what would become of each item, and how many are ready. `preview` is the name to confirm it by."""

    rows: Sequence[tuple[BatchItem, Verdict]]
    preview: str

    @property
    def ready(self) -> int:
        return sum(verdict.status == "ready" for _, verdict in self.rows)


def tried(app: App, labels: Labels, who: Account, asked: Asked) -> Tried:
    """Try it on each without writing anything. Raises WrongUsage for what cannot be read, ClockBehind."""
    bench = Bench(app, labels, who, app.engine.preview, "ready")
    rows = [(each, verdict_on(bench, asked, each)) for each in app.store.batches.items(asked.batch)]
    name = f"{secrets.token_hex(8)}.{asked.seal(app.installation.secret)}"
    app.store.batches.previewed(asked.batch, name, [(each.position, verdict) for each, verdict in rows])
    return Tried(rows, name)


def known(app: App, batch: Batch) -> Tried:
    """What the last dry run said."""
    return Tried(rows_of(app.store.batches.items(batch.id)), batch.preview or "")


def rows_of(items: Iterable[BatchItem]) -> list[tuple[BatchItem, Verdict]]:
    """Items with what became of them."""
    return [(each, each.verdict) for each in items]


def confirm(app: App, work: Work, asked: Asked, preview: str) -> None:
    """Carry out what was previewed under this name. Raises PreviewOvertaken where it is not the last, or not this."""
    if preview.partition(".")[2] != asked.seal(app.installation.secret):
        raise PreviewOvertaken("what was previewed is something else")
    if not app.store.batches.begin(asked.batch, preview, asked.act(rules_of_today(app))):
        raise PreviewOvertaken("it was previewed anew since")
    work.start(asked)


def go_on(app: App, work: Work, asked: Asked) -> None:
    """Go on with what was stopped, or left by a console that ended: what is done is not done again."""
    app.store.batches.turn(asked.batch, "stopped", "running")
    work.start(asked)


def rules_of_today(app: App) -> Definition:
    """The definition by which forms are made."""
    return app.engine.current_rules().definition
