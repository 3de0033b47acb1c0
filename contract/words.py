"""The vocabulary as types: one word per idea, the same in code, topics, tables and screens. Pure.

Ticket and window life are written here once, as tables; the engine only looks them up.
"""

from __future__ import annotations

from enum import StrEnum

LETTERS = "ABCEHKMOPTX"
"""The only ticket letters: the same shape in Latin and Cyrillic."""


class TicketState(StrEnum):
    """Where a ticket is in its life; exactly one at a time."""

    ISSUED = "issued"
    """Numbered, its paper not yet confirmed: not callable."""
    WAITING = "waiting"
    """In the queue and callable."""
    CALLED = "called"
    """Invited to a window; the visitor has not arrived yet."""
    SERVING = "serving"
    """The visitor is at the window."""
    PARKED = "parked"
    """Set aside by an operator (a paper to fill in); comes back by `return`."""
    FINISHED = "finished"
    """Served."""
    NO_SHOW = "no_show"
    """Called and did not come; may still come back by `return`."""
    CANCELLED = "cancelled"
    """Ended without service, by a person or by the close of the day."""
    VOID = "void"
    """The paper could not be trusted; the label is dead for the rest of the day."""


LIVE = frozenset({TicketState.ISSUED, TicketState.WAITING, TicketState.CALLED, TicketState.SERVING, TicketState.PARKED})
AT_WINDOW = frozenset({TicketState.CALLED, TicketState.SERVING})


class Verb(StrEnum):
    """What can be done to a ticket."""

    PRINT = "print"
    """The paper's fate became known, or its grace ran out: from now on callable."""
    CALL = "call"
    RECALL = "recall"
    START = "start"
    FINISH = "finish"
    NO_SHOW = "no_show"
    TRANSFER = "transfer"
    """To another service or window: back to waiting."""
    PARK = "park"
    RETURN = "return"
    CANCEL = "cancel"
    VOID = "void"


class Role(StrEnum):
    """Who may act; a box's role is its kind."""

    KIOSK = "kiosk"
    TERMINAL = "terminal"
    BOARD = "board"
    DISPLAY = "display"
    VOICE = "voice"
    BRIDGE = "bridge"
    CONSOLE = "console"
    READER = "reader"
    """A reader for ID cards at a window."""
    REGISTER = "register"
    """The hall's one connector to registers."""
    COORDINATOR = "coordinator"


_T = TicketState
_WINDOW = frozenset({Role.BRIDGE, Role.CONSOLE, Role.COORDINATOR})
_DESK = frozenset({Role.CONSOLE, Role.COORDINATOR})
_KIOSK = frozenset({Role.KIOSK, Role.TERMINAL, Role.CONSOLE})

LIFE: dict[tuple[TicketState, Verb], tuple[TicketState, frozenset[Role]]] = {
    (_T.ISSUED, Verb.PRINT): (_T.WAITING, frozenset({Role.KIOSK, Role.TERMINAL, Role.COORDINATOR})),
    (_T.ISSUED, Verb.VOID): (_T.VOID, _KIOSK),
    (_T.ISSUED, Verb.CANCEL): (_T.CANCELLED, _DESK),
    (_T.WAITING, Verb.CALL): (_T.CALLED, _WINDOW),
    (_T.WAITING, Verb.VOID): (_T.VOID, _KIOSK),
    (_T.WAITING, Verb.CANCEL): (_T.CANCELLED, _DESK),
    (_T.CALLED, Verb.RECALL): (_T.CALLED, _WINDOW),
    (_T.CALLED, Verb.START): (_T.SERVING, _WINDOW),
    (_T.CALLED, Verb.FINISH): (_T.FINISHED, _WINDOW),
    (_T.CALLED, Verb.NO_SHOW): (_T.NO_SHOW, _WINDOW),
    (_T.CALLED, Verb.PARK): (_T.PARKED, _DESK),
    (_T.CALLED, Verb.TRANSFER): (_T.WAITING, _DESK),
    (_T.CALLED, Verb.CANCEL): (_T.CANCELLED, _DESK),
    (_T.SERVING, Verb.FINISH): (_T.FINISHED, _WINDOW),
    (_T.SERVING, Verb.PARK): (_T.PARKED, _DESK),
    (_T.SERVING, Verb.TRANSFER): (_T.WAITING, _DESK),
    (_T.SERVING, Verb.CANCEL): (_T.CANCELLED, frozenset({Role.COORDINATOR})),
    (_T.PARKED, Verb.RETURN): (_T.WAITING, _DESK),
    (_T.PARKED, Verb.CANCEL): (_T.CANCELLED, _DESK),
    (_T.NO_SHOW, Verb.RETURN): (_T.WAITING, _DESK),
}
"""state × verb → (next state, who may). A pair that is not here is refused as `wrong_state`. A visit with further
services goes back to waiting where the table says finished."""


class Paper(StrEnum):
    """What is known about the ticket's paper: an axis of its own beside the ticket's state."""

    NONE = "none"
    """Paperless by the visitor's choice."""
    SENT = "sent"
    """Given to the printer, no proof yet."""
    CONFIRMED = "confirmed"
    """The printer proved that it is printed."""
    UNKNOWN = "unknown"
    """A fault came between sending and proof; the operator is shown the doubt."""
    VOID = "void"
    """Never printed, or printed too late to be valid."""


class BookingState(StrEnum):
    """What became of a booking."""

    BOOKED = "booked"
    """The visitor is expected."""
    CHECKED_IN = "checked_in"
    """Exchanged for a ticket."""
    CANCELLED = "cancelled"
    """Given up, or the hall was closed at that time."""
    MOVED = "moved"
    """Another one with the same code took its place."""
    MISSED = "missed"
    """Nobody came that day."""
    LOST = "lost"
    """Nobody came in time, and this hall keeps no places for those who are late."""


class MeasureKind(StrEnum):
    """What can be done about the staff when the calling order alone cannot help."""

    OPEN = "open"
    """Open a window."""
    CLOSE = "close"
    """Close a reserve: nobody needs it."""
    DELAY_BREAK = "delay_break"
    """Send the next break of a window later."""
    WIDEN_PROFILE = "widen_profile"
    """Let a window take a further service group for a while, within its operator's rights."""


class MeasureState(StrEnum):
    """What became of a recommendation that somebody decided about."""

    ASKED = "asked"
    """Accepted; a person has to do it."""
    HOLDS = "holds"
    """Accepted, and in force until its time."""
    DONE = "done"
    """The person did it, or its time is over."""
    EXPIRED = "expired"
    """Asked, and nobody did it in time."""
    DISMISSED = "dismissed"
    """Not now: not recommended again for a while."""


class PaymentState(StrEnum):
    """What is certain about a payment; each step is durable before anything that follows from it."""

    INTENT = "intent"
    """Written down; the terminal may have been told."""
    APPROVED = "approved"
    """The money was taken, once."""
    DECLINED = "declined"
    """The terminal or the bank said no."""
    NOT_PERFORMED = "not_performed"
    """Proved by the terminal's own receipts: it was never carried out."""
    UNKNOWN = "unknown"
    """It may have been carried out: no new card sale on this terminal until that is known."""
    REVERSING = "reversing"
    """Giving it back is written down; the terminal may have been told."""
    REVERSED = "reversed"
    """The money was given back."""
    REVERSAL_UNKNOWN = "reversal_unknown"
    """It may have been given back: never a second reversal blindly."""


DECIDED: dict[PaymentState, tuple[PaymentState, ...]] = {
    PaymentState.UNKNOWN: (PaymentState.APPROVED, PaymentState.DECLINED, PaymentState.NOT_PERFORMED),
    PaymentState.REVERSAL_UNKNOWN: (PaymentState.REVERSED, PaymentState.APPROVED),
}
"""What is not known about a payment → what a person who has looked may say of it."""


class HallState(StrEnum):
    """Whether the hall takes and serves visitors."""

    OPEN = "open"
    INTERRUPTED = "interrupted"
    """Service stands still (air-raid alert, power), every place is kept."""
    CLOSED = "closed"


class WindowState(StrEnum):
    """What the operator set; what the window is doing follows from it and from its ticket (see `Light`)."""

    CLOSED = "closed"
    FREE = "free"
    PAUSED = "paused"


class PauseKind(StrEnum):
    """What a window's break is for. The words for people are `pause.<code>`."""

    BREAK = "break"
    """A short rest."""
    LUNCH = "lunch"
    PAPERWORK = "paperwork"
    """Work without visitors."""
    TECHNICAL = "technical"
    """Something at the window does not work."""


class Light(StrEnum):
    """What a window shows: lamp, window display, panel."""

    CLOSED = "closed"
    PAUSED = "paused"
    FREE = "free"
    ARMED = "armed"
    """Free, and the next eligible ticket is called by itself."""
    CALLED = "called"
    SERVING = "serving"


class Refusal(StrEnum):
    """Why a command was not done. The words for people are catalogue keys `refusal.<code>`."""

    UNKNOWN_SERVICE = "unknown_service"
    SERVICE_CLOSED = "service_closed"
    HALL_CLOSED = "hall_closed"
    HALL_INTERRUPTED = "hall_interrupted"
    LAST_TICKETS = "last_tickets"
    UNKNOWN_WINDOW = "unknown_window"
    UNKNOWN_DEVICE = "unknown_device"
    DEVICE_AWAY = "device_away"
    WINDOW_CLOSED = "window_closed"
    WINDOW_PAUSED = "window_paused"
    WINDOW_BUSY = "window_busy"
    NO_OPERATOR = "no_operator"
    NOT_YOURS = "not_yours"
    ALREADY_CALLED = "already_called"
    TOO_QUICK = "too_quick"
    NOTHING_CALLED = "nothing_called"
    NOT_SERVING = "not_serving"
    RESULT_NEEDED = "result_needed"
    UNKNOWN_TICKET = "unknown_ticket"
    WRONG_STATE = "wrong_state"
    NO_RIGHT = "no_right"
    RECALL_LIMIT = "recall_limit"
    RECALL_TOO_SOON = "recall_too_soon"
    WRONG_PIN = "wrong_pin"
    UNKNOWN_OPERATOR = "unknown_operator"
    OPERATOR_ELSEWHERE = "operator_elsewhere"
    BOOKING_UNKNOWN = "booking_unknown"
    BOOKING_EARLY = "booking_early"
    BOOKING_LATE = "booking_late"
    BOOKING_OTHER_DAY = "booking_other_day"
    BOOKING_USED = "booking_used"
    BOOKING_CANCELLED = "booking_cancelled"
    BOOKING_PAST = "booking_past"
    BOOKING_SOON = "booking_soon"
    BOOKING_NOT_YET = "booking_not_yet"
    BOOKING_LIMIT = "booking_limit"
    BOOKING_AGAIN = "booking_again"
    BOOKING_BLOCKED = "booking_blocked"
    NO_SLOT = "no_slot"
    SLOT_TAKEN = "slot_taken"
    REVISION_MOVED = "revision_moved"
    UNKNOWN_REVISION = "unknown_revision"
    DRAFT_STOPPED = "draft_stopped"
    UNKNOWN_PAYMENT = "unknown_payment"
    UNKNOWN_RECOMMENDATION = "unknown_recommendation"
    RECOMMENDATION_OVER = "recommendation_over"
    NO_ROOM = "no_room"
    EXPIRED = "expired"
    BAD_COMMAND = "bad_command"
    NOT_ALLOWED = "not_allowed"


class WhyNot(StrEnum):
    """Why a visitor has not been called yet. The words for people are `explain.<code>`."""

    NOT_WAITING = "not_waiting"
    """The ticket does not wait: it is called, served or over."""
    PAPER = "paper"
    """Its paper is not confirmed yet."""
    HALL = "hall"
    """The hall calls nobody now."""
    NO_WINDOW = "no_window"
    """No window that is open may take it."""
    ONLY_WINDOW = "only_window"
    """It waits for one window."""
    LINE = "line"
    """Others of its own line go first."""
    BUSY = "busy"
    """The windows that may take it serve others."""


class Why(StrEnum):
    """Why a visitor is called and not another: the one term that decided. The words for people are `why.<code>`."""

    ALONE = "alone"
    """Nobody of another line waits for this window."""
    WAITED = "waited"
    """Has come farthest towards what was promised."""
    GUARD = "guard"
    """Has waited so long that nobody goes before."""
    PRIORITY = "priority"
    BOOKED = "booked"
    EARLY = "early"
    """Booked for a little later; the window would idle."""
    SCARCE = "scarce"
    """It will be long until another window could take it."""
    PROFILE = "profile"
    """This window's own work goes first."""
    SAME_KIND = "same_kind"
    """The window goes on with the same group of services."""
    QUICK = "quick"
    """Takes fewer minutes than the others."""
    IN_TIME = "in_time"
    """Can still be served within the promise, the others not."""
    PICKED = "picked"
    """Called by number: a person decided."""


class Pick(StrEnum):
    """Why an operator calls a visitor by number and not the one whose turn it is. The words for people are `pick.<code>`."""

    BACK = "back"
    """Was here today and comes back with what was missing."""
    UNWELL = "unwell"
    """Unwell, or with somebody who cannot wait."""
    LANGUAGE = "language"
    """This operator speaks the visitor's language."""
    MISTAKE = "mistake"
    """Was called, sent or entered wrongly."""
    AGREED = "agreed"
    """Agreed with the shift lead."""


class CardField(StrEnum):
    """What of an ID card can fill a form. The words for people are `card.field.<name>`."""

    SURNAME = "surname"
    GIVEN_NAMES = "given_names"
    NATIVE_NAME = "native_name"
    """The whole name in the state's own script."""
    BIRTH_DATE = "birth_date"
    BIRTH_PLACE = "birth_place"
    SEX = "sex"
    NATIONALITY = "nationality"
    ADDRESS = "address"
    DOCUMENT_NUMBER = "document_number"
    EXPIRY_DATE = "expiry_date"
    ISSUE_DATE = "issue_date"
    AUTHORITY = "authority"
    ISSUER = "issuer"
    PERSONAL_NUMBER = "personal_number"
    UNZR = "unzr"
    RNOKPP = "rnokpp"
    IIN = "iin"
    PIN = "pin"
    """Kyrgyzstan's personal number, no secret."""
    ISIKUKOOD = "isikukood"
