"""Fiscal receipts through Checkbox, a registrar in the cloud (Ukraine), by its Python SDK: checkbox-sdk 1.6.

A receipt's id is ours, made from the key: the cloud keeps one receipt for an id for ever, and says `receipt.already_exists`
to the second request. An id that ended in ERROR is spent. Source: the SDK's own documentation of `create_receipt`.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar
from uuid import UUID, uuid5

from contract.errors import TransientDeviceError
from contract.hints import HINTS
from terminal.fiscal.registrar import RefusedError, Registered, Sale, ShiftReport

if TYPE_CHECKING:
    from checkbox_sdk.client.synchronous import CheckBoxClient

NAMESPACE = UUID("6f1c1c6a-6f0e-4c1b-9d0a-2f4be0a3c5d1")
URL = "https://api.checkbox.in.ua"
REQUESTS_PER_10S = 15
"""The cloud's own limit."""
_SIGNED_OUT = frozenset({401, 403})
_UNKNOWN = 404
_AGAIN = frozenset({_UNKNOWN, 408, 425, 429})
"""Answers that say nothing about the receipt: of 404, that it is on its way."""
_LONGEST, _LONGEST_LINK = 64, 500
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Account:
    """One cash register of the cloud. `pin`: its cashier's; `tax`: codes of the taxes that are in every price."""

    url: str
    licence: str
    pin: str
    tax: tuple[int, ...] = ()

    def __repr__(self) -> str:
        return f"Account({self.url})"


class CheckboxRegistrar:
    """One connection, used by one thread. The SDK is loaded at the first call."""

    needed = True

    def __init__(
        self,
        account: Account,
        device: str,
        *,
        reply_s: float = 10.0,
        ended_s: float = 20.0,
        rate: int = REQUESTS_PER_10S,
    ) -> None:
        """`reply_s`: for one answer; `ended_s`: for the cloud to end a receipt or a shift; `rate`: requests in 10 s."""
        self._account, self._device = account, device
        self._reply_s, self._ended_s, self._rate = reply_s, ended_s, rate
        self._client: CheckBoxClient | None = None

    def register(self, key: str, sale: Sale) -> Registered:
        """See the port."""
        return self._create(key, self._body(key, sale))

    def refund(self, key: str, sale: Sale, of: str) -> Registered:
        """See the port."""
        body = self._body(key, sale)
        for good in body["goods"]:
            good["is_return"] = True
        return self._create(key, {**body, "related_receipt_id": receipt_id(of)})

    def look(self, key: str) -> Registered | None:
        """See the port."""

        def seen(client: CheckBoxClient) -> Registered | None:
            from checkbox_sdk.exceptions import CheckBoxAPIError

            try:
                return self._ended(client, key)
            except CheckBoxAPIError as exc:
                if exc.status != _UNKNOWN:
                    raise
            except RefusedError:
                pass
            return None

        return self._ask(seen)

    def close_shift(self) -> ShiftReport | None:
        """See the port."""

        def end(client: CheckBoxClient) -> ShiftReport | None:
            report = client.shifts.close_shift(relax=10 / self._rate, timeout=int(self._ended_s))
            shift: dict[str, Any] = client.storage.shift or {}
            if report is None:
                shift = next(client.shifts.get_shifts(statuses=["CLOSED"], desc=True, limit=1), {})
                report = shift.get("z_report")
            return None if report is None else _report(report, str(shift["serial"]))

        return self._ask(end)

    def close(self) -> None:
        """Give the line up; twice is fine."""
        client, self._client = self._client, None
        if client is not None:
            _close(client)

    # -- one receipt ------------------------------------------------------------------------------------------------

    def _body(self, key: str, sale: Sale) -> dict[str, Any]:
        goods = [
            {
                "good": {
                    "code": line.code,
                    "name": line.name,
                    "price": line.amount.minor,
                    "tax": list(self._account.tax),
                },
                "quantity": 1000,
                "is_return": False,
            }
            for line in sale.lines
        ]
        return {"id": receipt_id(key), "goods": goods, "payments": [_payment(sale)]}

    def _create(self, key: str, body: dict[str, Any]) -> Registered:
        total = body["payments"][0]["value"]

        def make(client: CheckBoxClient) -> Registered:
            from checkbox_sdk.exceptions import CheckBoxAPIError

            try:
                client.receipts.create_receipt(body, wait=False)
            except CheckBoxAPIError as exc:
                match _code(exc.content):
                    case "receipt.already_exists":
                        pass
                    case "shift.not_opened":
                        client.shifts.create_shift(relax=10 / self._rate, timeout=int(self._ended_s))
                        client.receipts.create_receipt(body, wait=False)
                    case _:
                        raise
            return self._ended(client, key, total)

        return self._ask(make)

    def _ended(self, client: CheckBoxClient, key: str, total: int | None = None) -> Registered:
        """What became of a receipt, once the cloud knows. Raises: RefusedError: it ended in ERROR, or is another sale's."""
        until = time.monotonic() + self._ended_s
        while (found := client.receipts.get_receipt(receipt_id(key)))["status"] not in {"DONE", "ERROR"}:
            if time.monotonic() > until:
                raise TransientDeviceError(self._device, "fiscal_away", "the receipt is still being made")
            time.sleep(10 / self._rate)
        if found["status"] == "ERROR":
            raise RefusedError(str((found.get("transaction") or {}).get("response_error_message")), spent=True)
        if total is not None and found["total_sum"] != total:
            raise RefusedError(f"registered over {found['total_sum']}, the sale is over {total}", spent=False)
        return _registered(found)

    # -- the line ---------------------------------------------------------------------------------------------------

    def _ask(self, what: Callable[[CheckBoxClient], _T]) -> _T:
        """Ask while signed in; a session that has run out is begun anew, once."""
        from checkbox_sdk.exceptions import CheckBoxAPIError

        with self._told():
            fresh = self._client is None
            try:
                return what(self._signed_in())
            except CheckBoxAPIError as exc:
                if fresh or exc.status not in _SIGNED_OUT:
                    raise
            self.close()
            return what(self._signed_in())

    def _signed_in(self) -> CheckBoxClient:
        if self._client is None:
            from checkbox_sdk.client.synchronous import CheckBoxClient

            client = CheckBoxClient(
                base_url=self._account.url,
                requests_timeout=self._reply_s,
                client_name="vikno",
                requests_per_10s=self._rate,
            )
            try:
                client.cashier.authenticate_pin_code(self._account.pin, self._account.licence)
            except BaseException:
                _close(client)
                raise
            self._client = client
        return self._client

    @contextmanager
    def _told(self) -> Iterator[None]:
        """What the SDK raises, in our words. Only a plain no is a refusal: all else may have been done."""
        from checkbox_sdk.exceptions import CheckBoxAPIError, CheckBoxError

        try:
            yield
        except CheckBoxAPIError as exc:
            if exc.status in _AGAIN:
                raise self._away(f"it answers {exc.status}") from exc
            raise RefusedError(f"{exc.status} {_said(exc.content)}", spent=False) from exc
        except CheckBoxError as exc:
            raise self._away(type(exc).__name__) from exc
        except (ValueError, LookupError, TypeError, AttributeError, RecursionError) as exc:
            raise self._away("its answer cannot be read") from exc  # the SDK takes every answer for a good one

    def _away(self, why: str) -> TransientDeviceError:
        return TransientDeviceError(self._device, "fiscal_away", f"{why}; {HINTS['fiscal_away'].step}")


def receipt_id(key: str) -> str:
    """The cloud's id of a receipt: a UUID that follows from our key, so that asking twice makes one receipt."""
    return str(uuid5(NAMESPACE, key))


def _close(client: CheckBoxClient) -> None:
    """Close the line too: checkbox-sdk 1.6.0 closes its session, whose rate limit does not hand that on."""
    limited = client._session._transport  # noqa: SLF001 - there is no other way to the line
    client.close()
    limited.transport.close()


def _payment(sale: Sale) -> dict[str, Any]:
    if sale.method == "cash":
        return {"type": "CASH", "label": "Готівка", "value": sale.amount.minor}
    words = {
        "card_mask": sale.pan, "payment_system": sale.brand, "auth_code": sale.approval, "rrn": sale.rrn, "terminal": sale.tid,
    }  # fmt: skip
    known = {name: word for name, word in words.items() if word}
    return {"type": "CASHLESS", "label": "Картка", "value": sale.amount.minor, **known}


def _registered(found: dict[str, Any]) -> Registered:
    number, link = found["fiscal_code"], found.get("tax_url") or ""
    if not isinstance(number, str) or not 0 < len(number) <= _LONGEST or not number.isprintable():
        raise ValueError("fiscal_code")
    if not isinstance(link, str) or len(link) > _LONGEST_LINK or not link.isprintable():
        raise ValueError("tax_url")
    offline = found.get("is_created_offline") is True and found.get("is_sent_dps") is not True
    shift = str((found.get("shift") or {}).get("serial") or "")[:_LONGEST]
    return Registered(number, link if link.startswith("https://") else "", offline, shift)


def _report(found: dict[str, Any], shift: str) -> ShiftReport:
    paid = found["payments"]
    return ShiftReport(
        number=str(found["serial"]),
        sales=int(found["sell_receipts_count"]),
        refunds=int(found["return_receipts_count"]),
        sold_minor=sum(int(each["sell_sum"]) for each in paid),
        returned_minor=sum(int(each["return_sum"]) for each in paid),
        shift=shift,
    )


def _code(content: object) -> str:
    return str(content.get("code")) if isinstance(content, dict) else ""


def _said(content: object) -> str:
    words = content.get("message") or content.get("detail") if isinstance(content, dict) else ""
    return words if isinstance(words, str) else _code(content)
