"""What a console may send to open a card: read, or refused by name, and never shown."""

from __future__ import annotations

import pytest

from card_reader.key import CanKey
from card_reader.mrz import MrzError, MrzKey
from card_reader.window import opened
from contract.errors import ContractError


def test_six_digits_and_three_fields_open_a_card() -> None:
    assert opened(b'{"can": "123456"}') == CanKey("123456")
    assert opened(b'{"number": "ab 12", "birth": "900101", "expiry": "331231"}') == MrzKey("AB12", "900101", "331231")
    assert opened(b"null") is None


@pytest.mark.parametrize(
    ("plain", "wrong"),
    [
        (b'{"can": "12345"}', ("can",)),
        (b'{"number": "", "birth": "", "expiry": "331331"}', ("number", "birth", "expiry")),
        ('{"number": "АВ123456", "birth": "900101", "expiry": "331231"}'.encode(), ("number",)),
    ],
)
def test_a_key_that_cannot_be_right_names_its_fields(plain: bytes, wrong: tuple[str, ...]) -> None:
    with pytest.raises(MrzError) as caught:
        opened(plain)
    assert caught.value.fields == wrong


@pytest.mark.parametrize(
    "plain", [b"", b"\xff\xfe", b"{", b"[]", b"5", b'"can"', b'{"can": 123456}', b'{"can": null}', b'{"number": "A"}', b"[" * 5000]
)  # fmt: skip
def test_anything_else_is_refused_and_not_shown(plain: bytes) -> None:
    with pytest.raises(ContractError) as caught:
        opened(plain)
    assert str(caught.value) == "what opens the card cannot be read"
    assert caught.value.__cause__ is None
