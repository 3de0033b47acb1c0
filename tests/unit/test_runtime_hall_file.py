"""A hall document goes out as TOML or JSON and comes back as it was."""

from __future__ import annotations

import json
import tomllib
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contract.errors import ContractError
from contract.hall import Hall, load
from runtime import hall_file
from tests import halls
from tests.small_hall import hall as small_hall

SMALL = json.loads(small_hall().model_dump_json(by_alias=True))


def without_pins(hall: Hall) -> Hall:
    operators = tuple(operator.model_copy(update={"pin_hash": ""}) for operator in hall.operators)
    return hall.model_copy(update={"operators": operators})


def document(hall: Hall) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(hall.model_dump_json(by_alias=True))
    return told


@pytest.mark.parametrize("kind", hall_file.KINDS)
@pytest.mark.parametrize("name", halls.NAMES)
def test_a_template_comes_back_as_it_was_but_for_pins(name: str, kind: str) -> None:
    hall = load((halls.TEMPLATES / f"{name}.json").read_bytes())
    text = hall_file.text(document(hall), kind)
    assert "scrypt" not in text
    assert hall_file.read(text.encode()) == without_pins(hall)


TEXT = st.text(min_size=1, max_size=20).filter(lambda text: text.encode("utf-8", "ignore").decode() == text)
SPAN = st.sampled_from(["08:00-12:00", "09:00-17:00"])


@settings(deadline=None, max_examples=40)
@given(
    name=TEXT, reason=TEXT, station=st.none() | TEXT, hours=st.lists(SPAN, max_size=1), minutes=st.floats(0.5, 480),
    fee=st.none() | st.integers(0, 10**9), day=st.dates(),
)  # fmt: skip
def test_any_text_and_number_comes_back(
    name: str, reason: str, station: str | None, hours: list[str], minutes: float, fee: int | None, day: Any
) -> None:
    told = json.loads(json.dumps(SMALL))
    told["names"]["en"] = name
    told["windows"][0]["station"] = station
    told["services"][0] |= {"minutes_typical": minutes, "fee_minor": fee}
    told["calendar"] = {"exceptions": [{"date": day.isoformat(), "hours": hours, "reason": {"en": reason}}]}
    hall = load(json.dumps(told))
    for kind in hall_file.KINDS:
        assert hall_file.read(hall_file.text(document(hall), kind).encode()) == without_pins(hall)


def test_a_date_may_stand_without_quotes_in_toml() -> None:
    text = hall_file.text({**SMALL, "calendar": {"exceptions": [{"date": "2026-12-25"}]}}, "toml")
    bare = text.replace('date = "2026-12-25"', "date = 2026-12-25")
    assert tomllib.loads(bare) != tomllib.loads(text)
    assert hall_file.read(bare.encode()) == hall_file.read(text.encode())


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "JSON"),
        (b"format = ", "neither JSON nor TOML"),
        (b"\xff\xfe\x00", "neither JSON nor TOML"),
        (b"format = 'vikno-hall/1'", "services: Field required"),
        (b'{"format": "vikno-hall/1"}', "services: Field required"),
        (b"a = [" * 400, "neither JSON nor TOML"),
        (b"x = 1\n" * 200_000, "bytes: allowed: at most"),
        (b"a = inf", "Field required"),
    ],
)
def test_what_is_no_document_is_refused_with_places(data: bytes, words: str) -> None:
    with pytest.raises(ContractError) as caught:
        hall_file.read(data)
    assert words in str(caught.value)
