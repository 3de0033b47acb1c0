"""Asking the coordinator: the same id is asked again until the reply comes or the command is too old. Pure but for ids.

What is asked is a command message; the answer is its reply, or `Unanswered` when the time is over: then it is unknown
whether it was done, and the caller says so (a kiosk asks by the same id again after its restart).
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass

from contract import messages as m
from contract.topics import COMMAND_S, REPLY_S, Topic, asked_on

RETRY_S = (1.0, 2.0, 4.0)
"""Pauses between repeats; the last one is kept."""


@dataclass(frozen=True, slots=True)
class Unanswered:
    """No reply within the command's life: whether it was done is unknown. `re` is the command's id."""

    re: str


Answer = m.AnyReply | Unanswered


def new_id(prefix: str = "c") -> str:
    """A fresh message id: prefix and 96 random bits, at most 64 characters."""
    return f"{prefix}-{secrets.token_hex(12)}"


@dataclass(slots=True)
class _Asked:
    topic: Topic
    payload: bytes
    on_answer: Callable[[Answer], None]
    born: float
    deadline: float
    again_at: float
    tries: int = 0
    silent_said: bool = False


class Asker:
    """Open questions of one box. Not thread-safe: one owner. Time is monotonic wire seconds.

    `send(topic, payload, left_s)` publishes something that must not act later than in `left_s`;
    `on_silence(id)` is called once per question that has had no reply for `REPLY_S`.
    """

    def __init__(
        self, send: Callable[[Topic, bytes, float], None], on_silence: Callable[[str], None] = lambda _id: None
    ) -> None:
        self._send, self._on_silence = send, on_silence
        self._open: dict[str, _Asked] = {}

    def __len__(self) -> int:
        return len(self._open)

    def ask(
        self, command: m.Command, on_answer: Callable[[Answer], None], now: float, life_s: float = COMMAND_S
    ) -> None:
        """Ask and keep asking by the same id for `life_s`; `on_answer` is called exactly once.

        A command whose id is open already is not asked twice: the newer caller gets the answer.
        """
        if (known := self._open.get(command.id)) is not None:
            known.on_answer = on_answer
            return
        topic, payload = asked_on(command), m.encode(command)
        self._open[command.id] = _Asked(topic, payload, on_answer, now, now + life_s, now + RETRY_S[0])
        self._send(topic, payload, life_s)

    def heard(self, reply: m.Reply) -> bool:
        """A reply came; False when nobody (any more) waits for it."""
        asked = self._open.pop(reply.re, None)
        if asked is None or not isinstance(reply, m.AnyReply):
            return False
        asked.on_answer(reply)
        return True

    def connected(self, now: float) -> None:
        """The link is back: everything open is asked again at once."""
        for asked in self._open.values():
            asked.again_at = now

    def tick(self, now: float) -> float | None:
        """Repeat what is due, end what is too old; returns seconds until it wants to be called again, None: not at all."""
        for key, asked in list(self._open.items()):
            if now >= asked.deadline:
                del self._open[key]
                asked.on_answer(Unanswered(key))
                continue
            if not asked.silent_said and now - asked.born >= REPLY_S:
                asked.silent_said = True
                self._on_silence(key)
            if now >= asked.again_at:
                asked.tries += 1
                asked.again_at = now + RETRY_S[min(asked.tries, len(RETRY_S) - 1)]
                self._send(asked.topic, asked.payload, asked.deadline - now)
        moments = [self._next(a) for a in self._open.values()]
        return max(0.0, min(moments) - now) if moments else None

    @staticmethod
    def _next(asked: _Asked) -> float:
        moments = [asked.deadline, asked.again_at]
        if not asked.silent_said:
            moments.append(asked.born + REPLY_S)
        return min(moments)
