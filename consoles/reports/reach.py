"""How far somebody's questions reach: who manages asks anything, who runs a shift what a shift needs."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta

from consoles.reports.figure import FIGURES
from consoles.reports.question import BY, MOST_DAYS, PERSONS, PLACES, Enquiry, Question
from consoles.reports.saved import Saved
from consoles.staff.role import Act
from contract.errors import ContractError

SHIFT_DAYS = 7
"""Today and the last days of who runs a shift: each day of the week once."""
SHIFT_BY = ("day", "hour", "service_group", "service", "window", "operator", "result", "priority")
SHIFT_SOURCES = frozenset({"wait", "service", "ticket"})
"""What is counted of visitors; not money, bookings, devices."""


@dataclass(frozen=True, slots=True)
class Reach:
    """`by`, `figures`: what may be asked, for the last `days`; `shift`: of a shift only.

    `employer`: whose windows and operators lines may stand for, for the hall's page says who sits where; "" everybody's.
    """

    by: tuple[str, ...] = BY
    figures: tuple[str, ...] = tuple(FIGURES)
    days: int = MOST_DAYS
    shift: bool = False
    employer: str = ""

    def check(self, asked: Enquiry, today: date) -> None:
        """Raises: ContractError: it asks for more, in words."""
        question = asked.question
        for name, words, allowed in (("by", question.parts, self.by), ("figure", question.figures, self.figures)):
            for word in words:
                if word not in allowed:
                    raise ContractError(f"{name}: {word}: your role may ask: {', '.join(allowed)}")
        if self.shift and asked.period.since <= today - timedelta(days=self.days):
            raise ContractError(f"since: your role may ask for the last {self.days} days")

    def offers(self, one: Saved) -> bool:
        """Whether a named question is one of these."""
        return {*one.question.parts} <= {*self.by} and (one.shift_days > 0 or not self.shift)

    def narrows(self, question: Question) -> str:
        """The employer whose windows and operators the lines stand for; "" where they stand for neither, or for all."""
        return self.employer if (PERSONS | PLACES) & {*question.parts} else ""

    def days_of(self, one: Saved) -> int:
        """How many last days a named question is about."""
        return one.shift_days if self.shift else one.days


def reach(acts: Collection[Act], employer: str) -> Reach:
    """Of somebody who may do `acts` and works for `employer`; "" nobody knows for whom, and no line stands for a window or a person."""
    if Act.REPORT in acts:
        return Reach(BY if Act.LEAD in acts else tuple(one for one in BY if one not in PERSONS))
    by = SHIFT_BY if employer else tuple(one for one in SHIFT_BY if one not in PERSONS | PLACES)
    figures = tuple(name for name, each in FIGURES.items() if each.source in SHIFT_SOURCES)
    return Reach(by, figures, SHIFT_DAYS, shift=True, employer=employer)
