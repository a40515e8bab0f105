"""Trying incidents by hand, for the command line, the console and the API alike: the act, and its line in the log."""

import logging
from collections.abc import Sequence

from app import App
from workflow.commands import Retry
from workflow.retrying import Retried

_LOG = logging.getLogger("parcours.engine")


def retry_incident(app: App, reference: str, actor: str, roles: Sequence[str]) -> Retried:
    """Try a placement with an incident at once. Raises NotFound, TransitionRefused."""
    done = app.engine.retry(Retry(reference, actor, roles))
    if done.still is not None:
        _LOG.warning("incident.retried", extra={"reference": reference, "reason": done.still.code})
    elif done.change is not None:
        _LOG.info("incident.retried", extra={"reference": reference, "reason": None})
    return done
