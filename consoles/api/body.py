"""What travels over the HTTP API: requests and answers with an example each. Pure.

The API has names of its own for what it tells, so that a message inside the hall may change and the API does not. Moments are
RFC 3339 in hall time; durations are seconds; a wait is a range in minutes.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

Id = Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[!-~]+$")]
Code = Annotated[str, Field(pattern=r"^[0-9]{8}$")]
Language = Annotated[str, Field(min_length=2, max_length=8, pattern=r"^[a-z]{2,8}$")]
Texts = dict[str, str]
"""language → text"""


def _like(example: dict[str, Any]) -> ConfigDict:
    return ConfigDict(frozen=True, extra="forbid", json_schema_extra={"example": example})


class Wait(BaseModel):
    """Minutes from..to that 8 of 10 visitors wait; `to` null: longer than what is told."""

    model_config = ConfigDict(frozen=True, populate_by_name=True)
    low: int = Field(serialization_alias="from")
    high: int | None = Field(serialization_alias="to")


# --- the hall ---------------------------------------------------------------------------------------------------------------


class HallNow(BaseModel):
    """The hall now. `state`: open, interrupted, closed; `age_s`: seconds since the hall was heard; `training`: nothing is real."""

    model_config = _like({
        "id": "ua-cnap", "names": {"uk": "ЦНАП", "en": "Service centre"}, "languages": ["uk", "en"], "default_language": "uk",
        "state": "open", "day": "2026-03-17", "now": "2026-03-17T08:47:00Z", "opens": None, "revision": 3, "issued_today": 31,
        "served_today": 22, "over_limit": 1, "age_s": 0.4, "training": False,
    })  # fmt: skip
    id: str
    names: Texts
    languages: tuple[str, ...]
    default_language: str
    state: str
    day: date
    now: AwareDatetime
    opens: AwareDatetime | None
    revision: int
    issued_today: int
    served_today: int
    over_limit: int
    age_s: float
    training: bool


class ServiceLine(BaseModel):
    """A service. `bring`: documents, language → text each; `fee_minor`: in the currency's minor unit, null where not known."""

    model_config = _like({
        "id": "res-register", "names": {"uk": "Реєстрація місця проживання", "en": "Residence registration"},
        "group": "residence", "letter": "A", "minutes": 15,
        "bring": [{"uk": "Фото", "en": "Photo"}], "fee_minor": 4992, "currency": "UAH", "waiting": 4, "wait": {"from": 10, "to": 20},
    })  # fmt: skip
    id: str
    names: Texts
    group: str
    letter: str
    minutes: float
    bring: tuple[Texts, ...]
    fee_minor: int | None
    currency: str | None
    waiting: int
    wait: Wait | None


class WindowLine(BaseModel):
    """A window. `light`: closed, paused, free, armed, called, serving; `label`: who is there; `operator`: their id."""

    model_config = _like({
        "id": "W03", "number": 3, "light": "serving", "label": "A012", "since": "2026-03-17T08:41:00Z", "operator": "op03",
        "services": ["res-register"],
    })  # fmt: skip
    id: str
    number: int
    light: str
    label: str | None
    since: AwareDatetime
    operator: str | None
    services: tuple[str, ...]


# --- tickets ----------------------------------------------------------------------------------------------------------------


class TicketWanted(BaseModel):
    """A visitor wants a paperless ticket. `then`: further services of the visit in order; `lang` null: the hall's own."""

    model_config = _like({"service": "res-register", "lang": "uk"})
    service: Id
    then: tuple[Id, ...] = Field(default=(), max_length=8)
    priority_group: Id | None = None
    lang: Language | None = None


class TicketMade(BaseModel):
    """A ticket. `label` is what is called; `ticket` names it for ever. `wait` null: not known, never promised.

    `training`: of a hall to learn in; nobody is called by it, and whatever shows it says so.
    """

    model_config = _like({
        "ticket": "t-A012", "label": "A012", "service": "res-register", "zone": "main", "lang": "uk",
        "issued_at": "2026-03-17T08:47:00Z", "people_ahead": 4, "wait": {"from": 10, "to": 20},
        "training": False,
    })  # fmt: skip
    ticket: str
    label: str
    service: str
    zone: str
    lang: str
    issued_at: AwareDatetime
    people_ahead: int
    wait: Wait | None
    training: bool


class WhyWaiting(BaseModel):
    """Where a ticket of today stands, and why it has not been called yet: codes in `why_not`, the most telling first, and their words."""

    model_config = _like({
        "label": "A012", "service": "res-register", "state": "waiting", "since": "2026-03-17T08:38:00Z", "wait_s": 540.0, "ahead": 3,
        "windows": [3, 4], "why_not": ["line"], "words": ["3 people of the same line go first."],
    })  # fmt: skip
    label: str
    service: str
    state: str
    since: AwareDatetime
    wait_s: float
    ahead: int
    windows: tuple[int, ...]
    why_not: tuple[str, ...]
    words: tuple[str, ...]


class Nothing(BaseModel):
    """No fields."""

    model_config = _like({})


class Ended(BaseModel):
    """It was done."""

    model_config = _like({"done": True})
    done: Literal[True] = True


# --- windows ----------------------------------------------------------------------------------------------------------------


class AtWindow(BaseModel):
    """Who acts: the operator that is signed in at the window; another one is refused."""

    model_config = _like({"operator": "op03"})
    operator: Id


class TransferWanted(AtWindow):
    """Where to: a service, a window, or both; at least one."""

    model_config = _like({"operator": "op03", "service": "res-extract"})
    service: Id | None = None
    to_window: Id | None = None


class WindowShows(BaseModel):
    """What the window shows now: its light, and who is there. `why`: the reason of a call in words."""

    model_config = _like({
        "window": "W03", "light": "called", "ticket": "t-A012", "label": "A012", "why": "Waited 9 of 20 minutes"
    })  # fmt: skip
    window: str
    light: str
    ticket: str | None
    label: str | None
    why: str | None


# --- bookings ---------------------------------------------------------------------------------------------------------------


class SlotLine(BaseModel):
    """A moment at which a visit can begin, and how many more of this kind there are."""

    model_config = ConfigDict(frozen=True)
    start: AwareDatetime
    free: int


class SlotsOfDay(BaseModel):
    """The free slots of a day in order."""

    model_config = _like({
        "service": "res-register", "day": "2026-03-18", "slots": [{"start": "2026-03-18T08:00:00Z", "free": 2}]
    })  # fmt: skip
    service: str
    day: date
    slots: tuple[SlotLine, ...]


class BookingWanted(BaseModel):
    """Reserve the slot that begins at `start`.

    `person`: a document number or telephone for the limits per person; the hall keeps only a keyed hash of it and tells it to nobody.
    """

    model_config = _like({"service": "res-register", "start": "2026-03-18T08:00:00Z", "lang": "uk"})
    service: Id
    then: tuple[Id, ...] = Field(default=(), max_length=8)
    start: AwareDatetime
    lang: Language | None = None
    priority_group: Id | None = None
    person: str | None = Field(default=None, min_length=4, max_length=64, repr=False)
    company: bool = False


class MoveWanted(BaseModel):
    """The new time."""

    model_config = _like({"start": "2026-03-18T09:00:00Z"})
    start: AwareDatetime


class CheckIn(BaseModel):
    """The visitor is here. `lang` null: the hall's own."""

    model_config = _like({"lang": "uk"})
    lang: Language | None = None


class BookingMade(BaseModel):
    """A booking stands; `code` is what the visitor types at the kiosk, from `check_in_from` on; `training`: of a hall to learn in."""

    model_config = _like({
        "code": "40718833", "service": "res-register", "start": "2026-03-18T08:00:00Z", "minutes": 20,
        "check_in_from": "2026-03-18T07:45:00Z", "training": False,
    })  # fmt: skip
    code: str
    service: str
    start: AwareDatetime
    minutes: int
    check_in_from: AwareDatetime
    training: bool


# --- what went wrong ----------------------------------------------------------------------------------------------------------


class Fault(BaseModel):
    """A field that is wrong."""

    model_config = ConfigDict(frozen=True)
    where: str
    what: str


class Problem(BaseModel):
    """RFC 9457. `code`: of the hall's refusal, or of the API; `title`: for people, in the reader's language; `detail`: what to do."""

    model_config = _like({
        "type": "about:blank", "status": 409, "code": "last_tickets", "title": "The last tickets of today were issued.",
        "detail": "no ticket is issued after 17:30", "faults": [],
    })  # fmt: skip
    type: str = "about:blank"
    status: int
    code: str
    title: str
    detail: str
    faults: tuple[Fault, ...] = ()
