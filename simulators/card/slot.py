"""A card slot of the vpcd driver: connected while a card lies there (vsmartcard, vpcd.c).

A message is two bytes of length, most significant first, and so many bytes. One byte from the reader is an order about power or the
question for the ATR; all else is a command. The driver writes a length and its body apart: without a prompt acknowledgement
every command would wait 40 ms.
"""

from __future__ import annotations

import socket
import struct
import threading
import time
from contextlib import suppress
from functools import partial
from typing import Any

from simulators.card.card import Card
from simulators.card.specimen import Drawer

POWER_OFF, POWER_ON, RESET, ATR = 0, 1, 2, 4
RETRY_S = 0.02
TIMEOUT_S = 5.0
IDLE_S = 1.0
LONG_S = 0.1
# From one card to the next. pcscd 1.9.9 looks every 0.4 s and must see the reader empty in between: otherwise the second card is taken for
# the first, and after a disconnect that found the card gone it is never told of at all.
HAND_S = 0.5


class Slot:
    """One reader's slot at `address`. A card that lies here is connected again when the reader went away and came back."""

    def __init__(self, name: str, address: tuple[str, int], drawer: Drawer) -> None:
        self.name = name
        self._address, self._drawer = address, drawer
        self._script: dict[str, Any] = {}
        self._card: Card | None = None
        self._link: socket.socket | None = None
        self._changed = threading.Condition()
        self._ended = False
        self._leaves_at: float | None = None
        self._not_before = 0.0
        self._thread = threading.Thread(target=self._run, name=f"slot-{name}", daemon=True)
        self._thread.start()

    def insert(self, name: str, script: dict[str, Any] | None = None) -> None:
        """Lay the card down, in place of another, after the time a hand needs; `script`: the slot's where None.

        Raises: ValueError, TypeError: no such card or script; what lies there stays.
        """
        card = self._drawer.card(name, self._script if script is None else script)
        with self._changed:
            self._lay(card)

    def remove(self) -> None:
        """Take the card away; nothing happens where there is none."""
        with self._changed:
            self._take_away()

    def obey(self, script: dict[str, Any]) -> None:
        """The script of the card that lies here and of those laid down later without one of their own."""
        with self._changed:
            name = self._card.name if self._card else ""
            parsed = self._drawer.script(name, script)
            self._script = script
            if self._card is not None:
                self._card.obey(parsed)

    def state(self) -> dict[str, Any]:
        with self._changed:
            card = self._card
            facts = {"card": card.name, "commands": card.commands} if card else {"card": None, "commands": 0}
            return {"slot": self.name, "connected": self._link is not None, **facts}

    def stop(self, timeout_s: float = TIMEOUT_S) -> None:
        with self._changed:
            self._take_away()
            self._ended = True
            self._changed.notify_all()
        self._thread.join(timeout_s)

    # -- the hand ---------------------------------------------------------------------------------------------------

    def _lay(self, card: Card) -> None:
        self._take_away()
        card.sleep = partial(self._pause, card)
        self._card = card
        self._leaves_at = None
        card.note("laid_down", slot=self.name)
        self._changed.notify_all()

    def _take_away(self) -> None:
        card, self._card = self._card, None
        if card is not None:
            card.leave()
            self._not_before = time.monotonic() + HAND_S
        if self._link is not None:
            with suppress(OSError):
                self._link.shutdown(socket.SHUT_RDWR)
        self._changed.notify_all()

    def _pause(self, card: Card, seconds: float) -> None:
        """The card takes its time; a long one ends when it is taken away."""
        if seconds < LONG_S:
            time.sleep(seconds)
            return
        with self._changed:
            self._changed.wait_for(lambda: self._card is not card, seconds)

    def _pulled(self, card: Card) -> None:
        """A fault took the card; perhaps it puts another one there."""
        with self._changed:
            if self._card is not card:
                return
            if card.replaced_by is None:
                self._take_away()
            else:
                self._lay(self._drawer.card(card.replaced_by, {}))

    # -- the wire ---------------------------------------------------------------------------------------------------

    def _run(self) -> None:
        while (card := self._next()) is not None:
            with suppress(OSError):
                self._lie(card)
            if card.gone or self._overdue():
                self._pulled(card)
            else:
                with self._changed:
                    if self._card is card:
                        self._changed.wait(RETRY_S)

    def _next(self) -> Card | None:
        """The card that lies here, waited for; None at the end."""
        with self._changed:
            while not self._ended:
                early = self._not_before - time.monotonic()
                if self._card is not None and early <= 0:
                    return self._card
                self._changed.wait(early if self._card is not None else None)
        return None

    def _felt(self, card: Card) -> None:
        """A tap is as long as it says from the moment the reader notices it."""
        if self._leaves_at is None and card.script.present_s is not None:
            self._leaves_at = time.monotonic() + card.script.present_s

    def _overdue(self) -> bool:
        return self._leaves_at is not None and time.monotonic() >= self._leaves_at

    def _lie(self, card: Card) -> None:
        """In the reader's field until card or reader go. Raises: OSError: the reader is not there."""
        with socket.create_connection(self._address, TIMEOUT_S) as link:
            link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            with self._changed:
                if self._card is not card:
                    return
                self._link = link
            card.power()
            try:
                self._serve(link, card)
            finally:
                with self._changed:
                    self._link = None

    def _serve(self, link: socket.socket, card: Card) -> None:
        while (message := self._message(link)) is not None:
            if len(message) > 1:
                answer = card.transmit(message)
                if card.torn:
                    link.sendall(struct.pack(">H", len(answer)) + answer[: len(answer) // 2])
                    card.gone = True
                if card.gone:
                    return
                link.sendall(struct.pack(">H", len(answer)) + answer)
            elif message == bytes((ATR,)):
                link.sendall(struct.pack(">H", len(card.atr)) + card.atr)
            else:
                card.power()
                self._felt(card)

    def _message(self, link: socket.socket) -> bytes | None:
        """The reader's next message; None where it or the card has gone."""
        while not self._overdue():
            left = IDLE_S if self._leaves_at is None else max(0.001, self._leaves_at - time.monotonic())
            link.settimeout(min(IDLE_S, left))
            try:
                head = _exactly(link, 1)
            except TimeoutError:
                continue
            link.settimeout(TIMEOUT_S)
            rest = _exactly(link, 1) if head else b""
            body = _exactly(link, struct.unpack(">H", head + rest)[0]) if rest else b""
            return body or None
        return None


def _exactly(link: socket.socket, count: int) -> bytes:
    """So many bytes; none where the other end closed. Raises: TimeoutError, OSError."""
    data = b""
    while len(data) < count:
        link.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)
        chunk = link.recv(count - len(data))
        if not chunk:
            return b""
        data += chunk
    return data
