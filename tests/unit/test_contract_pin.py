"""PINs: which are guessed first, and which everybody can read."""

from __future__ import annotations

import pytest

from contract import pin
from coordinator.hall_command import template, templates, with_pins

FEW = template("ua-cnap").model_copy(update={"operators": template("ua-cnap").operators[:3]})


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ("", "pin"), ("123", "pin"), ("1" * 13, "pin"), ("48l5", "pin"), ("٤٨١٥", "pin"), ("²²²²", "pin"), ("48 15", "pin"),
        ("0000", "pin_same"), ("777777", "pin_same"), ("1234", "pin_run"), ("7890", "pin_run"), ("9876", "pin_run"),
        ("0987", "pin_run"), ("1001", "pin_open"), ("1030", "pin_open"),
        ("4815", ""), ("0001", ""), ("1210", ""), ("10010", ""), ("1101", ""), ("135790", ""),
    ],
)  # fmt: skip
def test_a_pin_that_is_guessed_first_is_none_and_says_why(typed: str, why: str) -> None:
    assert pin.fault(typed) == why


def test_every_pin_of_a_template_is_known_as_one_that_everybody_can_read() -> None:
    hashes = [operator.pin_hash for name in templates() for operator in template(name).operators]
    assert hashes
    assert all(pin.is_open(one) for one in hashes)
    assert not any(pin.is_open(one) for one in ("", "scrypt", pin.hashed("1001", bytes(16))))


def test_who_has_no_pin_or_a_templates_gets_one_of_chance_and_who_has_an_own_keeps_it() -> None:
    first, second, third = FEW.operators
    own = second.model_copy(update={"pin_hash": pin.hashed("4815", bytes(16))})
    none = third.model_copy(update={"pin_hash": ""})
    hall = FEW.model_copy(update={"operators": (first, own, none)})
    made, told = with_pins(hall)
    assert (list(told), made.revision) == ([first.id, third.id], hall.revision + 1)
    assert all(pin.verify(told[o.id], o.pin_hash) for o in made.operators if o.id in told)
    assert not any(pin.fault(one) for one in told.values())
    assert len({o.pin_hash.split("$")[1] for o in made.operators}) == 3
    assert made.operators[1] == own
    assert with_pins(made) == (made, {})
    assert with_pins(made, [own.id])[1].keys() == {own.id}
