"""The faults of a hall's file are told with the line on which to mend them, in TOML and in JSON."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contract.errors import ContractError
from runtime import hall_file, hall_line
from runtime.hall_line import Fault
from tests.halls import load

WHOLE = json.loads(load("ua-cnap").model_dump_json(by_alias=True))
Break = Callable[[dict[str, Any]], object]


def told(text: str) -> tuple[Fault, ...]:
    with pytest.raises(ContractError) as caught:
        hall_file.read(text.encode())
    return hall_line.faults(text, str(caught.value))


def broken(kind: str, change: Break) -> str:
    document = json.loads(json.dumps(WHOLE))
    change(document)
    return hall_file.text(document, kind)


@pytest.mark.parametrize("kind", hall_file.KINDS)
@pytest.mark.parametrize(
    ("change", "sign"),
    [
        (lambda d: d["services"][5].update(minutes_typical=0), "minutes_typical"), (lambda d: d.update(colour="red"), "colour"),
        (lambda d: d["services"][3].update(right="roof"), "roof"), (lambda d: d["hours"].update(mon=["9"]), "hours"),
        (lambda d: d["zones"][1]["names"].pop("en"), WHOLE["zones"][1]["id"]), (lambda d: d["zones"].append(d["zones"][0]), "zones"),
        (lambda d: d["forms"][0]["fields"][1].update(under="x"), "under"),
        (lambda d: d["windows"][2].update(employer="x"), "employer"), (lambda d: d.update(timezone="Mars"), "timezone"),
    ],
)  # fmt: skip
def test_a_fault_is_told_at_the_line_that_names_it(kind: str, change: Break, sign: str) -> None:
    text = broken(kind, change)
    fault = told(text)[0]
    assert fault.line is not None
    line = text.splitlines()[fault.line - 1]
    assert (sign in line, fault.text) == (True, line.strip()[:160])


@pytest.mark.parametrize("kind", hall_file.KINDS)
def test_what_is_not_even_that_kind_of_file_is_told_at_the_line_where_reading_stopped(kind: str) -> None:
    lines = hall_file.text(WHOLE, kind).splitlines()
    at = next(n for n, line in enumerate(lines) if '"ua-cnap"' in line)
    lines[at] = lines[at].replace('"ua-cnap"', "ua cnap")
    assert told("\n".join(lines))[0].line == at + 1


def test_where_the_line_is_not_known_none_is_told_and_a_hash_is_never_repeated() -> None:
    text = broken("toml", lambda d: d["service_groups"][1].update(letter="Q"))
    assert told(text)[0].line is None
    hashed = "pin_hash = 1\n"
    assert hall_line.faults(hashed, "pin_hash: a text is needed") == (Fault("pin_hash: a text is needed", 1),)


@settings(max_examples=60, deadline=None)
@given(st.text(alphabet="{}[]\",:=\n'#.ab1 id", max_size=80), st.text(alphabet="ab1id. :of", max_size=20))
def test_no_file_and_no_fault_is_too_strange_to_be_looked_up(file: str, fault: str) -> None:
    for each in hall_line.faults(file, fault):
        assert each.line is None or 1 <= each.line <= file.count("\n") + 1
