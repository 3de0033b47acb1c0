"""Which boxes a console can make show themselves, and the coordinator among the devices."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from contract import messages as m
from contract.words import Refusal, Role
from coordinator.devices import HEALTH_MAX_AGE_S, Devices
from tests.consoles_site import document

HALL_NOW = datetime(2026, 3, 17, 8, 0, tzinfo=UTC)

NOON = datetime(2026, 3, 17, 10, 0, tzinfo=UTC)


def present(dev: str, *, now: float = 0.0) -> Devices:
    """The hall's boxes, of which `dev` is here since `now`."""
    devices = Devices(document())
    kind = next(d.kind for d in devices.desk(now) if d.dev == dev)
    devices.here(dev, m.Here(id="h", state="here", kind=kind, version="1", inc="i", ep=1), now=now, hall_now=HALL_NOW)
    return devices


def find(devices: Devices, dev: str, *, asking: Role = Role.CONSOLE, now: float = 1.0) -> m.Done | m.Refused:
    return devices.find(m.DeviceFind(id="c-1", dev=dev), asking, now)


def test_a_box_that_is_here_can_be_found() -> None:
    assert find(present("board-1"), "board-1") == m.Done(id="c-1", re="c-1")


def test_the_coordinators_own_faults_stand_first_and_are_news_once() -> None:
    devices = Devices(document())
    low, jump = {"disk_low": NOON}, {"clock_jump": NOON}
    told = [devices.own(faults) for faults in ({}, low, low, low | jump, {})]
    assert told == [False, True, False, True, True]
    devices.own(low)
    first, *boxes = devices.desk(0.0)
    assert first.faults_since == (NOON,)
    assert (first.dev, first.kind, first.state, first.faults) == (
        "coordinator",
        Role.COORDINATOR,
        "here",
        ("disk_low",),
    )
    assert [d.dev for d in boxes] == [b.id for b in document().boxes]


@pytest.mark.parametrize(
    ("dev", "asking", "now", "code"),
    [
        ("board-1", Role.KIOSK, 1.0, Refusal.NOT_ALLOWED),
        ("board-1", Role.BRIDGE, 1.0, Refusal.NOT_ALLOWED),
        ("board-9", Role.CONSOLE, 1.0, Refusal.UNKNOWN_DEVICE),
        ("kiosk-1", Role.CONSOLE, 1.0, Refusal.DEVICE_AWAY),
        ("board-1", Role.CONSOLE, HEALTH_MAX_AGE_S + 1, Refusal.DEVICE_AWAY),
    ],
)
def test_what_cannot_be_found_is_refused_with_its_reason(dev: str, asking: Role, now: float, code: Refusal) -> None:
    answer = find(present("board-1"), dev, asking=asking, now=now)
    assert isinstance(answer, m.Refused)
    assert (answer.re, answer.code) == ("c-1", code)
