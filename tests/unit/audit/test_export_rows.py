"""What rows of exports are made of: entries decoded once, moments as texts, lines quoted only where that is wanted."""

import csv
from datetime import UTC, datetime, timedelta, timezone
from io import StringIO

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import fields

from audit.csv_lines import NO_JSON, json_cell, page
from audit.export_said import Said, exact, moment, said, short
from audit.records import instant
from workflow.history import DefinitionRef, HistoryEntry, canonical_bytes

ENTRY = HistoryEntry(
    log="1" * 32,
    placement="p",
    seq=2,
    prev="0" * 64,
    kind="transition",
    trigger="grant_post",
    from_state="applied",
    to_state="granted",
    definition=DefinitionRef("placement", 1, "d" * 64),
    actor="operator:1",
    occurred_at=datetime(2021, 3, 1, 9, 30, tzinfo=UTC),
    recorded_at=datetime(2021, 3, 1, 9, 30, 0, 120, tzinfo=UTC),
    fields={"amount": 160312, "named": "Zoé", "late": True, "gone": None},
    late=True,
)


def test_what_is_said_has_all_that_an_entry_has() -> None:
    told = [(field.encode_name, field.name, field.required) for field in fields(HistoryEntry)]
    keys = sorted([*told, ("v", "v", True)])
    assert [(field.encode_name, field.name, field.required) for field in fields(Said)] == keys
    assert [key for key, _, _ in keys] == list(msgspec.json.decode(canonical_bytes(ENTRY)))


def test_bytes_say_the_same_in_both() -> None:
    one = said(canonical_bytes(ENTRY))
    for field in fields(HistoryEntry):
        value = getattr(ENTRY, field.name)
        assert (moment(getattr(one, field.name)) if isinstance(value, datetime) else getattr(one, field.name)) == value


@pytest.mark.parametrize(
    "spoilt",
    [
        lambda text: text.replace(b',"v":1}', b"}"),
        lambda text: text.replace(b'"v":1', b'"v":2'),
        lambda text: text.replace(b'"v":1', b'"v":"1"'),
        lambda text: text.replace(b'"v":1', b'"v":true'),
        lambda text: text.replace(b'"v":1', b'"v":null'),
        lambda text: text.replace(b',"v":1}', b',"reason":"\\"v\\":1"}'),
        lambda text: text.replace(b'"seq":2', b'"seq":"2"'),
        lambda text: text.replace(b'"kind":"transition"', b'"kind":"other"'),
        lambda text: text[:-1],
    ],
)
def test_bytes_that_are_no_entry_are_refused(spoilt: object) -> None:
    with pytest.raises(msgspec.DecodeError):
        said(spoilt(canonical_bytes(ENTRY)))  # type: ignore[operator]


@given(st.datetimes(min_value=datetime(1900, 1, 1), max_value=datetime(2100, 1, 1)), st.integers(-12, 12))
def test_moments_are_written_as_in_records_whatever_their_zone(naive: datetime, hours: int) -> None:
    for told in (naive.replace(tzinfo=UTC), naive.replace(tzinfo=timezone(timedelta(hours=hours)))):
        text = told.isoformat(timespec="microseconds").replace("+00:00", "Z")
        assert (moment(text), short(text)) == (told, instant(told.astimezone(UTC)))
        assert exact(text) == told.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


@pytest.mark.parametrize("text", ["", "2021-13-01T09:30:00.000000Z", "2021-03-01", "2021-03-01T09:30:0x.000000Z"])
def test_text_that_is_no_moment_is_refused(text: str) -> None:
    for read in (moment, exact, short):
        with pytest.raises(msgspec.ValidationError):
            read(text)


@given(
    st.lists(st.lists(st.text("ab,;\"\r\n é'", max_size=6), min_size=4, max_size=4), max_size=8),
    st.sampled_from([",", ";"]),
)
def test_lines_are_those_of_the_standard_library(rows: list[list[str]], delimiter: str) -> None:
    json = [[*row[:2], '{"a": "b, c"}' if "a" in row[2] else "{}", row[3]] for row in rows]
    text = StringIO(newline="")
    csv.writer(text, delimiter=delimiter, lineterminator="\r\n").writerows(json)
    cells = [row[2] if row[2] == NO_JSON else json_cell(row[2]) for row in json]
    lines = [delimiter.join([*row[:2], cell, row[3]]) for row, cell in zip(json, cells, strict=True)]
    assert page(lines, cells, lambda: json, 4, delimiter) == text.getvalue().encode()
