"""Zones are sets of clock readings: every operation does to the set what its name says."""

from itertools import product

from hypothesis import given
from hypothesis import strategies as st

from workflow.timing.zones import Zone

_SMALL = range(-3, 4)
_ALL = tuple(product(_SMALL, repeat=2))
BOUNDS = st.lists(
    st.tuples(st.integers(0, 2), st.integers(0, 2), st.integers(-3, 3)).filter(lambda b: b[0] != b[1]), max_size=5
)


def zone_of(bounds: list[tuple[int, int, int]]) -> Zone | None:
    zone: Zone | None = Zone.unbounded(2)
    for i, j, bound in bounds:
        zone = zone and zone.less(i, j, bound)
    return zone


def holds(zone: Zone | None, reading: tuple[int, ...]) -> bool:
    values = (0, *reading)
    size = range(len(values))
    return zone is not None and all(values[i] - values[j] <= zone.bounds[i][j] for i in size for j in size)


@given(BOUNDS)
def test_zone_holds_the_readings_within_its_bounds(bounds: list[tuple[int, int, int]]) -> None:
    zone = zone_of(bounds)
    for reading in _ALL:
        values = (0, *reading)
        assert holds(zone, reading) == all(values[i] - values[j] <= bound for i, j, bound in bounds)


@given(BOUNDS)
def test_zone_is_none_where_no_reading_is_within_the_bounds(bounds: list[tuple[int, int, int]]) -> None:
    wide = product(range(-16, 17), repeat=2)
    some = any(all((0, *r)[i] - (0, *r)[j] <= bound for i, j, bound in bounds) for r in wide)
    assert (zone_of(bounds) is not None) == some


@given(BOUNDS)
def test_later_is_a_day_or_more(bounds: list[tuple[int, int, int]]) -> None:
    zone = zone_of(bounds)
    if zone is not None:
        for a, b in _ALL:
            before = any(holds(zone, (a - days, b - days)) for days in range(1, 40))
            assert holds(zone.later(), (a, b)) == before


@given(BOUNDS, st.sampled_from((1, 2)))
def test_freed_clock_shows_anything(bounds: list[tuple[int, int, int]], clock: int) -> None:
    zone = zone_of(bounds)
    if zone is not None:
        for reading in _ALL:
            others = [(v, reading[1]) if clock == 1 else (reading[0], v) for v in range(-20, 21)]
            assert holds(zone.freed(clock), reading) == any(holds(zone, other) for other in others)


@given(BOUNDS, BOUNDS)
def test_included_zone_has_no_other_readings(
    one: list[tuple[int, int, int]], other: list[tuple[int, int, int]]
) -> None:
    a, b = zone_of(one), zone_of(other)
    if a is not None and b is not None and a.includes(b):
        assert all(holds(a, reading) for reading in _ALL if holds(b, reading))
