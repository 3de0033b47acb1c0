"""One queue of CUPS on this machine, asked over IPP: what it is, what became of a paper, and to forget one."""

from __future__ import annotations

import http.client
import itertools
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import urlsplit

from contract.errors import ContractError, TransientDeviceError
from contract.hints import HINTS
from printers import ipp
from printers.ipp import Answer, Asked, Group, JobWord, Operation

USER = "vikno"
"""CUPS tells a paper's name to its owner only, and lets nobody else cancel it."""
ASK_S = 5.0
"""So long an answer may take, and each part of sending a paper."""
_STATE = ("printer-state", "printer-state-reasons", "printer-is-accepting-jobs", "printer-make-and-model")
_STOPPED = 5
_REASONS = {
    "media-empty": "sheets_out", "media-needed": "sheets_out", "media-jam": "paper_jam", "cover-open": "cover_open",
    "door-open": "cover_open", "interlock-open": "cover_open", "toner-empty": "toner_out", "marker-supply-empty": "toner_out",
    "developer-empty": "toner_out", "offline": "printer_offline", "shutdown": "printer_offline", "timed-out": "printer_offline",
    "connecting-to-device": "printer_offline", "paused": "printer_offline", "moving-to-paused": "printer_offline",
}  # fmt: skip
"""`printer-state-reasons` (RFC 8011, 5.4.12) → a key of `contract.hints`. A printer leaves out the ending where it means an error."""


@dataclass(frozen=True, slots=True)
class Standing:
    """How a queue is. `fault`: a key of `contract.hints`, None where it prints; `model`: as the queue calls its printer."""

    fault: str | None
    model: str
    paper_low: bool = False


class RefusedError(TransientDeviceError):
    """The queue answered, and took nothing: nothing will be printed."""


class Spool:
    """`url`: ipp://localhost/printers/NAME. Every call is bounded by `ASK_S`, and raises TransientDeviceError where nobody answers."""

    def __init__(self, url: str, device_id: str) -> None:
        """Raises: ContractError: not such a URL, or a machine that is not this one: sheets cross no network unsealed."""
        self._host, self._port, self._path = address(url)
        self._uri = f"ipp://localhost:{self._port}{self._path}"
        self._device_id = device_id
        self._numbers = itertools.count(1)

    def standing(self) -> Standing:
        """Whether it prints now."""
        answer = self._ask(Operation.GET_PRINTER, {"requested-attributes": _STATE})
        if not answer.good or answer.printer is None:
            raise self._away(f"the queue answered {answer.status:#06x}")
        return standing(answer.printer)

    def send(self, name: str, pdf: bytes) -> int:
        """Give it a paper; its number there. Raises: RefusedError: it took none; TransientDeviceError: nobody knows whether it did."""
        asked: Asked = {"requesting-user-name": USER, "job-name": name, "document-format": "application/pdf"}
        answer = self._ask(Operation.PRINT_JOB, asked, {"media": "iso_a4_210x297mm"}, pdf)
        if not answer.good:
            raise RefusedError(self._device_id, "printer_error", f"the queue refused the paper: {answer.status:#06x}")
        if not answer.jobs:
            raise self._away("the queue did not say the paper's number")
        return self._number(answer.jobs[0], "job-id")

    def find(self, name: str) -> int | None:
        """The number of the paper that was sent by this name, None where the queue knows none."""
        for which in ("not-completed", "completed"):
            asked: Asked = {
                "requesting-user-name": USER,
                "which-jobs": which,
                "requested-attributes": ("job-id", "job-name"),
            }
            for job in self._ask(Operation.GET_JOBS, asked).jobs:
                if job.get("job-name") == (name,):
                    return self._number(job, "job-id")
        return None

    def word(self, number: int) -> JobWord | None:
        """How far it is; None: the queue does not know it any more."""
        asked: Asked = {"job-id": number, "requesting-user-name": USER, "requested-attributes": ("job-state",)}
        answer = self._ask(Operation.GET_JOB, asked)
        if answer.status == ipp.NOT_FOUND:
            return None
        if not answer.good or not answer.jobs:
            raise self._away(f"the queue answered {answer.status:#06x}")
        state = self._number(answer.jobs[0], "job-state")
        if state not in set(JobWord):
            raise self._away(f"the queue told state {state}")
        return JobWord(state)

    def cancel(self, number: int) -> None:
        """Have it forget the paper; that it has ended already is as good."""
        answer = self._ask(Operation.CANCEL_JOB, {"job-id": number, "requesting-user-name": USER})
        if not answer.good and answer.status not in {ipp.NOT_FOUND, ipp.NOT_POSSIBLE}:
            raise self._away(f"the queue did not cancel: {answer.status:#06x}")

    def _ask(
        self,
        operation: Operation,
        asked: Asked,
        template: Mapping[str, str] | None = None,
        document: bytes = b"",
    ) -> Answer:
        number = next(self._numbers)
        line = http.client.HTTPConnection(self._host, self._port, timeout=ASK_S)
        try:
            body = ipp.request(operation, number, self._uri, asked, template) + document
            line.request("POST", self._path, body, {"Content-Type": "application/ipp"})
            reply = line.getresponse()
            data = reply.read(ipp.MAX_BYTES + 1)
            if reply.status != http.HTTPStatus.OK:
                raise self._away(f"the queue answered HTTP {reply.status}")
            answer = ipp.read(data)
        except (OSError, http.client.HTTPException, ContractError, ValueError) as exc:
            raise self._away(f"{operation.name}: {type(exc).__name__}") from exc
        finally:
            line.close()
        if answer.number != number:
            raise self._away("the queue answered another question")
        return answer

    def _number(self, group: Group, name: str) -> int:
        first = next(iter(group.get(name, ())), None)
        if not isinstance(first, int):
            raise self._away(f"the queue told no {name}")
        return first

    def _away(self, what: str) -> TransientDeviceError:
        return TransientDeviceError(self._device_id, "device_missing", f"{what}; {HINTS['device_missing'].step}")


def address(url: str) -> tuple[str, int, str]:
    """Host, port, path. Raises: ContractError: as `Spool`."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port or 631
        here = host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        here = False
    if not here or parts.scheme != "ipp" or len(parts.path) < len("/p") or parts.query:
        raise ContractError(
            f"sheet printer: {url!r}: ipp://localhost/printers/NAME: a queue of this machine's own CUPS"
        )
    return host, port, parts.path


def standing(printer: Group) -> Standing:
    """From the attributes of a queue: what stops it, not what it only warns of."""
    reasons = [str(each) for each in printer.get("printer-state-reasons", ())]
    firm = [each.removesuffix("-error") for each in reasons if not each.endswith(("-warning", "-report"))]
    stopped = printer.get("printer-state") == (_STOPPED,) or printer.get("printer-is-accepting-jobs") == (False,)
    fault = next((_REASONS[each] for each in firm if each in _REASONS), None)
    if fault is None and any(each.endswith("-error") for each in reasons):
        fault = "printer_error"
    low = any(each.startswith("media-low") for each in reasons)
    model = str(next(iter(printer.get("printer-make-and-model", ())), ""))
    return Standing(fault or ("printer_offline" if stopped else None), model, low)
