"""The printer's state in the hall's words, read from its status bytes. Pure.

Bits as in the Epson ESC/POS reference for GS a (automatic status) and DLE EOT 1 to 4, and in Custom's VKP80III and KPM
manuals for DLE EOT 20.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import NamedTuple

FRESH_S = 2.0
STOPS = frozenset({"cutter_error", "cover_open", "paper_jam", "printer_error", "paper_out"})
"""Faults that stop a paper on its way."""
_UNDEFINED = -1e9


@dataclass(frozen=True, slots=True)
class PrinterState:
    """Whether a ticket may be numbered now. `fault` is a key of `contract.hints.HINTS`, None when ready; `paper_low` never
    stops printing; `mouth`: a paper waits in the presenter's mouth; `at` is the monotonic time at which the printer last said so.
    """

    fault: str | None
    paper_low: bool = False
    at: float = _UNDEFINED
    mouth: bool = False

    @property
    def ready(self) -> bool:
        return self.fault is None

    def aged(self, now: float) -> PrinterState:
        """The same while fresh; older than `FRESH_S` it is a printer that does not answer."""
        return self if now - self.at <= FRESH_S else replace(self, fault="device_missing")


class _Bits(NamedTuple):
    cutter: int
    cover: int
    error: int
    paper_out: int
    offline: int
    paper_low: int
    jam: int = 0
    mouth: int = 0


def automatic(data: bytes, at: float) -> PrinterState:
    """From the four bytes of an automatic status."""
    head, errors, paper, _ = data
    return _state(
        _Bits(errors & 0x08, head & 0x20, errors & 0x64, paper & 0x0C, head & 0x08, paper & 0x03),
        at,
    )


def polled(answers: tuple[int, int, int, int], at: float) -> PrinterState:
    """From the answers to DLE EOT 1, 2, 3, 4."""
    printer, cause, errors, paper = answers
    return _state(
        _Bits(
            errors & 0x08,
            cause & 0x04,
            (cause & 0x40) | (errors & 0x64),
            (cause & 0x20) | (paper & 0x60),
            printer & 0x08,
            paper & 0x0C,
        ),
        at,
    )


def full(data: bytes, at: float) -> PrinterState:
    """From the four bytes behind `10 0F` of a full status: paper, user, recoverable and unrecoverable errors."""
    paper, user, mending, broken = data
    return _state(
        _Bits(
            cutter=broken & 0x03,
            cover=user & 0x03,
            error=(mending & 0x29) | (broken & 0x8C),
            paper_out=paper & 0x01,
            offline=0,
            paper_low=paper & 0x44,
            jam=mending & 0x40,
            mouth=paper & 0x20,
        ),
        at,
    )


def _state(bits: _Bits, at: float) -> PrinterState:
    faults = {
        "cutter_error": bits.cutter,
        "cover_open": bits.cover,
        "paper_jam": bits.jam,
        "printer_error": bits.error,
        "paper_out": bits.paper_out,
        "printer_offline": bits.offline,
    }
    fault = next((fault for fault, bit in faults.items() if bit), None)
    return PrinterState(fault, bool(bits.paper_low), at, bool(bits.mouth))
