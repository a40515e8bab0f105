"""What everybody does who has no answer: asks again, under the same key, until there is one."""

import time
from collections.abc import Callable

from workflow.commands import Outcome
from workflow.errors import StoreUnavailable

_AGAIN_S = 0.1


def until_answered(
    ask: Callable[[], Outcome], patience_s: float, unanswered: Callable[[StoreUnavailable], None]
) -> Outcome:
    """What `ask` comes to; a refusal is an answer, and raised. `unanswered` is told of each time without one.

    Raises what it met last once its patience is at an end.
    """
    until_s = time.monotonic() + patience_s
    while True:
        try:
            return ask()
        except StoreUnavailable as error:
            unanswered(error)
            if time.monotonic() > until_s:
                raise
            time.sleep(_AGAIN_S)
