"""A visitor's way through the kiosk's model, without glass, hall or printer."""

from __future__ import annotations

from dataclasses import replace

from contract import messages as m
from contract.hall import Hall
from glass.occurrence import Tick, Touch
from kiosk import drawing, model, sample
from kiosk.state import (
    Ask,
    Effect,
    Occurrence,
    Screen,
    State,
)
from tests.halls import load


class Walk:
    """Drives the model; time stands still but for `wait`, and each touch comes a second after the one before."""

    def __init__(self, hall: Hall) -> None:
        self.now = sample.NOW
        self.state: State = dict(sample.states(hall, hall.default_language))["attract"]
        self.effects: list[Effect] = []
        self.tokens = iter(f"kiosk-{n}" for n in range(1, 1000))

    def feed(self, *occurrences: Occurrence) -> tuple[Effect, ...]:
        last: tuple[Effect, ...] = ()
        for occurrence in occurrences:
            self.state, last = model.step(self.state, occurrence, self.now)
            self.effects += last
        return last

    def touch(self, *keys: str) -> tuple[Effect, ...]:
        last: tuple[Effect, ...] = ()
        for key in keys:
            self.now += 1.0
            last = self.feed(Touch(key, next(self.tokens)))
        return last

    def wait(self, seconds: float) -> tuple[Effect, ...]:
        self.now += seconds
        if self.state.beat_at is not None:
            self.state = replace(self.state, beat_at=self.now)
        return self.feed(Tick())

    def screen(self) -> Screen:
        return self.state.screen

    def person(self) -> bool:
        return self.state.person

    def contrast(self) -> bool:
        return self.state.contrast

    def still_here(self) -> bool:
        return self.state.still_here

    def confirm(self) -> Walk:
        self.touch("start", "lang:uk", "group:residence", "service:res-register")
        return self

    def asked(self) -> list[Ask]:
        return [effect for effect in self.effects if isinstance(effect, Ask)]


def issued(label: str = "A047", re: str = "kiosk-5", ticket: str = "t1") -> m.Issued:
    day = sample.moment(load("ua-cnap"))
    return m.Issued(
        id="r",
        re=re,
        ticket=ticket,
        label=label,
        day=day.date(),
        service="res-register",
        zone="hall",
        lang="uk",
        issued_at=day,
        people_ahead=3,
    )


CODE = "40718263"


def booked(re: str, service: str = "res-register") -> m.Booked:
    at = sample.moment(load("ua-cnap"))
    return m.Booked(id="r", re=re, code=CODE, service=service, start=at, minutes=15, check_in_from=at)


def words(walk: Walk) -> str:
    return " ".join(drawing.draw(walk.state, walk.now, sample.moment(load("ua-cnap"))).script())
