"""What a terminal asks the hall's connector to registers. Blocking, for a worker thread; personal numbers stay in bodies."""

from __future__ import annotations

import ssl
import threading
from pathlib import Path
from typing import Protocol, TypeVar

from pydantic import ValidationError

from contract import register as r
from contract.errors import ContractError, DeviceError, PermanentDeviceError, TransientDeviceError
from contract.hints import HINTS
from contract.messages.envelope import Wire
from runtime import https

Answer = TypeVar("Answer", bound=Wire)
DEVICE = "register"
"""How the connector is called in faults."""


class NotKnownError(ContractError):
    """The register does not know that person, code or list: no fault of anybody's."""


class Credentials(Protocol):
    """Whom to trust, who this terminal is, the proof: PEM files, as in `[broker]` of its configuration."""

    @property
    def ca(self) -> Path: ...
    @property
    def cert(self) -> Path: ...
    @property
    def key(self) -> Path: ...


class RegisterClient:
    """The connector at `url`. Any thread may ask; each question is a connection of its own.

    Every method raises: TransientDeviceError: `register_away`, `register_limit` (too many questions in this minute), ask later.
    PermanentDeviceError: `register_refused` (this terminal may not ask), `certificate_refused`, `register_faulty` (one of the two sides
    breaks the contract). NotKnownError: a ContractError, see there. `timeout_s`: for the whole of a question.
    Raises: ContractError: not an https URL. ConfigError: a certificate file cannot be used.
    """

    def __init__(self, url: str, credentials: Credentials, timeout_s: float = 10.0) -> None:
        self._url = https.Url.parse(url)
        self._context = https.client_context(credentials.ca, credentials.cert, credentials.key)
        self._timeout_s = timeout_s
        self._lock = threading.Lock()
        self._lists: dict[str, tuple[str, r.Directory]] = {}

    def person(self, number: str) -> r.Person:
        """Who has this personal number."""
        return self._ask("person", _about(number), r.Person)

    def household(self, number: str) -> r.Household:
        """Who is registered where this person lives, that person first. Not known, too, where no address is registered."""
        return self._ask("household", _about(number), r.Household)

    def dues(self, number: str) -> r.Dues:
        """What this person has to pay, the oldest first; nothing for somebody nobody has heard of."""
        return self._ask("dues", _about(number), r.Dues)

    def due(self, code: str) -> r.Dues:
        """What is to be paid by the code of a demand: one, or none."""
        try:
            asked = r.DueCode(code=code)
        except ValidationError:
            return r.Dues()  # whatever was typed is no code
        return self._ask("due", asked, r.Dues)

    def paid(self, paid: r.Paid) -> r.Taken:
        """Tell that a sum was paid. Say it until this returns: saying it twice changes nothing."""
        return self._ask("paid", paid, r.Taken)

    def returned(self, returned: r.Returned) -> r.Taken:
        """Tell that a payment told before was given back. As `paid`."""
        return self._ask("returned", returned, r.Taken)

    def directory(self, name: str) -> r.Directory:
        """A list to choose from. It is asked about every time, and sent only when it has changed."""
        with self._lock:
            etag, known = self._lists.get(name, ("", None))
        answer = self._exchange("GET", f"directories/{name}", b"", {"If-None-Match": etag} if etag else {})
        if answer.status == 304 and known is not None:
            return known
        found = _read(answer, r.Directory)
        with self._lock:
            self._lists[name] = answer.headers.get("etag", ""), found
        return found

    def health(self) -> r.Registers:
        """How each register behind the connector is."""
        return _read(self._exchange("GET", "health", b"", {}), r.Registers)

    def _ask(self, what: str, question: Wire, kind: type[Answer]) -> Answer:
        body = question.model_dump_json().encode()
        return _read(self._exchange("POST", what, body, {"Content-Type": "application/json"}), kind)

    def _exchange(self, method: str, what: str, body: bytes, headers: dict[str, str]) -> https.Answer:
        target = f"{self._url.path}{r.ROOT}/{what}"
        try:
            return https.ask(
                self._url, method, target, headers, body, self._context,
                timeout_s=self._timeout_s, most=r.MAX_ANSWER_BYTES,
            )  # fmt: skip
        except ssl.SSLError as exc:
            # With TLS 1.3 the other side's refusal of our certificate is an alert met while reading the answer.
            words = str(exc).lower()
            fault = "certificate_refused" if "certificate" in words or "alert" in words else "register_away"
            raise _fault(fault) from exc
        except OSError as exc:
            raise _fault("register_away") from exc
        except ContractError as exc:
            raise _fault("register_faulty") from exc


def _about(number: str) -> r.About:
    try:
        return r.About(number=number)
    except ValidationError:
        raise NotKnownError("not a personal number") from None  # the cause would repeat it


_FAULTS = {
    "register_away": "register_away", "not_allowed": "register_refused", "too_many": "register_limit",
    "bad_request": "register_faulty", "bad_answer": "register_faulty",
}  # fmt: skip
"""The connector's word → a key of `contract.hints`."""


def _read(answer: https.Answer, kind: type[Answer]) -> Answer:
    # A pydantic error repeats its input, which is somebody's data: it goes into no cause.
    try:
        if answer.status == 200:
            return kind.model_validate_json(answer.body)
        told = r.Fault.model_validate_json(answer.body)
    except ValidationError:
        raise _fault("register_faulty") from None
    if told.fault == "unknown":
        raise NotKnownError("the register does not know it")
    raise _fault(_FAULTS[told.fault])


def _fault(fault: str) -> DeviceError:
    kind = TransientDeviceError if fault in ("register_away", "register_limit") else PermanentDeviceError
    return kind(DEVICE, fault, HINTS[fault].step)
