"""The ticket's words, from the hall's reply and its document. Pure."""

from __future__ import annotations

from contract import messages as m
from contract.hall import Hall
from look.texts import Texts
from printers.document import Fact, TicketDoc, qr_payload
from printers.training import band


def document(hall: Hall, issued: m.Issued, old: str, *, large: bool = False) -> TicketDoc:
    """The paper for `issued` in its own language; `old`: the label it replaces, "" for none; `large`: in large print.

    Raises: ContractError: label and ticket id do not fit a QR code.
    """
    texts = Texts(issued.lang)
    service = hall.service_by_id[issued.service]
    zone = next((z.names[issued.lang] for z in hall.zones if z.id == issued.zone), "")
    facts = [_turn(texts, hall, issued)]
    facts += [Fact(texts.get("ticket.zone_title"), zone)] if zone else []
    local = hall.zone_info
    date, time = texts.date(issued.issued_at, local), texts.time(issued.issued_at, local)
    return TicketDoc(
        lang=issued.lang,
        hall=hall.short_names[issued.lang],
        number_title=texts.get("ticket.number_title"),
        label=issued.label,
        service=service.names[issued.lang],
        facts=tuple(facts),
        bring_title=texts.get("ticket.prepare"),
        bring=tuple(hall.documents[key][issued.lang] for key in service.bring),
        follow=texts.get("ticket.replaces", old=old) if old else texts.get("ticket.watch_board"),
        missed_rule=texts.get("ticket.missed"),
        keep=texts.get("ticket.keep"),
        issued=texts.get("ticket.issued_at", date=date, time=time),
        hotline="",
        qr=qr_payload(issued.label, issued.ticket),
        large=large,
        training=band(hall, issued.lang, "ticket"),
    )


def _turn(texts: Texts, hall: Hall, issued: m.Issued) -> Fact:
    """When it will be: the booked time, else the wait, else how many are before."""
    if issued.booked_at is not None:
        return Fact(texts.get("ticket.booked_title"), texts.time(issued.booked_at, hall.zone_info))
    if issued.wait is not None:
        wait = texts.wait(issued.wait.low, issued.wait.high)
        return Fact(texts.get("ticket.wait_title"), wait, texts.get("ticket.estimate_note"))
    return Fact(texts.get("ticket.ahead_title"), str(issued.people_ahead))
