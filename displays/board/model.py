"""What the board is to say at a moment: messages of the hall + time → scene. Pure.

The retained boards are the truth; an announcement only decides which of the calls is the one card everybody looks at.
All times here are monotonic wire seconds but for `Scene.now`, which is hall time.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from contract import messages as m
from contract.hall import Hall
from contract.hall_part import PLAIN_BOARD, BoardLayout, ServiceGroup, Zone
from contract.words import HallState, Light
from look import tokens
from look.texts import LANGUAGES
from runtime.freshness import Age, Freshness

QUEUE_MAX = 64
"""Announcements that wait for their turn on the card; beyond it the oldest goes, it is in the list anyway."""
HOLD_MIN_S = 1.0
"""Where hall time runs faster a call holds the card shorter, but never less than this."""
PULSE_LOW = 0.7


class Kind(StrEnum):
    """Which of its faces the board shows."""

    UNKNOWN = "unknown"
    """No configuration has come yet: not even the languages are known."""
    CALLS = "calls"
    DARK = "dark"
    """The truth is too old for any number."""
    CLOSED = "closed"
    INTERRUPTED = "interrupted"
    IDENTIFY = "identify"


@dataclass(frozen=True, slots=True)
class Call:
    """A ticket at a window. `called`: the visitor has not come yet. `again` counts recalls. `why`: see `BoardCall`, "" for none."""

    label: str
    number: int
    zone: str
    again: int
    called: bool
    why: str = ""


@dataclass(frozen=True, slots=True)
class Scene:
    """All that can be seen. `now` None: hall time is not known. `card_lit`: the card's call is for now, not history.

    `waiting`: (zone, people) of each zone of this board that has a queue. `wait`: the service group whose wait it is the turn
    to tell, None when it is the people's turn. `age_s` None: no live heartbeat yet. `notice`: a manager's message, "" for none.
    """

    kind: Kind
    layout: BoardLayout = PLAIN_BOARD
    language: str = ""
    now: datetime | None = None
    heard: datetime | None = None
    age: Age = Age.STALE
    age_s: float | None = None
    card: Call | None = None
    card_lit: bool = False
    rows: tuple[Call, ...] = ()
    waiting: tuple[tuple[Zone, int], ...] = ()
    wait: tuple[ServiceGroup, m.Wait] | None = None
    notice: str = ""


@dataclass(frozen=True, slots=True)
class _Anchor:
    hall_time: datetime
    heard_at: float
    speed: float


class Model:
    """The board of some zones. `started`: the monotonic moment from which the hall has been listened to."""

    def __init__(self, zones: Iterable[str], started: float) -> None:
        self.zones = tuple(zones)
        self.hall: Hall | None = None
        self._freshness = Freshness(started)
        self._anchor: _Anchor | None = None
        self._boards: dict[str, m.Board] = {}
        self._queue: deque[Call] = deque(maxlen=QUEUE_MAX)
        self._card: Call | None = None
        self._card_since = float("-inf")
        self._identify_until = float("-inf")

    # --- in ------------------------------------------------------------------------------------------------------------

    def heard(self, message: m.AnyMessage, *, retained: bool, now: float) -> None:
        """Take in a message of the hall; those that are not for this board change nothing."""
        match message:
            case m.Heartbeat():
                self._freshness.heard(message, retained=retained, now=now)
                if not retained and not message.lost:
                    self._anchor = _Anchor(message.now, now, message.speed)
            case m.Cfg() if not set(LANGUAGES).isdisjoint(message.hall.languages):
                self.hall = message.hall
            case m.Board() if message.zone in self.zones:
                self._boards[message.zone] = message
                self._forget_answered(message)
            case m.Announce() if message.zone in self.zones:
                self._announced(Call(message.label, message.number, message.zone, message.again, called=True), now)
            case m.Identify():
                self._identify_until = now + message.seconds
            case _:
                pass

    def _forget_answered(self, board: m.Board) -> None:
        """A visitor who has come or gone needs no turn on the card any more."""
        called = {call.label for call in board.calls if call.light is Light.CALLED}
        kept = [call for call in self._queue if call.zone != board.zone or call.label in called]
        self._queue = deque(kept, maxlen=QUEUE_MAX)

    def _announced(self, call: Call, now: float) -> None:
        kept = [waiting for waiting in self._queue if waiting.label != call.label]
        self._queue = deque(kept, maxlen=QUEUE_MAX)
        if self._card is not None and self._card.label == call.label:
            self._put_on_card(call, now)
        else:
            self._queue.append(call)

    # --- out -----------------------------------------------------------------------------------------------------------

    def scene(self, now: float) -> Scene:
        """What is to be seen at `now`; moves the next call onto the card when its turn has come."""
        self._turn(now)
        kind = self._kind(now)
        if self.hall is None:
            return Scene(kind)
        age = self._freshness.age(now)
        language = self._language(self.hall, now)
        scene = Scene(
            kind,
            self._layout(self.hall),
            language=language,
            now=self._hall_time(now),
            heard=self._anchor.hall_time if self._anchor else None,
            age=age,
            age_s=now - self._anchor.heard_at if self._anchor else None,
            notice="" if age is Age.DARK else self._notice(self.hall, language, now),
        )
        if kind is not Kind.CALLS:
            return scene
        return replace(
            scene,
            card=self._card,
            card_lit=age is Age.FRESH and self._card is not None and (self._card.called or self._held(now)),
            rows=self._rows(scene.layout.rows),
            waiting=self._waiting(self.hall),
            wait=self._wait(self.hall, now),
        )

    def pulse(self, now: float) -> float:
        """Opacity of the lit card, 0.7..1: draws attention to a new call for a few seconds, then stands still at 1."""
        if not self.pulsing(now):
            return 1.0
        period_s = tokens.motion().pulse_period_ms / 1000
        wave = (1 - math.cos(2 * math.pi * (now - self._card_since) / period_s)) / 2
        return 1.0 - (1.0 - PULSE_LOW) * wave

    def pulsing(self, now: float) -> bool:
        """Whether the card is still drawing attention."""
        motion = tokens.motion()
        return 0 <= now - self._card_since < motion.pulse_period_ms / 1000 * motion.pulse_cycles_max

    def _kind(self, now: float) -> Kind:
        if now < self._identify_until:
            return Kind.IDENTIFY
        if self.hall is None:
            return Kind.UNKNOWN
        if self._freshness.age(now) is Age.DARK:
            return Kind.DARK
        match self._freshness.last.state if self._freshness.last else HallState.OPEN:
            case HallState.CLOSED:
                return Kind.CLOSED
            case HallState.INTERRUPTED:
                return Kind.INTERRUPTED
            case HallState.OPEN:
                return Kind.CALLS

    def _turn(self, now: float) -> None:
        if self._card is not None and self._held(now):
            self._card = self._as_it_is_now(self._card)
        elif self._queue:
            self._put_on_card(self._as_it_is_now(self._queue.popleft()), now)
        else:
            self._card = next(iter(self._calls()), None)

    def _put_on_card(self, call: Call, now: float) -> None:
        self._card, self._card_since = call, now

    def _held(self, now: float) -> bool:
        speed = self._anchor.speed if self._anchor else 1.0
        hold_s = max(HOLD_MIN_S, tokens.motion().call_hold_ms / 1000 / speed)
        return self._card is not None and now - self._card_since < hold_s

    def _as_it_is_now(self, card: Call) -> Call:
        return next((call for call in self._calls() if call.label == card.label), card)

    def _calls(self) -> list[Call]:
        """All calls of all zones: those still awaited first, then the newest first."""
        calls = [call for board in self._boards.values() for call in board.calls]
        calls.sort(key=lambda call: (call.light is Light.CALLED, call.called_at), reverse=True)
        return [Call(c.label, c.number, c.zone, c.again, c.light is Light.CALLED, c.why or "") for c in calls]

    def _layout(self, hall: Hall) -> BoardLayout:
        mine = {zone.id: zone.board for zone in hall.zones}
        return next((mine[zone] for zone in self.zones if zone in mine), None) or PLAIN_BOARD

    def _rows(self, most: int) -> tuple[Call, ...]:
        on_card = self._card.label if self._card else ""
        return tuple(call for call in self._calls() if call.label != on_card)[:most]

    def _notice(self, hall: Hall, language: str, now: float) -> str:
        """The message in `language`, else in the hall's own; different ones of several zones take turns."""
        boards = [self._boards[zone].notice for zone in self.zones if zone in self._boards]
        texts = list(dict.fromkeys(n.get(language) or n.get(hall.default_language, "") for n in boards if n))
        return texts[self._turn_of_all_languages(hall, now) % len(texts)] if texts else ""

    def _turn_of_all_languages(self, hall: Hall, now: float) -> int:
        """Counts the turns that each last until every language has had its own."""
        return int(now // (tokens.time().board_language_s * len(spoken(hall))))

    def _waiting(self, hall: Hall) -> tuple[tuple[Zone, int], ...]:
        queued = {group.zone for group in hall.service_groups}
        zones = [z for z in hall.zones if z.id in queued and z.id in self._boards]
        return tuple((zone, sum(self._boards[zone.id].waiting.values())) for zone in zones)

    def _wait(self, hall: Hall, now: float) -> tuple[ServiceGroup, m.Wait] | None:
        """People and groups take turns; one turn is told in every language."""
        waits = {name: wait for board in self._boards.values() for name, wait in board.waits.items()}
        known = [(group, waits[group.id]) for group in hall.service_groups if group.id in waits]
        turn = self._turn_of_all_languages(hall, now) % (len(known) + 1)
        return known[turn - 1] if turn else None

    def _language(self, hall: Hall, now: float) -> str:
        turn = int(now // tokens.time().board_language_s)
        return spoken(hall)[turn % len(spoken(hall))]

    def _hall_time(self, now: float) -> datetime | None:
        if self._anchor is None:
            return None
        return self._anchor.hall_time + timedelta(seconds=(now - self._anchor.heard_at) * self._anchor.speed)


def spoken(hall: Hall) -> tuple[str, ...]:
    """The hall's languages of which there is a catalogue; a hall may offer one that only its people speak."""
    return tuple(language for language in hall.languages if language in LANGUAGES)
