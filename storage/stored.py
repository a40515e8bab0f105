"""What a change looks at in a placement's row before it is written over: which entry it is at, where it is counted."""

from typing import NamedTuple

from storage.tables.placements import placement


class Stored(NamedTuple):
    """The columns of `STORED`."""

    seq: int
    state: str
    territory: str


STORED = (placement.c.seq, placement.c.state, placement.c.territory)
