"""Settings for all tests: how many examples Hypothesis tries, and a server for those that need one.

`HYPOTHESIS_PROFILE` chooses: `ci` tries the same examples every time, so that a change is judged by its
own mistakes; `long` looks for new ones by the thousand; `dev` is quick.
"""

import os
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

from tests.postgres import Server, running

# A shared machine may be slow at any moment: slowness is no failure of a law.
_UNHURRIED = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])

settings.register_profile("ci", _UNHURRIED, derandomize=True, max_examples=100, print_blob=True)
settings.register_profile("long", _UNHURRIED, max_examples=5_000, print_blob=True)
settings.register_profile("dev", _UNHURRIED, max_examples=25)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci"))


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """A PostgreSQL server, started for the first test that asks for one."""
    try:
        with running() as started:
            yield started
    except LookupError as error:
        pytest.skip(str(error))
