from __future__ import annotations

import pytest

from contract.hints import HINTS
from printers.commands import CLEAR, POLL
from printers.model import MUTE
from printers.probe import PROBE_S
from printers.session import POLL_S, SILENT_S, Session
from printers.status import FRESH_S, PrinterState, automatic, full, polled

FINE = bytes.fromhex("12121212")


def say_all(session: Session, now: float) -> bytes:
    said = session.outgoing
    session.sent(len(said), now)
    return said


def test_status_is_asked_once_until_answered_and_then_again_later() -> None:
    session = Session(0.0)
    session.ask(0.0)
    assert say_all(session, 0.0) == POLL
    session.ask(POLL_S)
    assert session.outgoing == b""
    session.receive(FINE, POLL_S)
    session.ask(POLL_S)
    assert session.outgoing == POLL


def test_nothing_is_asked_inside_the_bytes_of_a_job() -> None:
    session = Session(0.0)
    session.put(b"raster" * 10_000, 0.0)
    session.sent(100, 0.0)
    session.ask(5.0)
    assert POLL not in session.outgoing


@pytest.mark.parametrize(
    ("status", "answers", "fault", "low"),
    [
        ("10000000", "12121212", None, False),
        ("10000300", "1212121e", None, True),
        ("18000f00", "1a32127e", "paper_out", True),
        ("38000000", "1a161212", "cover_open", False),
        ("38000f00", "1a36127e", "cover_open", True),
        ("18080000", "1a521a12", "cutter_error", False),
        ("18200000", "1a523212", "printer_error", False),
        ("18000000", "1a121212", "printer_offline", False),
    ],
)
def test_pushed_and_asked_status_say_the_same(status: str, answers: str, fault: str | None, low: bool) -> None:
    expected = PrinterState(fault, low, 7.0)
    assert automatic(bytes.fromhex(status), 7.0) == expected
    one, two, three, four = bytes.fromhex(answers)
    assert polled((one, two, three, four), 7.0) == expected
    assert fault is None or fault in HINTS


def test_answers_are_taken_in_the_order_of_asking() -> None:
    session = Session(0.0)
    session.ask(0.0)
    say_all(session, 0.0)
    session.receive(bytes.fromhex("1a16"), 0.1)
    assert session.state is None
    session.receive(bytes.fromhex("1212"), 0.2)
    assert session.state == PrinterState("cover_open", False, 0.2)


def test_status_nobody_asked_for_changes_nothing() -> None:
    session = Session(0.0)
    session.receive(bytes.fromhex("1a16127e"), 0.0)
    assert session.state is None


def test_old_status_is_a_printer_that_does_not_answer() -> None:
    state = PrinterState(None, at=10.0)
    assert state.aged(10.0 + FRESH_S).ready
    assert state.aged(10.1 + FRESH_S).fault == "device_missing"


def test_unanswered_question_is_silence_even_if_the_kernel_takes_more() -> None:
    session = Session(0.0)
    session.ask(0.0)
    say_all(session, 0.0)
    session.clear(1.0)
    assert say_all(session, 1.0) == CLEAR
    assert not session.silent(SILENT_S)
    assert session.silent(SILENT_S + 0.1)


def test_bytes_nobody_takes_are_silence_and_bytes_taken_are_not() -> None:
    session = Session(0.0)
    session.put(b"x" * 1000, 0.0)
    session.sent(10, 1.5)
    assert not session.silent(SILENT_S + 1.0)
    assert session.silent(SILENT_S + 1.6)


def test_quiet_line_without_a_question_is_no_silence() -> None:
    session = Session(0.0)
    assert not session.silent(100.0)


def test_clearing_is_not_piled_up_while_the_line_is_stuck() -> None:
    session = Session(0.0)
    session.clear(0.0)
    session.clear(1.0)
    assert session.outgoing == CLEAR


@pytest.mark.parametrize(
    ("status", "fault", "low", "mouth"),
    [
        ("00000000", None, False, False),
        ("24000000", None, True, True),
        ("05000000", "paper_out", True, False),
        ("00020000", "cover_open", False, False),
        ("00004000", "paper_jam", False, False),
        ("00000001", "cutter_error", False, False),
        ("00000100", "printer_error", False, False),
        ("40000000", None, True, False),
    ],
)
def test_full_status_of_custom_printers(status: str, fault: str | None, low: bool, mouth: bool) -> None:
    state = full(bytes.fromhex(status), 7.0)
    assert (state.fault, state.paper_low, state.mouth, state.at) == (fault, low, mouth, 7.0)
    assert fault is None or fault in HINTS


def test_noise_is_never_taken_for_a_printer_without_answers() -> None:
    session = Session(0.0)
    session.identify(0.0)
    say_all(session, 0.0)
    session.ask(0.0)
    say_all(session, 0.0)
    session.receive(FINE, 0.1)
    session.receive(b"\xff", 0.9)
    session.receive(b"\xff", PROBE_S + 0.5)
    assert session.model is None
    session.receive(b"", 2 * PROBE_S + 0.6)
    assert session.model == MUTE


def test_proof_is_a_sign_of_life() -> None:
    session = Session(0.0)
    session.ask(0.0)
    say_all(session, 0.0)
    session.receive(FINE, 0.1)
    session.receive(b"\x37\x22A~ 0\x00", 9.0)
    assert session.state == PrinterState(None, at=9.0)


def test_printer_that_was_slow_to_answer_at_all_is_asked_who_it_is_no_shorter() -> None:
    session = Session(0.0)
    session.identify(0.0)
    session.ask_now(0.0)
    say_all(session, 0.0)
    found = []
    for said, now in ((FINE, PROBE_S + 1), (b"\x02_TM-T20III\x00\x00", PROBE_S + 1.1)):
        session.receive(said, now)
        found.append(session.model.name if session.model else None)
    assert found == [None, "Epson TM-T20III"]
