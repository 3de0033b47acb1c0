"""What a terminal prints: papers from values, on the receipt printer, and what became of each."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import assert_never

import structlog

from contract import messages as m
from contract.errors import ContractError, DeviceError
from contract.hall import Hall
from contract.hall_part import Payee
from contract.words import Paper
from glass.occurrence import MouthSaid
from journal.event import Event, Fact, Row, Scalar
from journal.journal import Journal, stamp
from journal.telling import Telling
from printers.choice import printer_at
from printers.config import PrinterSection
from printers.document import CertificateDoc, Doc
from printers.job import Job, JobState
from printers.mouth import Mouth
from printers.printer import Printer
from printers.sheet import SheetPrinter
from printers.status import PrinterState
from printers.store import JournalStore
from printers.ticket import document
from runtime.clock import utc_now
from terminal.config import SheetSection
from terminal.fiscal.book import FiscalBook
from terminal.fiscal.registrar import FiscalState
from terminal.money import Money
from terminal.papers import receipt as papers
from terminal.papers.certificate import CertificateFacts, certificate
from terminal.payments.book import Book
from terminal.payments.order import Order
from terminal.payments.payment import Slip
from terminal.qr.transfer import coded
from terminal.state import Fate, Printed, PrintPaper, Values

log = structlog.get_logger(__name__)

_FATE = {
    JobState.SENT: Fate.SENT, JobState.CONFIRMED: Fate.DONE, JobState.CONFIRMED_LATE: Fate.DONE, JobState.UNPROVED: Fate.DONE,
    JobState.UNKNOWN: Fate.UNKNOWN, JobState.VOIDED: Fate.VOID,
}  # fmt: skip
_OUT = tuple(state.value for state, fate in _FATE.items() if fate is not Fate.VOID)
SHEET = "certificate"
"""The kind of jobs that are the A4 printer's."""
Said = Printed | MouthSaid


class Press:
    """The receipt printer, and the A4 printer where there is one: certificates go there.

    `tell` hears what becomes of papers; `on_fault(before, now)`: of a printer, keys of `contract.hints`; `on_slip(payment)`: a card
    payment's receipt is on paper. All are called in the printer's thread.

    A paper's words are in no journal: only its id, kind, hash and state, of a certificate also its number. What was on its way when the
    terminal stopped is void.
    """

    def __init__(
        self,
        section: PrinterSection,
        journal: Journal,
        who: str,
        book: Book,
        telling: Telling,
        tell: Callable[[Said], None],
        on_fault: Callable[[str | None, str | None], None],
        on_slip: Callable[[str], None],
        fiscal: FiscalBook,
        sheet: SheetSection | None,
        utc: Callable[[], datetime] = utc_now,
    ) -> None:
        """Raises: ContractError: a bad URL."""
        self._journal, self._who = journal, who
        self._book, self._telling, self._tell, self._on_fault, self._utc = book, telling, tell, on_fault, utc
        self._on_slip, self._fiscal = on_slip, fiscal
        self._fault: str | None = None
        self._low: str | None = None
        self._sheet_fault: str | None = None
        self._printer: Printer = printer_at(
            section.url, JournalStore(journal, who, utc), self._job, self._state, device_id="printer",
            setting=section.setting(), on_mouth=lambda mouth: tell(MouthSaid(mouth is Mouth.WAITING)),
        )  # fmt: skip
        self._sheet: SheetPrinter | None = None
        if sheet is not None:
            store = JournalStore(journal, who, utc, printer="sheet", kind=SHEET)
            self._sheet = SheetPrinter(sheet.url, store, self._job, self._sheet_state, device_id="sheet")

    def start(self) -> None:
        """Start the printers. What an earlier run left on its way is void."""
        self._printer.start()
        if self._sheet is not None:
            self._sheet.start()

    def stop(self, timeout_s: float) -> None:
        """Stop the printers; twice is fine."""
        self._printer.stop(timeout_s)
        if self._sheet is not None:
            self._sheet.stop(timeout_s)

    @property
    def ready(self) -> bool:
        """Whether something can be printed now."""
        return self._printer.ready().ready

    def unit(self) -> m.UnitHealth:
        """The printer as health tells it."""
        about = self._printer.about()
        return m.UnitHealth(kind="printer", model=about.model, version=about.version, figures=about.figures)

    def ticket(self, key: str, hall: Hall, issued: m.Issued, *, large: bool) -> None:
        """Print a ticket for the queue; told as `Printed` under `key`."""
        self._print(key, document(hall, issued, "", large=large), "", ticket=issued.ticket)

    def paper(self, order: PrintPaper, hall: Hall, *, large: bool) -> None:
        """Print one of the papers of a visit; told as `Printed`. What cannot be made is void, and staff read why."""
        if order.kind == "certificate":
            self._number(order)
        try:
            doc = self._doc(order, hall, large=large)
        except ContractError as exc:
            log.warning("press.no_paper", job=order.key, kind=order.kind, why=str(exc))
            self._tell(Printed(order.key, Fate.VOID))
            return
        if isinstance(doc, CertificateDoc) and self._sheet is not None and self._sheet.ready().ready:
            self._on_sheets(order.key, doc, self._sheet)
        else:
            self._print(order.key, doc, order.values.order if order.kind == "receipt" else "")

    def staff(self, key: str, doc: Doc) -> None:
        """Print what staff asked for; told as `Printed` under `key`."""
        self._print(key, doc, "")

    def again(self, key: str, order: Order, hall: Hall, *, large: bool) -> None:
        """Print the receipt of an order that was paid before, as a copy where it may be out; told as `Printed` under `key`."""
        self._print(key, self._receipt(order, what(hall, order), hall, large=large), order.id)

    def _print(self, key: str, doc: Doc, order: str, *, ticket: str | None = None) -> None:
        try:
            self._printer.print(key, doc, ticket=ticket, cmd=order or key)
        except DeviceError as exc:
            log.warning("press.not_printed", fault=exc.fault, job=key)
            self._tell(Printed(key, Fate.VOID))

    def _on_sheets(self, key: str, doc: CertificateDoc, sheet: SheetPrinter) -> None:
        from terminal.papers.sheet import pdf

        try:
            sheet.print(key, pdf(doc), cmd=key)
        except DeviceError as exc:
            log.warning("press.not_printed", fault=exc.fault, job=key)
            self._tell(Printed(key, Fate.VOID))

    # --- words ---------------------------------------------------------------------------------------------------------

    def _doc(self, paper: PrintPaper, hall: Hall, *, large: bool) -> Doc:
        values, lang = paper.values, paper.values.lang
        match paper.kind:
            case "receipt":
                return self._receipt(self._known(values.order), _bought(hall, values), hall, large=large)
            case "certificate":
                answers = {name: answer.text for name, answer in values.answers.items()}
                facts = CertificateFacts(
                    values.layout,
                    self._numbered(paper.key),
                    self._utc(),
                    values.service,
                    values.person,
                    values.household,
                    answers,
                )
                return certificate(hall, lang, facts, large=large)
            case "claim":
                order = self._known(values.order)
                inserted = Money(values.minor, order.amount.currency)
                claim = papers.ClaimFacts(values.code, self._utc(), _bought(hall, values), order.amount, inserted)
                return papers.claim(hall, lang, claim, large=large)
            case "transfer":
                return self._transfer(values, hall, large=large)
            case "ticket":
                raise ContractError("a ticket is printed from the hall's answer")
            case _:
                assert_never(paper.kind)

    def _number(self, order: PrintPaper) -> None:
        """A number by which staff find where and when it was printed, on disk before the paper; never for whom."""
        number, values = f"{secrets.randbelow(10**10):010}", order.values
        row: dict[str, Scalar] = {"number": number, "job": order.key, "layout": values.layout, "at": stamp(self._utc())}
        self._keep_number({**row, "service": values.service or None}, [])

    def _numbered(self, job: str) -> str:
        return str(self._journal.rows("certificate", job=job)[0]["number"])

    def _fate_of(self, job: Job) -> None:
        """What became of a certificate, for whoever asks by its number."""
        found = self._journal.rows("certificate", job=job.id)
        if not found or job.paper is None or found[0]["paper"] == job.paper.value:
            return
        row = {**found[0], "paper": job.paper.value}
        fact = {"t": "certificate", "number": row["number"], "layout": row["layout"], "service": row["service"]}
        self._keep_number(row, [{**fact, "paper": row["paper"], "numbered_at": row["at"]}])

    def _keep_number(self, row: Mapping[str, Scalar], told: list[Mapping[str, object]]) -> None:
        words = {name: value for name, value in row.items() if name != "hall"}
        facts: dict[str, Fact] = {"number": words["number"], "job": words["job"]}
        event = Event(
            f"certificate.{words.get('paper') or 'numbered'}",
            stamp(self._utc()),
            self._who,
            None,
            facts,
            (Row("certificate", words),),
        )
        self._telling.put_all(told, [event])

    def _known(self, order_id: str) -> Order:
        order = self._book.order(order_id)
        if order is None:
            raise ContractError(f"there is no order {order_id}")
        return order

    def _receipt(self, order: Order, what: str, hall: Hall, *, large: bool) -> Doc:
        card = self._book.payment(order.payment) if order.method == "card" else None
        taken = order.amount if card is not None else Money(self._book.credit(order.id), order.amount.currency)
        facts = papers.ReceiptFacts(
            number=order.code, at=datetime.fromisoformat(order.ended_at or order.at), items=((what, order.amount),), taken=taken,
            payee=_payee(hall, order.payee), card=card, copy=self._copies(order),
            fiscal=self._registered(order), fiscal_owed=self._owed(order),
        )  # fmt: skip
        return papers.receipt(hall, order.lang, facts, large=large)

    def _copies(self, order: Order) -> int:
        """On how many papers this receipt is, or may be."""
        return len(self._journal.rows("job", cmd=order.id, state=_OUT))

    def _registered(self, order: Order) -> papers.Fiscal | None:
        entry = self._fiscal.entry(order.payment)
        return (
            papers.Fiscal(entry.number, entry.link, entry.state is FiscalState.OFFLINE)
            if entry and entry.number
            else None
        )

    def _owed(self, order: Order) -> bool:
        entry = self._fiscal.entry(order.payment)
        return entry is not None and entry.state is FiscalState.OWED

    def _transfer(self, values: Values, hall: Hall, *, large: bool) -> Doc:
        payee = _payee(hall, values.payee)
        if payee is None:
            raise ContractError(f"payee {values.payee!r}: is not in the hall document")
        order, what = self._known(values.order), _bought(hall, values)
        code = values.due.code if values.due is not None else ""
        purpose, link = coded(payee, order.amount, order.code, what, code, training=hall.training)
        facts = papers.TransferFacts(order.code, self._utc(), what, order.amount, payee, purpose, link)
        return papers.transfer(hall, values.lang, facts, large=large)

    # --- in the printer's thread ---------------------------------------------------------------------------------------

    def _job(self, job: Job) -> None:
        fate = _FATE.get(job.state)
        if fate is None:
            return
        if job.ticket is not None and job.paper is not None and job.paper is not Paper.SENT:
            self._telling.paper(job.ticket, job.paper, job.id)
        self._fate_of(job)
        if fate is Fate.DONE and self._book.order(job.cmd) is not None:
            order = self._book.change(job.cmd, lambda each: replace(each, slip=Slip.PRINTED))
            if order.method == "card":
                self._on_slip(order.payment)
        self._tell(Printed(job.id, fate))

    def _sheet_state(self, state: PrinterState) -> None:
        before, self._sheet_fault = self._sheet_fault, state.fault
        self._on_fault(before, state.fault)

    def _state(self, state: PrinterState) -> None:
        before, self._fault = self._fault, state.fault
        self._on_fault(before, state.fault)
        low = "paper_low" if state.paper_low and state.fault != "paper_out" else None
        before_low, self._low = self._low, low
        self._on_fault(before_low, low)


def _payee(hall: Hall, payee: str) -> Payee | None:
    return next((each for each in hall.payees if each.id == payee), None)


def _bought(hall: Hall, values: Values) -> str:
    """What is paid for, as a visit has it."""
    if values.due is not None:
        return values.due.names.get(values.lang) or next(iter(values.due.names.values()))
    return _named(hall, values.service, values.payee, values.lang)


def what(hall: Hall, order: Order) -> str:
    """What was paid for, as the books have it: of a due only to whom."""
    return _named(hall, order.service, order.payee, order.lang)


def _named(hall: Hall, service: str, payee: str, lang: str) -> str:
    found = hall.service_by_id.get(service) or _payee(hall, payee)
    return found.names[lang] if found is not None else hall.short_names[lang]
