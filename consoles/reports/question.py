"""What a report is asked for: which figures, by what, of which part of the hall, for which days. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from consoles.reports.figure import FIGURES
from contract.errors import ContractError
from contract.hall import Hall

BY = (
    "day", "weekday", "month", "hour", "service_group", "service", "window", "employer", "operator", "result", "priority",
    "language", "terminal", "method", "device", "fault",
)  # fmt: skip
"""What a line of a report may stand for."""
UNSAID = "-"
"""Before the outcome of a turn of which nobody said a result, as what its line stands for: no result's id begins with it."""
TIMES = frozenset({"day", "weekday", "month", "hour"})
PERSONS = frozenset({"operator"})
"""Lines that stand for a person: in the order of the document, never by a figure, and without a chart."""
PLACES = frozenset({"window"})
"""Lines that stand for where a person sits."""
MOST_DAYS = 10 * 366
USUAL_DAYS = 28
MOST_FIGURES = 10


@dataclass(frozen=True, slots=True)
class Question:
    """`figures` of `figure.FIGURES`, a line for each `by` and, within it, each `then` ("" none); `group`, `zone`: ids, "" all.

    Without days, so that it can be saved and asked again.
    """

    figures: tuple[str, ...]
    by: str
    then: str = ""
    group: str = ""
    zone: str = ""

    def __post_init__(self) -> None:
        if not self.figures or len(self.figures) > MOST_FIGURES or len({*self.figures}) < len(self.figures):
            raise ContractError(f"figure: from 1 to {MOST_FIGURES}, each once")
        for name, words, allowed in (
            ("figure", self.figures, FIGURES),
            ("by", (self.by,), BY),
            ("then", (self.then,), ("", *BY)),
        ):
            for word in words:
                if word not in allowed:
                    raise ContractError(f"{name}: {word[:32]!r}: allowed: {', '.join(allowed)}")  # fmt: skip
        if self.then == self.by:
            raise ContractError("then: the same as by")

    @property
    def parts(self) -> tuple[str, ...]:
        """What a line stands for: one word or two."""
        return (self.by, self.then) if self.then else (self.by,)

    def groups(self, hall: Hall) -> frozenset[str] | None:
        """The service groups that are asked for; None: all, those of earlier documents too."""
        if not self.group and not self.zone:
            return None
        return frozenset(
            g.id for g in hall.service_groups if self.group in ("", g.id) and self.zone in ("", g.zone)
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Period:
    """The days `since` to `until`, both included, hall-local."""

    since: date
    until: date

    def __post_init__(self) -> None:
        if not timedelta(0) <= self.until - self.since < timedelta(days=MOST_DAYS):
            raise ContractError(f"since, until: in order, and not more than {MOST_DAYS} days apart")

    def pieces(self, days: int) -> list[Period]:
        """The same days in pieces of at most so many, in order."""
        starts = range(0, (self.until - self.since).days + 1, days)
        return [
            Period(since := self.since + timedelta(days=n), min(since + timedelta(days=days - 1), self.until))
            for n in starts
        ]


@dataclass(frozen=True, slots=True)
class Enquiry:
    """A question about some days: what one answer belongs to.

    `employer`: lines stand for its windows and operators only; "" for all.
    """

    question: Question
    period: Period
    employer: str = ""


def question(fields: Mapping[str, str], figures: Iterable[str], base: Question | None) -> Question:
    """From the fields of an address and its `figures`; what they leave out is as in `base`. Raises: ContractError: in words."""
    chosen = tuple(figures)
    if base is None:
        words = {name: fields.get(name, "") for name in ("then", "group", "zone")}
        return Question(chosen, fields.get("by") or "day", **words)
    words = {name: fields.get(name, getattr(base, name)) for name in ("then", "group", "zone")}
    by = fields.get("by") or base.by
    if by == words["then"] and "then" not in fields:
        words["then"] = base.by  # the other way round, rather than a refusal
    return Question(chosen or base.figures, by, **words)


def period(fields: Mapping[str, str], today: date, days: int = USUAL_DAYS) -> Period:
    """From the fields of an address; left out: the last `days`. Raises: ContractError: a field is wrong, in words."""
    try:
        until = date.fromisoformat(fields["until"]) if fields.get("until") else today
        since = date.fromisoformat(fields["since"]) if fields.get("since") else until - timedelta(days=days - 1)
    except (ValueError, OverflowError) as exc:
        raise ContractError("since, until: a day as 2026-03-17") from exc
    return Period(since, until)


def line_of(part: str, hall: Hall, key: str) -> str:
    """The line to which a value of a source's column belongs."""
    if part == "weekday":
        return str(date.fromisoformat(key).weekday())
    if part == "month":
        return key[:7]
    if part == "employer":
        place = hall.window_by_id.get(key)
        return place.employer if place is not None else ""
    if part == "fault":
        return key.partition(":")[0]
    return key
