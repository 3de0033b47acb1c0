"""How much of a file to ask for at once: the largest that fits, smaller where a chip or a reader stumbled, remembered. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from card_reader import tlv
from card_reader.chip.crypto import Suite
from card_reader.chip.secure_messaging import PLAIN_MAX

RUNGS = (223, 192, 160, 128, 96)
"""Sizes other readers settled on after chips broke at larger ones; the first is the most that AES leaves of 256."""
EXTENDED = 4096
_OVERHEAD = 64


@dataclass(slots=True)
class Block:
    """The size for one kind of reader with one kind of card. `extended`: None, or plain bytes of an extended read."""

    rung: int = -1
    extended: int | None = None

    def size(self, suite: Suite | None) -> int:
        """Plain bytes to ask for; `suite` None: nothing is protected yet."""
        if self.extended is not None and suite is not None:
            return self.extended
        largest = PLAIN_MAX[suite] if suite else 256
        return largest if self.rung < 0 else min(largest, RUNGS[self.rung])

    def step_down(self) -> bool:
        """Ask for less from now on; False when there is nothing smaller."""
        if self.extended is not None:
            self.extended = None
            return True
        self.rung += 1
        return self.rung < len(RUNGS)


@dataclass(slots=True)
class Blocks:
    """What was learned, by (reader model, ATR). At most `most` pairs, the oldest forgotten."""

    most: int = 256
    _learned: dict[tuple[str, bytes], Block] = field(default_factory=dict)

    def of(self, model: str, atr: bytes, extended: int | None) -> Block:
        """The size to begin with; `extended` is tried where nothing speaks against it yet."""
        known = self._learned.get((model, atr))
        return Block(known.rung, known.extended) if known else Block(extended=extended)

    def learn(self, model: str, atr: bytes, block: Block) -> None:
        """A read with `block` went well, or taught it."""
        if (model, atr) not in self._learned and len(self._learned) >= self.most:
            del self._learned[next(iter(self._learned))]
        self._learned[model, atr] = Block(min(block.rung, len(RUNGS) - 1), block.extended)

    def dump(self) -> list[list[Any]]:
        """What was learned, for `load`."""
        return [[model, atr.hex(), b.rung, b.extended] for (model, atr), b in self._learned.items()]

    @classmethod
    def load(cls, learned: list[list[Any]]) -> Blocks:
        """What another process learned."""
        blocks = cls()
        for model, atr, rung, extended in learned:
            blocks.learn(model, bytes.fromhex(atr), Block(rung, extended))
        return blocks


def extended_size(info: bytes | None) -> int:
    """Plain bytes of an extended read for a chip whose EF.ATR/INFO holds `info`. Raises: DataError.

    Tag 7F66 names the most bytes of a command and of an answer; without it a size every reader's buffer holds.
    """
    limits = tlv.find(info, 0x7F66) if info else None
    numbers = [int.from_bytes(o.value, "big") for o in tlv.walk(limits)] if limits else []
    return max(RUNGS[-1], min(EXTENDED, numbers[1] - _OVERHEAD)) if len(numbers) == 2 else EXTENDED


def claims_extended(atr: bytes) -> bool:
    """The historical bytes say that the chip takes extended lengths: card capabilities, compact tag 7x, third byte, bit 7.

    ISO/IEC 7816-4 §12.1.1.9; contactless ATRs carry the historical bytes of the ATS (PC/SC part 3).
    """
    history = historical(atr)
    if not history or history[0] not in {0x00, 0x80}:
        return False
    at, end = 1, len(history) - (3 if history[0] == 0 else 0)
    while at < end:
        tag, length = history[at] >> 4, history[at] & 0xF
        if tag == 7:
            return length == 3 and at + 3 < len(history) and bool(history[at + 3] & 0x40)
        at += 1 + length
    return False


def historical(atr: bytes) -> bytes:
    """The historical bytes of an ATR; empty where there are none or it is malformed. ISO/IEC 7816-3 §8.2."""
    if len(atr) < 2:
        return b""
    at, present = 1, atr[1] >> 4
    count = atr[1] & 0xF
    while present and at < len(atr):
        at += present.bit_count()
        present = atr[at] >> 4 if present & 8 and at < len(atr) else 0
    return atr[at + 1 : at + 1 + count]
