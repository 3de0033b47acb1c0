"""What the coordinator knows of the boxes: presence and health as they told, and when. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Literal

from contract import messages as m
from contract.hall import Hall
from contract.words import Refusal, Role

HEALTH_MAX_AGE_S = 75.0
"""A box whose last health is older is not taken for present, whatever its retained word says."""
MOST_FAULTS, FAULT_LETTERS, MOST_UNITS = 4, 100, 48
"""Faults and units of one box told to consoles: a box gone wild must not make the view too large for everybody."""

OWN = "coordinator"
"""The coordinator's name among the devices; no box may have it (`contract.hall`)."""

State = Literal["here", "lost", "left", "unknown"]


@dataclass(frozen=True, slots=True)
class Device:
    """One box. `heard_at` is monotonic wire time of its last sign of life, `since` when its state began (hall time)."""

    dev: str
    kind: Role
    state: State = "unknown"
    since: datetime | None = None
    ep: int = 0
    inc: str = ""
    heard_at: float | None = None
    faults: tuple[str, ...] = ()
    more_faults: int = 0
    staged: int | None = None
    runs: int | None = None
    units: dict[str, m.UnitHealth] = field(default_factory=dict)


class Devices:
    """All boxes of the hall document, in its order. Strangers are not kept."""

    def __init__(self, hall: Hall) -> None:
        self._by_id = {box.id: Device(box.id, box.kind) for box in hall.boxes}
        self._own: tuple[str, ...] = ()

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

    def health(self, dev: str, health: m.Health, *, now: float) -> bool:
        """A health word; True when the faults changed or a unit came or went (figures wait for the next view)."""
        known = self._by_id.get(dev)
        if known is None:
            return False
        told = sorted({fault[:FAULT_LETTERS] for fault in health.faults})
        faults, more = tuple(told[:MOST_FAULTS]), len(told[MOST_FAULTS:])
        units = dict(sorted(health.units.items())[:MOST_UNITS])
        new = replace(
            known, heard_at=now, faults=faults, more_faults=more, units=units, staged=health.staged, runs=health.runs
        )
        self._by_id[dev] = new
        return units.keys() != known.units.keys() or replace(new, heard_at=known.heard_at, units=known.units) != known

    def own(self, faults: Iterable[str]) -> bool:
        """The coordinator's own open faults; True when they changed."""
        before, self._own = self._own, tuple(sorted(faults))
        return self._own != before

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

    def desk(self, now: float) -> tuple[m.DeskDevice, ...]:
        """What consoles show: the coordinator itself, then the boxes; a box silent for too long is `unknown`."""
        own = m.DeskDevice(dev=OWN, kind=Role.COORDINATOR, state="here", faults=self._own)
        boxes = (
            m.DeskDevice(
                dev=d.dev,
                kind=d.kind,
                state=self._state(d, now),
                since=d.since,
                faults=d.faults,
                more_faults=d.more_faults,
                staged=d.staged,
                runs=d.runs,
                units=d.units,
            )
            for d in self._by_id.values()
        )
        return (own, *boxes)

    @staticmethod
    def _state(device: Device, now: float) -> State:
        if device.state == "here" and (device.heard_at is None or now - device.heard_at > HEALTH_MAX_AGE_S):
            return "unknown"
        return device.state
