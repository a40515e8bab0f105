"""History entries: their canonical bytes, the chain that binds them, and the ways to break it."""

import hashlib
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from tests.world import instant
from workflow.history import (
    ChainedEntry,
    DefinitionRef,
    HistoryEntry,
    broken_link,
    canonical_bytes,
    chained,
    instant_text,
    parse_entry,
)

ENTRY = HistoryEntry(
    log="1" * 32,
    placement="2" * 32,
    seq=1,
    prev="0" * 64,
    kind="placed",
    to_state="ami_application",
    definition=DefinitionRef("placement", 1, "3" * 64),
    actor="import",
    occurred_at=instant("2021-03-16T23:00"),
    recorded_at=instant("2021-03-17T08:00:00.25"),
    fields={"host_name": "Ville de Sète", "funded_months": 24},
)
BYTES = (
    '{"actor":"import","commitments":{},"concerns":null,"concerns_hash":null,"correlation":null,"deadline":null,'
    '"definition":{"digest":"' + "3" * 64 + '","name":"placement","version":1},"due_at":null,'
    '"fields":{"funded_months":24,"host_name":"Ville de Sète"},"from":null,"guards":{},"key":null,'
    '"kind":"placed",'
    '"late":false,"log":"' + "1" * 32 + '","occurred_at":"2021-03-16T23:00:00.000000Z","on_behalf_of":null,'
    '"placement":"' + "2" * 32 + '","prev":"' + "0" * 64 + '","reason":null,'
    '"recorded_at":"2021-03-17T08:00:00.250000Z","role":null,"seq":1,"to":"ami_application","trigger":null,"v":1}'
).encode()

values = st.one_of(st.text(max_size=20), st.integers(-(2**53) + 1, 2**53 - 1), st.booleans(), st.none())
entries = st.builds(
    replace,
    st.just(ENTRY),
    seq=st.integers(1, 10_000),
    kind=st.sampled_from(["transition", "timeout", "reminder", "note"]),
    trigger=st.none() | st.text(max_size=10),
    occurred_at=st.datetimes(datetime(1900, 1, 1), datetime(2200, 1, 1), timezones=st.just(UTC)),
    due_at=st.none() | st.datetimes(datetime(1900, 1, 1), datetime(2200, 1, 1), timezones=st.just(UTC)),
    fields=st.dictionaries(st.text("abc_", min_size=1), values, max_size=4),
    guards=st.dictionaries(st.text("abc_", min_size=1), st.booleans(), max_size=3),
    concerns=st.none() | st.integers(1, 99),
)


def chain(length: int) -> list[ChainedEntry]:
    items: list[ChainedEntry] = []
    for seq in range(1, length + 1):
        prev = items[-1].hash if items else "0" * 64
        items.append(chained(replace(ENTRY, seq=seq, prev=prev)))
    return items


def test_the_canonical_bytes_are_these() -> None:
    assert canonical_bytes(ENTRY) == BYTES
    assert chained(ENTRY).hash == hashlib.sha256(b"parcours entry v1\n" + BYTES).hexdigest()


@given(entries)
def test_an_entry_is_read_back_from_its_bytes(entry: HistoryEntry) -> None:
    item = chained(entry)
    assert parse_entry(item.data) == item


@given(entries, entries)
def test_different_entries_have_different_bytes(one: HistoryEntry, other: HistoryEntry) -> None:
    assert (canonical_bytes(one) == canonical_bytes(other)) == (repr(one) == repr(other))


def test_an_instant_has_one_text_whatever_its_zone() -> None:
    at = datetime(2021, 3, 17, 1, 0, tzinfo=timezone(timedelta(hours=2)))
    assert instant_text(at) == instant_text(at.astimezone(UTC)) == "2021-03-16T23:00:00.000000Z"
    assert instant_text(instant("0999-01-01")) == "0999-01-01T00:00:00.000000Z"


@pytest.mark.parametrize(
    "data", [b"", b"[]", b"{}", BYTES.replace(b'"v":1', b'"v":2'), BYTES.replace(b"actor", b"author")]
)
def test_other_bytes_are_no_entry(data: bytes) -> None:
    with pytest.raises((ValueError, TypeError, AttributeError, KeyError)):
        parse_entry(data)


def test_a_whole_chain_holds() -> None:
    assert broken_link(chain(5)) is None
    assert broken_link([]) is None


@pytest.mark.parametrize("at", range(1, 6))
def test_an_entry_that_was_removed_is_found(at: int) -> None:
    items = chain(6)
    del items[at - 1]
    assert broken_link(items) == at


@pytest.mark.parametrize("at", range(1, 6))
def test_an_entry_that_was_changed_is_found(at: int) -> None:
    items = chain(6)
    changed = chained(replace(items[at - 1].entry, actor="somebody"))
    items[at - 1] = changed
    assert broken_link(items) == at + 1
    items[at - 1] = replace(chain(6)[at - 1], data=changed.data)
    assert broken_link(items) == at + 1


def test_entries_that_changed_places_are_found() -> None:
    first, second, third = chain(3)
    assert broken_link([first, third, second]) == 2
