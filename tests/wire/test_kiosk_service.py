"""The kiosk on its wires: real mosquitto, a real printer at the other end of TCP, no glass."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from gpiozero import LED
from gpiozero.pins.mock import MockFactory

from contract import messages as m
from contract import topics
from contract.words import Refusal
from printers.printer import Setting
from tests.halls import KIOSK, load
from tests.kiosk_hall import SmallHall
from tests.kiosk_visitor import Visitor, papers
from tests.printing import Desk, SimPrinter
from tests.until import until


@pytest.fixture
def hall(tmp_path: Path) -> Iterator[SmallHall]:
    with SmallHall(tmp_path / "broker", load("ua-cnap")) as small:
        yield small


@pytest.fixture
def printer(tmp_path: Path) -> Iterator[SimPrinter]:
    with SimPrinter(tmp_path / "paper") as sim:
        yield sim


@pytest.fixture
def visitor(hall: SmallHall, printer: SimPrinter, tmp_path: Path) -> Iterator[Visitor]:
    with Visitor(hall, printer, tmp_path / "data") as each:
        yield each


def test_touch_becomes_one_ticket_on_paper(hall: SmallHall, printer: SimPrinter, visitor: Visitor) -> None:
    visitor.choose()
    visitor.press("take", "take")
    assert visitor.reads("A001")
    assert papers(printer, 1) == ["A001 t1"]
    assert len({command.id for command in hall.commands}) == 1
    until(lambda: hall.papers() == [("A001", "confirmed")])


def test_light_at_the_mouth_shines_until_the_paper_is_taken(hall: SmallHall, tmp_path: Path) -> None:
    pins = MockFactory()
    lamp = pins.pin(17)
    with (
        SimPrinter(tmp_path / "paper", "--model", "vkp80iii") as printer,
        Visitor(hall, printer, tmp_path / "data", pins=pins) as visitor,
    ):
        assert visitor.kiosk.box.units["mouth_light"].kind == "lamp"
        visitor.choose()
        assert not lamp.state
        visitor.press("take", "take")
        until(lambda: lamp.state, "light")
        until(lambda: visitor.kiosk._state.mouth, "paper in the mouth")
        visitor.press("done", "attract")
        assert lamp.state, "the paper hangs there still"
        printer.do("take")
        until(lambda: not lamp.state, "darkness")
        assert [state.state for state in lamp.states] == [False, True, False]


def test_kiosk_without_pins_prints_all_the_same_and_says_so(
    hall: SmallHall, printer: SimPrinter, tmp_path: Path
) -> None:
    pins = MockFactory()
    with LED(17, pin_factory=pins), Visitor(hall, printer, tmp_path / "data", pins=pins) as visitor:
        assert "gpio_missing" in visitor.kiosk.box.troubles.open
        visitor.choose()
        visitor.press("take", "take")
        assert papers(printer, 1) == ["A001 t1"]


def test_paper_out_uses_no_number_and_paperless_is_offered(
    hall: SmallHall, printer: SimPrinter, visitor: Visitor
) -> None:
    visitor.choose()
    printer.do("paper", value="out")
    until(lambda: visitor.kiosk._printer.ready().fault == "paper_out")
    visitor.press("take", "no_paper")
    assert hall.commands == []
    visitor.press("paperless", "number")
    assert visitor.reads("A001")
    (command,) = hall.commands
    assert isinstance(command, m.TicketIssue)
    assert command.paper is False
    until(lambda: any(isinstance(f, m.FaultFact) and f.fault == "paper_out" for f in hall.facts))


def test_paper_that_fails_on_the_way_dies_and_the_place_is_kept(
    hall: SmallHall, printer: SimPrinter, visitor: Visitor
) -> None:
    visitor.choose()
    printer.do("paper_out_at", rows=300)
    visitor.press("take", "number")
    assert list(hall.labels.values()) == ["A001", "A002"]
    assert visitor.reads("Талон A001 недійсний. Ваш новий номер: A002")
    issue, void = {command.id: command for command in hall.commands}.values()
    assert isinstance(void, m.TicketVoid)
    assert (void.paper, void.id) == (False, f"{issue.id}.1")
    printer.do("paper", value="ok")
    until(lambda: ("A001", "void") in hall.papers(), "the fate of A001")
    assert papers(printer, 0) == []


def test_paper_that_comes_back_in_time_carries_the_new_label(
    hall: SmallHall, printer: SimPrinter, visitor: Visitor
) -> None:
    visitor.choose()
    printer.do("clears", value="online")
    printer.do("paper_out_at", rows=300)
    visitor.press("take", "working")
    until(lambda: visitor.reads("Перевіряємо, чи вийшов талон"), "the doubt")
    printer.do("paper", value="ok")
    visitor.sees("take")
    assert visitor.reads("Талон A001 недійсний. Ваш новий номер: A002")
    assert papers(printer, 1) == ["A002 t2"]


def test_silent_hall_is_said_and_answered_late_by_the_same_id(
    hall: SmallHall, printer: SimPrinter, visitor: Visitor
) -> None:
    visitor.choose()
    hall.mute = True
    visitor.press("take", "working")
    until(lambda: visitor.reads("Система поки не відповідає"), "the silence")
    hall.mute = False
    visitor.sees("take")
    assert len(hall.commands) > 1
    assert len({command.id for command in hall.commands}) == 1
    assert papers(printer, 1) == ["A001 t1"]


def test_refusal_is_told_in_the_visitors_language(hall: SmallHall, visitor: Visitor) -> None:
    visitor.choose()
    hall.refuse = Refusal.SERVICE_CLOSED
    visitor.press("take", "error")
    assert visitor.reads("талонів немає")


def test_person_is_called_over_the_wire(hall: SmallHall, visitor: Visitor) -> None:
    visitor.sees("attract")
    visitor.press("person", "person")
    visitor.press("close", "attract")
    until(
        lambda: (
            [f.cleared for f in hall.facts if isinstance(f, m.FaultFact) and f.fault == "assistance"] == [False, True]
        )
    )


def test_restart_after_the_question_prints_one_ticket(hall: SmallHall, printer: SimPrinter, tmp_path: Path) -> None:
    hall.mute = True
    with Visitor(hall, printer, tmp_path / "data") as first:
        first.choose()
        first.press("take", "working")
        until(lambda: hall.commands)
    hall.mute = False
    with Visitor(hall, printer, tmp_path / "data") as second:
        second.sees("take")
        assert papers(printer, 1) == ["A001 t1"]
    assert len(hall.replies) == 1


def test_restart_after_the_paper_prints_nothing_more(hall: SmallHall, printer: SimPrinter, tmp_path: Path) -> None:
    with Visitor(hall, printer, tmp_path / "data") as first:
        first.choose()
        first.press("take", "take")
    with Visitor(hall, printer, tmp_path / "data") as second:
        second.sees("attract")
    assert papers(printer, 1) == ["A001 t1"]
    assert len(hall.replies) == 1


def test_hall_away_is_out_of_service_until_it_is_back(hall: SmallHall, visitor: Visitor) -> None:
    visitor.sees("attract")
    hall.mosquitto.stop()
    visitor.sees("out")
    assert visitor.reads("Кіоск тимчасово не працює")
    hall.mosquitto.start()
    visitor.sees("attract")


def test_kiosk_that_is_looked_for_shows_its_id_and_leaves_by_itself(hall: SmallHall, visitor: Visitor) -> None:
    visitor.sees("attract")
    identify = m.Identify(id="find-1", seconds=1)
    hall.link.publish(topics.DOWN_CMD, m.encode(identify), dev=KIOSK)
    visitor.sees("identify")
    assert visitor.reads(KIOSK)
    visitor.sees("attract")


@pytest.mark.parametrize("allowed", [True, False])
def test_neighbours_printer_helps_out_where_the_manager_allows_it(
    printer: SimPrinter, tmp_path: Path, allowed: bool
) -> None:
    document = load("ua-cnap").model_copy(update={"rules": {"kiosk.neighbour_printer": allowed}})
    with (
        SmallHall(tmp_path / "broker", document) as hall,
        SimPrinter(tmp_path / "next") as next_printer,
        Desk(next_printer.url, tmp_path / "desk", setting=Setting(lend="127.0.0.1:0")) as owner,
    ):
        owner.until_ready()
        url = f"tcp://127.0.0.1:{owner.printer.lends_at}"
        with Visitor(hall, printer, tmp_path / "data", neighbour="kiosk-2", neighbour_url=url) as visitor:
            visitor.choose()
            printer.do("paper", value="out")
            until(lambda: visitor.kiosk._printer.ready().fault == "paper_out")
            visitor.press("take", "take" if allowed else "no_paper")
            assert visitor.reads("kiosk-2") == allowed
            assert papers(printer, 0) == []
            assert papers(next_printer, int(allowed)) == ["A001 t1"] * allowed
            assert len(hall.commands) == int(allowed)
            until(lambda: hall.papers() == [("A001", "confirmed")] * allowed)
            until(lambda: owner.printer.ready().ready, "the printer given back")


def test_health_tells_the_printer_and_its_paper(hall: SmallHall, printer: SimPrinter, visitor: Visitor) -> None:
    visitor.sees("attract")
    until(lambda: visitor.kiosk.box.units.get("printer") and visitor.kiosk.box.units["printer"].model)
    unit = visitor.kiosk.box.units["printer"]
    assert (unit.kind, unit.model, unit.version) == ("printer", "Epson TM-T20III", "1.00")
    assert unit.figures["paper_left_mm"] == 80_000
    printer.do("paper", value="low")
    until(lambda: "paper_low" in visitor.kiosk.box.troubles.open, "the low paper")
    until(lambda: visitor.kiosk.box.units["printer"].figures["paper_left_mm"] <= 3_000, "the sensor's word in health")
