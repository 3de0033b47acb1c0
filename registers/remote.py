"""A register that speaks HTTP and JSON itself: the questions of `contract.register`, each one signed."""

from __future__ import annotations

import secrets
import ssl
from collections.abc import Callable
from datetime import datetime
from email.utils import format_datetime
from pathlib import Path
from time import monotonic
from typing import TypeVar

import structlog
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from pydantic import ValidationError

from contract import register as r
from contract.errors import ConfigError, ContractError
from contract.messages.envelope import Wire
from registers.register import BadAnswerError, BadQuestionError, NotKnownError, RefusedError, away
from registers.signature import Sign, signed
from runtime import https
from runtime.clock import utc_now

log = structlog.get_logger(__name__)
Kind = TypeVar("Kind", bound=Wire)
_ONCE_MORE_S = 0.5
"""So much time must be left for a second try to make sense."""


def load_key(file: Path) -> Sign:
    """What signs with the ed25519 key in a PEM file. Raises: ConfigError."""
    try:
        key = load_pem_private_key(file.read_bytes(), password=None)
    except (OSError, ValueError, TypeError) as exc:
        raise ConfigError(file, None, "sign_key", "unreadable", "openssl genpkey -algorithm ed25519 -out FILE") from exc
    if not isinstance(key, Ed25519PrivateKey):
        raise ConfigError(file, None, "sign_key", type(key).__name__, "an ed25519 key, PEM")
    return key.sign


class RemoteRegister:
    """A `Register` at an https URL. `sign`, `keyid`: our proof; `ca`: whom to trust, None: the machine's list.

    A question that was cut off is asked once more while its time lasts: questions change nothing, and `paid` counts by its payment's id.
    """

    kind = "https"

    def __init__(
        self, name: str, url: str, *, sign: Sign, keyid: str, ca: Path | None = None, timeout_s: float = 5.0,
        now: Callable[[], datetime] = utc_now,
    ) -> None:  # fmt: skip
        self.name, self._url = name, https.Url.parse(url)
        self._sign, self._keyid, self._timeout_s, self._now = sign, keyid, timeout_s, now
        self._context = https.client_context(ca)

    def person(self, number: str) -> r.Person:
        """As the port says."""
        found = self._ask("person", r.About(number=number), r.Person)
        if found.number != number:
            raise BadAnswerError("another person than the one asked about")
        return found

    def household(self, number: str) -> r.Household:
        """As the port says."""
        return self._ask("household", r.About(number=number), r.Household)

    def dues(self, number: str) -> r.Dues:
        """As the port says."""
        return self._ask("dues", r.About(number=number), r.Dues)

    def due(self, code: str) -> r.Dues:
        """As the port says."""
        found = self._ask("due", r.DueCode(code=code), r.Dues)
        if len(found.dues) > 1 or any(due.code != code for due in found.dues):
            raise BadAnswerError("another due than the one asked for")
        return found

    def paid(self, paid: r.Paid) -> r.Taken:
        """As the port says."""
        return self._ask("paid", paid, r.Taken)

    def returned(self, returned: r.Returned) -> r.Taken:
        """As the port says."""
        return self._ask("returned", returned, r.Taken)

    def directory(self, name: str, unless: int | None = None) -> r.Directory | None:
        """As the port says."""
        fields = {} if unless is None else {"If-None-Match": f'"{unless}"'}
        answer = self._exchange("GET", f"directories/{name}", b"", fields)
        if answer.status == 304 and unless is not None:
            return None
        found = self._read(answer, r.Directory)
        if found.name != name:
            raise BadAnswerError("another list than the one asked for")
        return found

    def check(self) -> None:
        """As the port says."""
        self._read(self._exchange("GET", "health", b"", {}), r.Registers)

    def close(self) -> None:
        """Nothing is kept open."""

    def _ask(self, what: str, question: Wire, kind: type[Kind]) -> Kind:
        body = question.model_dump_json().encode()
        return self._read(self._exchange("POST", what, body, {"Content-Type": "application/json"}), kind)

    def _exchange(self, method: str, what: str, body: bytes, fields: dict[str, str]) -> https.Answer:
        until = monotonic() + self._timeout_s
        try:
            return self._once(method, what, body, fields, until)
        except OSError as exc:
            cut_off = isinstance(exc, ConnectionError | ssl.SSLEOFError)
            if not cut_off or until - monotonic() < _ONCE_MORE_S:
                raise self._lost(exc) from None
        try:
            return self._once(method, what, body, fields, until)
        except OSError as exc:
            raise self._lost(exc) from None

    def _once(self, method: str, what: str, body: bytes, fields: dict[str, str], until: float) -> https.Answer:
        """One try, signed for itself: its moment and its nonce are its own."""
        target, now = f"{self._url.path}{r.ROOT}/{what}", self._now()
        proof = signed(
            method, f"https://{self._url.authority}{target}", body, format_datetime(now, usegmt=True),
            created=int(now.timestamp()), nonce=secrets.token_urlsafe(12), keyid=self._keyid, sign=self._sign,
        )  # fmt: skip
        try:
            return https.ask(
                self._url, method, target, {**fields, **proof}, body, self._context,
                timeout_s=max(0.001, until - monotonic()), most=r.MAX_ANSWER_BYTES,
            )  # fmt: skip
        except ContractError as exc:
            raise BadAnswerError(str(exc)) from None

    def _lost(self, exc: OSError) -> Exception:
        log.warning("register.lost", register=self.name, fault=type(exc).__name__)
        return away(self.name)

    def _read(self, answer: https.Answer, kind: type[Kind]) -> Kind:
        # A pydantic error repeats its input, which is somebody's data: it goes into no cause.
        try:
            if answer.status == 200:
                return kind.model_validate_json(answer.body)
            if answer.status in {401, 403}:
                raise RefusedError("the register does not let this connector ask")
            if answer.status >= 500:
                raise away(self.name)
            told = r.Fault.model_validate_json(answer.body)
        except ValidationError:
            raise BadAnswerError(f"not a {kind.__name__} of the contract") from None
        if told.fault == "unknown":
            raise NotKnownError("the register does not know it")
        if told.fault == "bad_request":
            raise BadQuestionError("the register does not take this question")
        raise away(self.name)
