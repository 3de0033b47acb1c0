"""A chip that is being read: opened by whichever way it offers, opened again where a block was too large for it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from card_reader.chip import access, chip_authentication, pace
from card_reader.chip.access import Way
from card_reader.chip.apdu import Command
from card_reader.chip.channel import Channel
from card_reader.chip.mapped import Mapped
from card_reader.chip.security_info import ChipKey, ChipProtocol, PaceInfo, pace_infos, security_infos
from card_reader.errors import CardError, Code, DataError, SessionLost, StatusError
from card_reader.files import block, reading
from card_reader.files.block import Block, Blocks
from card_reader.files.file import AID, CARD_ACCESS, CARD_SECURITY, File
from card_reader.files.reading import BlockRefused, Forbidden, Progress
from card_reader.key import Key
from card_reader.profiles.profile import Profile
from card_reader.readers.slot import Card

_INFO = Command(0, 0xB0, 0x81, 0, le=256)
"""The first bytes of EF.ATR/INFO, by its short identifier."""


class OpenedChip:
    """Owned by one read. `smaller`: begin one size down, where the link was lost before."""

    def __init__(
        self,
        card: Card,
        key: Key,
        profiles: Sequence[Profile],
        blocks: Blocks,
        cancelled: Callable[[], bool],
        *,
        smaller: bool = False,
    ) -> None:
        self.channel = Channel(card, cancelled)
        self._card, self._key, self._blocks = card, key, blocks
        self._may_fall_back = any(p.bac_after_pace_error for p in profiles)
        self.infos: list[PaceInfo] = []
        self.card_security: bytearray | None = None
        self.way = Way("")
        self.block = Block()
        self._smaller = smaller

    @property
    def mapped(self) -> Mapped | None:
        """What PACE with chip-authentication mapping left to be proved."""
        return self.way.mapped

    def open(self) -> bool:
        """Opens the travel-document application; False: the card has none. Raises: WrongKey, CardError as the way failed."""
        self.infos = self._offered()
        self._learn_block()
        return self._open()

    def read(self, file: File, progress: Progress | None = None) -> bytearray | None:
        """As `reading.read`, stepping down and opening again until the chip can follow."""
        while True:
            try:
                return reading.read(self.channel, file, self.block, progress)
            except BlockRefused:
                if not self.block.step_down():
                    raise
                self._blocks.learn(self._card.model, self._card.atr, self.block)
                self.reopen()

    def reopen(self) -> None:
        """A new session, as if the card were laid there anew. Raises: as `open`."""
        self.channel.unprotect()
        access.select_root(self.channel)
        if not self._open():
            raise CardError("the application is gone", Code.CARD_ERROR)

    def authenticate(self, key: ChipKey, protocol: ChipProtocol, proof: File) -> bytearray | None:
        """`proof`, read with keys that only the chip of `key` can have; None: it could not, and the chip is opened anew."""
        try:
            chip_authentication.renew(self.channel, key, protocol)
            return reading.read(self.channel, proof, self.block)
        except (StatusError, SessionLost, DataError, Forbidden, BlockRefused):
            self.reopen()
            return None

    def went_well(self) -> None:
        """Remembers the block size for the next card of this kind."""
        self._blocks.learn(self._card.model, self._card.atr, self.block)

    def _offered(self) -> list[PaceInfo]:
        data = self._card_access()
        return pace_infos(security_infos(bytes(data))) if data is not None else []

    def _card_access(self) -> bytearray | None:
        """EF.CardAccess: at once by its short identifier, for after a reset the root is selected; else the long way."""
        answer = self.channel.send(Command(0, 0xB0, 0x80 | CARD_ACCESS.sfi, 0, le=256))
        if answer.data[:1] != bytes([CARD_ACCESS.tag]):
            access.select_root(self.channel)
            try:
                if not reading.select(self.channel, CARD_ACCESS):
                    return None
            except Forbidden:
                return None
            answer = self.channel.send(Command(0, 0xB0, 0, 0, le=256))
        if not answer.data:
            return None
        return reading.complete(self.channel, CARD_ACCESS, Block(), answer.data)

    def _learn_block(self) -> None:
        extended = (
            self._extended() if self._card.extended is not False and block.claims_extended(self._card.atr) else None
        )
        self.block = self._blocks.of(self._card.model, self._card.atr, extended)
        if self._smaller:
            self.block.step_down()

    def _extended(self) -> int | None:
        """Plain bytes of a long read; None where the chip's own limits cannot be understood."""
        answer = self.channel.send(_INFO)
        try:
            return block.extended_size(answer.data or None)
        except DataError:
            return None

    def _open(self) -> bool:
        info, way = pace.choose(self.infos), None
        if info is not None:
            way = access.open_by_pace(self.channel, info, self._key, may_fall_back=self._may_fall_back)
        if way is not None and way.mapped and self.card_security is None:
            self.card_security = reading.read(self.channel, CARD_SECURITY, self.block)
        if not access.select_application(self.channel, AID):
            return False
        self.way = way or access.open_by_bac(self.channel, self._key, downgraded=info is not None)
        return True
