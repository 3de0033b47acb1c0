"""What a report is asked for: days from and to, and by what. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from contract.errors import ContractError
from contract.hall import Hall

BY = ("day", "weekday", "month", "hour", "service_group", "service", "window", "operator", "employer")
"""What a line of a report may stand for."""
MOST_DAYS = 10 * 366
USUAL_DAYS = 28


@dataclass(frozen=True, slots=True)
class Question:
    """The days `since` to `until`, both included, hall-local."""

    by: str
    since: date
    until: date

    @property
    def column(self) -> str:
        """The column of the journal's table that the lines are made from."""
        return {"weekday": "day", "month": "day", "employer": "window"}.get(self.by, self.by)


def question(fields: Mapping[str, str], today: date) -> Question:
    """From the fields of an address; left out: by day, the last four weeks. Raises: ContractError: a field is wrong, in words."""
    by = fields.get("by") or "day"
    if by not in BY:
        raise ContractError(f"by: {by[:32]!r}: allowed: {', '.join(BY)}")
    try:
        until = date.fromisoformat(fields["until"]) if fields.get("until") else today
        since = date.fromisoformat(fields["since"]) if fields.get("since") else until - timedelta(days=USUAL_DAYS - 1)
    except ValueError as exc:
        raise ContractError("since, until: a day as 2026-03-17") from exc
    if not timedelta(0) <= until - since < timedelta(days=MOST_DAYS):
        raise ContractError(f"since, until: in order, and not more than {MOST_DAYS} days apart")
    return Question(by, since, until)


def line_of(asked: Question, hall: Hall, key: str) -> str:
    """The line to which a value of `asked.column` belongs."""
    if asked.by == "weekday":
        return str(date.fromisoformat(key).weekday())
    if asked.by == "month":
        return key[:7]
    if asked.by == "employer":
        place = hall.window_by_id.get(key)
        return place.employer if place is not None else ""
    return key
