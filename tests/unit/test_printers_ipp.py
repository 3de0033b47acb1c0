"""IPP's bytes: what CUPS really answered, whole and spoiled, and what a queue's words mean."""

from __future__ import annotations

import contextlib
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contract.errors import ContractError
from contract.hints import HINTS
from printers import ipp
from printers.ipp import Operation, request
from printers.spool import address, standing

RECORDED: list[dict[str, Any]] = json.loads((Path(__file__).parents[1] / "vectors" / "ipp.json").read_text())["answers"]
IDS = [each["name"] for each in RECORDED]


@pytest.mark.parametrize("recorded", RECORDED, ids=IDS)
def test_answers_of_a_real_queue_are_read(recorded: dict[str, Any]) -> None:
    answer = ipp.read(bytes.fromhex(recorded["hex"]))
    assert (answer.status, answer.number) == (recorded["status"], recorded["number"])
    assert [{name: list(values) for name, values in job.items()} for job in answer.jobs] == recorded["jobs"]
    assert (answer.printer is None) == (recorded["printer"] is None)
    assert answer.good == (recorded["status"] < 0x100)


def test_name_of_a_paper_is_hidden_from_others_and_told_to_its_owner() -> None:
    told = {each["name"]: ipp.read(bytes.fromhex(each["hex"])) for each in RECORDED}
    assert told["not completed"].jobs[0]["job-name"] == ("job-D",)
    assert all("job-name" not in job for job in told["somebody else's papers"].jobs)


@pytest.mark.parametrize("recorded", RECORDED, ids=IDS)
def test_answer_that_is_cut_anywhere_is_refused(recorded: dict[str, Any]) -> None:
    whole = bytes.fromhex(recorded["hex"])
    for end in range(len(whole)):
        with pytest.raises(ContractError, match="not whole"):
            ipp.read(whole[:end])


@given(st.sampled_from(RECORDED), st.integers(min_value=8), st.integers(0, 255))
def test_spoiled_answer_is_an_answer_or_an_error(recorded: dict[str, Any], place: int, byte: int) -> None:
    spoiled = bytearray.fromhex(recorded["hex"])
    spoiled[place % len(spoiled)] = byte
    with contextlib.suppress(ContractError):
        ipp.read(bytes(spoiled))


@given(st.binary(max_size=300))
def test_noise_is_an_answer_or_an_error(noise: bytes) -> None:
    with contextlib.suppress(ContractError):
        ipp.read(noise)


def test_answer_that_is_too_long_is_refused() -> None:
    with pytest.raises(ContractError, match="at most"):
        ipp.read(b"\x02\x00" + b"\0" * ipp.MAX_BYTES)


def test_request_is_what_the_standard_says() -> None:
    """RFC 8010, A.1: a Print-Job request, in our words."""
    packed = request(Operation.PRINT_JOB, 1, "ipp://localhost/p", {"job-name": "foo"}, {"media": "iso_a4_210x297mm"})
    assert packed == (
        b"\x02\x00\x00\x02\x00\x00\x00\x01\x01"
        b"\x47\x00\x12attributes-charset\x00\x05utf-8"
        b"\x48\x00\x1battributes-natural-language\x00\x02en"
        b"\x45\x00\x0bprinter-uri\x00\x11ipp://localhost/p"
        b"\x42\x00\x08job-name\x00\x03foo"
        b"\x02\x44\x00\x05media\x00\x10iso_a4_210x297mm\x03"
    )
    several = request(Operation.GET_JOB, 2, "ipp://localhost/p", {"job-id": 7, "requested-attributes": ("a", "bc")})
    assert several.endswith(
        b"\x21\x00\x06job-id\x00\x04\x00\x00\x00\x07\x44\x00\x14requested-attributes\x00\x01a\x44\x00\x00\x00\x02bc\x03"
    )


@pytest.mark.parametrize(
    ("state", "reasons", "accepts", "fault"),
    [
        (3, ("none",), True, None), (4, ("none",), True, None), (5, ("paused",), True, "printer_offline"),
        (5, ("media-empty-error", "none"), True, "sheets_out"), (3, ("media-empty",), True, "sheets_out"),
        (3, ("media-empty-warning",), True, None), (3, ("media-empty-report",), True, None), (4, ("media-jam-error",), True, "paper_jam"),
        (4, ("door-open",), True, "cover_open"), (3, ("toner-low-warning",), True, None), (5, ("toner-empty-error",), True, "toner_out"),
        (4, ("fuser-over-temp-error",), True, "printer_error"), (3, ("none",), False, "printer_offline"),
        (4, ("connecting-to-device",), True, "printer_offline"), (5, (), True, "printer_offline"),
    ],
)  # fmt: skip
def test_queue_s_words_become_a_fault_with_a_next_step(
    state: int, reasons: tuple[str, ...], accepts: bool, fault: str | None
) -> None:
    found = standing(
        {"printer-state": (state,), "printer-state-reasons": reasons, "printer-is-accepting-jobs": (accepts,)}
    )
    assert found.fault == fault
    assert fault is None or fault in HINTS


def test_low_paper_is_said_and_stops_nothing() -> None:
    found = standing({"printer-state": (3,), "printer-state-reasons": ("media-low-warning",)})
    assert (found.fault, found.paper_low) == (None, True)


@pytest.mark.parametrize(
    "url",
    [
        "ipp://192.0.2.7/printers/a", "ipps://localhost/printers/a", "ipp://printer/p", "ipp://localhost", "cups://a", "ipp:///p", "x",
        "ipp://localhost:99999/p", "ipp://localhost/p?q=1", "ipp://localhost.example/p",
    ],
)  # fmt: skip
def test_sheets_go_to_a_queue_of_this_machine_only(url: str) -> None:
    with pytest.raises(ContractError, match="own CUPS"):
        address(url)


def test_usual_address_needs_no_port() -> None:
    assert address("ipp://localhost/printers/Sheets") == ("localhost", 631, "/printers/Sheets")
    assert address("ipp://127.0.0.1:6310/printers/Sheets") == ("127.0.0.1", 6310, "/printers/Sheets")
