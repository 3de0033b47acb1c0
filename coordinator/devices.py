"""What the coordinator knows of the boxes: presence and health as they told, and when. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Literal

from contract import messages as m
from contract.hall import Hall
from contract.words import Refusal, Role
from coordinator.fault import AWAY

HEALTH_MAX_AGE_S = 75.0
"""A box whose last health is older is not taken for present, whatever its retained word says."""
MOST_FAULTS, FAULT_LETTERS, MOST_UNITS = 4, 100, 48
"""Faults and units of one box told to consoles: a box gone wild must not make the view too large for everybody."""

OWN = "coordinator"
"""The coordinator's name among the devices; no box may have it (`contract.hall`)."""

State = Literal["here", "lost", "left", "unknown"]
HallTime = Callable[[datetime], datetime]
Known = Mapping[str, Mapping[str, datetime]]
"""Box → fault → since when (hall time)."""


@dataclass(frozen=True, slots=True)
class Device:
    """One box. `heard_at` is monotonic wire time of its last sign of life, `since` when its state began, `faults` with since when (hall
    time).
    """

    dev: str
    kind: Role
    state: State = "unknown"
    since: datetime | None = None
    ep: int = 0
    inc: str = ""
    heard_at: float | None = None
    faults: dict[str, datetime] = field(default_factory=dict)
    more_faults: int = 0
    staged: int | None = None
    runs: int | None = None
    units: dict[str, m.UnitHealth] = field(default_factory=dict)


class Devices:
    """All boxes of the hall document, in its order. Strangers are not kept."""

    def __init__(self, hall: Hall) -> None:
        self._by_id = {box.id: Device(box.id, box.kind) for box in hall.boxes}
        self._own: dict[str, datetime] = {}

    def follow(self, hall: Hall) -> None:
        """Another document: boxes that are in it still are what they were."""
        known = self._by_id
        self._by_id = {box.id: known.get(box.id) or Device(box.id, box.kind) for box in hall.boxes}

    def here(self, dev: str, here: m.Here, *, now: float, hall_now: datetime) -> bool:
        """A presence word; True when it changes what staff see. A last will of an older session is ignored."""
        known = self._by_id.get(dev)
        if known is None or (here.state == "lost" and known.inc == here.inc and here.ep < known.ep):
            return False
        state: State = here.state
        changed = known.state != state
        since = hall_now if changed else known.since
        self._by_id[dev] = replace(known, state=state, since=since, ep=here.ep, inc=here.inc, heard_at=now)
        return changed

    def health(self, dev: str, health: m.Health, *, now: float, hall_time: HallTime = lambda wall: wall) -> bool:
        """A health word; True when the faults changed or a unit came or went (figures wait for the next view).

        `hall_time`: what the hall's clock shows at a moment of the box's own.
        """
        known = self._by_id.get(dev)
        if known is None:
            return False
        told = {fault[:FAULT_LETTERS]: hall_time(since) for fault, since in sorted(health.faults.items())}
        faults, more = dict(list(told.items())[:MOST_FAULTS]), len(told) - len(list(told)[:MOST_FAULTS])
        units = dict(sorted(health.units.items())[:MOST_UNITS])
        new = replace(
            known, heard_at=now, faults=faults, more_faults=more, units=units, staged=health.staged, runs=health.runs
        )
        self._by_id[dev] = new
        return units.keys() != known.units.keys() or replace(new, heard_at=known.heard_at, units=known.units) != known

    def own(self, faults: Mapping[str, datetime]) -> bool:
        """The coordinator's own open faults with since when (hall time); True when they changed."""
        before, self._own = self._own, dict(sorted(faults.items()))
        return self._own != before

    def faults(self, now: float, hall_now: datetime) -> dict[str, dict[str, datetime]]:
        """Box → fault → since when (hall time), of the coordinator and of every box that was heard of; `AWAY` of what is not here."""
        found = {OWN: dict(self._own)}
        for box in self._by_id.values():
            if box.heard_at is not None:
                state = self._state(box, now)
                silent = hall_now - timedelta(seconds=now - box.heard_at)
                away = (
                    {} if state == "here" else {AWAY: silent if box.since is None or state != box.state else box.since}
                )
                found[box.dev] = {**box.faults, **away}
        return found

    def find(self, command: m.DeviceFind, asking: Role, now: float) -> m.Done | m.Refused:
        """Whether a box of kind `asking` may make a box show itself now: the answer; Done: the box is to be told."""
        box = self._by_id.get(command.dev)
        if asking is not Role.CONSOLE:
            code, text = Refusal.NOT_ALLOWED, f"a {asking} may not do this"
        elif box is None:
            code, text = Refusal.UNKNOWN_DEVICE, f"{command.dev} is not in the hall document"
        elif self._state(box, now) != "here":
            code, text = Refusal.DEVICE_AWAY, f"{command.dev} is not connected"
        else:
            return m.Done(id=command.id, re=command.id)
        return m.Refused(id=command.id, re=command.id, code=code, text=text)

    def present(self, dev: str, now: float) -> bool:
        """Whether the box is connected, as far as it is known."""
        return dev in self._by_id and self._state(self._by_id[dev], now) == "here"

    def desk(self, now: float, known: Known = MappingProxyType({})) -> tuple[m.DeskDevice, ...]:
        """What consoles show: the coordinator itself, then the boxes; a box silent for too long is `unknown`.

        `known`: box → faults that the hall knows itself, whatever the box says.
        """
        own = m.DeskDevice(
            dev=OWN,
            kind=Role.COORDINATOR,
            state="here",
            faults=tuple(self._own),
            faults_since=tuple(self._own.values()),
        )
        boxes = (
            m.DeskDevice(
                dev=d.dev,
                kind=d.kind,
                state=self._state(d, now),
                since=d.since,
                faults=tuple(faults),
                faults_since=tuple(faults.values()),
                more_faults=d.more_faults,
                staged=d.staged,
                runs=d.runs,
                units=d.units,
            )
            for d in self._by_id.values()
            for faults in ({**d.faults, **{f: at for f, at in known.get(d.dev, {}).items() if f not in d.faults}},)
        )
        return (own, *boxes)

    @staticmethod
    def _state(device: Device, now: float) -> State:
        if device.state == "here" and (device.heard_at is None or now - device.heard_at > HEALTH_MAX_AGE_S):
            return "unknown"
        return device.state
