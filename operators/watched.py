"""A process as others watch it: its pulse, what it counts, and the addresses at which it tells.

Metrics come with the extra `metrics`; without it the process runs all the same, and `/metrics` says so.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from app import App
from operators.health import PLAIN, Answer, answering, basic_answers
from operators.pulse import Pulse
from operators.readiness import is_ready
from operators.tally import Tally

if TYPE_CHECKING:
    from prometheus_client.registry import Collector

_MISSING = b"Metrics come with the extra metrics: pip install 'parcours[metrics]'.\n"


@contextmanager
def watched(
    app: App, pulse: Pulse, tally: Tally, address: str | None, others: "Iterable[Collector]" = ()
) -> Iterator[None]:
    """Answer `/livez`, `/readyz` and `/metrics` at an address for as long as this lasts; tell systemd of the end.

    `others` are measures that this process alone has.
    Raises WrongUsage where the address cannot be had.
    """
    answers = basic_answers(pulse, lambda: is_ready(app))
    if address is not None:
        answers["/metrics"] = _metrics(app, pulse, tally, others)
    with answering(address, answers):
        try:
            yield
        finally:
            pulse.end()


def _metrics(app: App, pulse: Pulse, tally: Tally, others: "Iterable[Collector]") -> Callable[[], Answer]:
    try:
        from operators.metrics import exposed, registry_of
    except ModuleNotFoundError as error:
        if error.name != "prometheus_client":
            raise
        return lambda: (501, PLAIN, _MISSING)
    registry = registry_of(app, pulse, tally, others)
    return lambda: exposed(registry)
