"""Every screen of a hall, with invented visits: what `--render` draws and the tests look at. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, time, timedelta

from contract import messages as m
from contract.hall import Hall
from contract.hall_part import Form, FormField, Service
from contract.register import Address, Dues, DueSum, Entry, Household, Member, Person
from contract.words import HallState, Refusal
from glass.card import ZONE
from glass.face import Face
from terminal import drawing, errand, sale
from terminal.state import Answer, Fate, PaperKind, Receipt, Screen, State, Task, Visit, Ways
from terminal.visit import form as form_of

NOW = 1000.0
_DAY = date(2026, 3, 17)  # a Tuesday
_NOTES = (1000, 2000, 5000, 10000, 20000, 50000)
_NO_CARD = ("no_card", "no_reader", "card_removed", "wrong_key", "too_many_tries", "card_mismatch", "not_id_card")
_NO_ANSWER = ("unknown", "register_away", "register_limit", "bad_answer", errand.NOTHING_DUE)
_QR = "https://bank.gov.ua/qr/" + "QkNECjAwMgoxClVDVAoK" * 12
_MODES = (
    "attract", "menu", "groups", "services", "ticket", "number", "how", "code", "consent", "digits", "no_card-no_card",
    "no_answer-register_away", "form-entry", "form-entry-free", "form-text", "form-digits", "form-choice", "form-date", "check", "dues",
    "total", "total-nothing", "pay_cash-some", "pay_card", "stop_cash", "pay_qr", "take", "take-failed", "claim", "unknown", "error-unpaid",
    "still_here",
)  # fmt: skip
"""Screens that are also drawn low and in high contrast."""


def faces(hall: Hall, lang: str) -> Iterator[tuple[str, Face]]:
    """(name, face) of every screen of `hall` in `lang`: normal, then the tools' modes."""
    for name, state in states(hall, lang):
        yield name, drawing.draw(state, NOW, moment(hall))


def states(hall: Hall, lang: str) -> Iterator[tuple[str, State]]:
    """(name, state) of every screen of `hall` in `lang`."""
    plain = dict(_plain(opened(hall, lang)))
    yield from plain.items()
    for name in _MODES:
        for mode in ({"low": True}, {"contrast": True}):
            if name in plain:
                yield f"{name}-{next(iter(mode))}", replace(plain[name], **mode)  # type: ignore[arg-type]


def moment(hall: Hall) -> datetime:
    """A quarter past ten on a working day."""
    return datetime.combine(_DAY, time(10, 24), hall.zone_info)


def opened(hall: Hall, lang: str) -> State:
    """Nobody is here, and everything works."""
    at = moment(hall)
    beat = m.Heartbeat(id="h", state=HallState.OPEN, day=_DAY, now=at, speed=1, ep=1, revision=hall.revision)
    waits = {service.id: m.Wait(low=15, high=25) for service in hall.services[::2]}
    view = m.KioskView(
        id="v", ep=1, rev=1, state=HallState.OPEN, taking=True, waits=waits, closed_services=(hall.services[-1].id,)
    )
    ways = Ways(card=True, cash=True, qr=True, notes=_NOTES, paper=True)
    return State(
        hall=hall, view=view, beat=beat, beat_at=NOW, link_up=True, lang=lang, touched_at=NOW, shown_at=NOW, cards=True, ways=ways
    )  # fmt: skip


def person(hall: Hall) -> Person:
    """Somebody with a long name at a long address."""
    names = dict.fromkeys(hall.languages, "Верболозенко‑Калинівська Олександра Костянтинівна")
    return Person(number="0000000000", names=names, birth_date=date(1990, 1, 31), address=address(hall))


def address(hall: Hall) -> Address:
    """A long one."""
    text = "Калинопільська громада, с. Верхня Вербова, вул. Академіка Вигаданого, буд. 128‑А, кв. 406"
    return Address(settlement="s1", street="t1", house="128-А", texts=dict.fromkeys(hall.languages, text))


def household(hall: Hall, count: int) -> Household:
    """So many at one address."""
    names = dict.fromkeys(hall.languages, "Верболозенко‑Калинівський Олександр Костянтинович")
    members = tuple(Member(names=names, birth_date=date(1990, 1, 31)) for _ in range(count))
    return Household(address=address(hall), members=members)


def owed(hall: Hall) -> Dues:
    """Something of each length."""
    names = ("Податок на землю", "Плата за вивезення побутових відходів за лютий", "Штраф")
    payee = hall.payees[0].id if hall.payees else None
    return Dues(
        dues=tuple(
            DueSum(
                id=f"d{n}", code=f"VK{n}0471", names=dict.fromkeys(hall.languages, name), payee=payee,
                amount_minor=61837 * (n + 1) ** 3, currency=hall.currency, until=_DAY if n else None,
            )
            for n, name in enumerate(names)
        )
    )  # fmt: skip


def _plain(base: State) -> Iterator[tuple[str, State]]:
    hall = base.hall
    assert hall is not None
    yield "attract", base
    if len(hall.languages) > 1:
        yield "language", replace(base, screen=Screen.LANGUAGE)
    yield from _menu(base)
    yield from _ticket(base, hall)
    yield from _identify(base)
    yield from _form(base, hall)
    yield from _money(base, hall)
    yield from _outcomes(base, hall)
    yield "still_here", replace(base, screen=Screen.MENU, still_here=True)
    yield "person", replace(base, person=True)
    yield "identify", replace(base, identity="terminal-1", identity_until=NOW + 5)
    yield from _standing(base)


def _menu(base: State) -> Iterator[tuple[str, State]]:
    menu = replace(base, screen=Screen.MENU)
    yield "menu", menu
    yield "menu-page-2", replace(menu, page=1)
    yield "menu-blocked", replace(menu, cards=False, ways=Ways(), beat_at=None)
    owing = Visit(id="v", task=Task.DUES)
    yield "how", replace(base, screen=Screen.HOW, visit=owing)
    yield "code", replace(base, screen=Screen.CODE, visit=replace(owing, code="VK20471"))
    yield "code-longest", replace(base, screen=Screen.CODE, visit=replace(owing, code="W" * errand.CODE_SIGNS[1]))
    yield "code-receipt", replace(base, screen=Screen.CODE, visit=Visit(id="v", task=Task.REPRINT))


def _ticket(base: State, hall: Hall) -> Iterator[tuple[str, State]]:
    longest = max(hall.services, key=lambda each: len(each.names[base.lang]))
    visit = Visit(id="v", task=Task.TICKET, group=longest.group, service=longest.id)
    yield "groups", replace(base, screen=Screen.GROUPS, visit=replace(visit, service=""))
    for n, group in enumerate(hall.service_groups, 1):
        name = f"services-{n}" if n > 1 else "services"
        yield name, replace(base, screen=Screen.SERVICES, visit=replace(visit, group=group.id))
    yield "ticket", replace(base, screen=Screen.TICKET, visit=visit)
    ask = m.TicketIssue(id="terminal-0", service=longest.id, lang=base.lang)
    asked = replace(base, screen=Screen.WORKING, visit=replace(visit, ask=ask))
    yield "working-ticket", asked
    yield "working-ticket-silent", replace(asked, visit=replace(asked.visit, silent=True))
    number = replace(visit, issued=_issued(hall, base.lang))
    yield "number", replace(base, screen=Screen.NUMBER, visit=number)
    printed: dict[str, tuple[PaperKind, Fate]] = {"terminal-0": ("ticket", Fate.DONE)}
    yield "number-paper", replace(base, screen=Screen.NUMBER, visit=replace(number, papers=printed))
    yield "error-ticket", replace(base, screen=Screen.ERROR, visit=replace(visit, refusal=Refusal.LAST_TICKETS))
    yield "error-unanswered", replace(asked, screen=Screen.ERROR)


def _identify(base: State) -> Iterator[tuple[str, State]]:
    visit = _visit(base, "person") or Visit(id="v", task=Task.DUES)
    yield "consent", replace(base, screen=Screen.CONSENT, visit=visit)
    yield "consent-dues", replace(base, screen=Screen.CONSENT, visit=Visit(id="v", task=Task.DUES))
    yield "digits", replace(base, screen=Screen.DIGITS, visit=replace(visit, typed=("0000",)))
    for n, name in enumerate(ZONE, 1):
        typed = replace(visit, fields=ZONE, typed=("ID0000001", "010190", "31")[:n])
        yield f"digits-{name}", replace(base, screen=Screen.DIGITS, swipe=True, visit=typed)
    for step, done in (("wait", 0.0), ("read", 0.6), ("put_back", 0.0)):
        yield f"card-{step}", replace(base, screen=Screen.CARD, visit=replace(visit, card="c", step=step, done=done))
    for failed in _NO_CARD:
        yield f"no_card-{failed}", replace(base, screen=Screen.NO_CARD, visit=replace(visit, failed=failed))
    yield "asking", replace(base, screen=Screen.ASKING, visit=replace(visit, asking="q"))
    for fault in _NO_ANSWER:
        yield f"no_answer-{fault}", replace(base, screen=Screen.NO_ANSWER, visit=replace(visit, fault=fault))
    for task in (Task.DUES, Task.REPRINT):
        coded = Visit(id="v", task=task, code="VK20471", fault="unknown")
        yield f"no_answer-{task}", replace(base, screen=Screen.NO_ANSWER, visit=coded)


def _form(base: State, hall: Hall) -> Iterator[tuple[str, State]]:
    form, service = _formed(hall)
    base = replace(base, hall=_with(hall, form, service))
    visit = Visit(id="v", task=Task.SERVICE, group=service.group, service=service.id)
    answers = {"settlement": Answer("Калинопіль", "s1")}
    index = {field.id: n for n, field in enumerate(form.fields)}
    page = replace(base, screen=Screen.FORM, visit=replace(visit, answers=answers))

    def at(name: str, **changes: object) -> State:
        return replace(page, visit=replace(page.visit, index=index[name], **changes))  # type: ignore[arg-type]

    streets = ("Академіка Вигаданого вулиця", "Вербова вулиця", "Верхня Вербова вулиця біля старого млина")
    found = tuple(Entry(id=f"t{n}", names=dict.fromkeys(hall.languages, text)) for n, text in enumerate(streets))
    yield "form-entry", at("street", text="Вер", suggestions=found)
    yield "form-entry-empty", at("street")
    yield "form-entry-free", at("street", text="Старомлинська Набережна вулиця біля ставка")
    yield "form-text", at("house", text="128а")
    yield "form-text-signs", replace(at("house", text="128", signs=True), low=True)
    yield "form-digits", at("flat")
    yield "form-digits-typed", at("flat", text="40600")
    yield "form-date", at("since", text="3102")
    yield "form-date-wrong", at("since", text="31022026")
    yield "form-choice", at("ground")
    filled = {field.id: Answer(f"{field.names[base.lang]} 128‑А", free=field.id == "street") for field in form.fields}
    checked = replace(visit, answers={**filled, "flat": Answer("")}, person=person(hall))
    yield "check", replace(base, screen=Screen.CHECK, visit=checked)
    yield "check-page-2", replace(base, screen=Screen.CHECK, page=1, visit=checked)
    both = replace(checked, person=None, household=household(hall, 4))
    yield "check-household-form", replace(base, screen=Screen.CHECK, visit=both)
    for asks in ("person", "household"):
        told = _visit(base, asks)
        if told is not None and not form_of(replace(base, visit=told)):
            one = (
                replace(told, person=person(hall)) if asks == "person" else replace(told, household=household(hall, 9))
            )
            yield f"check-{asks}", replace(base, screen=Screen.CHECK, visit=one)


def _money(base: State, hall: Hall) -> Iterator[tuple[str, State]]:
    visit = _buying(hall)
    yield "dues", replace(base, screen=Screen.DUES, visit=replace(visit, due=None))
    total = replace(base, screen=Screen.TOTAL, visit=visit)
    yield "total", total
    dear = replace(visit, due=owed(hall).dues[-1])
    yield "total-large", replace(total, visit=dear)
    for why in ("declined", "cancelled", "acceptor_jam"):
        yield f"total-{why}", replace(total, visit=replace(visit, unpaid=why))
    yield "total-card", replace(total, ways=Ways(card=True, paper=False))
    yield "total-nothing", replace(total, ways=Ways())
    service = next((s for s in errand.offered(base) if sale.fee(s, base) and s.self_service), None)
    if service is not None:
        own = Visit(id="v", task=Task.SERVICE, group=service.group, service=service.id)
        yield "total-service", replace(total, visit=own)
    for step in ("", "present", "pin", "processing"):
        paying = replace(visit, order="T1-0317-0042", way="card", step=step)
        yield f"pay_card{step and '-'}{step}", replace(base, screen=Screen.PAY_CARD, visit=paying)
    yield (
        "pay_card-ending",
        replace(base, screen=Screen.PAY_CARD, visit=replace(visit, order="T1", way="card", ending=True)),
    )
    cash = replace(visit, order="T1-0317-0042", way="cash")
    for name, credit in (("", 0), ("-some", 40000), ("-all", visit.due.amount_minor if visit.due else 0)):
        yield f"pay_cash{name}", replace(base, screen=Screen.PAY_CASH, visit=replace(cash, credit_minor=credit))
    yield "stop_cash", replace(base, screen=Screen.STOP_CASH, visit=replace(cash, credit_minor=40000))
    yield "pay_qr", replace(base, screen=Screen.PAY_QR, visit=replace(visit, order="T1", way="qr", qr=_QR))


def _outcomes(base: State, hall: Hall) -> Iterator[tuple[str, State]]:
    visit = replace(_buying(hall), order="T1-0317-0042")
    working = replace(base, screen=Screen.WORKING, visit=visit)
    yield "working-ordering", replace(working, visit=replace(visit, ordering="o"))
    yield "working-ending", replace(working, visit=replace(visit, ending=True, way="cash"))
    paid = replace(visit, receipt=Receipt("card", "p-1", "4071 8263"))
    yield "working-printing", replace(working, visit=paid)
    take = replace(base, screen=Screen.TAKE, visit=paid)

    def papers(*fates: tuple[PaperKind, Fate]) -> dict[str, tuple[PaperKind, Fate]]:
        return {kind: (kind, fate) for kind, fate in fates}

    done = papers(("certificate", Fate.DONE), ("receipt", Fate.DONE))
    yield "take", replace(take, visit=replace(paid, papers=done))
    failed = papers(("certificate", Fate.UNKNOWN), ("receipt", Fate.VOID))
    yield "take-failed", replace(take, visit=replace(paid, papers=failed))
    yield "take-no-receipt", replace(take, visit=replace(paid, papers=papers(("receipt", Fate.UNKNOWN))))
    yield "take-free", replace(take, visit=replace(visit, papers=papers(("certificate", Fate.DONE))))
    yield "take-transfer", replace(take, visit=replace(visit, way="qr", papers=papers(("transfer", Fate.DONE))))
    costly = next((s for s in errand.offered(base) if s.self_service and s.self_service.pays == "fee"), None)
    if costly is not None:
        resumed = replace(paid, task=Task.SERVICE, service=costly.id, due=None, papers=papers(("receipt", Fate.DONE)))
        yield "take-resumed", replace(take, visit=resumed)
    claimed = replace(visit, claim="40718263", claim_minor=40000, papers=papers(("claim", Fate.SENT)))
    yield "claim", replace(base, screen=Screen.CLAIM, visit=claimed)
    yield (
        "claim-failed",
        replace(base, screen=Screen.CLAIM, visit=replace(claimed, papers=papers(("claim", Fate.VOID)))),
    )
    yield "unknown", replace(base, screen=Screen.UNKNOWN, visit=replace(visit, doubt=True))
    yield "unknown-resumed", replace(base, screen=Screen.UNKNOWN, visit=visit)
    yield "error-unpaid", replace(base, screen=Screen.ERROR, visit=replace(visit, unpaid="not_performed"))


def _standing(base: State) -> Iterator[tuple[str, State]]:
    assert base.beat is not None
    yield "out-starting", replace(base, beat_at=None)
    yield "out-nothing", replace(base, ways=Ways())
    for state in (HallState.CLOSED, HallState.INTERRUPTED):
        yield f"out-{state}", replace(base, beat=base.beat.model_copy(update={"state": state}))


def _buying(hall: Hall) -> Visit:
    return Visit(id="v", task=Task.DUES, dues=owed(hall), due=owed(hall).dues[0])


def _visit(base: State, asks: str) -> Visit | None:
    found = next((s for s in errand.offered(base) if s.self_service and s.self_service.asks == asks), None)
    return Visit(id="v", task=Task.SERVICE, group=found.group, service=found.id) if found is not None else None


def _formed(hall: Hall) -> tuple[Form, Service]:
    """A form with each kind of question, and a service that has it."""
    fields = (
        ("settlement", "Населений пункт", {"kind": "entry", "directory": "settlements"}),
        ("street", "Вулиця, провулок, площа", {"kind": "entry", "directory": "streets", "under": "settlement"}),
        ("house", "Будинок", {"kind": "text", "longest": 8}),
        ("flat", "Квартира", {"kind": "digits", "required": False, "longest": 5}),
        ("since", "З якого дня ви тут живете?", {"kind": "date"}),
        ("ground", "Підстава", {"kind": "choice", "choices": [
            {"id": f"c{n}", "names": dict.fromkeys(hall.languages, f"Договір оренди житла № {n}")} for n in range(3)
        ]}),
    )  # fmt: skip
    form = Form(
        id="sample", names=dict.fromkeys(hall.languages, "Заява"),
        fields=tuple(
            FormField.model_validate({"id": id_, "names": dict.fromkeys(hall.languages, name), **rest}) for id_, name, rest in fields
        ),
    )  # fmt: skip
    alone = {"identify": "card", "asks": "nothing", "form": "sample", "paper": "application"}
    service = hall.services[0].model_copy(update={"self_service": None})
    return form, Service.model_validate({**service.model_dump(), "self_service": alone})


def _with(hall: Hall, form: Form, service: Service) -> Hall:
    services = tuple(service if each.id == service.id else each for each in hall.services)
    changed = hall.model_copy(update={"forms": (*hall.forms, form), "services": services})
    return Hall.model_validate_json(changed.model_dump_json())  # a copy would keep the old look-up tables


def _issued(hall: Hall, lang: str) -> m.Issued:
    service = hall.services[0]
    group = hall.group_by_id[service.group]
    at = moment(hall) + timedelta(seconds=1)
    return m.Issued(
        id="r", re="terminal-0", ticket="t260317-0047", label=f"{group.letter}047", day=_DAY, service=service.id, zone=group.zone,
        lang=lang, issued_at=at, people_ahead=7, wait=m.Wait(low=15, high=25),
    )  # fmt: skip
