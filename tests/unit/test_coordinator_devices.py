"""Boxes as they told: presence, faults, and when nothing was heard for too long."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from contract import messages as m
from contract.hall_part import Box
from contract.words import Role
from coordinator.devices import HEALTH_MAX_AGE_S, MOST_FAULTS, MOST_UNITS, Devices
from tests.small_hall import hall

NOON = datetime(2026, 3, 17, 6, 0, tzinfo=UTC)
BOXES = [
    Box(id="kiosk-1", kind=Role.KIOSK).model_dump(mode="json"),
    Box(id="board-1", kind=Role.BOARD).model_dump(mode="json"),
]


def devices() -> Devices:
    return Devices(hall(boxes=BOXES))


def here(state: str = "here", ep: int = 1, inc: str = "i") -> m.Here:
    return m.Here.model_validate(
        {"id": "h", "state": state, "kind": Role.KIOSK, "version": "1", "inc": inc, "ep": ep}
    )  # fmt: skip


def health(*faults: str) -> m.Health:
    return m.Health(id="h", faults=dict.fromkeys(faults, NOON))


def kiosk(found: Devices, now: float = 0.0) -> m.DeskDevice:
    return next(d for d in found.desk(now) if d.dev == "kiosk-1")


def test_a_box_is_unknown_until_it_speaks() -> None:
    assert [(d.dev, d.kind, d.state) for d in devices().desk(0)] == [
        ("coordinator", Role.COORDINATOR, "here"),
        ("kiosk-1", Role.KIOSK, "unknown"),
        ("board-1", Role.BOARD, "unknown"),
    ]


def test_since_is_when_the_state_began_not_when_it_was_said_again() -> None:
    found = devices()
    assert found.here("kiosk-1", here(), now=1, hall_now=NOON)
    assert not found.here("kiosk-1", here(), now=2, hall_now=NOON + timedelta(minutes=5))
    assert (kiosk(found, 3).state, kiosk(found, 3).since) == ("here", NOON)
    assert found.here("kiosk-1", here("left"), now=4, hall_now=NOON + timedelta(minutes=9))
    assert (kiosk(found, 5).state, kiosk(found, 5).since) == ("left", NOON + timedelta(minutes=9))


def test_the_last_will_of_an_older_session_is_ignored() -> None:
    found = devices()
    found.here("kiosk-1", here(ep=5), now=1, hall_now=NOON)
    assert not found.here("kiosk-1", here("lost", ep=4), now=2, hall_now=NOON)
    assert kiosk(found).state == "here"
    assert found.here("kiosk-1", here("lost", ep=5), now=3, hall_now=NOON)
    assert kiosk(found).state == "lost"


def test_a_silent_box_is_unknown_and_back_with_its_next_word() -> None:
    found = devices()
    found.here("kiosk-1", here(), now=0, hall_now=NOON)
    assert kiosk(found, HEALTH_MAX_AGE_S).state == "here"
    assert kiosk(found, HEALTH_MAX_AGE_S + 1).state == "unknown"
    found.health("kiosk-1", health(), now=HEALTH_MAX_AGE_S + 2)
    assert kiosk(found, HEALTH_MAX_AGE_S + 3).state == "here"


def test_only_a_change_of_faults_is_news() -> None:
    found = devices()
    assert not found.health("kiosk-1", health(), now=1)
    assert found.health("kiosk-1", health("paper_low", "cover_open"), now=2)
    assert not found.health("kiosk-1", health("cover_open", "paper_low"), now=3)
    assert kiosk(found).faults == ("cover_open", "paper_low")
    assert found.health("kiosk-1", health(), now=4)


def test_a_fault_is_told_with_since_when_by_the_halls_clock() -> None:
    found = devices()
    told = m.Health(id="h", faults={"paper_low": NOON, "cover_open": NOON - timedelta(minutes=1)})
    found.health("kiosk-1", told, now=1, hall_time=lambda wall: wall + timedelta(hours=2))
    seen = kiosk(found)
    assert seen.faults == ("cover_open", "paper_low")
    assert seen.faults_since == (NOON + timedelta(minutes=119), NOON + timedelta(hours=2))
    assert not found.health("kiosk-1", told, now=2, hall_time=lambda wall: wall + timedelta(hours=2))
    again = m.Health(
        id="h", faults={"paper_low": NOON + timedelta(minutes=3), "cover_open": NOON - timedelta(minutes=1)}
    )
    assert found.health("kiosk-1", again, now=3), "it went and came again"


def test_what_the_hall_knows_itself_is_told_beside_what_the_box_says() -> None:
    found = devices()
    found.health("kiosk-1", health("paper_low"), now=1)
    later = NOON + timedelta(minutes=5)
    known = {"kiosk-1": {"payment_unknown:pos-1": later, "paper_low": later}, "board-9": {"paper_low": later}}
    seen = next(d for d in found.desk(1, known) if d.dev == "kiosk-1")
    assert (seen.faults, seen.faults_since) == (("paper_low", "payment_unknown:pos-1"), (NOON, later))


def test_strangers_are_not_kept() -> None:
    found = devices()
    assert not found.here("kiosk-9", here(), now=1, hall_now=NOON)
    assert not found.health("kiosk-9", health("paper_low"), now=1)
    assert [d.dev for d in found.desk(1)] == ["coordinator", "kiosk-1", "board-1"]


def test_a_box_cannot_fill_the_consoles_view_with_its_faults() -> None:
    found = devices()
    found.health("kiosk-1", health(*(f"{n:05}" + "x" * 500 for n in range(100))), now=1)
    assert len(kiosk(found).faults) == MOST_FAULTS
    assert kiosk(found).more_faults == 100 - MOST_FAULTS
    assert found.health("kiosk-1", health(*(f"{n:05}" + "x" * 500 for n in range(99))), now=2), (
        "one of those not listed went"
    )
    assert max(map(len, kiosk(found).faults)) <= 100


def test_what_stands_behind_a_box_is_told_and_bounded() -> None:
    found = devices()
    pads = {f"pad-{n:03}": m.UnitHealth(kind="pad", figures={"frames_bad": float(n)}) for n in range(MOST_UNITS + 5)}
    assert found.health("kiosk-1", m.Health(id="h", units=pads), now=1)
    told = kiosk(found, 1).units
    assert len(told) == MOST_UNITS
    assert told["pad-007"].figures == {"frames_bad": 7.0}


def test_new_figures_alone_wait_for_the_next_view() -> None:
    found = devices()
    found.health("kiosk-1", m.Health(id="h", units={"p": m.UnitHealth(kind="printer")}), now=1)
    later = m.Health(id="h", units={"p": m.UnitHealth(kind="printer", figures={"paper_left_mm": 900})})
    assert not found.health("kiosk-1", later, now=2)
    assert kiosk(found, 2).units["p"].figures == {"paper_left_mm": 900}
