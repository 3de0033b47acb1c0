"""The travel document on a chip: master file, application, the ways in, reading (ICAO 9303-10, 9303-11)."""

from __future__ import annotations

import os
from collections.abc import Callable

from simulators.card import apdu as iso
from simulators.card import reading
from simulators.card.apdu import OK, Command, RefusedError
from simulators.card.bac import authenticate, seed
from simulators.card.card import Exchange
from simulators.card.document import IN_APPLICATION, IN_MASTER, OPEN, Document
from simulators.card.messaging import CLA_BIT, Session
from simulators.card.pace import Draw, Pace
from simulators.card.script import Kind
from simulators.card.tlv import objects, tlv

APPLICATION = bytes.fromhex("A0000002471001")
MASTER = bytes.fromhex("3F00")
BY_IDENTIFIER, BY_EF, BY_NAME, NO_ANSWER = 0x00, 0x02, 0x04, 0x0C
CHAINED, READER = 0x10, 0xFF
SHORT_ANSWER = 256
WRONG, NOT_ALLOWED, NOT_NOW, NOT_FOUND = 0x6300, 0x6982, 0x6985, 0x6A82
PASSWORDS = {b"\x01": "MRZ", b"\x02": "CAN"}

Answer = tuple[bytes, int]


class Emrtd:
    """The chip of one document. `draw`: its source of random bytes."""

    def __init__(self, document: Document, draw: Draw = os.urandom) -> None:
        self._document, self._draw = document, draw
        self._failed = 0
        self._handlers = {
            iso.SELECT: self._select,
            iso.READ: self._read,
            iso.READ_ODD: self._read,
            iso.CHALLENGE: self._give_challenge,
            iso.EXTERNAL_AUTHENTICATE: self._basic_access,
            iso.MANAGE: self._manage,
            iso.GENERAL_AUTHENTICATE: self._general_authenticate,
            iso.INTERNAL_AUTHENTICATE: self._active_authentication,
        }
        self.power()

    def atr(self) -> bytes:
        return self._document.atr

    def power(self) -> None:
        """The field comes up: a new number, nothing selected, no session."""
        self._uid = b"\x08" + os.urandom(3)
        self._in_application = False
        self._file: str | None = None
        self._session: Session | None = None
        self._by_pace = False
        self._challenge: bytes | None = None
        self._pace: Pace | None = None
        self._password_name = ""
        self._chip_chosen = False

    # -- the envelope -----------------------------------------------------------------------------------------------

    def answer(self, apdu: bytes, exchange: Exchange) -> bytes:
        try:
            command = iso.parse(apdu, extended=exchange.script.quirks.extended)
            if command.cla != READER and command.cla & CLA_BIT == CLA_BIT:
                return self._protected(command, exchange)
        except RefusedError as refused:
            return refused.sw.to_bytes(2, "big")
        data, sw = self._pseudo(command, exchange) if command.cla == READER else self._plain(command, exchange)
        return data + sw.to_bytes(2, "big")

    def _protected(self, command: Command, exchange: Exchange) -> bytes:
        session = self._session
        if session is None:
            raise RefusedError(0x6987)
        try:
            inner = session.unwrap(command)
        except RefusedError as refused:
            self._session = None
            exchange.note("session_lost", sw=f"{refused.sw:04X}")
            raise
        data, sw = self._obey(inner, exchange)
        return session.wrap(data, sw, odd=bool(inner.ins & 1))

    def _plain(self, command: Command, exchange: Exchange) -> Answer:
        """A command in the open ends the session."""
        if self._session is not None:
            self._session = None
            exchange.note("session_ended")
        return self._obey(command, exchange)

    def _obey(self, command: Command, exchange: Exchange) -> Answer:
        try:
            exchange.refuse()
            return self._handler(command)(command, exchange)
        except RefusedError as refused:
            return b"", refused.sw

    def _handler(self, command: Command) -> Callable[[Command, Exchange], Answer]:
        if command.cla & ~CHAINED:
            raise RefusedError(0x6E00)
        if command.ins not in self._handlers:
            raise RefusedError(0x6D00)
        return self._handlers[command.ins]

    def _pseudo(self, command: Command, exchange: Exchange) -> Answer:
        """What a reader answers itself: the identifier of the card in the field (PC/SC part 3, 3.2.2.1.3)."""
        if command.ins != iso.GET_DATA or command.p1p2:
            return b"", 0x6A81
        uid = exchange.script.quirks.uid
        return (self._uid if uid == "random" else bytes.fromhex(uid)), OK

    # -- files ------------------------------------------------------------------------------------------------------

    def _select(self, command: Command, exchange: Exchange) -> Answer:
        if command.p2 == NO_ANSWER and command.ne is not None:
            self._no_le(exchange)
        if command.p1 == BY_NAME:
            return self._select_application(command)
        if command.p1 == BY_IDENTIFIER and command.data in {b"", MASTER}:
            return self._select_master(exchange)
        if command.p1 not in exchange.script.quirks.select_p1 or command.p1 not in {BY_IDENTIFIER, BY_EF}:
            raise RefusedError(0x6A86)
        names = IN_APPLICATION if self._in_application else IN_MASTER
        self._file = self._reachable(names.get(int.from_bytes(command.data, "big")), exchange)
        return b"", OK

    def _select_application(self, command: Command) -> Answer:
        if command.data != APPLICATION:
            raise RefusedError(NOT_FOUND)
        if not self._document.bac and self._session is None:
            raise RefusedError(NOT_ALLOWED)
        self._in_application, self._file = True, None
        return (tlv(0x6F, tlv(0x84, APPLICATION)) if command.ne is not None and command.p2 == 0 else b""), OK

    def _select_master(self, exchange: Exchange) -> Answer:
        sw = int(exchange.script.quirks.select_mf, 16)
        if sw == OK:
            self._in_application, self._file = False, None
        return b"", sw

    def _reachable(self, name: str | None, exchange: Exchange) -> str:
        """Raises: RefusedError: 6A82 there is no such file, 6982 it wants more than was shown."""
        quirks = exchange.script.quirks
        if name is None or name not in self._document.files or name in quirks.absent:
            raise RefusedError(0x6982 if name in quirks.locked and self._session else NOT_FOUND)
        if name not in OPEN and (self._session is None or (name == "CardSecurity" and not self._by_pace)):
            raise RefusedError(NOT_ALLOWED)
        if name in quirks.locked:
            raise RefusedError(NOT_ALLOWED)
        return name

    def _read(self, command: Command, exchange: Exchange) -> Answer:
        quirks = exchange.script.quirks
        short = reading.short_identifier(command, quirks)
        if short is not None:
            names = IN_APPLICATION if self._in_application else IN_MASTER
            self._file = next((name for fid, name in names.items() if fid & 0x1F == short), None)
        if self._file is None and short is None:
            raise RefusedError(0x6986)
        name = self._reachable(self._file, exchange)
        exchange.reads(name)
        content = self._content(name, exchange)
        data, sw = reading.part(content, command, self._room(command, exchange), quirks)
        if exchange.has(Kind.SHORT_READ):
            data = data[: len(data) // 2]
        exchange.gave(name, reading.offset(command) + len(data), len(content))
        return data, sw

    def _content(self, name: str, exchange: Exchange) -> bytes:
        content = self._document.files[name]
        if name not in exchange.script.altered:
            return content
        return content[:-1] + (b"X" if content[-1:] != b"X" else b"Y")

    def _room(self, command: Command, exchange: Exchange) -> int:
        limit = exchange.script.quirks.max_answer_bytes if command.extended else SHORT_ANSWER
        return limit if self._session is None else self._session.room(limit)

    # -- the ways in ------------------------------------------------------------------------------------------------

    def _give_challenge(self, command: Command, _: Exchange) -> Answer:
        if not self._document.bac or not self._in_application or command.ne != 8:
            raise RefusedError(NOT_NOW)
        self._challenge = self._draw(8)
        return self._challenge, OK

    def _basic_access(self, command: Command, exchange: Exchange) -> Answer:
        challenge, self._challenge = self._challenge, None
        if challenge is None:
            raise RefusedError(NOT_NOW)
        self._delay(exchange)
        try:
            password = seed(self._document.mrz_information)
            answer, session = authenticate(password, challenge, command.data, self._draw(16))
        except RefusedError:
            self._reject(exchange, "BAC", "MRZ")
            raise
        self._admit(exchange, session, "BAC", "MRZ")
        return answer, OK

    def _manage(self, command: Command, exchange: Exchange) -> Answer:
        if command.ne is not None:
            self._no_le(exchange)
        try:
            given = objects(command.data)
        except ValueError as exc:
            raise RefusedError(0x6A80) from exc
        match command.p1p2:
            case 0xC1A4:  # set authentication template, for PACE
                self._set_pace(given, exchange)
            case 0x41A4:  # the same, for chip authentication
                self._set_chip_authentication(given)
            case 0x41A6:  # set key agreement template
                self._agree(given.get(0x91, b""), exchange)
            case _:
                raise RefusedError(0x6A86)
        return b"", OK

    def _set_pace(self, given: dict[int, bytes], exchange: Exchange) -> None:
        if self._in_application:
            raise RefusedError(NOT_NOW)
        self._parameter_rule(given.get(0x84), exchange)
        number = given.get(0x84)
        chosen = [offer for offer in self._document.offers if offer.oid == given.get(0x80)]
        if number is not None:
            chosen = [offer for offer in chosen if offer.curve.number == int.from_bytes(number, "big")]
        if len(chosen) != 1:
            raise RefusedError(0x6A80)
        self._password_name = PASSWORDS.get(given.get(0x83, b""), "")
        password = self._document.password(self._password_name) if self._password_name else None
        if password is None:
            raise RefusedError(0x6A88)
        key = self._document.chip_key
        self._pace = Pace(chosen[0], password, self._draw, key.private if key else None)
        self._chip_chosen = False

    def _parameter_rule(self, number: bytes | None, exchange: Exchange) -> None:
        match exchange.script.quirks.parameter_id:
            case "needed" if number is None:
                raise RefusedError(0x6A87)
            case "refused" if number is not None:
                raise RefusedError(0x6A80)
            case "lost" if number is None:
                exchange.lose()

    def _general_authenticate(self, command: Command, exchange: Exchange) -> Answer:
        if self._chip_chosen:
            return self._chip_authentication(command, exchange)
        pace = self._pace
        if pace is None:
            raise RefusedError(NOT_NOW)
        if pace.fresh:
            self._delay(exchange)
        if bool(command.cla & CHAINED) is pace.last:
            self._pace = None
            raise RefusedError(0x6883)
        try:
            answer = pace.step(command.data)
        except RefusedError as refused:
            self._pace = None
            if refused.sw == WRONG:
                self._reject(exchange, pace.offer.name, self._password_name)
            raise
        if pace.session is not None:
            self._pace = None
            self._admit(exchange, pace.session, pace.offer.name, self._password_name)
            self._by_pace = True
        return answer, OK

    def _delay(self, exchange: Exchange) -> None:
        """After wrong passwords a chip takes its time."""
        if self._failed:
            exchange.wait(exchange.script.quirks.failed_delay_s * 2 ** min(self._failed - 1, 5))

    def _reject(self, exchange: Exchange, protocol: str, password: str) -> None:
        self._failed += 1
        exchange.note("access", protocol=protocol, password=password, ok=False)

    def _admit(self, exchange: Exchange, session: Session, protocol: str, password: str) -> None:
        self._failed, self._session, self._by_pace = 0, session, False
        exchange.note("access", protocol=protocol, password=password, ok=True)

    # -- the proofs of the chip -------------------------------------------------------------------------------------

    def _set_chip_authentication(self, given: dict[int, bytes]) -> None:
        key = self._document.chip_key
        if key is None or self._session is None or given.get(0x80) != key.oid:
            raise RefusedError(0x6A80)
        self._chip_chosen, self._pace = True, None

    def _chip_authentication(self, command: Command, exchange: Exchange) -> Answer:
        self._chip_chosen = False
        try:
            theirs = objects(objects(command.data)[0x7C])[0x80]
        except (ValueError, KeyError) as exc:
            raise RefusedError(0x6A80) from exc
        self._agree(theirs, exchange)
        return tlv(0x7C), OK

    def _agree(self, theirs: bytes, exchange: Exchange) -> None:
        """New session keys count from the next command on. Raises: RefusedError: 6A80, no point of the key's curve."""
        key = self._document.chip_key
        if key is None or self._session is None:
            raise RefusedError(NOT_NOW)
        try:
            self._session = key.agree(theirs)
        except ValueError as exc:
            raise RefusedError(0x6A80) from exc
        exchange.note("chip_authentication", suite=key.suite.name)

    def _active_authentication(self, command: Command, exchange: Exchange) -> Answer:
        key = self._document.active_key
        if key is None or self._session is None:
            raise RefusedError(NOT_ALLOWED if key else 0x6D00)
        if len(command.data) != 8:
            raise RefusedError(0x6700)
        signature = key.sign(command.data)
        if len(signature) > self._room(command, exchange):
            raise RefusedError(0x6700)
        exchange.note("active_authentication")
        return signature, OK

    def _no_le(self, exchange: Exchange) -> None:
        sw = int(exchange.script.quirks.le_on_select, 16)
        if sw != OK:
            raise RefusedError(sw)
