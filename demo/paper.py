"""One paper of each kind, for people who do not exist: what `vikno preview` draws."""

from __future__ import annotations

from datetime import date, datetime, time

from contract import messages as m
from contract.hall import Hall
from contract.hall_part import FormField, Payee, Service
from contract.register import Address, Household, Member, Person
from coordinator.hall_command import template
from printers.document import CertificateDoc, Doc, ReceiptDoc
from printers.ticket import document
from terminal.money import Money
from terminal.papers import receipt as slips
from terminal.papers.certificate import CertificateFacts, certificate
from terminal.papers.plan import NAMES as CERTIFICATES
from terminal.payments.payment import Payment
from terminal.qr.transfer import coded

SLIPS = ("receipt", "claim", "transfer", "collection", "balance")
PAPERS = ("ticket", *SLIPS, *CERTIFICATES)
_DAY = date(2026, 3, 17)
_NAMES = {
    "uk": ("ҐАЛАҐАНСЬКА‑ЇЖАКЕВИЧ", "Єва Іллівна", "Ілля Григорович", "Уляна Іллівна"),
    "ru": ("ВЫДУМАННАЯ", "Ева Ильинична", "Илья Фёдорович", "Ульяна Ильинична"),
    "kk": ("ОЙДАНҚЫЗЫ", "Әсем Ілиясқызы", "Ғұмар Үкібайұлы", "Іңкәр Ғұмарқызы"),
    "ky": ("ОЙДОНОВА", "Өрүкан Ырысбековна", "Үсөн Эңсебаевич", "Жаңыл Үсөновна"),
    "en": ("INVENTED", "Eve Ellen", "Elias George", "Ulla Eve"),
}
_PLACES = {
    "uk": "м. Вигадане, вул. Вербова, буд. 12, кв. 34",
    "ru": "г. Выдуманный, ул. Вербная, д. 12, кв. 34",
    "kk": "Ойдан қаласы, Тал көшесі, 12‑үй, 34‑пәтер",
    "ky": "Ойдон шаары, Тал көчөсү, 12‑үй, 34‑батир",
    "en": "Willow Street 12, flat 34, Inventedville",
}


def sample(name: str, hall: Hall, service: Service, lang: str, *, large: bool = False) -> Doc:
    """The paper `name` of `PAPERS`. Raises: ContractError: a form of the hall that no invented answers fit."""
    if name == "ticket":
        return _ticket(hall, service, lang, large)
    if name in CERTIFICATES:
        return _certificate(name, hall, service, lang, large)
    return _slip(name, hall, service, lang, large)


def _moment(hall: Hall) -> datetime:
    return datetime.combine(_DAY, time(10, 24), hall.zone_info)


def _ticket(hall: Hall, service: Service, lang: str, large: bool) -> Doc:
    group = hall.group_by_id[service.group]
    issued = m.Issued(
        id="r", re="c", ticket="01J9ZQ7D3M6T8V4B2N5X0WCEFG", label=f"{group.letter}047", day=_DAY, service=service.id,
        zone=group.zone, lang=lang, issued_at=_moment(hall), people_ahead=7, wait=m.Wait(low=15, high=25),
    )  # fmt: skip
    return document(hall, issued, "", large=large)


def _slip(name: str, hall: Hall, service: Service, lang: str, large: bool) -> ReceiptDoc:
    due = Money(hall.fee_minor(service, _DAY) or 61800, service.fee_currency or hall.currency)
    match name:
        case "receipt":
            return slips.receipt(hall, lang, _paid(hall, service, lang, due), large=large)
        case "claim":
            inserted = Money(due.minor // 200 * 100, due.currency)
            facts = slips.ClaimFacts("04815162", _moment(hall), service.names[lang], due, inserted)
            return slips.claim(hall, lang, facts, large=large)
        case "transfer":
            return slips.transfer(hall, lang, _owed(hall, service, lang), large=large)
        case "collection":
            notes = {2000: 12, 5000: 31, 10000: 44, 20000: 7}
            told = slips.CollectionFacts(
                "k-0017",
                "cash-1",
                _moment(hall),
                _moment(hall),
                notes,
                hall.currency,
                nobodys=1,
                counted={**notes, 5000: 30},
                by="op-07",
            )
            return slips.collection(hall, lang, told)
        case _:
            ours = Money(1_234_500, hall.currency)
            day = slips.BalanceFacts(
                "pos-1", "1204", "card", _moment(hall), ours, 12, ours, 12, 0, balances=True, state="closed"
            )
            return slips.balance(hall, lang, day)


def _paid(hall: Hall, service: Service, lang: str, due: Money) -> slips.ReceiptFacts:
    card = Payment(
        "p-1", "o-1", "pos-1", due, "", "", tid="S1234567", receipt="000471", rrn="000000004711", approval="123456",
        pan="************0002", brand="VISA",
    )  # fmt: skip
    return slips.ReceiptFacts(
        "R-000123",
        _moment(hall),
        ((service.names[lang], due),),
        due,
        _payee(hall),
        card,
        "INVENTED BANK",
        "M7654321",
    )


def _owed(hall: Hall, service: Service, lang: str) -> slips.TransferFacts:
    """A hall that prints no transfer codes borrows the payee of the one that does."""
    payee = next((each for each in hall.payees if each.qr), None) or template("ua-cnap").payees[0]
    due = Money(hall.fee_minor(service, _DAY) or 61800, "UAH")
    purpose, link = coded(
        payee,
        due,
        "R-000123",
        service.names.get("uk", "адміністративна послуга"),
        service.code or "",
        training=hall.training,
    )
    return slips.TransferFacts("R-000123", _moment(hall), service.names[lang], due, payee, purpose, link)


def _payee(hall: Hall) -> Payee | None:
    return next(iter(hall.payees), None)


def _certificate(name: str, hall: Hall, service: Service, lang: str, large: bool) -> CertificateDoc:
    form = next((each for each in hall.forms if service.self_service and each.id == service.self_service.form), None)
    answers = {field.id: _answer(field, lang) for field in form.fields} if form is not None else {}
    facts = CertificateFacts(
        name, "D-260317-0042", _moment(hall), service.id, _person(hall), household(hall, 5), answers
    )
    return certificate(hall, lang, facts, large=large)


def _answer(field: FormField, lang: str) -> str:
    match field.kind:
        case "choice":
            return field.choices[0].id
        case "date":
            return _DAY.isoformat()
        case "digits":
            return "12"[: field.longest]
        case _:
            return _PLACES[lang][: field.longest]


def _address(hall: Hall) -> Address:
    return Address(settlement="s-1", texts={lang: _PLACES[lang] for lang in hall.languages})


def _names(hall: Hall, which: int) -> dict[str, str]:
    return {lang: f"{_NAMES[lang][0]} {_NAMES[lang][which]}" for lang in hall.languages}


def _person(hall: Hall) -> Person:
    born, since = date(1985, 4, 12), date(2011, 9, 1)
    return Person(number="3012345678", names=_names(hall, 1), birth_date=born, address=_address(hall), since=since)


def household(hall: Hall, members: int) -> Household:
    """So many invented people at one address."""
    born = (
        ("self", 1985),
        ("spouse", 1983),
        ("child", 2011),
        ("child", 2014),
        ("parent", 1957),
        ("sibling", 1989),
        ("", 1990),
    )
    people = [
        Member(
            names=_names(hall, 1 + place % 3),
            birth_date=date(year, 4, 12),
            relation=relation,
            since=date(2011, 9, 1),
        )
        for place, (relation, year) in ((place, born[min(place, 6)]) for place in range(members))
    ]
    return Household(address=_address(hall), members=tuple(people))
