"""The Estonian contact card: the personal file, readable without a PIN (ID1 chip and application description, 2018)."""

from __future__ import annotations

from datetime import date

from simulators.card import apdu as iso
from simulators.card import reading
from simulators.card.apdu import OK, Command, RefusedError
from simulators.card.card import Exchange
from simulators.card.person import Person
from simulators.card.script import Kind
from simulators.card.tlv import tlv

ATR = bytes.fromhex("3BDB960080B1FE451F830012233F536549440F9000F1")
APPLICATION = bytes.fromhex("A000000077010800070000FE00000100")
PERSONAL = 0x5000
NO_ANSWER = 0x0C
ROOM = 256
NOTHING = b"\0"


def records(person: Person) -> dict[int, bytes]:
    """The sixteen small files by identifier: surname, given names, sex, citizenship, birth, code, document, expiry, issue, notes."""
    texts = (
        *person.native, person.sex, person.nationality, f"{_day(person.born)} {person.birthplace}", person.personal_number,
        person.number, _day(person.expires), f"{_day(person.issued)} {person.authority}".strip(),
    )  # fmt: skip
    files = {PERSONAL + place: text.encode() for place, text in enumerate(texts, 1)}
    return {PERSONAL + place: files.get(PERSONAL + place) or NOTHING for place in range(1, 16)}


def _day(day: date) -> str:
    return f"{day:%d %m %Y}"


class EstEid:
    """The chip with the personal file and nothing else of it."""

    def __init__(self, person: Person) -> None:
        self._files = records(person)
        self.power()

    def atr(self) -> bytes:
        return ATR

    def power(self) -> None:
        self._folder = ""
        self._file: int | None = None
        self._response = b""

    def answer(self, apdu: bytes, exchange: Exchange) -> bytes:
        try:
            exchange.refuse()
            data, sw = self._obey(iso.parse(apdu), exchange)
        except RefusedError as refused:
            data, sw = b"", refused.sw
        return data + sw.to_bytes(2, "big")

    def _obey(self, command: Command, exchange: Exchange) -> tuple[bytes, int]:
        match command.cla, command.ins:
            case 0x00, iso.SELECT:
                return self._select(command, t0=exchange.script.quirks.t0)
            case 0x00, iso.READ:
                return self._read(command, exchange)
            case 0x00, 0xC0:
                response, self._response = self._response, b""
                return response, OK
            case _:
                raise RefusedError(0x6D00)

    def _select(self, command: Command, *, t0: bool) -> tuple[bytes, int]:
        identifier = int.from_bytes(command.data, "big")
        match command.p1:
            case 0x04 if command.data == APPLICATION:
                self._folder, self._file = "application", None
            case 0x00 if identifier in {0, 0x3F00}:
                self._folder, self._file = "master", None
            case 0x01 if identifier == PERSONAL and self._folder == "master":
                self._folder = "personal"
            case 0x02 if identifier in self._files and self._folder == "personal":
                self._file = identifier
            case _:
                raise RefusedError(0x6A82)
        if command.p2 == NO_ANSWER:
            return b"", OK
        answer = tlv(0x6F, tlv(0x83, command.data))
        if t0:
            self._response = answer
            return b"", 0x6100 | len(answer)
        return answer, OK

    def _read(self, command: Command, exchange: Exchange) -> tuple[bytes, int]:
        if self._file is None:
            raise RefusedError(0x6986)
        name, content = f"{self._file:04X}", self._files[self._file]
        quirks = exchange.script.quirks
        rest = len(content) - reading.offset(command)
        if quirks.t0 and 0 < rest != command.ne:
            raise RefusedError(0x6C00 | rest)
        exchange.reads(name)
        data, sw = reading.part(content, command, ROOM, quirks)
        if exchange.has(Kind.SHORT_READ):
            data = data[: len(data) // 2]
        exchange.gave(name, reading.offset(command) + len(data), len(content))
        return data, sw
