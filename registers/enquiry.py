"""Which register answers a question, who may ask, and what went wrong as a word of the contract."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import structlog
from pydantic import ValidationError

from contract import register as r
from contract.errors import DeviceError
from contract.messages.envelope import Wire
from registers.pace import Pace
from registers.register import BadAnswerError, BadQuestionError, NotKnownError, RefusedError, Register
from registers.request import Request

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Answer:
    """What goes back. `body` None: nothing but the status; `revision`: of a directory, else None."""

    status: int
    body: Wire | None
    revision: int | None = None


@dataclass(slots=True)
class Standing:
    """How a register has been. `fault`: a key of `contract.hints`, "" where it answers; `took_ms`: its last answer."""

    asked: int = 0
    failed: int = 0
    took_ms: float = 0.0
    fault: str = ""


class Enquiries:
    """Answers questions; any thread. `answers`: what is asked (person, household, dues, a directory's name) → the register that knows.

    `allow`: common names that may ask; `per_minute`: so often each may ask about a person or a code: nobody is to try codes one after the
    other. Lists are nobody's, and what was paid must be told: they are not counted. `clock`: monotonic seconds.
    Nothing of a question or an answer is logged.
    """

    def __init__(
        self,
        answers: Mapping[str, Register],
        allow: frozenset[str],
        per_minute: int,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._answers, self._allow = dict(answers), allow
        self._pace, self._clock = Pace(per_minute), clock
        self.standing = {register.name: Standing() for register in self._answers.values()}
        self._lock = threading.Lock()

    def answer(self, peer: str, request: Request, body: bytes) -> Answer:
        """The answer to a question of the box with this common name; a fault where there is none."""
        if peer not in self._allow:
            log.warning("register.not_allowed", peer=peer)
            return _fault("not_allowed", "put this terminal's id into allow of the connector's TOML file")
        if request.method == "GET":
            return self._list(request) if request.path.startswith("directories/") else self._health(request)
        if request.path != "paid" and not self._in_time(peer):
            log.warning("register.too_many", peer=peer)
            return _fault("too_many", "this terminal has asked as often as it may in a minute: wait, and ask again")
        return self._question(request, body)

    def hasty(self) -> frozenset[str]:
        """The terminals that were refused within the last minute because they asked too much."""
        with self._lock:
            return self._pace.hasty(self._clock())

    def _in_time(self, peer: str) -> bool:
        with self._lock:
            return self._pace.allows(peer, self._clock())

    def check(self) -> None:
        """Ask every register whether it is there; its standing is the answer."""
        for register in {one.name: one for one in self._answers.values()}.values():
            self._asked(register, register.check)

    def _question(self, request: Request, body: bytes) -> Answer:
        kinds = r.QUESTIONS.get(request.path)
        register = self._answers.get("dues" if request.path in _OF_DUES else request.path)
        if kinds is None or request.path in r.DIRECTORIES:
            return _fault("bad_request", "there is no such question")
        if register is None:
            return _fault("unknown", "no register of this hall answers that")
        try:
            question = kinds[0].model_validate_json(body)
        except ValidationError:
            return _fault("bad_request", f"the body is not a {kinds[0].__name__}")
        return self._asked(register, lambda: Answer(200, _ask(register, request.path, question)))

    def _list(self, request: Request) -> Answer:
        name = request.path.removeprefix("directories/")
        register = self._answers.get(name) if name in r.DIRECTORIES else None
        if register is None:
            return _fault("unknown", "no register of this hall has that list")

        def read() -> Answer:
            found = register.directory(name, request.unless)
            return Answer(304, None, request.unless) if found is None else Answer(200, found, found.revision)

        return self._asked(register, read)

    def _health(self, request: Request) -> Answer:
        if request.path != "health":
            return _fault("bad_request", "there is no such question")
        return Answer(200, r.Registers(registers={name: told.fault for name, told in self.standing.items()}))

    def _asked(self, register: Register, ask: Callable[[], Answer | None]) -> Answer:
        began = time.monotonic()
        fault, answer = "", None
        try:
            answer = ask()
        except NotKnownError as exc:
            answer = _fault("unknown", str(exc))
        except BadQuestionError as exc:
            answer = _fault("bad_request", str(exc))
        except DeviceError as exc:
            fault, answer = exc.fault, _fault("register_away", exc.hint)
        except RefusedError:
            fault, answer = "register_refused", _fault("register_away", "the register does not let this hall ask")
        except BadAnswerError as exc:
            fault, answer = "register_faulty", _fault("bad_answer", str(exc))
        self._note(register.name, fault, round((time.monotonic() - began) * 1000, 1))
        return answer or Answer(200, None)

    def _note(self, name: str, fault: str, took_ms: float) -> None:
        with self._lock:
            told = self.standing[name]
            told.asked, told.failed = told.asked + 1, told.failed + bool(fault)
            told.took_ms, told.fault = took_ms, fault


_OF_DUES = frozenset({"due", "paid", "returned"})


def _ask(register: Register, what: str, question: Wire) -> Wire:
    match question:
        case r.About(number=number) if what == "person":
            return register.person(number)
        case r.About(number=number) if what == "household":
            return register.household(number)
        case r.About(number=number):
            return register.dues(number)
        case r.DueCode(code=code):
            return register.due(code)
        case r.Paid():
            return register.paid(question)
        case r.Returned():
            return register.returned(question)
    raise TypeError(type(question).__name__)


def _fault(fault: str, step: str) -> Answer:
    told = r.Fault.model_validate({"fault": fault, "step": step[:200]})
    return Answer(r.STATUS[fault], told)
