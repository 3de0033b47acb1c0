"""One connection's conversation with a printer: what to send, what was said, whether it still answers. Pure."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, replace

from printers.commands import CLEAR, FULL, PAPER_LEFT, POLL, RETRACTS, VERSION, WATCH, WHO
from printers.model import Model, Proof
from printers.probe import Probe
from printers.replies import Automatic, Cleared, Counter, Full, InOrder, Name, Printed, RealTime, Reply, ReplyReader
from printers.status import STOPS, PrinterState, automatic, full, polled

POLL_S = 0.5  # a state is fresh for 2 s: room for a ticket being laid out meanwhile
SILENT_S = 2.0


@dataclass(frozen=True, slots=True)
class Reached:
    """The printer has come to a place in its data: `GS r` was answered."""


News = Printed | Cleared | Reached


class Session:
    """Sans-I/O. Status is asked every `POLL_S`. Bytes that nobody takes or a question that nobody answers for `SILENT_S`
    mean that nobody is there.

    Nothing is asked inside a job's bytes: printers take a question there for picture data. `model` is None until the printer
    was asked who it is (`identify`) and that is certain; at once where it is `known`. `lag_s`: how long the line itself holds
    bytes back.
    """

    def __init__(self, now: float, lag_s: float = 0.0, known: Model | None = None) -> None:
        self.state: PrinterState | None = None
        self.model: Model | None = None
        self.version = ""
        self.counters: dict[str, int] = {}
        self._known = known
        self._silent_s = SILENT_S + lag_s
        self._out = bytearray()
        self._said = 0
        self._reader = ReplyReader()
        self._probe: Probe | None = None
        self._noise = 0
        self._answers: deque[int] = deque(maxlen=4)
        self._asked: int = 0
        self._poll_at = 0.0
        self._moved_at = now

    @property
    def outgoing(self) -> bytes:
        return bytes(self._out[:8192])

    @property
    def end(self) -> int:
        """How many bytes there are with all that is outgoing."""
        return self._said + len(self._out)

    def out(self, end: int) -> bool:
        """Whether the wire took everything up to this `end`."""
        return self._said >= end

    @property
    def strays(self) -> int:
        """Bytes that fit no reply, since the connection was made."""
        return self._reader.unknown

    @property
    def probing(self) -> bool:
        """Whether it was asked who it is, without a certain answer yet."""
        return self._probe is not None

    def sent(self, count: int, now: float) -> None:
        """The wire took `count` bytes of `outgoing`."""
        del self._out[:count]
        self._said += count
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

    def identify(self, now: float, before: bytes = b"") -> None:
        """Ask who it is, once the bytes `before` are out; `model` follows."""
        if self._probe is None and self.model is None:
            self.put(before + (b"" if self._known else WHO), now)
            self._probe = Probe()

    def count(self, now: float) -> None:
        """Ask for the paper that is left and how often a paper was taken back; `counters` follow."""
        if self.model is not None and self.model.paper_left:
            self.put(PAPER_LEFT, now)
        if self.model is not None and self.model.presenter:
            self.put(RETRACTS, now)

    def ask(self, now: float) -> None:
        """Ask for the status when it is time and nothing else is being said or awaited."""
        if now >= self._poll_at and not self._out and not self._asked:
            self.ask_now(now)

    def ask_now(self, now: float) -> None:
        """Ask for the status behind what is outgoing, unless an answer is awaited."""
        if not self._asked:
            custom = self._reader.custom
            self.put(FULL if custom else POLL, now)
            self._asked, self._poll_at = (1 if custom else 4), now + POLL_S

    def silent(self, now: float) -> bool:
        """True when something is outgoing or asked, and not a byte went or came for `SILENT_S` and the line's lag."""
        return bool(self._out or self._asked) and now - self._moved_at > self._silent_s

    def receive(self, data: bytes, now: float) -> list[News]:
        """Take what the printer said; `state`, `model` and the rest follow, what concerns jobs is returned in order."""
        if data:
            self._moved_at = now
        news = [each for reply in self._reader.feed(data) if (each := self._heard(reply, now)) is not None]
        self._conclude(now)
        return news

    def _heard(self, reply: Reply, now: float) -> News | None:
        match reply:
            case Printed():
                self._lives(now)
                return reply
            case Cleared():
                return reply
            case InOrder(value):
                return self._in_order(value)
            case Name(text):
                self._named(text)
            case Automatic(status):
                self.state = automatic(status, now)
            case Full(status):
                self._asked, self.state = 0, full(status, now)
            case Counter(value, unit):
                self.counters[unit] = value
            case RealTime(value) if self._asked:
                self._answer(value, now)
            case _:
                pass
        return None

    def _lives(self, now: float) -> None:
        """Who proves a paper is well, however long the bytes kept it from being asked."""
        if self.state is not None and self.state.ready:
            self.state = replace(self.state, at=now)

    def _in_order(self, value: int) -> News | None:
        if self._probe is None:
            return Reached()
        self._probe.heard_byte(value)
        return None

    def _named(self, text: str) -> None:
        if self._probe is not None:
            self._probe.heard_name(text)
        else:
            self.version = text

    def _conclude(self, now: float) -> None:
        """Who it is, once that is certain and no answer in its first language is awaited."""
        if self._probe is None or self.state is None or self._asked:
            return
        noise, self._noise = self.strays > self._noise, self.strays  # a wrong baud rate must not pass for a printer
        self.model = self._known or self._probe.result(now, stopped=noise or self.state.fault in STOPS)
        if self.model is None:
            return
        self._probe = None
        self._reader.custom = self.model.presenter
        if self.model.proof is Proof.MARK:  # others may answer with a byte that looks like a place reached
            self.put(VERSION, now)
        if self.model.asb:
            self.put(WATCH, now)
        self.count(now)

    def _answer(self, value: int, now: float) -> None:
        self._answers.append(value)
        self._asked -= 1
        if not self._asked:
            online, cause, errors, paper = self._answers
            self.state = polled((online, cause, errors, paper), now)
