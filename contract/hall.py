"""The hall document: services, windows, rights, hours and rules of one hall, versioned data with its checks. Pure.

A published revision never changes; a change is a new revision. Nothing in code knows a country.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

from pydantic import ValidationError, model_validator

from contract import hall_fault
from contract import rules as knobs
from contract.errors import ContractError
from contract.hall_part import (
    USUAL_RESULTS,
    Box,
    Document,
    Operator,
    PriorityGroup,
    Right,
    Service,
    ServiceGroup,
    Window,
)
from contract.hours import WEEKDAYS, span, within
from contract.words import Role

FAR_DAYS = 31
"""So far ahead the next opening is looked for: longer than any row of holidays."""


class Hall(Document):
    """A document that is whole, with what is looked up in it and worked out from it."""

    @model_validator(mode="after")
    def _whole(self) -> Hall:
        faults = list(hall_fault.faults(self))
        if faults:
            raise ValueError("; ".join(faults))
        return self

    # cached_property writes to __dict__, which a frozen pydantic model allows.

    @cached_property
    def zone_info(self) -> ZoneInfo:
        """The hall's time zone."""
        return ZoneInfo(self.timezone)

    @cached_property
    def service_by_id(self) -> dict[str, Service]:
        return {s.id: s for s in self.services}

    @cached_property
    def group_by_id(self) -> dict[str, ServiceGroup]:
        return {g.id: g for g in self.service_groups}

    @cached_property
    def window_by_id(self) -> dict[str, Window]:
        return {w.id: w for w in self.windows}

    @cached_property
    def operator_by_id(self) -> dict[str, Operator]:
        return {o.id: o for o in self.operators}

    @cached_property
    def right_by_id(self) -> dict[str, Right]:
        return {r.id: r for r in self.rights}

    @cached_property
    def box_by_id(self) -> dict[str, Box]:
        return {b.id: b for b in self.boxes}

    @cached_property
    def priority_by_id(self) -> dict[str, PriorityGroup]:
        return {p.id: p for p in self.priority_groups}

    @cached_property
    def result_parks(self) -> dict[str, bool]:
        """How a turn at a window may end here, in order → whether it parks."""
        return {r.id: r.parks for r in self.results} or USUAL_RESULTS

    def rule(self, key: str) -> Any:
        """This hall's value of a knob of `contract/rules.json`, or its default."""
        return knobs.value(self.rules, key)

    def fee_minor(self, service: Service, day: date) -> int | None:
        """What a service costs on a hall-local `day`, in minor units of its currency; None: not known."""
        fee = next((each for each in reversed(service.fees) if each.since <= day), None)
        if fee is None or fee.index is None or fee.share is None:
            return fee.minor if fee is not None else None if service.fees else service.fee_minor
        worth = next(each for each in self.indices if each.id == fee.index).on(day)
        if worth is None:
            return None
        units = (Decimal(fee.share) * worth / fee.round_minor).quantize(Decimal(1), ROUND_HALF_UP)
        return int(units) * fee.round_minor

    def local(self, moment: datetime) -> datetime:
        """`moment` on the hall's wall clock."""
        return moment.astimezone(self.zone_info)

    def spans(self, day: date) -> tuple[tuple[datetime, datetime], ...]:
        """Opening hours of a hall-local `day` as aware (from, to) pairs, in order; empty on a closed day."""
        return self._at(day, self._open(day))

    def staffed(self, window: str, day: date) -> tuple[tuple[datetime, datetime], ...]:
        """Planned staffed hours of a window on a hall-local `day`, as `spans`. Raises: KeyError: no such window.

        On a day of the calendar its roster holds within that day's hours; on one when the hall is closed else, as Saturday
        work instead of a Monday, everybody is planned.
        """
        roster = self.window_by_id[window].roster
        weekday = WEEKDAYS[day.weekday()]
        if not roster or (self.calendar.day(day) is not None and weekday not in self.hours):
            return self.spans(day)
        return self._at(day, within(roster.get(weekday, ()), self._open(day)))

    def next_opening(self, moment: datetime) -> datetime | None:
        """The first opening after `moment`, aware; None when none of the next `FAR_DAYS` days is open."""
        today = self.local(moment).date()
        starts = (start for n in range(FAR_DAYS + 1) for start, _ in self.spans(today + timedelta(days=n)))
        return next((s for s in starts if s > moment), None)

    def _open(self, day: date) -> tuple[str, ...]:
        known = self.calendar.day(day)
        return known.hours if known is not None else self.hours.get(WEEKDAYS[day.weekday()], ())

    def _at(self, day: date, spans: Iterable[str]) -> tuple[tuple[datetime, datetime], ...]:
        pairs = [[datetime.combine(day, at, self.zone_info) for at in span(text)] for text in spans]
        return tuple((start, end) for start, end in pairs)

    def for_box(self, kind: Role) -> Hall:
        """The document as a box of `kind` needs it: operators' names for consoles only, PIN hashes for nobody."""
        operators = self.operators if kind is Role.CONSOLE else ()
        return self.model_copy(update={"operators": tuple(o.model_copy(update={"pin_hash": ""}) for o in operators)})


def load(text: str | bytes) -> Hall:
    """Read a hall document from JSON. Raises: ContractError listing every fault with its place in the document."""
    try:
        return Hall.model_validate_json(text)
    except ValidationError as exc:
        raise ContractError(_readable(exc)) from exc


def _readable(exc: ValidationError) -> str:
    return "; ".join(_said(error) for error in exc.errors()[:20])


def _said(error: Any) -> str:
    """A fault with its place; those of the document's own checks have theirs."""
    if error["type"] == "value_error" and not error["loc"]:
        return str(error["ctx"]["error"])
    return f"{'.'.join(map(str, error['loc'])) or 'hall'}: {error['msg']}"
