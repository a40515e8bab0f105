"""Commitments: what an entry holds of a personal value, and what opens it."""

import base64
import hashlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflow.commitments import SALT_BYTES, commitment_to, disclosure_of, opened, token_of

values = st.text() | st.integers(-(2**53), 2**53) | st.booleans() | st.none()


def test_the_format_is_that_of_sd_jwt() -> None:
    disclosure = disclosure_of(bytes(32), "candidate_name", "Zoé")
    padded = disclosure + "=" * (-len(disclosure) % 4)
    assert json.loads(base64.urlsafe_b64decode(padded)) == ["A" * 43, "candidate_name", "Zoé"]
    digest = hashlib.sha256(disclosure.encode()).digest()
    assert commitment_to(disclosure) == base64.urlsafe_b64encode(digest).decode().rstrip("=")


def test_the_example_of_the_standard_has_the_hash_that_it_gives() -> None:
    """RFC 9901, section 4.2.3: the disclosure of `family_name` of section 4.2.1."""
    disclosure = "WyJfMjZiYzRMVC1hYzZxMktJNmNCVzVlcyIsICJmYW1pbHlfbmFtZSIsICJNw7ZiaXVzIl0"
    assert commitment_to(disclosure) == "X9yH0Ajrdm1Oij4tWso9UzzKJvPoDxwmuEcO3XAdRC0"
    assert opened(disclosure) == ("family_name", "Möbius")


@given(st.binary(min_size=SALT_BYTES, max_size=SALT_BYTES), st.text("abc_", min_size=1), values)
def test_a_disclosure_gives_back_what_it_hides(salt: bytes, name: str, value: str | int | None) -> None:
    assert opened(disclosure_of(salt, name, value)) == (name, value)


@given(st.binary(min_size=32, max_size=32), st.binary(min_size=32, max_size=32), values)
def test_the_same_value_has_another_commitment_under_another_salt(
    one: bytes, other: bytes, value: str | int | None
) -> None:
    commitments = {commitment_to(disclosure_of(salt, "name", value)) for salt in (one, other)}
    assert len(commitments) == len({one, other})


@pytest.mark.parametrize("text", ["", "?", "bm90IGpzb24", "WzFd"])
def test_other_texts_open_nothing(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011
        opened(text)


def test_a_token_depends_on_the_key_and_on_every_part() -> None:
    tokens = [
        token_of(b"k", "field", "C"),
        token_of(b"l", "field", "C"),
        token_of(b"k", "field", "D"),
        token_of(b"k", "fieldC"),
    ]
    assert len(set(tokens)) == 4
    assert token_of(b"k", "field", "C") == tokens[0]
