"""A card of any kind in a field: counts the commands, lets the faults happen, takes the time that the air takes."""

from __future__ import annotations

import os
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from simulators.card.apdu import RefusedError
from simulators.card.ledger import Ledger
from simulators.card.script import Fault, Kind, Script

REMOVED = b""
STATUS_BYTES = 2
LATE_S = 0.002


@dataclass
class Count:
    """What was read of one file. `upto`: where the furthest read ended."""

    reads: int = 0
    upto: int = 0
    size: int = 0


class Exchange:
    """One command, with what the script has for it; the applet tells it what it does."""

    def __init__(self, card: Card) -> None:
        self._card = card
        self.script = card.script
        self.fault = card.due(None)

    def has(self, kind: Kind) -> bool:
        return self.fault is not None and self.fault.fault is kind

    def refuse(self) -> None:
        """Raises: RefusedError: the script wants this command refused, in whatever wrapping it came."""
        if self.fault is not None and self.fault.fault is Kind.REFUSAL:
            raise RefusedError(int(self.fault.sw, 16))

    def reads(self, file: str) -> None:
        """A read of `file` was understood; a fault may be due now."""
        count = self._card.reads.setdefault(file, Count())
        count.reads += 1
        self.fault = self.fault or self._card.due(file)

    def gave(self, file: str, upto: int, size: int) -> None:
        count = self._card.reads[file]
        count.upto, count.size = max(count.upto, upto), size

    def note(self, event: str, **facts: object) -> None:
        self._card.note(event, **facts)

    def wait(self, seconds: float) -> None:
        self._card.wait(seconds)

    def lose(self) -> None:
        """The chip falls silent, as if it were gone."""
        self._card.gone = True


class Applet(Protocol):
    """What is on the chip."""

    def atr(self) -> bytes:
        """The answer to reset; empty of a dead chip."""

    def power(self) -> None:
        """Forget session and selection; files and failed attempts stay."""

    def answer(self, apdu: bytes, exchange: Exchange) -> bytes:
        """The whole answer, status word last."""


@dataclass
class Card:
    """One card, laid down once. `replaced_by`: the name of the card that lies there after a swap."""

    name: str
    applet: Applet
    script: Script = field(default_factory=Script)
    ledger: Ledger = field(default_factory=Ledger)
    sleep: Callable[[float], None] = time.sleep
    reads: dict[str, Count] = field(default_factory=dict)
    replaced_by: str | None = None
    torn: bool = False
    gone: bool = False

    def __post_init__(self) -> None:
        self._instructions: Counter[str] = Counter()
        self._late_s = 0.0
        self.obey(self.script)
        self.power()

    @property
    def commands(self) -> int:
        return self._instructions.total()

    def obey(self, script: Script) -> None:
        """Go on under `script`; what is due at a command counts from the first one of this card."""
        self.script, self._pending = script, list(script.faults)

    def power(self) -> None:
        self.applet.power()
        self._random_atr = random_atr()

    @property
    def atr(self) -> bytes:
        """The answer to the last reset; empty where the chip is dead."""
        atr = self.applet.atr()
        return self._random_atr if atr and self.script.quirks.atr == "random" else atr

    def transmit(self, apdu: bytes) -> bytes:
        """The answer with its status word; empty where the card has gone."""
        if self.gone:
            return REMOVED
        answer = self._answer(apdu)
        return REMOVED if self.gone else answer

    def _answer(self, apdu: bytes) -> bytes:
        began = time.monotonic()
        self._instructions[f"{apdu[1]:02X}" if len(apdu) > 1 else "short"] += 1
        exchange = Exchange(self)
        answer = self._spoil(self.applet.answer(apdu, exchange), exchange.fault)
        if self.script.air:
            self._travel(began + self.script.air.exchange_s(len(apdu), len(answer)))
        return answer

    def _travel(self, until: float) -> None:
        """Through the air until then; what sleep takes too long is given back the next time: air is never late."""
        until -= self._late_s
        self.wait(until - time.monotonic())
        self._late_s = min(max(0.0, time.monotonic() - until), LATE_S)

    def leave(self) -> None:
        """Taken away: the account of it goes into the ledger."""
        self.gone = True
        files = {
            name: {"reads": count.reads, "bytes": count.upto, "whole": 0 < count.size == count.upto}
            for name, count in self.reads.items()
        }
        self.note("removed", commands=self.commands, instructions=dict(self._instructions), files=files)

    def due(self, file: str | None) -> Fault | None:
        """The fault for this command, or for this read of `file`; it comes once."""
        now = self.reads[file].reads if file else self.commands
        for fault in self._pending:
            if fault.file == file and fault.at == now:
                self._pending.remove(fault)
                self.note("fault", fault=fault.fault.value, command=self.commands, file=file)
                return fault
        return None

    def note(self, event: str, **facts: object) -> None:
        self.ledger.write(event, card=self.name, **facts)

    def wait(self, seconds: float) -> None:
        if seconds > 0:
            self.sleep(seconds)

    def _spoil(self, answer: bytes, fault: Fault | None) -> bytes:
        if fault is None:
            return answer
        match fault.fault:
            case Kind.PULL | Kind.SWAP:
                self.gone, self.replaced_by = True, fault.card or None
            case Kind.BAD_MAC:
                return answer[:-3] + bytes((answer[-3] ^ 1,)) + answer[-2:] if len(answer) > STATUS_BYTES else answer
            case Kind.TRUNCATED:
                return answer[: len(answer) // 2]
            case Kind.TORN_FRAME:
                self.torn = True
            case Kind.STALL:
                self.wait(fault.seconds)
            case Kind.STATUS:
                return bytes.fromhex(fault.sw)
            case Kind.SHORT_READ | Kind.REFUSAL:
                pass  # the applet has done it
        return answer


def random_atr() -> bytes:
    """Of a contactless card with eight historical bytes, another at each call."""
    body = bytes.fromhex("888001") + os.urandom(8)
    check = 0
    for byte in body:
        check ^= byte
    return b"\x3b" + body + bytes((check,))
