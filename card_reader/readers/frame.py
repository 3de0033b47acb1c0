"""Frames of serial MRZ readers: bytes in, zones out. Pure. DESKO serial specification 7000310001; 3M RTE6701-OEM manual, page 26."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from card_reader import mrz
from card_reader.mrz import Mrz, MrzError

SOH, STX, ETX, CR = b"\x01", b"\x02", b"\x03", b"\r"
MOST = 1024
"""Bytes of a frame."""


class Format(StrEnum):
    """How a reader frames what it read."""

    DESKO = "desko"
    """STX, lines each with CR, ETX; the third line is absent for passports."""
    RTE6701 = "3m"
    """SOH, length, "OU", STX, flag, three lines each with CR (missing ones empty, at the top), ETX, BCC."""
    LINES = "lines"
    """Lines and CR or CRLF, nothing else: imagers. The pause after the last line ends the frame."""


@dataclass(frozen=True, slots=True)
class Swipe:
    """What one frame gave: a zone, or the fields that do not hold (empty: no zone at all)."""

    zone: Mrz | None
    wrong: tuple[str, ...] = ()


class FrameReader:
    """Takes bytes as they come. `dropped` counts frames that were cut off, too long or of a wrong checksum."""

    def __init__(self, form: Format) -> None:
        self._form = form
        self._held = bytearray()
        self.dropped = 0

    def feed(self, data: bytes) -> list[Swipe]:
        """The swipes that are complete now."""
        found = []
        for at in range(len(data)):
            self._held += data[at : at + 1]
            if (swipe := self._next()) is not None:
                found.append(swipe)
            if len(self._held) > MOST:
                self._drop()
        return found

    def pause(self) -> Swipe | None:
        """Nothing came for a while: lines without a frame are complete, any other begun frame is cut off."""
        if self._form is Format.LINES and self._held.strip():
            swipe = _swipe(bytes(self._held))
            self._clear()
            return swipe
        if self._held:
            self._drop()
        return None

    def _next(self) -> Swipe | None:
        match self._form:
            case Format.DESKO:
                return self._desko()
            case Format.RTE6701:
                return self._rte6701()
            case Format.LINES:
                return self._lines()

    def _desko(self) -> Swipe | None:
        if self._held[:1] != STX:
            self._clear()
        if not self._held.endswith(ETX):
            return None
        return self._done(bytes(self._held[1:-1]))

    def _rte6701(self) -> Swipe | None:
        """The length counts what stands between it and ETX; BCC is the exclusive-or of all between SOH and itself."""
        if self._held[:1] != SOH:
            self._clear()
        if len(self._held) < 2 or len(self._held) < self._held[1] + 4:
            return None
        body, check = bytes(self._held[1:-1]), self._held[-1]
        bcc = 0
        for byte in body:
            bcc ^= byte
        if bcc != check or body[1:3] != b"OU" or body[3:4] != STX or body[-1:] != ETX:
            self._drop()
            return None
        return self._done(body[5:-1])

    def _lines(self) -> Swipe | None:
        if not self._held.strip():
            self._clear()  # what is left of a line's end
        rows = [row for row in self._held.replace(b"\n", CR).split(CR)[:-1] if row.strip()]
        if len(rows) == 3 or (len(rows) == 2 and {len(r) for r in rows} <= {36, 44}):
            return self._done(b"\r".join(rows))
        return None

    def _done(self, text: bytes) -> Swipe:
        self._clear()
        return _swipe(text)

    def _drop(self) -> None:
        self.dropped += 1
        self._clear()

    def _clear(self) -> None:
        self._held[:] = bytes(len(self._held))
        self._held.clear()


def _swipe(text: bytes) -> Swipe:
    """Control characters off, the readers' fillers as `<`; the check digits decide."""
    try:
        return Swipe(mrz.repair(text.decode("latin-1")))
    except MrzError as exc:
        return Swipe(None, exc.fields)
