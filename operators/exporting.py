"""What an export is made from: the log's entries as a stream, and the checkpoint that stands in its manifest."""

from app import App
from audit.export_stream import Selection, Stream


def stream_of(app: App, selection: Selection) -> Stream:
    """The entries that an export selects, with the definitions that say how they are shown."""
    with app.store.reading() as reading:
        digests = [version.digest for version in reading.versions()]
    definitions = [app.engine.rules(digest).definition for digest in digests]
    return Stream(app.queries, lambda digest: app.engine.rules(digest).definition, definitions, selection)


def last_checkpoint(app: App) -> str | None:
    """The checkpoint signed last; None before the first."""
    with app.store.seals.reading() as reading:
        last = reading.last_seal()
    return None if last is None else last.note.decode()
