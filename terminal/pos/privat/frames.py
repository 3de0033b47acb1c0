"""PrivatBank ECR JSON: messages between zero bytes. Pure.

Format: PrivatBank, "ECR JSON protocol" 1.0.3.1 of 17.01.2025. UTF-8 JSON, each message ended by 00; the handshake alone
also begins with one. What answers what is told by the method's name only, there is no request id.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from terminal.money import read_decimal
from terminal.pos.terminal import Kind, Receipt

MAX_BYTES = 64 * 1024
APPROVED, PARTIAL = "0000", "0010"
_KINDS = {"1": Kind.SALE, "2": Kind.REFUND, "3": Kind.VOID}
_MASK = "*XxX•"


@dataclass(frozen=True, slots=True)
class Message:
    """One message. `params`: texts by name; whatever is not text was made text; fields about the card beyond masked digits are left out."""

    method: str
    params: Mapping[str, str]
    error: bool = False
    said: str = ""

    @property
    def code(self) -> str:
        """The response code, four digits; "" where there is none."""
        return self.params.get("responseCode", "")


ALLOWED = frozenset({
    "amount", "rrn", "approvalCode", "invoiceNumber", "terminalId", "merchant", "date", "time", "paymentSystem",
    "bankAcquirer", "responseCode", "pan", "txnType", "trnStatus", "msgType", "LastStatMsgCode", "LastResult",
    "lastStatMsgCode", "lastResult", "vendor", "model", "totalDebit", "debitNumber",
})  # fmt: skip
"""What is read of a reply. A card holder's name, the expiry date and tracks come too: they are dropped unread."""


def request(method: str, params: Mapping[str, str] | None = None) -> bytes:
    """One request as it goes out."""
    body: dict[str, Any] = {"method": method, "step": 0}
    if params is not None:
        body["params"] = dict(params)
    head = b"\0" if method == "PingDevice" else b""
    return head + json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode() + b"\0"


class Reader:
    """Takes bytes as they come; gives whole messages. `dropped`: pieces that were none."""

    def __init__(self) -> None:
        self._piece = bytearray()
        self._skipping = False
        self.dropped = 0

    def feed(self, data: bytes) -> list[Message]:
        """The messages that `data` completes, in order."""
        found = []
        *ends, rest = data.split(b"\0")
        for end in ends:
            self._add(end)
            message = self._whole()
            if message is not None:
                found.append(message)
        self._add(rest)
        return found

    def _add(self, data: bytes) -> None:
        if not self._skipping and len(self._piece) + len(data) > MAX_BYTES:
            self._skipping = True
            self._piece.clear()
        if not self._skipping:
            self._piece += data

    def _whole(self) -> Message | None:
        piece, skipped = bytes(self._piece), self._skipping
        self._piece.clear()
        self._skipping = False
        if not piece.strip() and not skipped:
            return None
        message = None if skipped else parse(piece)
        self.dropped += message is None
        return message


def parse(piece: bytes) -> Message | None:
    """One message, None where it is none. Older firmware writes a field's name wrongly, and blanks before words."""
    try:
        body = json.loads(piece)
        params = body.get("params") or {}
        method = str(body["method"]).strip()
        said = str(body.get("errorDescription", body.get("errorDescritption", ""))).strip()
        kept = {name: _text(value) for name, value in params.items() if name in ALLOWED}
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None
    error = body.get("error") in (True, "true")
    return Message(method[:64], {**kept, "pan": masked(kept.get("pan", ""))}, error, said[:200])


def receipt(message: Message, currency: str) -> Receipt | None:
    """The receipt that a reply tells of, None where it names no number. Raises: ContractError: its amount is none."""
    params = message.params
    number = params.get("invoiceNumber", "").lstrip("0")
    if not number:
        return None
    kind = _KINDS.get(params.get("txnType", "1"), Kind.OTHER)
    status = params.get("trnStatus", "")
    if kind is Kind.SALE and status in {"3", "4"}:
        kind = Kind.VOID  # a sale that was given back
    return Receipt(
        number=number,
        kind=kind,
        amount=read_decimal(params.get("amount", ""), currency),
        approved=status in {"1", "3", "4"} if status else message.code in {APPROVED, PARTIAL},
        tid=params.get("terminalId", ""),
        rrn=params.get("rrn", ""),
        approval=params.get("approvalCode", ""),
        pan=params.get("pan", ""),
        brand=params.get("paymentSystem", ""),
    )


def masked(pan: str) -> str:
    """A card number of which at most the first six and the last four digits show; "" for one that shows more."""
    digits = sum(letter.isdigit() for letter in pan)
    return pan[:24] if digits <= 10 and any(letter in _MASK for letter in pan) else ""


def _text(value: object) -> str:
    return str(value).strip()[:200] if isinstance(value, str | int | float | bool) else ""
