"""What the hall is told: retained states from dirty sets, once per commit; the whole again after a reconnect."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Mapping
from datetime import timedelta
from typing import Protocol

import structlog

from contract import messages as m
from contract import topics
from contract.topics import Topic
from contract.words import Role
from coordinator import views
from coordinator.devices import Devices
from coordinator.past import ALARMS
from coordinator.state import HallDay
from coordinator.views import Mark
from journal.event import Event, Fact
from runtime.clock import SteadyClock, utc_now

log = structlog.get_logger(__name__)

CONSOLES_EVERY_S = 0.25
"""Consoles get the live hall at most this often, wire seconds; people do not read faster."""
KIOSKS_EVERY_S = 1.0
ALARM_SHOWN = timedelta(minutes=30)
"""Consoles show a silent alarm for so long, hall time, unless it is ended before."""
MOST_ALARMS = 8
CALLED = {"ticket.called", "ticket.recalled"}
NOTICE_PRIORITY = 5
"""A manager's message is said before the calls that wait: it is for everybody."""


class Out(Protocol):
    """Where messages go: the coordinator's link."""

    def publish(self, topic: Topic, payload: bytes, *, dev: str = "", zone: str = "") -> None:
        """Queue one message."""


class Publisher:
    """Keeps every screen's truth current. `ep`: this start of the coordinator; revisions count up within it."""

    def __init__(
        self, out: Out, state: HallDay, devices: Devices, clock: SteadyClock, ep: int, monotonic: Callable[[], float]
    ) -> None:
        self._out, self._devices, self._clock = out, devices, clock
        self._ep, self._rev = ep, 0
        self._listed = views.LISTED[0]
        self._monotonic = monotonic
        self._alarms: deque[m.DeskAlarm] = deque(maxlen=MOST_ALARMS)
        self._windows: set[str] = set()
        self._zones: set[str] = set()
        self._waits: dict[str, m.Wait] = {}
        self._group_waits: dict[str, m.Wait] = {}
        self._found: object = None
        self._kiosks_dirty = self._consoles_dirty = True
        self._kiosks_at = self._consoles_at = self._beat_at = 0.0
        self._know(state)

    def _know(self, state: HallDay) -> None:
        """Who is told what, by the hall's document."""
        self._state = state
        self._shown = {window: views.window_view(state, window) for window in state.windows}
        self._called = {window: views.board_call(state, window) for window in state.windows}
        boxes = state.hall.boxes
        self._by_window: dict[str, list[str]] = {}
        for box in boxes:
            for unit in box.units:
                self._by_window.setdefault(unit.window, []).append(box.id)
        self._kiosks = [b.id for b in boxes if b.kind is Role.KIOSK]
        self._consoles = [b.id for b in boxes if b.kind is Role.CONSOLE]
        self._configured = [b for b in boxes if b.kind in topics.DOWN_CFG.hears]

    def follow(self, state: HallDay, beat: m.Heartbeat) -> None:
        """Another document: who is in it is told everything, who is not any more has nothing left to show."""
        before = self._state.hall
        self._know(state)
        self._waits, self._group_waits, self._found = {}, {}, None
        self._windows.clear()
        self._zones.clear()
        for zone in {z.id for z in before.zones} - {z.id for z in state.hall.zones}:
            self._out.publish(topics.PUB_BOARD, b"", zone=zone)
        for dev in before.box_by_id.keys() - state.hall.box_by_id.keys():
            for topic in (topics.DOWN_VIEW, topics.DOWN_CFG):
                self._out.publish(topic, b"", dev=dev)
        self.everything(beat)

    def everything(self, beat: m.Heartbeat) -> None:
        """After a start or a reconnect: the configuration, the heartbeat, every view and board."""
        for box in self._configured:
            document = self._state.hall.for_box(box.kind)
            self._out.publish(topics.DOWN_CFG, m.encode(m.Cfg(id=self._id(), at=utc_now(), hall=document)), dev=box.id)
        self._windows.update(self._state.windows)
        self._zones.update(z.id for z in self._state.hall.zones)
        self._kiosks_dirty = self._consoles_dirty = True
        self._kiosks_at = self._consoles_at = 0.0
        self.beat(beat)
        self.publish()

    def beat(self, beat: m.Heartbeat) -> None:
        """Say the hall's state and time now; the next one is due `HEARTBEAT_S` later."""
        self._beat_at = self._monotonic() + topics.HEARTBEAT_S
        self._out.publish(topics.PUB_HALL, m.encode(beat))

    @property
    def beat_due(self) -> bool:
        """Whether the heartbeat is due."""
        return self._monotonic() >= self._beat_at

    def committed(self, events: Iterable[Event]) -> bool:
        """Note what a commit changed and publish what must not wait; True when the hall's own state changed."""
        day_changed = False
        groups: set[str] = set()
        for event in events:
            self._consoles_dirty = True
            for row in event.rows:
                if row.table == "window":
                    self._windows.add(str(row.values["id"]))
                elif row.table == "ticket":
                    groups.add(str(row.values["service_group"]))
                    self._kiosks_dirty = True
                    if row.values.get("window") is not None:
                        self._windows.add(str(row.values["window"]))
                elif row.table == "notice":
                    self._zones.add(str(row.values["zone"]))
                elif row.table == "day":
                    day_changed = True
            if event.kind in ALARMS:
                self.alarmed(event)
            if event.kind in CALLED:
                self._announce(event)
            elif event.facts.get("speak"):
                self._say(event.facts)
        self._zones |= views.zones_touched(self._state.hall, self._windows, groups)
        if day_changed:
            self._zones.update(z.id for z in self._state.hall.zones)
            self._kiosks_at = 0.0
            self._kiosks_dirty = True
        return day_changed

    def alarmed(self, event: Event) -> None:
        """A silent alarm was raised, or seen to."""
        alarm = m.DeskAlarm.model_validate({**event.facts, "since": event.at}, strict=False)
        if event.kind == "alarm.raised":
            self._alarms.appendleft(alarm)
        else:
            place = (alarm.unit, alarm.window)
            left = [one for one in self._alarms if (one.unit, one.window) != place]
            self._alarms = deque(left, MOST_ALARMS)

    def watch_waits(self) -> None:
        """Note whose told wait is another than before, and what else is recommended: by a new answer or by its age."""
        now = self._clock.now()
        waits = views.service_waits(self._state, now)
        groups = views.group_waits(self._state, waits)
        if waits != self._waits:
            self._kiosks_dirty = True
        changed = {g for g in self._state.services_in if groups.get(g) != self._group_waits.get(g)}
        if changed:
            self._consoles_dirty = True
            self._zones |= views.zones_touched(self._state.hall, (), changed)
        self._waits, self._group_waits = waits, groups
        found = (views.recommendations(self._state, now), self._state.so_far)
        if found != self._found:
            self._found, self._consoles_dirty = found, True

    def devices_changed(self) -> None:
        """Presence or faults are other than before."""
        self._consoles_dirty = True

    def publish(self) -> None:
        """Publish the windows and boards that are dirty."""
        for window in self._windows & self._state.windows.keys():
            self._shown[window] = views.window_view(self._state, window)
            self._called[window] = views.board_call(self._state, window)
        boxes = {dev for window in self._windows for dev in self._by_window.get(window, ())}
        for dev in sorted(boxes):
            hall = self._state.hall
            view = views.windows_view(self._shown, hall.box_by_id[dev], self._mark(), training=hall.training)
            self._out.publish(topics.DOWN_VIEW, m.encode(view), dev=dev)
        for zone in sorted(self._zones):
            board = views.board(self._state, zone, self._called, self._mark(), self._group_waits)
            self._out.publish(topics.PUB_BOARD, m.encode(board), zone=zone)
        self._windows.clear()
        self._zones.clear()

    def publish_slow(self) -> None:
        """Publish consoles and kiosks as often as they may: larger, and nobody waits for them."""
        now = self._monotonic()
        if self._kiosks_dirty and now >= self._kiosks_at:
            self._kiosks_dirty, self._kiosks_at = False, now + KIOSKS_EVERY_S
            view = m.encode(views.kiosk_view(self._state, self._mark(), self._clock.now(), self._waits))
            for dev in self._kiosks:
                self._out.publish(topics.DOWN_VIEW, view, dev=dev)
        if self._consoles_dirty and now >= self._consoles_at:
            self._consoles_dirty, self._consoles_at = False, now + CONSOLES_EVERY_S
            desk = self._devices.desk(now, self._state.account.faults())
            consoles, listed = views.consoles_message(
                self._state, desk, self._mark(), self._clock.now(), self._group_waits, self._recent_alarms()
            )
            if listed != self._listed:
                self._listed = listed
                log.warning("consoles.listed", parked_and_missed_at_most=listed)
            for dev in self._consoles:
                self._out.publish(topics.DOWN_VIEW, consoles, dev=dev)

    def _announce(self, event: Event) -> None:
        announcement = m.Announce.model_validate({"id": self._id(), **event.facts})
        self._out.publish(topics.PUB_CALL, m.encode(announcement))

    def _say(self, facts: Mapping[str, Fact]) -> None:
        for zone in facts["zones"] or [None]:  # type: ignore[union-attr] # the engine's own list
            said = {"id": self._id(), "texts": facts["texts"], "zone": zone, "priority": NOTICE_PRIORITY}
            self._out.publish(topics.PUB_CALL, m.encode(m.Say.model_validate(said)))

    def _recent_alarms(self) -> list[m.DeskAlarm]:
        now = self._clock.now()
        return [alarm for alarm in self._alarms if now - alarm.since < ALARM_SHOWN]

    def _mark(self) -> Mark:
        self._rev += 1
        return Mark(self._id(), self._ep, self._rev)

    def _id(self) -> str:
        return f"v-{self._ep}-{self._rev}"
