"""Personal numbers and profiles: numbers of invented people, each digit changed."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from card_reader import profiles
from card_reader.mrz import Mrz
from card_reader.profiles import PROFILES, number
from card_reader.purpose import EVERYDAY, FIELDS, NUMBERS, Purpose, plan
from look.texts import LANGUAGES, Texts


def iin_of(head: str) -> str:
    return next(head + str(d) for d in range(10) if number.iin(head + str(d)))


GOOD: dict[Callable[[str], bool], tuple[str, ...]] = {
    number.unzr: ("19900101-12345", "1990010112345"),
    number.rnokpp: ("3184710691",),
    number.iin: (iin_of("90010130001"),),
    number.isikukood: ("48001010010", "38001085718"),
}


@pytest.mark.parametrize(("holds", "text"), [(holds, text) for holds, texts in GOOD.items() for text in texts])
def test_a_number_holds_and_any_one_digit_changed_does_not(holds: Callable[[str], bool], text: str) -> None:
    assert holds(text)
    changed = [
        text[:at] + d + text[at + 1 :] for at, c in enumerate(text) if c.isdigit() for d in "0123456789" if d != c
    ]
    assert sum(map(holds, changed)) <= len(changed) // 10  # weights of eleven, and two rounds of them, let some through


def test_an_iin_of_each_century() -> None:
    assert iin_of("05022850001")
    with pytest.raises(StopIteration):
        iin_of("05022950001")  # 29 February 2005 never was
    assert iin_of("04022950001")


@pytest.mark.parametrize("holds", [number.unzr, number.rnokpp, number.iin, number.kg_pin, number.isikukood])
@pytest.mark.parametrize("text", ["", "0", "A" * 12, "1" * 40, "19901301-12345", "٣" * 12])
def test_what_is_no_number_does_not_hold(holds: Callable[[str], bool], text: str) -> None:
    assert not holds(text)


def zone(issuer: str, *optional: str) -> Mrz:
    return Mrz("TD1", "I", issuer, "X", "900101", "F", "330101", issuer, "A", "B", optional)


def test_a_number_is_named_as_its_state_names_it() -> None:
    ua, kz = PROFILES["ua"], PROFILES["kz"]
    assert ua.personal_numbers(zone("UKR", "1990010112345"), None) == {"unzr": "19900101-12345"}
    assert ua.personal_numbers(zone("UKR", "1990010112345"), "3184710691") == {
        "unzr": "19900101-12345",
        "rnokpp": "3184710691",
    }
    assert kz.personal_numbers(zone("KAZ", iin_of("90010130001")), None) == {"iin": iin_of("90010130001")}
    assert kz.personal_numbers(zone("KAZ", "900101300018", ""), "junk") == {}


def test_a_profile_is_found_by_the_issuer_among_those_offered() -> None:
    offered = (PROFILES["ua"], PROFILES["kg"])
    assert profiles.of_issuer("KGZ", offered).code == "kg"
    assert profiles.of_issuer("KAZ", offered).code == "generic"


def test_what_is_read_follows_from_the_purpose() -> None:
    assert [f.name for f in plan(Purpose.MATCH).files] == ["DG1"]
    assert [f.name for f in plan(Purpose.PREFILL, frozenset({"surname"})).files] == ["DG1"]
    assert [f.name for f in plan(Purpose.PREFILL).files] == ["DG1", "DG11"]
    assert [f.name for f in plan(Purpose.PHOTO, FIELDS).files] == ["DG1", "DG11", "DG12", "DG2"]
    with pytest.raises(ValueError, match="fingerprint"):
        plan(Purpose.PREFILL, frozenset({"fingerprint"}))
    assert EVERYDAY < FIELDS


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_field_has_its_label_and_every_purpose_its_words(language: str) -> None:
    texts = Texts(language)
    labels = {name: texts.get(f"card.field.{name}") for name in FIELDS}
    assert len(set(labels.values())) == len(FIELDS)
    assert all(texts.get(f"card.purpose.{purpose.value}") for purpose in Purpose)
    assert set(NUMBERS) <= set(labels)
