"""An operator's own day as the journal has it: told to the operator at the window, and to nobody else."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from typing import Any

from sqlalchemy import Integer, case, cast, func, select

from contract import messages as m
from contract.words import PauseKind, Refusal, Role
from coordinator.leg import SERVED
from coordinator.record import Pause
from coordinator.row import read
from coordinator.state import HallDay
from journal.journal import Journal
from journal.schema import HALL

_LEG = HALL.table("leg").c


def answer(journal: Journal, state: HallDay, question: m.OperatorDay, asking: Role) -> m.OperatorFigures | m.Refused:
    """What a box of kind `asking` is answered."""
    window = state.windows.get(question.window)
    if asking is not Role.CONSOLE:
        code, text = Refusal.NOT_ALLOWED, f"a {asking} may not do this"
    elif window is None or window.operator != question.operator:
        code, text = Refusal.NOT_YOURS, "another operator is logged in at this window, or nobody"
    else:
        return _figures(journal, state, question)
    return m.Refused(id=question.id, re=question.id, code=code, text=text)


def _figures(journal: Journal, state: HallDay, question: m.OperatorDay) -> m.OperatorFigures:
    day, who = str(state.day.day), question.operator
    mine = (_LEG.hall == journal.hall, _LEG.day == day, _LEG.operator == who)
    with journal.reading() as connection:
        called, in_time, missed, served, service_s = connection.execute(_sums(state).where(*mine)).one()
        said: Any = select(_LEG.result, func.count()).where(*mine, _LEG.result.is_not(None)).group_by(_LEG.result)
        results = {str(result): int(count) for result, count in connection.execute(said)}
    pauses = [read(Pause, row) for row in journal.rows("pause", day=day, operator=who)]
    return m.OperatorFigures(
        id=question.id, re=question.id, day=state.day.day, called=called, in_time=in_time or 0, missed=missed or 0,
        served=served or 0, service_s=None if service_s is None else round(service_s, 1), results=results,
        pauses=_paused(pauses),
    )  # fmt: skip


def _sums(state: HallDay) -> Any:
    served = _LEG.outcome.in_(sorted(SERVED))
    in_time = _LEG.wait_s <= 60 * state.hall.rule("kpi.max_wait_min")
    return select(
        func.count(),
        func.sum(cast(in_time, Integer)),
        func.sum(case((_LEG.outcome == "no_show", 1), else_=0)),
        func.sum(case((served, 1), else_=0)),
        func.avg(case((served, _LEG.service_s))),
    )


def _paused(pauses: list[Pause]) -> tuple[m.Paused, ...]:
    times, seconds = Counter[PauseKind | None](), Counter[PauseKind | None]()
    for one in pauses:
        times[one.kind] += 1
        seconds[one.kind] += round(_length_s(one.begin, one.ended_at))
    return tuple(
        m.Paused(kind=kind, times=times[kind], minutes=round(seconds[kind] / 60))
        for kind in (None, *PauseKind)
        if times[kind]
    )


def _length_s(begin: datetime, end: datetime) -> float:
    return max(0.0, (end - begin).total_seconds())
