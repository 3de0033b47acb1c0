"""A hall that takes the records a command made is the hall that reads the same command's rows."""

from __future__ import annotations

from typing import Any

from contract import messages as m
from contract.words import Paper
from coordinator.engine import Actor, Decided, Tick, apply, decide, take
from coordinator.state import HallDay
from tests.small_hall import CLOCK, CONSOLE, KIOSK, Play, hall


class Twin(Play):
    """Does every command in a second hall too, which takes records where the first reads rows."""

    def __init__(self) -> None:
        super().__init__(hall())
        self.other = HallDay(self.hall)

    def do(self, command: Any, actor: Actor) -> m.AnyReply | None:
        decided = decide(self.other, command, actor, self.now, verify=lambda pin, pin_hash: pin_hash == f"pin of {pin}")
        reply = super().do(command, actor)
        if isinstance(decided, Decided):
            take(self.other, decided)
            assert reply == decided.reply
        assert self.other.rows() == self.state.rows()
        return reply


def test_taking_records_is_applying_rows_through_a_day() -> None:
    twin = Twin()
    twin.open("W1", "W2", "W3", "W4")
    twin.press()
    twin.ask("advice", KIOSK)
    twin.paper("A001", Paper.CONFIRMED)
    second = twin.take("advice", then=("birth",), priority_group="veteran")
    twin.wait(120).press()
    twin.wait(120).desk(m.CallStart)
    twin.desk(m.CallPark)
    twin.of(m.TicketReturn, second)
    twin.wait(5).next("W2")
    twin.desk(m.CallTransfer, "W2", service="birth")
    twin.of(m.TicketCancel, second)
    twin.do(m.HallClose(**twin.id()), CONSOLE)
    twin.at("09:00", "2026-03-18").do(Tick(), CLOCK)
    assert {event.kind for event in twin.events} >= {
        "ticket.called",
        "ticket.parked",
        "ticket.transferred",
        "hall.closed",
    }
    rebuilt = HallDay(twin.hall)
    apply(rebuilt, twin.events)
    assert rebuilt.rows() == twin.other.rows()


def test_a_new_ticket_is_called_only_by_an_armed_window_that_may_take_it() -> None:
    play = Play(hall()).open("W1", "W3")
    play.press()
    assert play.desk(m.CallNext, "W3").light == "armed"
    play.ask("birth", paper=False)
    assert (play.window("W1").ticket, play.window("W3").ticket) == (None, play.ticket("B001").id)
