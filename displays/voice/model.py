"""What the voice is to say at a moment: messages of the hall + time → announcements. Pure.

Times are monotonic wire seconds; the age of a call is counted in hall time, which may run faster.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from contract import messages as m
from contract import rules
from contract.hall import Hall
from displays.voice import grammar
from displays.voice.grammar import Sentence, Words
from displays.voice.loudness import gain
from displays.voice.queue import Item, Queue

CALL_PRIORITY, FIND_PRIORITY = 4.5, 10.0
"""A text of priority 5 goes before calls, one of 4 after them."""
LANGUAGES_MAX = 2
"""Languages of one call: the visitor's and one of the hall."""
AGE_MIN_S = 1.0
"""Wire seconds a call may wait however fast hall time runs: a program takes its time to start."""
LEAD_S = 0.5
"""Wire seconds from the decision to the first sound."""
TEXT_AGE_S = 120.0
"""Hall seconds a manager's text may wait."""
SEEN_MAX = 64
"""Messages remembered: what is delivered twice is said once. Calls of one commit share an id, so the id is not enough."""


@dataclass(frozen=True, slots=True)
class Announcement:
    """What is to be played now. A call has `sentences`, a manager's text `texts` (language, text), finding this box neither.

    `training`: nothing of it is real, and each language begins by saying so.
    """

    chime: bool
    gain: float
    sentences: tuple[tuple[Words, Sentence], ...] = ()
    texts: tuple[tuple[Words, str], ...] = ()
    training: bool = False


class Model:
    """The voice of some zones. `words`: the languages it can say. `counts`: what became of calls and texts so far."""

    def __init__(self, zones: Iterable[str], words: Mapping[str, Words]) -> None:
        self.zones = frozenset(zones)
        self.hall: Hall | None = None
        self.counts: Counter[str] = Counter()
        self._words = words
        self._queue: Queue[m.Announce | m.Say | m.Identify] = Queue()
        self._beat: tuple[m.Heartbeat, float] | None = None
        self._seen: deque[m.Message] = deque(maxlen=SEEN_MAX)

    @property
    def waiting(self) -> int:
        """How many announcements wait for their turn."""
        return len(self._queue)

    @property
    def languages(self) -> tuple[Words, ...]:
        """The words of this hall's languages that can be said; nothing while the hall is not known."""
        return tuple(self._words[x] for x in self.hall.languages if x in self._words) if self.hall else ()

    def heard(self, message: m.AnyMessage, *, retained: bool, now: float) -> None:
        """Take in a message of the hall; those that are not for this voice change nothing."""
        match message:
            case m.Heartbeat() if not retained and not message.lost:
                self._beat = message, now
            case m.Cfg():
                self.hall = message.hall
            case m.Announce() if message.zone in self.zones and self._new(message):
                self.counts["heard_calls"] += 1
                names = frozenset({f"ticket {message.label}", f"window {message.number}"})
                self._put(message, names, CALL_PRIORITY, now + self._age_s(self.rule("call.announce_max_age_s")))
            case m.Say() if (message.zone is None or message.zone in self.zones) and self._new(message):
                self._put(message, frozenset(message.texts.values()), message.priority, now + self._age_s(TEXT_AGE_S))
            case m.Identify():
                self._put(message, frozenset({"find"}), FIND_PRIORITY, now + message.seconds)
            case _:
                pass

    def take(self, now: float) -> Announcement | None:
        """The next announcement, None while nobody waits; what is too old or falls into a silent hour is counted and gone."""
        while True:
            item, late = self._queue.take(now)
            self._shown(late, "late")
            if item is None:
                return None
            announcement = self._announcement(item.what, now)
            if announcement.gain > 0:
                return announcement
            self._shown([item], "silent")

    def done(self, announcement: Announcement, *, spoken: bool) -> None:
        """What became of an announcement that was taken: words were heard, or at most a chime."""
        kind = "calls" if announcement.sentences else "texts"
        if announcement.sentences or announcement.texts:
            self.counts[f"spoken_{kind}" if spoken else f"shown_only_{kind}"] += 1

    def rule(self, key: str) -> Any:
        """This hall's value of a knob; its default while the hall is not known."""
        return rules.value(self.hall.rules if self.hall else {}, key)

    def _new(self, message: m.Message) -> bool:
        known = message in self._seen
        self._seen.append(message)
        return not known

    def _put(self, what: m.Announce | m.Say | m.Identify, names: frozenset[str], priority: float, until: float) -> None:
        self._shown(self._queue.put(Item(what, names, priority, until)), "replaced")

    def _shown(self, items: Iterable[Item[Any]], cause: str) -> None:
        for item in items:
            if isinstance(item.what, m.Announce):
                self.counts["shown_only_calls"] += 1
                self.counts[f"{cause}_calls"] += 1

    def _announcement(self, what: m.Announce | m.Say | m.Identify, now: float) -> Announcement:
        learning = self.hall is not None and self.hall.training
        match what:
            case m.Announce():
                return Announcement(not what.quiet, self._gain(now), tuple(self._sentences(what)), training=learning)
            case m.Say():
                order = self._order(what.zone)
                texts = tuple((words, what.texts[words.language]) for words in order if words.language in what.texts)
                return Announcement(chime=True, gain=self._gain(now), texts=texts, training=learning)
            case m.Identify():
                return Announcement(chime=True, gain=1.0)

    def _sentences(self, call: m.Announce) -> Iterable[tuple[Words, Sentence]]:
        languages = [call.lang, *self._spoken(call.zone)]
        known = [self._words[x] for x in dict.fromkeys(languages) if x in self._words] or list(self.languages)
        for words in known[: 1 if call.quiet else LANGUAGES_MAX]:
            sentence = grammar.call(words, call.label, call.number, again=call.again > 0)
            yield words, sentence or grammar.look_at_board(words)

    def _order(self, zone: str | None) -> list[Words]:
        """The languages of a text: the zone's own order first, then what else the hall speaks."""
        first = [self._words[x] for x in self._spoken(zone) if x in self._words]
        return list(dict.fromkeys([*first, *self.languages]))

    def _spoken(self, zone: str | None) -> tuple[str, ...]:
        if self.hall is None:
            return ()
        own = next((z.spoken for z in self.hall.zones if z.id == zone), ())
        return own or (self.hall.default_language,)

    def _age_s(self, hall_s: float) -> float:
        speed = self._beat[0].speed if self._beat else 1.0
        return max(AGE_MIN_S, hall_s / speed) - LEAD_S

    def _gain(self, now: float) -> float:
        """Full where the time is not known: a call that nobody hears is worse than a loud one."""
        at = self._hall_time(now)
        return gain(self.rule("voice.loudness"), self.hall.local(at).time()) if self.hall and at else 1.0

    def _hall_time(self, now: float) -> datetime | None:
        if self._beat is None:
            return None
        beat, heard_at = self._beat
        return beat.hall_time(now - heard_at)
