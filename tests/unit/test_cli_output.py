"""How answers look: JSON values, aligned text, nothing that steers a terminal."""

import io
from datetime import UTC, datetime

import pytest

from operators.cli.output import Page, instant, shown, width, write


def test_instants_are_utc_with_microseconds_only_where_there_are_some() -> None:
    assert instant(datetime(2021, 3, 16, 23, tzinfo=UTC)) == "2021-03-16T23:00:00Z"
    assert instant(datetime(2021, 3, 16, 23, 0, 0, 5, tzinfo=UTC)) == "2021-03-16T23:00:00.000005Z"
    assert instant(None) is None


def test_columns_are_aligned_by_what_is_seen(capsys: pytest.CaptureFixture[str]) -> None:
    page = Page("fr")
    page.table(("a", "b"), [("é", 1), ("e\u0301x", None), ("東京", 22)])
    page.flush()
    assert capsys.readouterr().out == "a     b\né     1\ne\u0301x\n東京  22\n"
    assert width("東京") == 4


def test_control_characters_never_reach_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    page = Page("fr")
    page.line("a\x1b[31mb\nc")
    page.pairs([("k", "v\x07")])
    page.flush()
    out = capsys.readouterr().out
    assert "\x1b" not in out
    assert "\x07" not in out
    assert out.count("\n") == 2
    assert shown("\u202e") == "�"


def test_what_is_no_unicode_is_still_written() -> None:
    stream = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    write("é \udcff\n", stream)
    assert stream.buffer.getvalue() == "é ?\n".encode()  # type: ignore[attr-defined]
