"""Whether a process can work: its database answers, and has this program's schema."""

from app import App
from workflow.errors import ParcoursError


def is_ready(app: App) -> bool:
    """Asked of the database each time: it may have gone away, or been upgraded under a running program."""
    try:
        app.store.installation()
        return app.store.database.is_current()
    except ParcoursError:
        return False
