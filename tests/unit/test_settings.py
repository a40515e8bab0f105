"""Settings: which source wins, what is refused, what is shown."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from settings import WrongUsage, masked_url, parse_clock, read_settings, read_with_origin


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_flag_beats_environment_beats_file_beats_default() -> None:
    assert read_settings(environ={}).lang == "fr"
    Path("parcours.toml").write_text('lang = "en"\nlog_level = "error"\n')
    assert read_settings(environ={}).lang == "en"
    assert read_settings(environ={"PARCOURS_LANG": "fr"}).lang == "fr"
    settings, said = read_with_origin({"lang": "en"}, {"PARCOURS_LANG": "fr"})
    assert (settings.lang, said["lang"], said["log_level"]) == ("en", "--lang", "parcours.toml")


def test_roles_are_a_list_everywhere() -> None:
    assert read_settings({"role": ["host", "anct"]}, {}).role == ("host", "anct")
    assert read_settings(environ={"PARCOURS_ROLE": "host, anct"}).role == ("host", "anct")


def test_empty_variable_says_nothing() -> None:
    assert read_settings(environ={"PARCOURS_CLOCK": ""}).clock is None


@pytest.mark.parametrize("name", ["PARCOURS_LNAG", "PARCOURS_", "PARCOURS_X"])
def test_unknown_variable_is_wrong_usage(name: str) -> None:
    with pytest.raises(WrongUsage, match=name):
        read_settings(environ={name: "1"})


def test_unknown_key_of_the_file_is_named_with_what_was_meant() -> None:
    Path("parcours.toml").write_text("databse_url = 'sqlite:///x.db'\n")
    with pytest.raises(WrongUsage) as refused:
        read_settings(environ={})
    assert "database_url" in refused.value.message_en


def test_named_file_must_be_there_and_be_toml(tmp_path: Path) -> None:
    with pytest.raises(WrongUsage, match=r"other\.toml"):
        read_settings(environ={"PARCOURS_CONFIG": "other.toml"})
    (tmp_path / "other.toml").write_text("lang = ")
    with pytest.raises(WrongUsage, match=r"other\.toml"):
        read_settings(environ={}, config=tmp_path / "other.toml")


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("PARCOURS_LANG", "de"),
        ("PARCOURS_JSON", "perhaps"),
        ("PARCOURS_SAFETY_INTERVAL_S", "0"),
        ("PARCOURS_CLOCK", "2021-03-17"),
        ("PARCOURS_CLOCK", "2021-03-17T00:00:00"),
        ("PARCOURS_CLOCK", "2021-03-17T00:00:00Z*0"),
        ("PARCOURS_CLOCK", "2021-03-17T00:00:00Z*fast"),
    ],
)
def test_wrong_value_is_told_with_its_origin(variable: str, value: str) -> None:
    with pytest.raises(WrongUsage, match=variable):
        read_settings(environ={variable: value})


def test_clock_takes_any_offset_and_a_speed() -> None:
    assert parse_clock("2021-03-17T01:00:00+01:00") == (datetime(2021, 3, 17, tzinfo=UTC), None)
    assert parse_clock("2021-03-01T00:00:00Z*86400") == (datetime(2021, 3, 1, tzinfo=UTC), 86400.0)


def test_default_definition_falls_back_to_the_shipped_one(tmp_path: Path) -> None:
    assert read_settings(environ={}).definition_path.is_absolute()
    (tmp_path / "states.yaml").touch()
    assert read_settings(environ={}).definition_path == Path("states.yaml")
    assert read_settings({"definition": "absent.yaml"}, {}).definition_path == Path("absent.yaml")


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("sqlite:///parcours.db", "sqlite:///parcours.db"),
        ("postgresql://me:pw@db/x", "postgresql://me:***@db/x"),
        ("postgresql://db/x?user=me&password=pw", "postgresql://db/x?user=me&password=***"),
        ("postgresql://[broken", "***"),
    ],
)
def test_password_of_the_database_is_masked(url: str, shown: str) -> None:
    assert masked_url(url) == shown
