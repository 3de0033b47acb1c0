"""Cards over pcscd: exclusive from connect to disconnect, a context of their own. PC/SC parts 3, 5 and 10."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from types import TracebackType
from typing import Any, Self

from card_reader.errors import Cancelled, CardError, CardRemoved, Code
from card_reader.readers import result
from card_reader.readers.monitor import Monitor, ReaderState, Scene

GRACE_S = 2.0
"""So long a reader or pcscd may be away before a read gives up: a restart takes less."""
SETTLE_S = 1.0
LOOK_S = 0.1
PATIENCE_S = {Code.CARD_IN_USE: 0.5, Code.SEVERAL_CARDS: 0.5, Code.CARD_DEAD: 1.0}
"""Desktop services look at every new card for a moment; a card exchanged quickly shows the ATR of the one before, or no power yet."""
_GET_FEATURES = 0x42000000 + 3400
_TLV_PROPERTIES = 0x12
_MAX_APDU = 0x0A


class PcscSlot:
    """Whichever of the monitor's readers has a card."""

    def __init__(self, monitor: Monitor) -> None:
        self._monitor = monitor
        self._before: PcscCard | None = None

    def card(self, timeout_s: float, cancelled: Callable[[], bool]) -> PcscCard:
        """As `Slot.card`."""
        if self._before is not None and self._before.lost:
            # pcscd looks every 0.4 s: until then it offers what has gone.
            self._monitor.wait(lambda scene: scene.occupied is None, SETTLE_S, cancelled)
        began, refused_s = time.monotonic(), 0.0
        while True:
            reader = self._occupied(timeout_s - (time.monotonic() - began), cancelled)
            try:
                self._before = PcscCard(reader)
            except CardRemoved:
                pass  # gone already, and the monitor has not seen it yet
            except CardError as exc:
                refused_s += LOOK_S
                if refused_s > PATIENCE_S.get(exc.code, 0.0):
                    raise
            else:
                return self._before
            self._monitor.wait(_other_than(reader), LOOK_S, cancelled)

    def _occupied(self, timeout_s: float, cancelled: Callable[[], bool]) -> ReaderState:
        scene = self._monitor.wait(lambda s: bool(s.readers), min(GRACE_S, timeout_s), cancelled)
        if not scene.readers and not cancelled():
            raise _absent(scene)
        began = time.monotonic()
        while True:
            left = timeout_s - (time.monotonic() - began)
            scene = self._monitor.wait(_answers, left, cancelled)
            if cancelled():
                raise Cancelled("the read was cancelled")
            reader = scene.occupied
            if reader is None:
                raise _absent(scene)
            if not reader.mute:
                return reader
            if self._monitor.wait(_other_than(reader), PATIENCE_S[Code.CARD_DEAD], cancelled).occupied == reader:
                raise CardError("the chip does not answer", Code.CARD_DEAD)


class PcscCard:
    """One connected card. Raises from its making: CardError, as the connection failed."""

    def __init__(self, reader: ReaderState) -> None:
        from smartcard import scard

        self.model = re.sub(r"( \[.*?\])?( \(.*?\))? \d\d \d\d$", "", reader.name)
        self.lost = False
        self._handle: Any = None
        self._parting = scard.SCARD_RESET_CARD
        code, self._context = scard.SCardEstablishContext(scard.SCARD_SCOPE_USER)
        if code:
            raise CardError(f"context: {result.name(result.unsigned(code))}", Code.SERVICE_DOWN)
        try:
            self._connect(reader)
        except CardError:
            self.close()
            raise

    def transmit(self, command: bytes) -> bytes:
        """As `Card.transmit`."""
        from smartcard import scard

        if self._handle is None:
            raise CardRemoved("the card was given back")
        code, answer = scard.SCardTransmit(self._handle, self._pci, list(command))
        if (
            code := result.unsigned(code)
        ) or not answer:  # without a code and without an answer: vpcd's way of saying removed
            # A reset would be waited for, and there is nothing to reset.
            self.lost, self._parting = True, scard.SCARD_LEAVE_CARD
            raise result.error("transmit", code) if code else CardRemoved("transmit: no answer")
        return bytes(answer)

    def close(self) -> None:
        """Resets the card, so that no session outlives us, and gives it back."""
        from smartcard import scard

        if self._handle is not None:
            scard.SCardDisconnect(self._handle, self._parting)
            self._handle = None
        if self._context is not None:
            scard.SCardReleaseContext(self._context)
            self._context = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _connect(self, reader: ReaderState) -> None:
        from smartcard import scard

        protocols = scard.SCARD_PROTOCOL_T0 | scard.SCARD_PROTOCOL_T1
        code, handle, protocol = scard.SCardConnect(self._context, reader.name, scard.SCARD_SHARE_EXCLUSIVE, protocols)
        if code := result.unsigned(code):
            raise result.connect_error(code)
        self._handle = handle
        self._pci = scard.SCARD_PCI_T0 if protocol == scard.SCARD_PROTOCOL_T0 else scard.SCARD_PCI_T1
        code, _name, _state, _protocol, atr = scard.SCardStatus(handle)
        if code := result.unsigned(code):
            raise result.error("status", code)
        self.atr = bytes(atr)
        if self.atr != reader.atr:
            raise CardError("the card changed while it was connected", Code.SEVERAL_CARDS)
        self.extended = self._carries_extended()

    def _carries_extended(self) -> bool | None:
        """The reader's dwMaxAPDUDataSize of PC/SC part 10: 0 short only, more than 256 extended; None: it does not say."""
        from smartcard import scard

        code, features = scard.SCardControl(self._handle, _GET_FEATURES, [])
        control = _find(bytes(features), _TLV_PROPERTIES) if not code else None
        if control is None:
            return None
        code, properties = scard.SCardControl(self._handle, int.from_bytes(control, "big"), [])
        size = _find(bytes(properties), _MAX_APDU) if not code else None
        return None if size is None else int.from_bytes(size, "little") > 256


def _absent(scene: Scene) -> CardError:
    if not scene.service:
        return CardError("pcscd does not answer", Code.SERVICE_DOWN)
    return (
        CardError("nobody laid a card there", Code.NO_CARD) if scene.readers else CardError("no reader", Code.NO_READER)
    )


def _other_than(reader: ReaderState) -> Callable[[Scene], bool]:
    return lambda scene: scene.occupied != reader


def _answers(scene: Scene) -> bool:
    return scene.occupied is not None


def _find(properties: bytes, wanted: int) -> bytes | None:
    """A value in a list of tag, length, value, each of one byte."""
    at = 0
    while at + 2 <= len(properties):
        tag, length = properties[at], properties[at + 1]
        if tag == wanted and at + 2 + length <= len(properties):
            return properties[at + 2 : at + 2 + length]
        at += 2 + length
    return None
