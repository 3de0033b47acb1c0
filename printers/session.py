"""One connection's conversation with a printer: what to send, what was said, whether it still answers. Pure."""

from __future__ import annotations

from collections import deque

from printers.commands import CLEAR, POLL
from printers.replies import Automatic, Cleared, Printed, RealTime, ReplyReader
from printers.status import PrinterState, automatic, polled

POLL_S = 0.5  # a state is fresh for 2 s: room for a ticket being laid out meanwhile
SILENT_S = 2.0


class Session:
    """Sans-I/O. Status is asked every `POLL_S`. Bytes that nobody takes or a question that nobody answers for `SILENT_S`
    mean that nobody is there.

    Nothing is asked inside a job's bytes: printers take a question there for picture data.
    """

    def __init__(self, now: float) -> None:
        self.state: PrinterState | None = None
        self._out = bytearray()
        self._reader = ReplyReader()
        self._answers: deque[int] = deque(maxlen=4)
        self._asked: int = 0
        self._poll_at = 0.0
        self._moved_at = now

    @property
    def outgoing(self) -> bytes:
        return bytes(self._out[:8192])

    @property
    def strays(self) -> int:
        """Bytes that fit no reply, since the connection was made."""
        return self._reader.unknown

    def sent(self, count: int, now: float) -> None:
        """The wire took `count` bytes of `outgoing`."""
        del self._out[:count]
        if count and not self._asked:  # while a question is open only an answer counts: kernels take bytes for the dead
            self._moved_at = now

    def put(self, data: bytes, now: float) -> None:
        """Send `data` behind what is already outgoing."""
        if not self._out and not self._asked:
            self._moved_at = now
        self._out += data

    def clear(self, now: float) -> None:
        """Tell the printer to forget what it has; said again while it does not answer, but never twice in a row."""
        if not self._out:
            self.put(CLEAR, now)

    def ask(self, now: float) -> None:
        """Ask for the status when it is time and nothing else is being said or awaited."""
        if now >= self._poll_at and not self._out and not self._asked:
            self.put(POLL, now)
            self._asked, self._poll_at = 4, now + POLL_S

    def silent(self, now: float) -> bool:
        """True when something is outgoing or asked, and not a byte went or came for `SILENT_S`."""
        return bool(self._out or self._asked) and now - self._moved_at > SILENT_S

    def receive(self, data: bytes, now: float) -> list[Printed | Cleared]:
        """Take what the printer said; `state` follows, proofs and clearings are returned in order."""
        if data:
            self._moved_at = now
        news: list[Printed | Cleared] = []
        for reply in self._reader.feed(data):
            match reply:
                case Printed() | Cleared():
                    news.append(reply)
                case Automatic(status):
                    self.state = automatic(status, now)
                case RealTime(value) if self._asked:
                    self._answer(value, now)
                case _:
                    pass
        return news

    def _answer(self, value: int, now: float) -> None:
        self._answers.append(value)
        self._asked -= 1
        if not self._asked:
            online, cause, errors, paper = self._answers
            self.state = polled((online, cause, errors, paper), now)
