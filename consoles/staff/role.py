"""Who may do what at the consoles: the roles of people and the acts each of them may do. Pure."""

from __future__ import annotations

from enum import StrEnum


class StaffRole(StrEnum):
    """What somebody is in the hall's staff. `contract.words.Role` is what a box is."""

    OPERATOR = "operator"
    """Serves visitors at a window."""
    LEAD = "lead"
    """An operator who also runs the floor: opens and closes the hall, follows recommendations."""
    MANAGER = "manager"
    """Changes the hall, sees its figures and its money."""
    AUDITOR = "auditor"
    """Reads everything that was done, changes nothing."""
    TECHNICIAN = "technician"
    """Keeps the devices working."""
    ADMIN = "admin"
    """Gives people their roles; may do what a manager may."""
    SERVICE = "service"
    """A program, by a token of its own: may do what the token's scopes say."""


class Act(StrEnum):
    """What a page lets somebody do."""

    SERVE = "serve"
    """Call and serve visitors at the window one is signed in at."""
    RECEIVE = "receive"
    """Book, move, cancel, check in; ask why a ticket waits."""
    SEE = "see"
    """Look at the live hall."""
    LEAD = "lead"
    """Open, interrupt, resume, close the hall; messages to visitors; recommendations."""
    CHANGE = "change"
    """Draft, try, publish and take back the hall document."""
    SHIFT = "shift"
    """Figures of today and the last days, as far as a shift needs them."""
    REPORT = "report"
    """All figures of all days, and reports of one's own."""
    MONEY = "money"
    """See what the terminals took."""
    SETTLE = "settle"
    """Decide about unclear payments, give back, hold against the devices."""
    DEVICES = "devices"
    """See the devices' faults and make a device show which one it is."""
    STAFF = "staff"
    """Accounts, roles, tokens."""
    AUDIT = "audit"
    """Read who did what, and whether the journal is whole."""


_OPERATOR = frozenset({Act.SERVE, Act.RECEIVE, Act.SEE})
_LEAD = _OPERATOR | {Act.LEAD, Act.SHIFT, Act.DEVICES}
_MANAGER = _LEAD | {Act.CHANGE, Act.REPORT, Act.MONEY, Act.SETTLE, Act.AUDIT}

MAY: dict[StaffRole, frozenset[Act]] = {
    StaffRole.OPERATOR: _OPERATOR,
    StaffRole.LEAD: _LEAD,
    StaffRole.MANAGER: _MANAGER,
    StaffRole.AUDITOR: frozenset({Act.SEE, Act.SHIFT, Act.REPORT, Act.MONEY, Act.AUDIT}),
    StaffRole.TECHNICIAN: frozenset({Act.SEE, Act.DEVICES}),
    StaffRole.ADMIN: _MANAGER | {Act.STAFF},
    StaffRole.SERVICE: frozenset(),
}
"""What each role may do; a service account has the scopes of its token instead."""


def at_window(role: StaffRole) -> StaffRole:
    """What somebody may be whom only a PIN or a badge let in at a window: at most a shift lead."""
    lead = MAY[StaffRole.LEAD] <= MAY[role]
    return StaffRole.LEAD if lead else StaffRole.OPERATOR
