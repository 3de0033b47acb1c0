"""Forms filled from ID cards: one read a session, key and fields in this process's memory alone, a minute at most. One asyncio loop."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from consoles.live import Live
from consoles.staff.session import Session
from contract import messages as m
from contract.errors import ContractError
from contract.words import CardField, Role
from runtime.asker import new_id
from runtime.seal import Opener, seal

LIFE_S = 60.0
"""So long fields are shown at most."""
SILENT_S = 45.0
"""A reader that has said nothing more for so long is not waited for."""
FIRST_S = 6.0
"""So long its first word is waited for: it may have to end a read before."""
LOST = "worker_lost"
MOST_TYPED = 40
"""Characters of one field of a key."""

FAILED = {
    "no_reader": "error.reader_missing", "service_down": "error.reader_missing", "card_removed": "kiosk.card_put_back",
    "card_tapped": "terminal.keep_card", "several_cards": "kiosk.card_one", "wrong_key": "operator.card_compare",
    "bad_key": "operator.card_compare", "key_needed": "operator.card_compare", "too_many_tries": "operator.card_tries",
    "data_altered": "operator.card_altered", "card_mismatch": "operator.card_altered", "not_id_card": "kiosk.card_not_id",
    "card_dead": "terminal.card_unsupported", "unsupported": "terminal.card_unsupported", "no_card": "kiosk.card_none",
}  # fmt: skip
"""Failure of a read → the operator's sentence; any other: the card could not be read, please try again."""
STEPS = {
    "swipe": "operator.card_swipe", "swipe_again": "operator.card_swipe_again", "wait": "terminal.place_card",
    "open": "terminal.reading", "read": "terminal.reading",
    "put_back": "kiosk.card_put_back", "leave": "terminal.keep_card",
}  # fmt: skip
COMPARE = {
    "number": "card.field.document_number", "birth": "card.field.birth_date", "expiry": "card.field.expiry_date",
    "can": "operator.card_can",
}  # fmt: skip


class Filled(BaseModel):
    """What the reader sealed for the form. `reason`, `notes`: why the card is believed so far, keys of `card.reason`, `card.note`."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    level: Literal["unverified", "data_signed", "chip_genuine"]
    reason: str
    notes: tuple[str, ...] = ()
    fields: dict[CardField, str] = Field(repr=False)


_FILLED = TypeAdapter(Filled)


@dataclass(slots=True)
class Read:
    """A read of one session. `failed`: the failure's code, "" before; `filled`: the fields, None before; `until`: monotonic."""

    id: str
    session: Session
    ticket: str
    asked: frozenset[CardField]
    until: float
    opener: Opener | None = field(default_factory=Opener, repr=False)
    step: str = "wait"
    done: float = 0.0
    failed: str = ""
    compare: tuple[str, ...] = ()
    filled: Filled | None = field(default=None, repr=False)

    @property
    def going(self) -> bool:
        """Neither fields nor a failure yet."""
        return not self.failed and self.filled is None


class Cards:
    """The reads of all sessions. A read and what it gave go with the visitor, the operator, the minute, or a press."""

    def __init__(self, live: Live, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._live, self._monotonic = live, monotonic
        self._reads: dict[str, Read] = {}
        live.on_card, live.on_look = self.heard, self.look

    def of(self, session: Session) -> Read | None:
        """What `session` reads or has read; nobody else is given it."""
        return self._reads.get(session.key)

    def reader(self, window: str) -> str | None:
        """The key of the reader at a window; None where there is none that can read now."""
        view, hall = self._live.view, self._live.hall
        if view is None or hall is None:
            return None
        boxes = {b.id for b in hall.boxes if b.kind is Role.READER and any(unit.window == window for unit in b.units)}
        units = (u for d in view.devices if d.dev in boxes and d.state == "here" for u in d.units.values())
        return next((unit.seal for unit in units if unit.seal is not None), None)

    def fields(self) -> tuple[CardField, ...]:
        """What this hall's forms are filled with, in the order of the form."""
        allowed = set(self._live.hall.rule("card.prefill_fields")) if self._live.hall is not None else set()
        return tuple(name for name in CardField if name in allowed)

    def begin(self, session: Session, key: str, typed: Mapping[str, str]) -> m.CardRead | None:
        """The command of a press "the visitor agrees", under the id `key`; pressed twice it is one read. None: nothing can be read.

        Raises: ContractError: a field of a length that no form of ours sends.
        """
        at, reader = self._live.window(session.window), self.reader(session.window)
        if at is None or at.ticket is None or reader is None:
            return None
        opens = _opens(typed)
        sealed = seal(opens, reader, f"card.opens {key}") if opens is not None else None
        read = self._reads.get(session.key)
        if read is None or read.id != key:
            read = Read(key, session, at.ticket.ticket, frozenset(self.fields()), self._monotonic() + FIRST_S)
            self._reads[session.key] = read
        if read.opener is None:
            return None
        return m.CardRead(
            id=key, window=session.window, operator=session.operator, fields=self.fields(), seal=read.opener.public, opens=sealed
        )  # fmt: skip

    def forget(self, session: Session) -> None:
        """Nothing of the session's card stays here, and a read that goes on ends."""
        read = self._reads.pop(session.key, None)
        if read is not None and read.going:
            self._live.say_card(m.CardForget(id=new_id("f"), re=read.id))

    def refused(self, session: Session, key: str) -> None:
        """The hall did not let the read `key` begin."""
        if (read := self._reads.get(session.key)) is not None and read.id == key:
            del self._reads[session.key]

    def heard(self, said: m.CardSaid) -> None:
        """A word of a reader. One of a read that is over here is passed over."""
        read = next((r for r in self._reads.values() if r.id == said.re and r.going), None)
        if read is None:
            return
        read.until = self._monotonic() + SILENT_S
        match said:
            case m.CardStep(step=step, done=done):
                read.step, read.done = step, done
            case m.CardFailed(code=code, compare=compare):
                self._end(read, code, compare)
            case m.CardFields(sealed=sealed):
                self._fill(read, sealed)
            case m.CardForget():
                del self._reads[read.session.key]

    def look(self) -> bool:
        """Forget whose minute, visitor or operator has gone; True when somebody's page is another for it."""
        now, changed = self._monotonic(), False
        for read in list(self._reads.values()):
            at = self._live.window(read.session.window)
            if (
                at is None
                or at.ticket is None
                or (at.ticket.ticket, at.operator) != (read.ticket, read.session.operator)
            ):
                self.forget(read.session)
            elif now < read.until:
                continue
            elif read.going:
                self._end(read, LOST, ())
            else:
                del self._reads[read.session.key]
            changed = True
        return changed

    def _fill(self, read: Read, sealed: str) -> None:
        assert read.opener is not None  # it goes on
        try:
            filled = _FILLED.validate_json(read.opener.open(sealed, f"card.fields {read.id}"))
        except (ContractError, ValidationError):
            self._end(read, LOST, ())
            return
        agreed = {name: filled.fields[name] for name in CardField if name in filled.fields and name in read.asked}
        read.filled, read.opener = filled.model_copy(update={"fields": agreed}), None
        read.until = self._monotonic() + LIFE_S

    def _end(self, read: Read, code: str, compare: tuple[str, ...]) -> None:
        read.failed, read.compare, read.opener = code, compare, None
        read.until = self._monotonic() + LIFE_S


def _opens(typed: Mapping[str, str]) -> bytes | None:
    """What opens the card, as the reader takes it: the six digits, else the three fields; None where nothing was typed.

    The check digits are worked out, and the fields judged, where the card is read. Raises: ContractError: a field that is too long.
    """
    values = {name: typed.get(name, "").strip() for name in ("can", "number", "birth", "expiry")}
    if any(len(value) > MOST_TYPED for value in values.values()):
        raise ContractError("a field of the card's key is too long")
    can = values.pop("can").replace(" ", "")
    if can:
        return json.dumps({"can": can}).encode()
    if not any(values.values()):
        return None
    dates = {name: _yymmdd(values[name]) for name in ("birth", "expiry")}
    return json.dumps(values | dates).encode()


def _yymmdd(text: str) -> str:
    """A date as browsers send it, in the zone's form; "" where it is none."""
    try:
        return f"{date.fromisoformat(text):%y%m%d}"
    except ValueError:
        return ""
