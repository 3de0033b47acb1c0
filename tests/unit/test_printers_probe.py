"""Who is at the other end, by name, by number, or only by what it can."""

from __future__ import annotations

import pytest

from printers.model import CLONE, MODELS, MUTE, Proof, by_name, by_number
from printers.probe import PROBE_S, Probe

LATE = PROBE_S + 0.1


def test_name_and_the_place_behind_it_end_the_probe_at_once() -> None:
    probe = Probe()
    probe.heard_byte(0x02)
    probe.heard_name("TM-T20III")
    assert probe.result(0.1, stopped=False) is None  # what comes behind the name could be taken for a ticket's proof
    probe.heard_byte(0x00)
    assert probe.result(0.1, stopped=False) == by_name("TM-T20III")


def test_answer_to_somebody_who_left_is_not_taken_for_the_name() -> None:
    probe = Probe()
    probe.heard_name("1.00")
    probe.heard_byte(0x02)
    assert probe.result(0.1, stopped=False) is None
    probe.heard_name("TM-T20III")
    assert probe.result(0.1, stopped=False) is None
    probe.heard_byte(0x00)
    assert probe.result(0.1, stopped=False) == by_name("TM-T20III")


def test_number_and_the_place_behind_it_are_enough_without_a_name() -> None:
    probe = Probe()
    for byte in (0x02, 0x05):
        probe.heard_byte(byte)
        assert probe.result(0.1, stopped=False) is None
    probe.heard_byte(0x00)
    found = probe.result(0.1, stopped=False)
    assert found is not None
    assert found.name == "Custom VKP80III"


@pytest.mark.parametrize(
    ("name", "answers", "expected"),
    [
        ("", [], MUTE),
        ("", [0x00], CLONE),
        ("", [0x33, 0x00], CLONE),
    ],
)
def test_unknown_printer_is_only_as_good_as_its_answers(name: str, answers: list[int], expected: object) -> None:
    probe = Probe()
    for byte in answers:
        probe.heard_byte(byte)
    assert probe.result(0.0, stopped=False) is None
    assert probe.result(LATE, stopped=False) == expected


def test_named_clone_keeps_its_name_and_proves_nothing_without_order() -> None:
    probe = Probe()
    probe.heard_name("POS-80")
    assert probe.result(0.0, stopped=False) is None
    found = probe.result(LATE, stopped=False)
    assert found is not None
    assert (found.name, found.proof) == ("POS-80", Proof.NONE)


def test_stopped_printer_is_waited_for() -> None:
    probe = Probe()
    assert probe.result(10.0, stopped=True) is None
    assert probe.result(10.5, stopped=False) is None
    assert probe.result(10.0 + LATE, stopped=False) == MUTE


def test_rows_are_found_by_every_name_and_no_two_share_one() -> None:
    for row in MODELS:
        assert by_name(row.name) == row
        assert all(by_name(name.rstrip("*")) == row for name in row.names)
        assert not row.number or by_number(row.number) == row
        assert row.picture_dots % 8 == 0
        assert row.proof is not Proof.MARK or row.purge
    assert by_name("TM") is None
    assert by_number(b"") is None
