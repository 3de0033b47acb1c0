"""The hall's knobs: identity, unit, bounds, default and one sentence each (`rules.json`), and the check of chosen values. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from contract.errors import ContractError
from contract.words import CardField

CARD_FIELDS = "list of card fields"
_CLOCK = re.compile(r"([01]\d|2[0-3]):[0-5]\d")


@dataclass(frozen=True, slots=True)
class Knob:
    """One rule of a hall. `range` is inclusive.

    `type` as in rules.json: int, int?, float, bool, HH:MM, enum:a|b|c, `list of enum:a|b|c`, `list of card fields` or `list …`.
    """

    id: str
    type: str
    unit: str
    default: Any
    range: tuple[float, float] | None
    what: str

    @property
    def options(self) -> tuple[str, ...]:
        """What an enum, a list of one or a list of card fields is chosen from; nothing where a value is free."""
        if self.type == CARD_FIELDS:
            return tuple(field.value for field in CardField)
        kind, _, words = self.type.partition("enum:")
        return tuple(words.split("|")) if words and kind in ("", "list of ") else ()

    def allowed(self) -> str:
        """The values this knob takes, as a phrase for an error message."""
        bounds = f" from {self.range[0]} to {self.range[1]}" if self.range else ""
        return f"{self.type}{bounds} {self.unit}".strip()

    def accepts(self, value: Any) -> bool:
        """Whether `value` has the knob's type and lies within its bounds."""
        if value is None:
            return self.type.endswith("?") or self.default is None
        kind = self.type.rstrip("?")
        if kind.startswith("enum:"):
            return value in self.options
        if kind == "list of HH:MM=percent":
            return isinstance(value, list) and bool(value) and all(map(_is_share_from, value))
        if self.options:
            least = 1 if kind == CARD_FIELDS else 0
            return isinstance(value, list) and len(value) >= least and all(one in self.options for one in value)
        if kind.startswith("list"):
            return isinstance(value, list)
        if kind == "bool":
            return isinstance(value, bool)
        if kind == "HH:MM":
            return isinstance(value, str) and _CLOCK.fullmatch(value) is not None
        numbers = (int, float) if kind == "float" else (int,)
        if isinstance(value, bool) or not isinstance(value, numbers):
            return False
        return self.range is None or self.range[0] <= value <= self.range[1]


def _is_share_from(entry: Any) -> bool:
    clock, _, percent = entry.partition("=") if isinstance(entry, str) else ("", "", "")
    return _CLOCK.fullmatch(clock) is not None and re.fullmatch(r"100|[1-9]?[0-9]", percent) is not None


@cache
def knobs() -> dict[str, Knob]:
    """All knobs by id, in the order of the table."""
    rows = json.loads(files("contract").joinpath("rules.json").read_text(encoding="utf-8"))
    return {r["id"]: Knob(**{**r, "range": tuple(r["range"]) if r["range"] else None}) for r in rows}


def check(values: Mapping[str, Any]) -> None:
    """Refuse a knob that does not exist, a value out of bounds, values that contradict each other.

    Raises: ContractError naming every fault at once.
    """
    faults = []
    for key, value in values.items():
        knob = knobs().get(key)
        if knob is None:
            faults.append(f"{key}: no such rule")
        elif not knob.accepts(value):
            faults.append(f"{key}: {value!r}: allowed: {knob.allowed()}")
    if faults := faults or list(_contradictions(values)):
        raise ContractError("; ".join(faults))


_AT_MOST = (
    ("booking.horizon_days", "booking.horizon_days_kiosk", "the hall's own kiosk would see less far than others"),
    ("booking.per_person_per_day", "booking.per_person_active", "nobody could hold that many for one day"),
    ("booking.per_person_active", "booking.per_person_per_period", "nobody could hold that many"),
    ("route.target_booked_min", "kpi.max_wait_min", "a booking would be promised less than a walk-in"),
    ("route.target_priority_min", "kpi.max_wait_min", "priority would be promised less than a walk-in"),
    ("route.guard_min", "route.guard_most_min", "the guard would move the wrong way"),
    ("plan.min_gain", "plan.alone_gain_min", "the hall would do by itself what is not worth recommending"),
    ("kpi.max_wait_min", "route.guard_min", "visitors would go by their wait alone before the promise is broken"),
)
"""(knob, knob it may not exceed, what would be wrong); None on either side sets no limit."""


def _contradictions(values: Mapping[str, Any]) -> Iterator[str]:
    for low, high, wrong in _AT_MOST:
        least, most = value(values, low), value(values, high)
        if least is not None and most is not None and least > most:
            yield f"{low}: {least}: allowed: at most {high}, which is {most}; else {wrong}"
    recalls_s = value(values, "call.recalls_max") * value(values, "call.recall_gap_s")
    limit_s = value(values, "call.no_show_after_s")
    if recalls_s > limit_s:
        yield f"call.no_show_after_s: {limit_s}: allowed: at least {recalls_s}, so that every repeat of the call has its time"
    if value(values, "admission.mode") == "booked" and not value(values, "booking.share_online"):
        yield "admission.mode: 'booked': nobody could come: booking.share_online is 0"


def value(values: Mapping[str, Any], key: str) -> Any:
    """The hall's value of a knob, or the knob's default. Raises: KeyError where no such knob exists."""
    return values[key] if key in values else knobs()[key].default
