"""The kiosk's reactor: touches, the hall and the printer come in by one queue; faces go out. Wiring only."""

from __future__ import annotations

import contextlib
import queue
import threading
import time
from collections import deque
from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Any, assert_never

import structlog

from contract import messages as m
from contract import topics
from contract.errors import DeviceError, PermanentDeviceError
from contract.words import Paper, Role
from glass.face import Face
from glass.occurrence import Answered, Beat, Configured, Identify, Linked, MouthSaid, Quiet, Tick, Touch, Viewed
from journal.journal import Journal
from journal.schema import BOX
from journal.telling import Telling
from kiosk import drawing, model, offer, paper
from kiosk.config import MouthLightSection, Options
from kiosk.neighbour import Neighbour
from kiosk.state import (
    Ask,
    Asked,
    Effect,
    Ended,
    Fate,
    Find,
    ForgetCard,
    LookAtPaper,
    Occurrence,
    PaperSaid,
    Person,
    Print,
    Printed,
    ReadCard,
    Resumed,
    Screen,
    State,
)
from kiosk.visits import Visits
from printers.choice import printer_at
from printers.job import Job, JobState
from printers.mouth import Mouth
from printers.printer import Printer
from printers.status import PrinterState
from printers.store import JournalStore
from printers.ticket import document
from runtime import box as boxes
from runtime.asker import Answer, Unanswered, new_id
from runtime.clock import utc_now
from runtime.supervise import crash

if TYPE_CHECKING:
    from kiosk.cards import Cards
    from printers.mouth_light import MouthLight

log = structlog.get_logger(__name__)

QUEUE_MAX = 1000
TICK_S = 0.25
PRINTER_START_S = 3.0
"""So long an interrupted visit waits for the printer after a start: printed on one that is not there yet, its paper would die."""

_FATE = {
    Paper.SENT: Fate.SENT, Paper.CONFIRMED: Fate.CONFIRMED, Paper.UNKNOWN: Fate.UNKNOWN, Paper.VOID: Fate.VOIDED,
}  # fmt: skip


class Kiosk:
    """One kiosk without its glass: `press(key)` is a finger, `face` is what is to be seen.

    Threads beside the caller's: this reactor, the box's link, the printer, the card reader where there is one.
    `on_face` is called in the reactor's thread after `face` changed.
    """

    def __init__(
        self, options: Options, on_face: Callable[[Face], None] = lambda _face: None, *, pins: Any = None
    ) -> None:
        """Opens the journal. `pins`: gpiozero's, None for the Pi's own.

        Raises: ContractError: a bad printer URL; JournalError: the journal cannot be used.
        """
        broker = options.broker.broker()
        options.data.mkdir(parents=True, exist_ok=True)
        self._journal = Journal.open(options.data / "kiosk.db", broker.hall, BOX, utc_now)
        self._visits = Visits(self._journal, broker.dev, utc_now)
        self._facts = Telling(self._journal)
        self._printer: Printer = printer_at(
            options.printer.url, JournalStore(self._journal, broker.dev), self._job, self._printer_state, device_id="printer",
            setting=options.printer.setting(), on_mouth=self._mouth,
        )  # fmt: skip
        wanted = options.printer
        self._neighbour = (
            Neighbour(wanted.neighbour, wanted.neighbour_url, self._journal, broker.dev, self._job)
            if wanted.neighbour and wanted.neighbour_url
            else None
        )
        rows = (topics.DOWN_VIEW, topics.DOWN_CFG, topics.DOWN_ACK)
        self.box = boxes.Box(
            broker,
            Role.KIOSK,
            rows,
            self._tell,
            inc=self._journal.inc,
            ep=self._journal.ep,
            tick=self._tick_facts,
            stages=True,
        )
        self._queue: queue.Queue[Occurrence] = queue.Queue(QUEUE_MAX)
        self._cards = self._card_reader(options)
        self._light: MouthLight | None = None
        self._begun_at = time.monotonic()
        self._state = State(link_at=self._begun_at)
        self._resumed: Resumed | None = self._visits.open()
        self._drawn: object = None
        self.face: Face = drawing.draw(self._state, time.monotonic(), utc_now())
        self._on_face = on_face
        self._alive_at = time.monotonic()
        self._fault: str | None = None
        self._low: str | None = None
        self._stopping = threading.Event()
        if options.mouth_light is not None:
            self._wire(options.mouth_light, pins)
        self._thread = threading.Thread(target=crash(self._run), name="kiosk", daemon=True)

    def start(self) -> None:
        """Start printer, link and reactor."""
        self._printer.start()
        self.box.start()
        if self._cards is not None:
            self._cards.start()
        self._thread.start()

    def stop(self, timeout_s: float = 5.0) -> None:
        """Stop all and close the journal; may be called twice."""
        self._stopping.set()
        self._put(Tick())
        for stop in (self._join, self.box.stop, self._printer.stop):
            stop(timeout_s)
        if self._cards is not None:
            self._cards.stop(timeout_s)
        if self._neighbour is not None:
            self._neighbour.stop(timeout_s)
        if self._light is not None:
            self._light.close()
        self._journal.close()

    def press(self, key: str) -> None:
        """A control was pressed; from any thread."""
        self._put(Touch(key, new_id("kiosk")))

    def alive_s(self) -> float:
        """Seconds since the reactor last came round."""
        return time.monotonic() - self._alive_at

    # --- what comes in, from other threads -----------------------------------------------------------------------------

    def _put(self, occurrence: Occurrence) -> None:
        try:
            self._queue.put_nowait(occurrence)
        except queue.Full:
            self.box.count_drop("reactor queue full")

    def _tell(self, occurrence: boxes.Occurrence) -> None:
        match occurrence:
            case boxes.LinkUp():
                self._facts.up(time.monotonic())
                self._put(Linked(up=True))
            case boxes.LinkDown():
                self._facts.down()
                self._put(Linked(up=False))
            case boxes.Silent(key):
                self._put(Quiet(key))
            case boxes.Heard():
                self._heard(occurrence)
            case _:
                assert_never(occurrence)

    def _heard(self, heard: boxes.Heard) -> None:
        match heard.message:
            case m.Cfg(hall=hall):
                self._put(Configured(hall))
            case m.KioskView() as view:
                self._put(Viewed(view))
            case m.Heartbeat() as beat:
                self._put(Beat(beat, live=not heard.retained))
            case m.Identify(seconds=seconds):
                self._put(Identify(self.box.broker.dev, seconds))
            case m.Ack() as ack:
                self._facts.heard(ack, time.monotonic())
            case _:
                log.info("kiosk.unused", t=heard.message.t)

    def _tick_facts(self, now: float) -> None:
        self._facts.tick(self.box, now)
        self.box.runs = self._state.hall.revision if self._state.hall is not None else None
        about = self._printer.about()
        self.box.units["printer"] = m.UnitHealth(
            kind="printer", model=about.model, version=about.version, figures=about.figures
        )

    def _job(self, job: Job) -> None:
        if job.paper is None:
            return
        if job.ticket is not None and job.paper is not Paper.SENT:
            self._facts.paper(job.ticket, job.paper, job.id)
            self.box.link.wake()
        self._put(Printed(job.id, Fate.UNPROVED if job.state is JobState.UNPROVED else _FATE[job.paper]))

    def _mouth(self, mouth: Mouth) -> None:
        self._put(MouthSaid(mouth is Mouth.WAITING))

    def _printer_state(self, state: PrinterState) -> None:
        before, self._fault = self._fault, state.fault
        self._fault_is(before, state.fault)
        low = "paper_low" if state.paper_low and state.fault != "paper_out" else None
        before_low, self._low = self._low, low
        self._fault_is(before_low, low)

    def _fault_is(self, before: str | None, now: str | None) -> None:
        if before is not None and before != now and self.box.troubles.clear(before):
            self._facts.fault(before, cleared=True)
        if now is not None and self.box.troubles.raise_(now):
            self._facts.fault(now, cleared=False)

    def _card_reader(self, options: Options) -> Cards | None:
        if options.card_reader is None:
            return None
        from kiosk.cards import Cards

        return Cards(options.card_reader, self._put, self._fault_is, self._units_are)

    def _wire(self, wanted: MouthLightSection, pins: Any) -> None:
        """Take the lamp's pin; without it the kiosk goes on and says so."""
        from printers.mouth_light import MouthLight

        try:
            self._light = MouthLight(wanted.pin, active_low=wanted.active_low, factory=pins)
        except PermanentDeviceError as exc:
            log.warning("gpio.missing", error=str(exc))
            self._fault_is(None, exc.fault)
            return
        self.box.units["mouth_light"] = m.UnitHealth(kind="lamp", figures={"pin": float(wanted.pin)})

    def _units_are(self, readers: dict[str, m.UnitHealth]) -> None:
        """Beside what else stands behind this box."""
        others = {name: unit for name, unit in self.box.units.items() if unit.kind not in ("card_reader", "mrz_reader")}
        self.box.units = {**others, **readers}

    # --- the reactor ---------------------------------------------------------------------------------------------------

    def _run(self) -> None:
        tick_at = 0.0
        while not self._stopping.is_set():
            with contextlib.suppress(queue.Empty):
                self._step(self._queue.get(timeout=TICK_S))
            self._alive_at = time.monotonic()
            if self._alive_at >= tick_at:  # a hall that talks all the time must not stop our clock
                tick_at = self._alive_at + TICK_S
                self._step(Tick())
                if self._neighbour is not None:
                    self._neighbour.tick(self._alive_at, busy=self._state.screen is Screen.WORKING)
            if self._light is not None:
                self._light.shine(paper.mouth_lit(self._state))
            self._draw()

    def _step(self, occurrence: Occurrence) -> None:
        due = deque([occurrence])
        while due:
            now = time.monotonic()
            self._state, effects = model.step(self._state, due.popleft(), now)
            for effect in effects:
                due.extend(self._do(effect))
            if self._resumed is not None and self._can_resume(now):
                found, self._resumed = self._resumed, None
                due.append(found)

    def _can_resume(self, now: float) -> bool:
        printer = self._printer.ready().ready or now - self._begun_at >= PRINTER_START_S
        return printer and self._state.hall is not None

    def _do(self, effect: Effect) -> tuple[Occurrence, ...]:
        match effect:
            case LookAtPaper():
                return self._look_at_paper()
            case Ask():
                self._visits.asking(effect)
                self._ask(effect.command)
            case Find(key, code, persons):
                self._ask(m.BookingFind(id=key, code=code or None, persons=persons or None))
            case ReadCard(key, typed):
                self._read_card(key, typed)
            case ForgetCard():
                if self._cards is not None:
                    self._cards.forget()
            case Print():
                return self._print(effect)
            case Person(wanted):
                self._facts.fault("assistance", cleared=not wanted)
                self.box.link.wake()
            case Ended(visit):
                self._visits.ended(visit)
            case _:
                assert_never(effect)
        return ()

    def _ask(self, command: Asked | m.BookingFind) -> None:
        self.box.ask(
            command,
            lambda answer: self._put(Answered(command.id, None if isinstance(answer, Unanswered) else answer)),
        )

    def _read_card(self, key: str, typed: tuple[str, ...]) -> None:
        """The day's key is asked for each read and kept for none."""
        cards = self._cards
        if cards is None:
            return
        cards.expect(key)

        def keyed(answer: Answer) -> None:
            cards.read(key, typed, bytes.fromhex(answer.key) if isinstance(answer, m.DayKey) else None)

        self.box.ask(m.CardKey(id=new_id("card")), keyed)

    def _look_at_paper(self) -> tuple[Occurrence, ...]:
        """The own printer, else by the manager's rule the neighbour's; nothing while that one has not answered."""
        fault, hall = self._printer.ready().fault or "", self._state.hall
        allowed = hall is not None and bool(hall.rule("kiosk.neighbour_printer"))
        if not fault or fault in paper.SETTLING or self._neighbour is None or not allowed:
            return (PaperSaid(fault),)
        can = self._neighbour.knock(time.monotonic())
        if can is None:
            return ()
        return (PaperSaid("", self._neighbour.name),) if can else (PaperSaid(fault),)

    def _print(self, order: Print) -> tuple[Occurrence, ...]:
        assert self._state.hall is not None
        issued = order.issued
        drawn = document(self._state.hall, issued, order.old, large=self._state.contrast)
        printer = self._neighbour if self._neighbour is not None and order.where else self._printer
        try:
            printer.print(issued.re, drawn, ticket=issued.ticket, cmd=order.visit)
        except DeviceError as exc:
            log.warning("kiosk.not_printed", fault=exc.fault, job=issued.re)
            return (Printed(issued.re, Fate.VOIDED),)
        return ()

    def _draw(self) -> None:
        now = time.monotonic()
        moment = self._hall_time(now)
        seen = (self._state, offer.standing(self._state, now), moment.replace(second=0, microsecond=0))
        countdown = int(now / drawing.COUNT_STEP_S) if self._state.still_here else 0
        if self._drawn == (seen, countdown):
            return
        self._drawn = (seen, countdown)
        face = drawing.draw(self._state, now, moment)
        if face != self.face:
            self.face = face
            self._on_face(face)

    def _hall_time(self, now: float) -> datetime:
        state = self._state
        if state.beat is None or state.beat_at is None:
            return utc_now()
        return state.beat.hall_time(now - state.beat_at)

    def _join(self, timeout_s: float) -> None:
        if self._thread.ident is not None:
            self._thread.join(timeout_s)
