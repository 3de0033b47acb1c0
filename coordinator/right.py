"""Who may do what: the services a window can take. Pure."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from contract.hall import Hall
from contract.hall_part import Operator, Service
from contract.hall_part import Window as Place
from coordinator.record import Window


def could(hall: Hall, place: Place, service: Service, wider: Collection[str] = ()) -> bool:
    """Whether the window is laid out for the service: its group and its station; operators come and go.

    `wider`: groups that it takes besides its own.
    """
    station = hall.right_by_id[service.right].station
    return (service.group in place.groups or service.group in wider) and (station is None or station == place.station)


def offered(hall: Hall, service: Service) -> bool:
    """Whether any window of the hall is laid out for the service."""
    return any(could(hall, place, service) for place in hall.windows)


def can(hall: Hall, window: Window, day: date, wider: Collection[str] = ()) -> frozenset[str]:
    """Ids of the services the window may take on `day`: groups ∩ station ∩ its operator's rights valid then.

    A right counts in the name of the operator's own employer, and only where the hall gives it to that employer. Nobody
    logged in, or an operator who is no longer in the document: empty. `wider`: as of `could`.
    """
    operator = hall.operator_by_id.get(window.operator or "")
    if operator is None:
        return frozenset()
    held = _held(hall, operator, day)
    place = hall.window_by_id[window.id]
    return frozenset(s.id for s in hall.services if s.right in held and could(hall, place, s, wider))


def _held(hall: Hall, operator: Operator, day: date) -> frozenset[str]:
    return frozenset(
        held.right
        for held in operator.rights
        if held.employer == operator.employer
        and held.valid(day)
        and operator.employer in hall.right_by_id[held.right].employers
    )
