"""What stands on a ticket, a receipt or a certificate, in the visitor's language and already worded. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

from contract.errors import ContractError

QR_MAX_BYTES = 31


@dataclass(frozen=True, slots=True)
class Fact:
    """One framed figure: a small title over a large value ("Зал" over "Б"); `note`: small under it, "" for none."""

    title: str
    value: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Training:
    """The mark of a paper that is not real: `words`: white on black, in the hall's languages; `note`: what it means, in the paper's."""

    words: str
    note: str


@dataclass(frozen=True, slots=True)
class TicketDoc:
    """One ticket. Every text is final: translated, with its numbers and dates in it; the layout joins no words.

    `number_title` stands over `label`. `facts`: one to three frames side by side (wait or people ahead, zone). `bring` may be
    empty; then `bring_title` is not printed. `follow` (bold), `missed_rule` and `keep` stand beside the QR code, which holds
    `qr` (see `qr_payload`). `issued` is date and time, `hotline` a phone line; empty means that there is none.
    `large`: in large print. `training`: None on a paper that is real, here and on the others.
    Raises: ContractError: hall, label, service or a fact is empty, or there are not one to three facts.
    """

    lang: str
    hall: str
    number_title: str
    label: str
    service: str
    facts: tuple[Fact, ...]
    bring_title: str
    bring: tuple[str, ...]
    follow: str
    missed_rule: str
    keep: str
    issued: str
    hotline: str
    qr: str
    large: bool = False
    training: Training | None = None
    form: ClassVar[str] = "ticket"

    def __post_init__(self) -> None:
        if not 1 <= len(self.facts) <= 3:
            raise ContractError(f"ticket {self.label}: {len(self.facts)} facts: one to three")
        texts = [self.hall, self.label, self.service, self.qr]
        texts += [text for fact in self.facts for text in (fact.title, fact.value)]
        if not all(text.strip() for text in texts):
            raise ContractError(f"ticket {self.label}: hall, label, service, facts and qr are not empty")


@dataclass(frozen=True, slots=True)
class ReceiptDoc:
    """One paper about money: a receipt, a slip, a report. Every text is final, as on a ticket. `number` names it; `rows`: what it is
    about, (text, amount); `details`: what the bank or the acceptor said of it, (name, value); `qr`: "" for none.

    `mark`: framed above all ("Copy"), `code` under `code_title`: large, to be told to somebody; "" for none.
    Raises: ContractError: hall, title, number, the sum or all rows are empty.
    """

    lang: str
    hall: str
    title: str
    number: str
    rows: tuple[tuple[str, str], ...]
    total_title: str
    total: str
    details: tuple[tuple[str, str], ...]
    follow: str
    keep: str
    issued: str
    hotline: str
    qr: str
    large: bool = False
    mark: str = ""
    code_title: str = ""
    code: str = ""
    training: Training | None = None
    form: ClassVar[str] = "receipt"

    def __post_init__(self) -> None:
        texts = [self.hall, self.title, self.number, self.total_title, self.total, *(text for text, _ in self.rows[:1])]
        if not self.rows or not all(text.strip() for text in texts):
            raise ContractError(f"receipt {self.number}: hall, title, number, rows and total are not empty")


@dataclass(frozen=True, slots=True)
class CertificateDoc:
    """One paper about persons: a certificate, or an application to be signed. Every text is final, as on a ticket.

    `facts`: (name, value); `people`: a line each, with the texts of `columns`; `closing`: paragraphs; `sign`: what is written by hand on
    lines; `note`: what this paper is worth; `qr`: its number again. Its texts are personal data: `repr` shows none of them.
    Raises: ContractError: hall, title, number or note is empty, or a line of people has not a text for each column.
    """

    lang: str
    hall: str
    title: str
    number: str
    opening: str
    facts: tuple[tuple[str, str], ...] = field(repr=False)
    people_title: str
    columns: tuple[str, ...]
    people: tuple[tuple[str, ...], ...] = field(repr=False)
    closing: tuple[str, ...]
    sign: tuple[str, ...]
    note: str
    check: str
    issued: str
    qr: str
    large: bool = False
    training: Training | None = None
    form: ClassVar[str] = "certificate"

    def __post_init__(self) -> None:
        if not all(text.strip() for text in (self.hall, self.title, self.number, self.note)):
            raise ContractError(f"certificate {self.number}: hall, title, number and note are not empty")
        if any(len(line) != len(self.columns) for line in self.people):
            raise ContractError(f"certificate {self.number}: a line of people has {len(self.columns)} texts")


Doc = TicketDoc | ReceiptDoc | CertificateDoc


def spoken(doc: Doc, fields: tuple[str, ...]) -> tuple[str, ...]:
    """What is read aloud of a paper: the texts of `fields` in order, each once, empty ones left out."""
    said: list[str] = []
    for name in fields:
        for text in _said(getattr(doc, name)):
            if text.strip() and text not in said:
                said.append(text)
    return tuple(said)


def _said(value: object) -> tuple[str, ...]:
    match value:
        case str():
            return (value,)
        case Fact(title, text, note):
            return (f"{title}: {text}", note)
        case Training(_, note):
            return (note,)
        case (str(left), str(right)):
            return (f"{left}: {right}",)
        case tuple():
            return tuple(text for each in value for text in _said(each))
        case _:
            return ()


def qr_payload(label: str, ticket_id: str) -> str:
    """`<label> <ticket id>`: all that the QR code on paper says; no address, no personal data.

    At most 31 bytes of ASCII, so that the code stays small (version 3) and its modules stay large.
    Raises: ContractError: a part is empty, not printable ASCII without spaces, or both are too long together.
    """
    for name, part in (("label", label), ("ticket id", ticket_id)):
        if not part or not part.isascii() or not part.isprintable() or " " in part:
            raise ContractError(f"qr: {name}: {part!r}: printable ASCII without spaces, not empty")
    payload = f"{label} {ticket_id}"
    if len(payload) > QR_MAX_BYTES:
        raise ContractError(f"qr: {payload!r}: {len(payload)} bytes: at most {QR_MAX_BYTES}")
    return payload
