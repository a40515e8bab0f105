"""Says which extra of the installation is missing, in a sentence in place of a traceback."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from operators.cli.session import Session


@contextmanager
def needing_web(session: "Session") -> Iterator[None]:
    """What is imported here comes with the extra `web`. Raises WrongUsage where it is not installed."""
    from settings import WrongUsage

    try:
        yield
    except ModuleNotFoundError as error:
        raise WrongUsage(f"La console demande l'extra web ({error.name} manque) : pip install 'parcours[web]'.",
                         f"The console needs the extra web ({error.name} is missing): pip install 'parcours[web]'."
                         ) from error  # fmt: skip
