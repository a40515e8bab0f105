"""The record of expected outcomes: the same definition gives the same, another one is told apart in words."""

import pytest

from rehearsal.playing import play
from rehearsal.record import read_record, record_text
from rehearsal.stage import published
from tests.unit.rehearsal.loan import FILE, changed, record_of, seen
from workflow.errors import InputRefused


def otherwise(text: str) -> list[str]:
    """Where a changed loan does something else than is recorded of the loan."""
    kept = published(text.encode(), FILE)
    return [shown.where.en for shown in play(record_of(), kept) if shown.seen != shown.expected]


def test_a_record_is_the_same_each_time_and_reads_back() -> None:
    text = record_text(record_of())
    again = read_record(text.encode(), "loan.expected.json")
    assert record_text(again) == text
    assert [s.where for s in play(again, seen()[0]) if s.seen != s.expected] == []
    assert max(map(len, text.splitlines())) < 1500


def test_labels_and_comments_make_no_difference() -> None:
    assert otherwise("# a comment\n" + changed("asked:    {}", "asked:    {label: {fr: Demandé, en: Asked}}")) == []


@pytest.mark.parametrize(
    ("old", "new", "where"),
    [
        ("within: 15 days", "within: 16 days", "deadlines after placing"),
        ("by: [borrower, desk]", "by: [borrower]", "give_back as desk"),
        ("needs: [loan_months], once: true", "needs: [loan_months]", "prolong"),
        ("serial, deposit]", "serial]", "lend"),
        ("deposit >= lookup", "deposit > lookup", "lend with lent_on="),
        ('value: "12.00"', 'value: "12.01"', "lend with lent_on=2022-01-01, deposit=12.00"),
        ("remind: [1 month before]", "remind: [2 months before]", "where nobody acts"),
        ("limit: 2", "limit: 3", "lend when taken already are items=2"),
        ("10 working days", "10 workable days", "deadlines after lend"),
        ("exclusive: true", "exclusive: false", "lend"),
        ("maximum: 12", "maximum: 13", "prolong with loan_months=13"),
        ("reason: required}", "reason: required, guards: [{code: never, require: 'false', message: No}]}", "give_back"),
    ],
)
def test_one_change_is_seen_where_it_matters(old: str, new: str, where: str) -> None:
    assert any(where in told for told in otherwise(changed(old, new)))


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "le fichier s'arrête trop tôt"),
        (b"{}", "la clé « format » manque"),
        (b"[1]", "le contenu n'est pas de la forme attendue"),
        (b"x", "ce n'est plus du JSON à partir de l'octet 0"),
        (b'{"unknown": 2}', "la clé « unknown » n'existe pas"),
        (b'{"format": "1"}', "la valeur de « format » n'est pas de la forme attendue"),
        (b'{"format": 1, "definition": "\xff"}', "l'octet 0xff n'est pas de l'UTF-8"),
    ],
)
def test_what_is_no_record_is_refused_in_french(data: bytes, why: str) -> None:
    with pytest.raises(InputRefused) as refused:
        read_record(data, "x.expected.json")
    [found] = refused.value.findings
    assert found.message_fr == (
        f"ce n'est pas un relevé des résultats attendus ({why}) : faites-le récrire par --record"
    )


def test_what_is_no_record_is_refused_with_a_sentence() -> None:
    for data in (b"", b"{}", b"[1]", b"\xff", b'{"format": 1, "unknown": 2}'):
        with pytest.raises(InputRefused, match="record of expected outcomes"):
            read_record(data, "x.expected.json")
    other = record_text(record_of()).replace('"format": 1', '"format": 2').encode()
    with pytest.raises(InputRefused, match="format 2"):
        read_record(other, "x.expected.json")
