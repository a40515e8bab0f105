"""Reading what people type into values, and showing values."""

from datetime import date
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflow.definition import Field, FieldType, Label, ListItem, Value
from workflow.values import ValueRefused, read_value, show_value

TYPES = get_args(FieldType)


def field(kind: FieldType, **more: object) -> Field:
    return Field("value", kind, Label("Valeur", "Value"), **more)  # type: ignore[arg-type]


def refusal(kind: FieldType, text: str, **more: object) -> ValueRefused:
    with pytest.raises(ValueRefused) as refused:
        read_value(field(kind, **more), text)
    return refused.value


def outcome(spec: Field, text: str, dates: str) -> Value | ValueRefused:
    try:
        return read_value(spec, text, dates=dates)
    except ValueRefused as refused:
        return refused


@pytest.mark.parametrize(
    ("text", "cents"),
    [
        ("1603.12", 160312),
        ("1603,12", 160312),
        ("1700", 170000),
        ("1700,5", 170050),
        ("50 000", 5_000_000),
        ("1\u00a0700,50", 170050),
        ("1\u202f234\u202f567,89", 123456789),
        (" 0 ", 0),
        ("0,07", 7),
    ],
)
def test_money_is_read_as_cents(text: str, cents: int) -> None:
    assert read_value(field("money"), text) == cents


@pytest.mark.parametrize(
    "text",
    [
        "NaN",
        "1e5",
        "١٢",
        "１２",
        "1700,505",
        "1,700.50",
        "17 00",
        "12€",
        "--5",
        "1_000",
        "0x10",
        "inf",
        ".5",
        "5.",
        "1\u2009700",
    ],
)
def test_what_is_no_amount_is_refused(text: str) -> None:
    assert refusal("money", text).code == "not_money"


def test_amount_below_zero_needs_a_minimum_that_allows_it() -> None:
    assert refusal("money", "-0.01").code == "below_minimum"
    assert read_value(field("money", minimum=-100), "-0.01") == -1
    assert read_value(field("integer"), "-3") == -3


def test_bounds_are_named_in_the_sentence() -> None:
    refused = refusal("integer", "37", minimum=6, maximum=36)
    assert (refused.code, refused.fr) == ("above_maximum", "37 est supérieur au maximum, 36")
    assert refusal("money", "1,00", minimum=155458).en == "1.00 is below the minimum, 1554.58"


@pytest.mark.parametrize("text", ["3.0", "3,5", "١", "1e3", "three", "1 000", "9" * 16])
def test_what_is_no_whole_number_is_refused(text: str) -> None:
    assert refusal("integer", text).code == "not_an_integer"


def test_dates() -> None:
    assert read_value(field("date"), "2021-03-16") == "2021-03-16"
    assert read_value(field("date"), "16/03/2021", dates="french") == "2021-03-16"
    assert read_value(field("date"), "2024-02-29", dates="french") == "2024-02-29"


@pytest.mark.parametrize(
    "text",
    [
        "16/03/2021",
        "2021-3-16",
        "2021-02-29",
        "0021-03-16",
        "2201-01-01",
        "20210316",
        "2021-03-16T00:00",
        "２021-03-16",
    ],
)
def test_what_is_no_date_is_refused(text: str) -> None:
    assert refusal("date", text).code == "not_a_date"


@pytest.mark.parametrize(
    ("text", "value"),
    [("oui", True), ("Non", False), ("YES", True), ("false", False), ("1", True), ("0", False)],
)
def test_booleans(text: str, value: bool) -> None:
    assert read_value(field("boolean"), text) is value
    assert refusal("boolean", f"{text}?").code == "not_a_boolean"


def test_a_choice_is_exact_and_the_near_one_is_offered() -> None:
    kinds = (ListItem("COMMUNE"), ListItem("Le PôleS"))
    assert read_value(field("choice", values=kinds), "COMMUNE") == "COMMUNE"
    assert read_value(field("choice", values=kinds), "Le Po\u0302leS") == "Le PôleS"
    assert refusal("choice", "commune", values=kinds).fr.endswith("vouliez-vous écrire « COMMUNE » ?")
    assert refusal("choice", "GIP", values=kinds).en.endswith("expected one of COMMUNE, Le PôleS")


def test_a_dated_choice_holds_on_its_days_only() -> None:
    dated = field("choice", values=(ListItem("CCP 1", date(2021, 1, 1), date(2021, 12, 31)),))
    assert read_value(dated, "CCP 1") == "CCP 1"
    assert read_value(dated, "CCP 1", on=date(2021, 12, 31)) == "CCP 1"
    with pytest.raises(ValueRefused, match="2022-01-01"):
        read_value(dated, "CCP 1", on=date(2022, 1, 1))


@pytest.mark.parametrize(
    "text", ["13002603200016", "130 026 032 00016", "35600000049837", "130\u00a0026\u00a0032\u00a000016"]
)
def test_siret_with_a_right_check_digit(text: str) -> None:
    assert read_value(field("siret"), text) == text.replace(" ", "").replace("\u00a0", "")


@pytest.mark.parametrize(
    "text",
    [
        "13002603200017",
        "00000000000000",
        "１３００２６０３２０００１６",
        "1300260320001",
        "130-026-032-00016",
        "35600000049838",
    ],
)
def test_wrong_siret_is_refused(text: str) -> None:
    assert refusal("siret", text).code == "not_a_siret"


def test_insee_codes() -> None:
    for code in ("63113", "01001", "2A004", "2B033", "97411", "98818", "95018"):
        assert read_value(field("insee"), code) == code
    for code in ("20004", "96001", "2a004", "6311", "631130", "00001", "98001", "٦٣١١٣"):
        assert refusal("insee", code).code == "not_an_insee_code"


def test_email_addresses() -> None:
    for address in ("mairie@example.fr", "a.b+c@sous.example.fr", "o'neil@exa-mple.com"):
        assert read_value(field("email"), address) == address
    for address in (
        "mairie",
        "a@b",
        "a b@c.fr",
        "a@b..fr",
        ".a@b.fr",
        "a@@b.fr",
        "a@-b.fr",
        "a" * 65 + "@b.fr",
    ):
        assert refusal("email", address).code == "not_an_email"


def test_territories() -> None:
    for code in ("01", "75", "2A", "974", "988"):
        assert read_value(field("territory"), code) == code
    assert "2A" in refusal("territory", "20").fr
    assert refusal("territory", "2a").en.endswith("write 2A (Corse-du-Sud)")
    assert refusal("territory", "1").en.endswith("write 01 (Ain)")
    assert refusal("territory", "96").code == "unknown_territory"


def test_text_is_composed_and_its_ends_are_bare() -> None:
    assert read_value(field("text"), "  e\u0301te\u0301 ") == "été"
    assert read_value(field("text"), "x" * 2000) == "x" * 2000
    assert refusal("text", "x" * 2001).code == "value_too_long"


@pytest.mark.parametrize("text", ["a\nb", "a\tb", "a\x00b", "a\x7fb", "a\u2028b", "a\u202eb", "a\ud800b"])
def test_control_characters_are_refused(text: str) -> None:
    assert refusal("text", text).code == "control_character"


@pytest.mark.parametrize("kind", TYPES)
@pytest.mark.parametrize("text", ["", "   ", "\u00a0"])
def test_empty_is_refused_for_every_type(kind: FieldType, text: str) -> None:
    assert refusal(kind, text).code == "value_empty"


def test_values_are_shown_as_json_has_them() -> None:
    assert show_value(field("money"), 160312) == "1603.12"
    assert show_value(field("money"), -5) == "-0.05"
    assert show_value(field("money"), None) is None
    assert show_value(field("integer"), 24) == 24
    assert show_value(field("boolean"), True) is True
    assert show_value(field("date"), "2021-03-16") == "2021-03-16"


@given(st.integers(0, 10**15 - 1))
def test_shown_money_reads_as_the_same_amount(cents: int) -> None:
    assert read_value(field("money"), str(show_value(field("money"), cents))) == cents


@given(st.sampled_from(TYPES), st.text(max_size=30), st.sampled_from(["iso", "french"]))
def test_any_text_is_read_or_refused_in_two_languages(kind: FieldType, text: str, dates: str) -> None:
    read = outcome(field(kind), text, dates)
    if isinstance(read, ValueRefused):
        assert all((read.code, read.fr, read.en))
    else:
        assert read_value(field(kind), str(show_value(field(kind), read))) == read
