"""Every message on the wire: frozen models, one union on `t`, JSON in UTF-8. Pure.

A message stands with its subject; everyone says `m.Name`, whichever module holds it.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, Field, TypeAdapter, ValidationError

from contract.errors import ContractError
from contract.messages.bookings import (
    Booked,
    BookingBook,
    BookingCancel,
    BookingCheckIn,
    BookingCommand,
    BookingDay,
    BookingFind,
    BookingMove,
    Bookings,
    BookingSlots,
    Code,
    DayBooking,
    Slot,
    Slots,
)
from contract.messages.cards import (
    MOST_SEALED,
    CardFailed,
    CardFields,
    CardForget,
    CardKey,
    CardRead,
    CardSaid,
    CardStep,
    DayKey,
    Sealed,
)
from contract.messages.certificates import CertificateFind, Certificates, DeskCertificate
from contract.messages.commands import (
    AlarmEnd,
    CallFinish,
    CallNext,
    CallNoShow,
    CallPark,
    CallPick,
    CallRecall,
    CallStart,
    CallTransfer,
    HallClose,
    HallInterrupt,
    HallOpen,
    HallResume,
    OperatorDay,
    PlanAccept,
    PlanCommand,
    PlanDismiss,
    TicketCancel,
    TicketCommand,
    TicketExplain,
    TicketIssue,
    TicketReturn,
    TicketVoid,
    VisitAdd,
    VisitDrop,
    VisitNote,
    WindowAlarm,
    WindowClose,
    WindowCommand,
    WindowLogin,
    WindowLogout,
    WindowOpen,
    WindowPause,
)
from contract.messages.desk import (
    Advice,
    AgainstFifo,
    ConsolesView,
    DeskAlarm,
    DeskCassette,
    DeskDevice,
    DeskMoney,
    DeskTicket,
    DeskWindow,
    Expected,
    Kept,
    Measure,
    Queue,
    Recommendation,
)
from contract.messages.devices import Cfg, DeviceFind, Health, Here, Identify, UnitHealth
from contract.messages.envelope import (
    MAX_COUNT,
    Command,
    Count,
    Hash,
    Message,
    MessageId,
    Moment,
    Name,
    Question,
    Reply,
    StaffCommand,
    Wait,
    Wire,
    utc,
)
from contract.messages.facts import Ack, AlarmFact, CertificateFact, Fact, FaultFact, PaperFact, RatingFact
from contract.messages.money import (
    BalanceFact,
    CassetteFact,
    Currency,
    DeskBalance,
    DeskPayment,
    MoneyDay,
    PaymentDecide,
    PaymentFact,
    PaymentReverse,
    Payments,
    TillBalance,
    TillClose,
    TillCommand,
    TillOrder,
    TillPrint,
)
from contract.messages.notices import DeskNotice, HallNotice, NoticeTexts
from contract.messages.replies import Done, Explained, Issued, OperatorFigures, Passed, Paused, Refused
from contract.messages.revisions import (
    Change,
    Checked,
    Finding,
    HallCheck,
    HallPublish,
    HallRevert,
    HallRevisions,
    RevisionLine,
    Revisions,
)
from contract.messages.views import (
    Announce,
    Board,
    BoardCall,
    Heartbeat,
    KioskView,
    Say,
    Snapshot,
    WindowsView,
    WindowView,
)

MAX_BYTES = 64 * 1024
"""Largest message but for configuration."""
MAX_CFG_BYTES = 1024 * 1024
"""Largest configuration message; also the broker's packet limit."""
MAX_CARD_BYTES = 4096
"""Largest word of a read: the fields of a form, never a photo."""


class UnknownTypeError(ContractError):
    """A well-formed message of a type this version does not know: parked and raised as an alarm, never guessed. `t`: at most 64 letters."""

    def __init__(self, t: str) -> None:
        self.t = t
        super().__init__(f"t: {t!r} is not a known message type")


HallCommand = (
    TicketIssue | TicketVoid | TicketCancel | TicketReturn | CallNext | CallPick | CallRecall | CallStart | CallFinish | CallNoShow
    | CallPark | CallTransfer | WindowOpen | WindowPause | WindowClose | WindowLogin | WindowLogout | WindowAlarm
    | AlarmEnd | VisitAdd | VisitDrop | VisitNote | HallOpen
    | HallInterrupt | HallResume | HallClose | HallNotice | BookingBook | BookingMove | BookingCancel | BookingCheckIn
    | PlanAccept | PlanDismiss | HallPublish | PaymentDecide | PaymentReverse | TillBalance | TillClose | TillPrint
)  # fmt: skip
"""What the engine decides and the journal remembers."""
AnyQuestion = BookingSlots | BookingFind | BookingDay | CardKey | TicketExplain | HallCheck
"""What the engine answers from the hall as it is; `JournalQuestion`s, `OperatorDay` and `HallRevisions` are answered from the journal."""
JournalQuestion = MoneyDay | CertificateFind
AnyCommand = (
    HallCommand | HallRevert | HallRevisions | AnyQuestion | JournalQuestion | OperatorDay | DeviceFind | CardRead
)
AnyReply = (
    Issued
    | Done
    | Booked
    | Slots
    | Bookings
    | DayKey
    | Explained
    | Checked
    | Revisions
    | Payments
    | Certificates
    | OperatorFigures
    | Refused
)
MoneyFact = PaymentFact | CassetteFact | BalanceFact
AnyFact = PaperFact | CertificateFact | FaultFact | AlarmFact | RatingFact | MoneyFact
AnyCardWord = CardStep | CardFields | CardFailed | CardForget
"""What is said of a read at a window."""
AnyMessage = (
    AnyCommand | AnyReply | AnyFact | Ack | Here | Health | Heartbeat | WindowsView | KioskView | Board | Announce
    | Say | ConsolesView | Cfg | Identify | TillOrder | AnyCardWord
)  # fmt: skip

ADAPTER: TypeAdapter[AnyMessage] = TypeAdapter(Annotated[AnyMessage, Field(discriminator="t")])
REPLIES: TypeAdapter[AnyReply] = TypeAdapter(Annotated[AnyReply, Field(discriminator="t")])


def encode(message: BaseModel) -> bytes:
    """The message as compact JSON, absent optional fields left out."""
    return message.__pydantic_serializer__.to_json(message, exclude_none=True)


def decode(data: bytes, limit: int = MAX_BYTES) -> AnyMessage:
    """Read one message.

    Raises: UnknownTypeError: a type this version does not know. ContractError: too long, not JSON, or fields that break
    the contract; the text names every field (never its value, which may be personal).
    """
    if len(data) > limit:
        raise ContractError(f"message of {len(data)} bytes: at most {limit} allowed")
    try:
        return ADAPTER.validate_json(data)
    except ValidationError as exc:
        raise _refusal(exc) from None


def _refusal(exc: ValidationError) -> ContractError:
    errors = exc.errors(include_url=False, include_input=False)
    if errors[0]["type"] == "union_tag_invalid":
        return UnknownTypeError(errors[0].get("ctx", {}).get("tag", "")[:64])
    # A key of the sender's making may stand in `loc`: it must not fill the log.
    faults = (f"{'.'.join(map(str, e['loc']))[:200] or 'message'}: {e['msg'][:500]}" for e in errors[:10])
    return ContractError("; ".join(faults))
