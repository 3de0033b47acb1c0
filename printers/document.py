"""What stands on a ticket, in the visitor's language and already worded. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from contract.errors import ContractError

QR_MAX_BYTES = 31


@dataclass(frozen=True, slots=True)
class Fact:
    """One framed figure: a small title over a large value ("Зал" over "Б"); `note`: small under it, "" for none."""

    title: str
    value: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class TicketDoc:
    """One ticket. Every text is final: translated, with its numbers and dates in it; the layout joins no words.

    `number_title` stands over `label`. `facts`: one to three frames side by side (wait or people ahead, zone). `bring` may be
    empty; then `bring_title` is not printed. `follow` (bold), `missed_rule` and `keep` stand beside the QR code, which holds
    `qr` (see `qr_payload`). `issued` is date and time, `hotline` a phone line; empty means that there is none.
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

    def __post_init__(self) -> None:
        if not 1 <= len(self.facts) <= 3:
            raise ContractError(f"ticket {self.label}: {len(self.facts)} facts: one to three")
        texts = [self.hall, self.label, self.service, self.qr]
        texts += [text for fact in self.facts for text in (fact.title, fact.value)]
        if not all(text.strip() for text in texts):
            raise ContractError(f"ticket {self.label}: hall, label, service, facts and qr are not empty")


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
