"""What one process counts of what it did, since it began: entries by kind, sweeps by how they ended.

Plain numbers, so that a process counts also where no metrics are served. Holds nothing that says whose entries.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from threading import Lock
from typing import Literal

from workflow.facts import Facts
from workflow.history import ChainedEntry

Ending = Literal["done", "held", "failed"]
"""`done`: nothing kept it from firing what was due; `held`: by the brake; `failed`: it is tried again."""


class Tally:
    """Counts up, from any thread. As an engine's witness it counts the entries that were committed."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._entries, self._sweeps, self._sweeping_s = Counter[str](), Counter[Ending](), 0.0

    def __call__(self, facts: Facts, entries: Sequence[ChainedEntry]) -> None:
        """Count what was committed for one placement."""
        with self._lock:
            self._entries.update(item.entry.kind for item in entries)

    def swept(self, ending: Ending, took_s: float) -> None:
        """Count a sweep, and how long it took in seconds."""
        with self._lock:
            self._sweeps[ending] += 1
            self._sweeping_s += took_s

    @property
    def entries(self) -> Mapping[str, int]:
        """How many entries of each kind this process committed."""
        with self._lock:
            return dict(self._entries)

    @property
    def sweeps(self) -> Mapping[Ending, int]:
        """How many sweeps ended so."""
        with self._lock:
            return dict(self._sweeps)

    @property
    def sweeping_s(self) -> float:
        """How long all sweeps took, in seconds."""
        with self._lock:
            return self._sweeping_s
