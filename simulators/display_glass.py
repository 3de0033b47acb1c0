"""What the simulated window displays are made of: bytes in, cells to be read out, and an answer where the device gives one.

Each is written from its maker's manual alone and imports nothing of the product:

    cd5220    CD5220 command manual: ESC Q A/B, ESC *, ESC @, ESC l, CLR, CAN, CR; only CLR and CAN between string commands
    dm-d      Epson DM-D110 specification, XP8200 manual 4.1.2: ESC =, ESC @, CLR, CAN, US $, US X, US C, US E, US MD1
    ed400     EDI ED400 manual: STX, two digits of address, digits, spaces and minus signs, ETX; leading zeros stay dark
    laser-lt  Rice Lake Laser LT manual 3.9: |AA DM timeout | message ! and |AA QD !
"""

from __future__ import annotations

from collections.abc import Callable

COLUMNS, ROWS = 20, 2
ESC, CLR, CAN, CR, US, STX, ETX = 0x1B, 0x0C, 0x18, 0x0D, 0x1F, 0x02, 0x03


class Glass:
    """One display. `feed` takes bytes in any pieces and gives the answer; `garbage` counts bytes that no command explains."""

    columns, lines = COLUMNS, ROWS

    def __init__(self, address: int = 0) -> None:
        self.address = address
        self.garbage = 0
        self.power_on()

    def power_on(self) -> None:
        """As after a power cut: empty, brightest, ready for any command."""
        self.rows = [" " * self.columns] * self.lines
        self.bright = 4

    def feed(self, data: bytes, now: float) -> bytes:
        """Obey; `now`: seconds of any steady clock."""
        raise NotImplementedError

    def age(self, now: float) -> None:
        """Time passes."""


class Cells(Glass):
    """CD5220."""

    def power_on(self) -> None:
        super().power_on()
        self._cursor = 0
        self._string_mode = False
        self._text: bytearray | None = None
        self._row = 0
        self._pending = b""

    def feed(self, data: bytes, now: float) -> bytes:  # noqa: ARG002 - it knows no time
        for byte in data:
            if self._text is not None:
                self._in_string(byte)
            elif self._pending:
                self._in_command(byte)
            else:
                self._in_text(byte)
        return b""

    def _in_text(self, byte: int) -> None:
        if byte == ESC:
            self._pending = bytes([ESC])
        elif byte == CLR:
            self._clear()
        elif byte == CAN:
            self.rows[self._cursor // COLUMNS] = " " * COLUMNS
            self._string_mode = False
        elif byte == CR:
            self._cursor -= self._cursor % COLUMNS
        elif 0x20 <= byte <= 0x7E and not self._string_mode:
            self._put(chr(byte))
        else:
            self.garbage += 1

    def _in_command(self, byte: int) -> None:
        command = self._pending + bytes([byte])
        self._pending = b""
        match [chr(b) for b in command[1:]]:
            case ["Q" | "*" | "l"]:
                self._pending = command
            case ["Q", "A" | "B"]:
                self._string_mode, self._text, self._row = True, bytearray(), byte - ord("A")
            case _ if self._string_mode:
                self._refuse(command)
            case ["@"]:
                self._clear()
            case ["*", _] if 1 <= byte <= 4:
                self.bright = byte
            case ["l", _] if 1 <= byte <= COLUMNS:
                self._pending = command
            case ["l", column, _] if 1 <= byte <= ROWS:
                self._cursor = (byte - 1) * COLUMNS + ord(column) - 1
            case _:
                self._refuse(command)

    def _in_string(self, byte: int) -> None:
        text = self._text or bytearray()
        if byte == CR:
            self.rows[self._row] = text.decode("ascii").ljust(COLUMNS)
            self._text = None
        elif byte in (CLR, CAN):
            self._text = None
            self._in_text(byte)
        elif 0x20 <= byte <= 0x7E and len(text) < COLUMNS:
            text.append(byte)
            self._text = text
        else:
            self.garbage += 1

    def _refuse(self, command: bytes) -> None:
        self.garbage += len(command)
        if command[-1] in (CLR, CAN, CR):  # never swallowed: it is how a sender gets out of a half-written command
            self.garbage -= 1
            self._in_text(command[-1])

    def _clear(self) -> None:
        self.rows = [" " * COLUMNS] * ROWS
        self._cursor = 0
        self._string_mode = False

    def _put(self, character: str) -> None:
        row, column = divmod(self._cursor, COLUMNS)
        line = self.rows[row]
        self.rows[row] = line[:column] + character + line[column + 1 :]
        self._cursor = (self._cursor + 1) % (COLUMNS * ROWS)


LENGTHS = {
    b"\x1b=": 3, b"\x1b@": 2, b"\x1bt": 3, b"\x1bR": 3, b"\x1f$": 4, b"\x1fX": 3, b"\x1fC": 3, b"\x1fE": 3, b"\x1fr": 3,
    b"\x1f\x01": 2, b"\x1f\x02": 2, b"\x1f\x03": 2,
}  # fmt: skip
"""Bytes of each command of a DM-D, its parameters included."""


class DmD(Glass):
    """Epson DM-D. While a printer on the same cable is selected it takes nothing but `ESC =`."""

    def power_on(self) -> None:
        super().power_on()
        self._cursor = 0
        self._selected = True
        self._pending = b""

    def feed(self, data: bytes, now: float) -> bytes:  # noqa: ARG002 - it knows no time
        for byte in data:
            self._pending += bytes([byte])
            self._turn()
        return b""

    def _turn(self) -> None:
        command = self._pending
        if command in (b"\x1b", b"\x1f"):
            return
        if command[0] not in (ESC, US):
            self._pending = b""
            self._plain(command[0])
        elif (length := LENGTHS.get(command[:2])) is None:
            self._pending = b""
            self.garbage += len(command)
        elif len(command) == length:
            self._pending = b""
            self._do(command)

    def _plain(self, byte: int) -> None:
        if not self._selected:
            return
        if byte == CLR:
            self.rows, self._cursor = [" " * COLUMNS] * ROWS, 0
        elif byte == CAN:
            self.rows[self._cursor // COLUMNS] = " " * COLUMNS
        elif 0x20 <= byte <= 0x7E:
            row, column = divmod(self._cursor, COLUMNS)
            self.rows[row] = self.rows[row][:column] + chr(byte) + self.rows[row][column + 1 :]
            self._cursor = (self._cursor + 1) % (COLUMNS * ROWS)
        else:
            self.garbage += 1

    def _do(self, command: bytes) -> None:
        parameters = command[2:]
        match command[:2]:
            case b"\x1b=":
                self._selected = bool(parameters[0] & 2)
            case _ if not self._selected:
                return
            case b"\x1b@":
                self.power_on()
            case b"\x1fX" if 1 <= parameters[0] <= 4:
                self.bright = parameters[0]
            case b"\x1f$" if 1 <= parameters[0] <= COLUMNS and 1 <= parameters[1] <= ROWS:
                self._cursor = (parameters[1] - 1) * COLUMNS + parameters[0] - 1
            case b"\x1fX" | b"\x1f$":
                self.garbage += len(command)
            case _:
                pass  # code tables, cursor, blinking, modes: nothing of it changes the cells


class Ed400(Glass):
    """Four digits on a line with others; a message for another address is not ours."""

    columns, lines = 4, 1

    def power_on(self) -> None:
        super().power_on()
        self._message: bytearray | None = None

    def feed(self, data: bytes, now: float) -> bytes:  # noqa: ARG002 - it knows no time
        for byte in data:
            if byte == STX:
                self._message = bytearray()
            elif self._message is None:
                self.garbage += byte != ETX
            elif byte == ETX:
                self._take(self._message.decode("ascii"))
                self._message = None
            elif byte in b"0123456789 -." and len(self._message) < 16:
                self._message.append(byte)
            else:
                self.garbage += 1 + len(self._message)
                self._message = None
        return b""

    def _take(self, message: str) -> None:
        if message[:2].isdigit() and int(message[:2]) == self.address and 2 < len(message) <= 2 + self.columns:
            data = message[2:].rjust(self.columns)
            bare = data.lstrip(" 0")
            self.rows = [(bare if bare or "0" not in data else "0").rjust(self.columns)]


class LaserLt(Glass):
    """Six places on a line with others. A message with a time goes away by itself; asked, it says what it shows."""

    columns, lines = 6, 1

    def power_on(self) -> None:
        super().power_on()
        self._message = bytearray()
        self._until = float("inf")

    def feed(self, data: bytes, now: float) -> bytes:
        answer = b""
        for byte in data:
            if byte == ord("|") and (not self._message or self._message.count(b"|") > 1):
                self.garbage += len(self._message)
                self._message = bytearray(b"|")
            elif byte == ord("!"):
                answer += self._take(self._message.decode("ascii"), now)
                self._message = bytearray()
            elif 0x20 <= byte <= 0x7E and len(self._message) < 40:
                self._message.append(byte)
            else:
                self.garbage += 1 + len(self._message)
                self._message = bytearray()
        return answer

    def age(self, now: float) -> None:
        if now >= self._until:
            self.rows, self._until = [" " * self.columns], float("inf")

    def _take(self, message: str, now: float) -> bytes:
        address, command, rest = message[1:3], message[3:5], message[5:]
        if message[:1] != "|" or not address.isdigit() or command not in ("DM", "QD"):
            self.garbage += len(message)
            return b""
        if int(address) != self.address:
            return b""
        if command == "QD":
            return f"{self.rows[0]},0\r".encode()
        timeout, bar, text = rest.rpartition("|")
        self._until = now + int(timeout) / 1000 if bar and timeout.isdigit() else float("inf")
        self.rows = [text[: self.columns].ljust(self.columns)]
        return b""


GLASSES: dict[str, Callable[[int], Glass]] = {"cd5220": Cells, "dm-d": DmD, "ed400": Ed400, "laser-lt": LaserLt}
