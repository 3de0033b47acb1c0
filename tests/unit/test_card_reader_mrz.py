"""The machine-readable zone: worked examples, every character damaged, repairs that say so."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from card_reader import mrz
from card_reader.errors import Code
from card_reader.key import CanKey
from card_reader.mrz import Mrz, MrzError, MrzKey

VECTORS = json.loads((Path(__file__).parents[1] / "vectors/id_cards.json").read_text("utf-8"))
ERIKSSON = "\n".join(VECTORS["mrz"][0]["lines"])
UPPER = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
NAMES = st.text(UPPER, min_size=1, max_size=8)
DATES = st.dates(date(1930, 1, 1), date(2060, 1, 1)).map(lambda d: d.strftime("%y%m%d"))


@pytest.mark.parametrize("vector", VECTORS["mrz"], ids=lambda v: v["source"])
def test_worked_zones_are_read_and_built_back(vector: dict[str, Any]) -> None:
    zone = mrz.parse("\n".join(vector["lines"]))
    told = {name: getattr(zone, name) for name in ("kind", "number", "surname", "given")}
    assert told == {name: vector[name] for name in told}
    assert zone.key.information == vector["information"]
    assert list(mrz.build(zone)) == vector["lines"]
    assert not zone.repaired


def test_worked_check_digits() -> None:
    table = {k: v for k, v in VECTORS["check_digits"].items() if k != "source"}
    assert {text: mrz.check_digit(text) for text in table} == table


@settings(deadline=None)
@given(
    kind=st.sampled_from(["TD1", "TD2", "TD3"]), number=st.text(UPPER + "0123456789", min_size=1, max_size=9),
    birth=DATES, expiry=DATES, surname=NAMES, given_name=NAMES, optional=st.text("0123456789", max_size=7),
)  # fmt: skip
def test_any_zone_is_read_as_it_was_built(
    kind: str, number: str, birth: str, expiry: str, surname: str, given_name: str, optional: str
) -> None:
    rest = (optional, "") if kind == "TD1" else (optional,)
    zone = Mrz(kind, "I", "UTO", number, birth, "F", expiry, "UTO", surname, given_name, rest)
    read = mrz.parse("\n".join(mrz.build(zone)))
    assert (read.kind, read.key, read.surname, read.given, read.optional) == (kind, zone.key, surname, given_name, rest)


@settings(deadline=None)
@given(number=st.text(UPPER + "0123456789", min_size=10, max_size=22), birth=DATES, expiry=DATES)
def test_a_long_number_goes_on_in_the_optional_field(number: str, birth: str, expiry: str) -> None:
    zone = Mrz("TD1", "I", "UTO", number, birth, "M", expiry, "UTO", "A", "B")
    assert mrz.parse("\n".join(mrz.build(zone))).key == MrzKey(number, birth, expiry)


@pytest.mark.parametrize("at", range(5, 14))
def test_a_wrong_character_of_the_number_is_found_and_named(at: int) -> None:
    damaged = ERIKSSON[:at] + ("1" if ERIKSSON[at] != "1" else "2") + ERIKSSON[at + 1 :]
    with pytest.raises(MrzError) as caught:
        mrz.parse(damaged)
    assert caught.value.fields[0] == "number"
    assert caught.value.code is Code.BAD_KEY
    assert "D2314" not in str(caught.value)


def test_wrong_dates_are_named() -> None:
    with pytest.raises(MrzError) as caught:
        mrz.parse(ERIKSSON.replace("7408122", "7408132"))
    assert caught.value.fields == ("birth", "composite")
    impossible = Mrz("TD1", "I", "UTO", "X1", "741399", "F", "120415", "UTO", "A", "B")
    with pytest.raises(MrzError) as caught:
        mrz.parse("\n".join(mrz.build(impossible)))
    assert caught.value.fields == ("birth",)


@pytest.mark.parametrize(
    ("read", "clean"),
    [
        ("74O8122F1204159UTO", "7408122F1204159UTO"),
        ("7408122F12O4I59UTO", "7408122F1204159UTO"),
        ("74081Z2F1204159UT0", "7408122F1204159UTO"),
    ],
)
def test_letters_read_in_dates_are_repaired_and_it_is_said(read: str, clean: str) -> None:
    zone = mrz.repair(ERIKSSON.replace(clean, read))
    assert zone.repaired
    assert zone.lines == tuple(ERIKSSON.split("\n"))


def test_a_misread_document_number_is_never_guessed() -> None:
    for read in ("D23I458907", "D931458907", "DZ31458907"):
        with pytest.raises(MrzError) as caught:
            mrz.repair(ERIKSSON.replace("D231458907", read))
        assert "number" in caught.value.fields


def test_passport_zones_are_repaired_too() -> None:
    lines = VECTORS["mrz"][4]["lines"]
    zone = mrz.repair("\n".join(lines).replace("UTO7408122F", "UT074O8I22F"))
    assert (zone.repaired, zone.lines) == (True, tuple(lines))


@pytest.mark.parametrize("form", ["\r", "\r\n", "\n", "\x02\r", ""])
def test_line_ends_and_frames_of_any_scanner_are_taken(form: str) -> None:
    assert mrz.parse(form.join(ERIKSSON.split("\n"))).number == "D23145890"


def test_fillers_of_other_readers_are_taken() -> None:
    assert mrz.parse(ERIKSSON.lower().replace("<", "_")).surname == "ERIKSSON"
    assert mrz.parse(ERIKSSON.replace("<", " ")).surname == "ERIKSSON"


@settings(deadline=None)
@given(st.text(max_size=200))
def test_any_text_is_a_zone_or_a_named_error(text: str) -> None:
    with pytest.raises(MrzError):
        mrz.repair(text)


DIGITS = [at for at, char in enumerate(ERIKSSON) if char.isdigit()]


@pytest.mark.parametrize("at", DIGITS)
def test_any_one_digit_changed_is_found(at: int) -> None:
    for digit in set("0123456789") - {ERIKSSON[at]}:
        with pytest.raises(MrzError):
            mrz.parse(ERIKSSON[:at] + digit + ERIKSSON[at + 1 :])


def test_typed_fields_name_what_cannot_be() -> None:
    assert MrzKey.typed("000 123-456", "900101", "331231").number == "000123456"
    with pytest.raises(MrzError) as caught:
        MrzKey.typed("", "901301", "33123")
    assert caught.value.fields == ("number", "birth", "expiry")


@pytest.mark.parametrize("text", ["12345", "1234567", "12345a", "١٢٣٤٥٦"])
def test_a_can_has_six_digits(text: str) -> None:
    with pytest.raises(MrzError):
        CanKey.typed(text)
    assert CanKey.typed("123456").digits == "123456"


def test_keys_and_zones_do_not_show_themselves() -> None:
    zone = mrz.parse(ERIKSSON)
    assert "D2314" not in repr(zone) + repr(zone.key) + repr(CanKey("123456"))
    assert "123456" not in repr(CanKey("123456"))


def test_two_digit_years_fall_where_people_live() -> None:
    today = date(2026, 11, 22)
    assert mrz.birth_date("740812", today) == date(1974, 8, 12)
    assert mrz.birth_date("261122", today) == date(2026, 11, 22)
    assert mrz.birth_date("261123", today) == date(1926, 11, 23)
    assert mrz.birth_date("74<<<<", today) is None
    assert mrz.expiry_date("331231", today) == date(2033, 12, 31)
    assert mrz.expiry_date("160101", today) == date(2016, 1, 1)
    assert mrz.expiry_date("761122", today) == date(2076, 11, 22)
    assert mrz.expiry_date("330231", today) is None
