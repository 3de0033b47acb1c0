"""Bookings: commands, questions and their answers. Pure."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import Field, model_validator

from contract.messages.envelope import Count, Hash, Moment, Name, Question, Reply, StaffCommand, Wire
from contract.words import BookingState

Code = Annotated[str, Field(pattern=r"^[0-9]{8}$")]
"""What a visitor types to check in a booking: eight digits, no letters that are read wrong over the telephone."""


class BookingBook(StaffCommand):
    """Reserve the slot that begins at `start`. `then`: further services of the same visit, in order.

    `person`: a document number or telephone, for the limits per person; `company`: of a legal person. The coordinator keeps
    only a keyed hash of it; it is never journaled, logged or echoed. Consoles may leave it out.
    """

    t: Literal["booking.book"] = "booking.book"
    service: Name
    then: tuple[Name, ...] = Field(default=(), max_length=8)
    start: Moment
    lang: str = Field(min_length=2, max_length=8)
    priority_group: Name | None = None
    person: str | None = Field(default=None, min_length=4, max_length=64, repr=False)
    company: bool = False


class BookingCommand(StaffCommand):
    """Base of what is done to one booking by its code."""

    code: Code


class BookingMove(BookingCommand):
    """The visitor comes at another time: the same code, services and language."""

    t: Literal["booking.move"] = "booking.move"
    start: Moment


class BookingCancel(BookingCommand):
    """The visitor does not come."""

    t: Literal["booking.cancel"] = "booking.cancel"


class BookingCheckIn(BookingCommand):
    """The visitor is here: the booking becomes a ticket in `lang`. `paper` False: paperless by choice."""

    t: Literal["booking.check_in"] = "booking.check_in"
    lang: str = Field(min_length=2, max_length=8)
    paper: bool = True


class BookingSlots(Question):
    """When a visit for `service` and `then` can begin on the hall-local `day`."""

    t: Literal["booking.slots"] = "booking.slots"
    service: Name
    then: tuple[Name, ...] = Field(default=(), max_length=8)
    day: date


class BookingFind(Question):
    """The booking of `code` or of an ID card, if it may be checked in now: refused as the check-in would be.

    `persons`: hashes of the card's numbers, keyed with the day's key (`card.key`); of several bookings the nearest in time.
    """

    t: Literal["booking.find"] = "booking.find"
    code: Code | None = None
    persons: tuple[Hash, ...] | None = Field(default=None, min_length=1, max_length=8, repr=False)

    @model_validator(mode="after")
    def _one_way(self) -> BookingFind:
        if (self.code is None) == (self.persons is None):
            raise ValueError("exactly one of code and persons is needed")
        return self


class BookingDay(Question):
    """The bookings of the hall-local `day` by time, the first `skip` left out; consoles only."""

    t: Literal["booking.day"] = "booking.day"
    day: date
    skip: Count = 0


class Booked(Reply):
    """A booking stands. `minutes`: how long it is planned to take; `check_in_from`: when its code begins to give a ticket."""

    t: Literal["booked"] = "booked"
    code: Code
    service: Name
    then: tuple[Name, ...] = ()
    start: Moment
    minutes: Count
    check_in_from: Moment


class Slot(Wire):
    """A moment at which a visit can begin. `free`: how many more of this kind."""

    start: Moment
    free: Count


class Slots(Reply):
    """The free slots of a day, in order; none: nothing of this kind is free."""

    t: Literal["slots"] = "slots"
    service: Name
    day: date
    slots: tuple[Slot, ...]


class DayBooking(Wire):
    """One booking as the reception sees it."""

    code: Code
    service: Name
    then: tuple[Name, ...] = ()
    start: Moment
    state: BookingState


class Bookings(Reply):
    """Bookings of a day by time, then code; moved ones are not listed. `total`: how many the day has."""

    t: Literal["bookings"] = "bookings"
    day: date
    skip: Count
    total: Count
    bookings: tuple[DayBooking, ...]
