"""The three halls that come with the product are whole: what a service needs, some window gives."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from fontTools.ttLib import TTFont  # type: ignore[import-untyped]

from contract import hall as document
from contract import rules
from contract.hall import Hall
from contract.hall_part import Named, Operator, Service, Window
from look import icons, tokens
from look.alphabet import strangers

TEMPLATES = Path(document.__file__).parent.parent / "coordinator" / "templates"
HALLS = {path.stem: document.load(path.read_bytes()) for path in sorted(TEMPLATES.glob("*.json"))}
DAY = date(2026, 3, 17)


@pytest.fixture(params=["ua-cnap", "kz-con", "kg-con"])
def hall(request: pytest.FixtureRequest) -> Hall:
    return HALLS[request.param]


def staff(hall: Hall) -> dict[str, Operator]:
    """Window id → its invented operator, in the order of both lists."""
    return {window.id: operator for window, operator in zip(hall.windows, hall.operators, strict=True)}


def serves(hall: Hall, window: Window, service: Service) -> bool:
    """Whether the window with its operator may take `service`: group, station, a right valid in the employer's name."""
    right = hall.right_by_id[service.right]
    rights = staff(hall)[window.id].rights
    held = {held.right for held in rights if held.employer == window.employer and held.valid(DAY)}
    return service.group in window.groups and right.id in held and right.station in (None, window.station)


def names(hall: Hall) -> Iterator[tuple[str, str]]:
    """(language, text) of everything a visitor or operator may read."""
    named: list[Named] = [*hall.employers, *hall.rights, *hall.zones, *hall.service_groups, *hall.services]
    named += hall.priority_groups
    texts = [hall.names, hall.short_names, hall.place, *hall.documents.values(), *(item.names for item in named)]
    texts += [group.hint for group in hall.service_groups]
    texts += [group.proof for group in hall.priority_groups if group.proof]
    for text in texts:
        yield from text.items()


def test_there_are_three_halls_with_all_five_languages_between_them() -> None:
    assert {name: hall.id for name, hall in HALLS.items()} == {name: name for name in ("ua-cnap", "kz-con", "kg-con")}
    assert {lang for hall in HALLS.values() for lang in hall.languages} == {"uk", "ru", "kk", "ky", "en"}
    assert [len(HALLS[name].windows) for name in ("ua-cnap", "kz-con", "kg-con")] == [12, 24, 16]


def test_every_service_has_a_window_that_may_do_it(hall: Hall) -> None:
    orphans = [s.id for s in hall.services if not any(serves(hall, window, s) for window in hall.windows)]
    assert orphans == []


def test_every_group_of_a_window_holds_a_service_it_may_do(hall: Hall) -> None:
    idle = [
        (window.id, group)
        for window in hall.windows
        for group in window.groups
        if not any(s.group == group and serves(hall, window, s) for s in hall.services)
    ]
    assert idle == []


def test_operators_hold_only_rights_their_employer_may_give(hall: Hall) -> None:
    for window in hall.windows:
        operator = staff(hall)[window.id]
        assert operator.employer == window.employer
        for held in operator.rights:
            assert held.employer == operator.employer
            assert operator.employer in hall.right_by_id[held.right].employers


def test_every_zone_has_a_step_free_window(hall: Hall) -> None:
    assert {zone.id for zone in hall.zones} == {window.zone for window in hall.windows if window.step_free}


def test_every_right_and_document_is_used(hall: Hall) -> None:
    assert {s.right for s in hall.services} == {r.id for r in hall.rights}
    assert {d for s in hall.services for d in s.bring} == set(hall.documents)


def test_a_group_fills_one_kiosk_page_and_has_its_own_icon_and_hint(hall: Hall) -> None:
    for group in hall.service_groups:
        assert 1 <= sum(s.group == group.id for s in hall.services) <= 8
        assert icons.glyph(group.icon)
        assert set(hall.languages) <= set(group.hint)
    drawn = [group.icon for group in hall.service_groups]
    assert len(set(drawn)) == len(drawn)


def test_fees_are_minor_units_of_the_halls_currency_or_unknown(hall: Hall) -> None:
    for service in hall.services:
        assert (service.fee_minor is None) == (service.fee_currency is None)
        assert service.fee_currency in (None, hall.currency)
        assert service.minutes_typical <= service.minutes_long


def test_only_rules_that_differ_from_the_default_are_written(hall: Hall) -> None:
    assert [key for key, value in hall.rules.items() if rules.knobs()[key].default == value] == []


def test_a_priority_letter_exists_where_the_rule_asks_for_it(hall: Hall) -> None:
    lettered = [group for group in hall.priority_groups if group.letter]
    assert bool(lettered) == hall.rule("ticket.own_series_for_priority")


def test_the_demo_pin_opens_each_operators_hash(hall: Hall) -> None:
    for window in (hall.windows[0], hall.windows[-1]):
        _, salt, expected = staff(hall)[window.id].pin_hash.split("$")
        pin = f"10{window.number:02d}".encode()
        assert hashlib.scrypt(pin, salt=bytes.fromhex(salt), n=2**14, r=8, p=1, dklen=32).hex() == expected
    salts = {operator.pin_hash.split("$")[1] for operator in hall.operators}
    assert len(salts) == len(hall.operators)


def test_every_source_says_where_and_when(hall: Hall) -> None:
    assert hall.sources
    assert all({"title", "where", "date", "says"} <= set(source) for source in hall.sources.values())


def test_names_are_written_in_the_letters_of_their_language(hall: Hall) -> None:
    found = {(language, text): strangers(text, language) for language, text in names(hall)}
    assert {where: words for where, words in found.items() if words} == {}


@pytest.mark.parametrize("weight", ["regular", "bold"])
def test_every_character_of_a_template_has_its_glyph(hall: Hall, weight: str) -> None:
    drawn = set(TTFont(getattr(tokens.font(), weight)).getBestCmap())
    shown = {text for _, text in names(hall)} | {operator.name for operator in hall.operators}
    assert {char for text in shown for char in text if ord(char) not in drawn} == set()
