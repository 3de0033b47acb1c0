"""Firmware for pads as one image: of each module its name's length, name, length (4 bytes), bytes. PURE."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from zlib import crc32

from contract.errors import ContractError
from firmware_bridge.frames import MAX_PAYLOAD, Block, Offer

STAY = frozenset({"main.py", "slot.py"})
"""They choose what runs, so they are not sent."""
BLOCK_BYTES = MAX_PAYLOAD - Block.LAYOUT.size
_VERSION = re.compile(rb"^FIRMWARE = \((\d+), (\d+), (\d+)\)$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Image:
    """Firmware `version` as bytes."""

    version: tuple[int, int, int]
    data: bytes
    crc: int

    @classmethod
    def of(cls, modules: Mapping[str, bytes]) -> Image:
        """Of all modules of a firmware folder by file name. Raises: ContractError: `pad.py` names no version."""
        said = _VERSION.search(modules.get("pad.py", b""))
        if said is None:
            raise ContractError("firmware: pad.py has no line FIRMWARE = (major, minor, patch)")
        major, minor, patch = map(int, said.groups())
        sent = sorted((name, content) for name, content in modules.items() if name not in STAY)
        data = b"".join(
            bytes([len(name)]) + name.encode() + len(content).to_bytes(4, "little") + content for name, content in sent
        )
        return cls((major, minor, patch), data, crc32(data))

    @property
    def offer(self) -> Offer:
        """What a pad is told of it."""
        return Offer(self.version, len(self.data), self.crc)

    def block(self, at: int) -> Block | None:
        """Its bytes from `at`; None behind its end."""
        piece = self.data[at : at + BLOCK_BYTES]
        return Block(at, piece) if piece else None
