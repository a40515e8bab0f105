"""Putting a copy in a lost database's place, and saying what it is: whole or not, and older than what is remembered.

It decides nothing: whoever goes on from an older copy says so (`audit seal --accept-restored`).
"""

from dataclasses import dataclass
from pathlib import Path

from app import expect_continued, open_app, verify
from app import restore as put_in_place
from settings import Settings
from workflow.errors import IntegrityBroken


@dataclass(frozen=True, slots=True)
class Restored:
    """What was restored; `older`: why it does not continue what was sealed since, where it does not."""

    placements: int
    entries: int
    sealed: int
    faults: tuple[str, ...]
    older: IntegrityBroken | None


def restore(settings: Settings, copy: Path, lang: str) -> Restored:
    """Restore a copy, then verify all of its log and compare it with the remembered checkpoint.

    Raises StoreUnavailable where the database is there already or the copy cannot be read, IntegrityBroken where the
    copy is damaged; then nothing was restored.
    """
    put_in_place(copy, settings.database_url)
    with open_app(settings=settings) as app:
        older = None
        try:
            expect_continued(app)
        except IntegrityBroken as error:
            older = error
        report = verify(app, None, None, lambda count: None, remembered=older is None)
        faults = [*app.queries.integrity(), *(fault.sentence(lang) for fault in report.faults)]
        count = app.queries.stats().placements
        return Restored(count, report.entries, report.last.size if report.last else 0, tuple(faults), older)
