"""The words of every paper about money, from facts. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from contract.hall import Hall
from contract.hall_part import Payee
from look.texts import Texts
from printers.document import ReceiptDoc
from printers.training import band
from terminal.money import Money
from terminal.payments.payment import Payment

Rows = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Fiscal:
    """What the fiscal registrar said. `link`: what its QR code holds, "" for none; `offline`: registered without the tax service."""

    number: str
    link: str = ""
    offline: bool = False


@dataclass(frozen=True, slots=True)
class ReceiptFacts:
    """A paid order. `number`: by which it is printed again; `items`: what was paid for, in the visitor's language, and its sum.

    `taken`: what the device took, more than the items where notes were larger. `card`: None for cash; `acquirer`, `merchant`: of the
    hall's contract with its bank, "" where not told. `fiscal`: None where nothing is registered; `fiscal_owed`: it will be, later.
    `copy`: which copy it is, 0: the first paper.
    """

    number: str
    at: datetime
    items: tuple[tuple[str, Money], ...]
    taken: Money
    payee: Payee | None = None
    card: Payment | None = None
    acquirer: str = ""
    merchant: str = ""
    fiscal: Fiscal | None = None
    fiscal_owed: bool = False
    copy: int = 0


@dataclass(frozen=True, slots=True)
class ClaimFacts:
    """A visitor left with notes inside. `code`: eight digits by which staff find the money; `inserted`: less than `due`."""

    code: str
    at: datetime
    service: str
    due: Money
    inserted: Money
    copy: bool = False


@dataclass(frozen=True, slots=True)
class TransferFacts:
    """A transfer to be made by the visitor's bank. `link`: the text of the code (`terminal.qr`), of the same sum and purpose."""

    number: str
    at: datetime
    service: str
    due: Money
    payee: Payee
    purpose: str
    link: str


@dataclass(frozen=True, slots=True)
class CollectionFacts:
    """A cassette that was taken out. `notes`: minor units of a note → how many by the books; `nobodys`, `doubtful`: as in CassetteFact;
    `counted`: as `by` counted it, None: not yet; `note`: the reason given, "" for none.
    """

    cassette: str
    device: str
    at: datetime
    since: datetime | None
    notes: dict[int, int]
    currency: str
    nobodys: int = 0
    doubtful: int = 0
    counted: Mapping[int, int] | None = None
    by: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class BalanceFacts:
    """A batch, cassette or shift held against the device's own word. `theirs` None: the device did not tell; `state` unknown: nobody knows
    whether it is closed; `why`: a sentence for staff, "" for none; `by`, `note`: who had it closed, and why.
    """

    device: str
    batch: str
    method: Literal["card", "cash", "fiscal"]
    at: datetime
    ours: Money
    ours_count: int
    theirs: Money | None
    theirs_count: int | None
    unknown: int
    balances: bool
    why: str = ""
    state: Literal["open", "closed", "unknown"] = "open"
    by: str = ""
    note: str = ""


def receipt(hall: Hall, lang: str, facts: ReceiptFacts, *, large: bool = False) -> ReceiptDoc:
    """The receipt of a paid order. Raises: ContractError: nothing was paid for."""
    texts = Texts(lang)
    due = Money(sum(sum_.minor for _, sum_ in facts.items), facts.taken.currency)
    details = [(texts.get("paper.method"), texts.get("pay.by_cash" if facts.card is None else "pay.by_card"))]
    if facts.taken.minor > due.minor:
        over = Money(facts.taken.minor - due.minor, due.currency)
        details += [
            (texts.get("paper.inserted"), _money(texts, facts.taken)),
            (texts.get("paper.over"), _money(texts, over)),
        ]
    details += [*_card(texts, facts), *_payee(texts, facts.payee), *_fiscal(texts, facts)]
    link = facts.fiscal.link if facts.fiscal is not None else ""
    return ReceiptDoc(
        lang=lang, training=band(hall, lang, "money"),
        hall=hall.short_names[lang], title=texts.get("pay.receipt_title"), number=_number(texts, facts.number),
        rows=tuple((text, _money(texts, amount)) for text, amount in facts.items), total_title=texts.get("paper.paid"),
        total=_money(texts, due), details=tuple(details), follow=_follow(texts, facts), keep=texts.get("paper.receipt_keep"),
        issued=_at(texts, hall, facts.at), hotline="", qr=link or facts.number, large=large,
        mark=texts.get("paper.copy", number=facts.copy) if facts.copy else "",
    )  # fmt: skip


def claim(hall: Hall, lang: str, facts: ClaimFacts, *, large: bool = False) -> ReceiptDoc:
    """The slip of a visitor whose payment was not finished: what lies inside, and the code by which it is theirs."""
    texts = Texts(lang)
    return ReceiptDoc(
        lang=lang, training=band(hall, lang, "money"),
        hall=hall.short_names[lang], title=texts.get("paper.claim_title"), number=facts.service,
        rows=((texts.get("paper.to_pay"), _money(texts, facts.due)),), total_title=texts.get("paper.inserted"),
        total=_money(texts, facts.inserted), details=(), follow=texts.get("paper.claim_follow"), keep=texts.get("paper.claim_keep"),
        issued=_at(texts, hall, facts.at), hotline="", qr=facts.code, large=large,
        mark=texts.get("ticket.copy") if facts.copy else "",
        code_title=texts.get("paper.claim_code"), code=f"{facts.code[:4]} {facts.code[4:]}".strip(),
    )  # fmt: skip


def transfer(hall: Hall, lang: str, facts: TransferFacts, *, large: bool = False) -> ReceiptDoc:
    """The slip to pay with at home: it says what to do and proves nothing. Raises: ContractError: the code does not fit on paper."""
    texts = Texts(lang)
    return ReceiptDoc(
        lang=lang, training=band(hall, lang, "money"),
        hall=hall.short_names[lang], title=texts.get("paper.transfer_title"), number=_number(texts, facts.number),
        rows=((facts.service, _money(texts, facts.due)),), total_title=texts.get("paper.to_pay"), total=_money(texts, facts.due),
        details=(*_payee(texts, facts.payee), (texts.get("paper.purpose"), facts.purpose)),
        follow=texts.get("paper.transfer_follow"), keep=texts.get("paper.transfer_keep"), issued=_at(texts, hall, facts.at),
        hotline="", qr=facts.link, large=large,
    )  # fmt: skip


def collection(hall: Hall, lang: str, facts: CollectionFacts) -> ReceiptDoc:
    """For who carries the cassette away: how many of each note, and their sum."""
    texts = Texts(lang)
    total = sum(minor * count for minor, count in facts.notes.items())
    rows = [
        (texts.get("paper.notes", note=texts.money(minor, facts.currency), count=count), texts.money(minor * count, facts.currency))
        for minor, count in sorted(facts.notes.items())
    ]  # fmt: skip
    details = [(texts.get("paper.device"), facts.device), (texts.get("paper.cassette"), facts.cassette)]
    details += [(texts.get("paper.cassette_since"), _at(texts, hall, facts.since))] if facts.since is not None else []
    details += [(texts.get("paper.notes_all"), str(sum(facts.notes.values())))]
    details += [(texts.get("paper.notes_nobodys"), str(facts.nobodys))] if facts.nobodys else []
    details += [(texts.get("paper.notes_doubtful"), str(facts.doubtful))] if facts.doubtful else []
    details += [*_counted(texts, facts), *_said(texts, facts.by, facts.note)]
    return ReceiptDoc(
        lang=lang, training=band(hall, lang, "money"),
        hall=hall.short_names[lang], title=texts.get("paper.collection_title"), number=facts.cassette,
        rows=tuple(rows) or ((texts.get("paper.notes_none"), texts.money(0, facts.currency)),), total_title=texts.get("paper.sum"),
        total=texts.money(total, facts.currency), details=tuple(details), follow="", keep=texts.get("paper.collection_keep"),
        issued=_at(texts, hall, facts.at), hotline="", qr="",
    )  # fmt: skip


def balance(hall: Hall, lang: str, facts: BalanceFacts) -> ReceiptDoc:
    """For staff: our books and the device's word side by side, and whether they agree."""
    texts = Texts(lang)
    theirs = texts.get("paper.not_told") if facts.theirs is None else _money(texts, facts.theirs)
    rows = [(texts.get("paper.ours"), _money(texts, facts.ours)), (texts.get("paper.theirs"), theirs)]
    details = [(texts.get("paper.method"), texts.get(_METHOD[facts.method]))]
    details += [(texts.get("paper.batch"), facts.batch)]
    state = (texts.get("paper.batch_state"), texts.get(f"till.batch_{facts.state}"))
    details += [state] if facts.method == "card" else []
    details += [(texts.get("paper.ours_count"), str(facts.ours_count))]
    details += [(texts.get("paper.theirs_count"), str(facts.theirs_count))] if facts.theirs_count is not None else []
    details += [(texts.get("paper.unknown_count"), str(facts.unknown))] if facts.unknown else []
    details += _said(texts, facts.by, facts.note)
    return ReceiptDoc(
        lang=lang, training=band(hall, lang, "money"),
        hall=hall.short_names[lang], title=texts.get("paper.balance_title"), number=facts.device, rows=tuple(rows),
        total_title=texts.get("paper.result"), total=texts.get("paper.balances" if facts.balances else "paper.balances_not"),
        details=tuple(details), follow=facts.why, keep="", issued=_at(texts, hall, facts.at), hotline="", qr="",
    )  # fmt: skip


_METHOD = {"card": "pay.by_card", "cash": "pay.by_cash", "fiscal": "paper.by_registrar"}


def _counted(texts: Texts, facts: CollectionFacts) -> Rows:
    """What a person counted, and each value of which there are not as many as by the books."""
    if facts.counted is None:
        return ((texts.get("paper.counted"), texts.get("paper.not_counted")),)
    total = sum(minor * count for minor, count in facts.counted.items())
    more = {value: facts.counted.get(value, 0) - facts.notes.get(value, 0) for value in (*facts.notes, *facts.counted)}
    differ = [
        (texts.get("paper.difference_of", note=texts.money(value, facts.currency)), f"{count:+d}")
        for value, count in sorted(more.items())
        if count
    ]
    return ((texts.get("paper.counted"), texts.money(total, facts.currency)), *differ)


def _said(texts: Texts, by: str, note: str) -> Rows:
    told = ((texts.get("paper.by"), by), (texts.get("paper.reason"), note))
    return tuple((name, value) for name, value in told if value)


def _card(texts: Texts, facts: ReceiptFacts) -> Rows:
    """What the bank wants on paper of a card: each where it was told. RRN and IBAN are called so in every language."""
    card = facts.card
    if card is None:
        return ()
    told = (
        (texts.get("paper.acquirer"), facts.acquirer), (texts.get("paper.merchant"), facts.merchant),
        (texts.get("paper.terminal"), card.tid), (texts.get("paper.card"), card.pan), (texts.get("paper.brand"), card.brand),
        (texts.get("paper.approval"), card.approval), ("RRN", card.rrn), (texts.get("paper.bank_receipt"), card.receipt),
    )  # fmt: skip
    return tuple((name, value) for name, value in told if value)


def _payee(texts: Texts, payee: Payee | None) -> Rows:
    if payee is None:
        return ()
    return ((texts.get("paper.payee"), payee.name), ("IBAN", payee.iban), (texts.get("paper.payee_code"), payee.code))


def _fiscal(texts: Texts, facts: ReceiptFacts) -> Rows:
    if facts.fiscal is None:
        return ()
    number = ((texts.get("paper.fiscal_number"), facts.fiscal.number),)
    return (
        (*number, (texts.get("paper.fiscal_mode"), texts.get("paper.fiscal_offline")))
        if facts.fiscal.offline
        else number
    )


def _follow(texts: Texts, facts: ReceiptFacts) -> str:
    if facts.fiscal is not None and facts.fiscal.link:
        return texts.get("paper.fiscal_check")
    return texts.get("pay.fiscal_later") if facts.fiscal_owed else ""


def _number(texts: Texts, number: str) -> str:
    return texts.get("paper.number", number=number)


def _money(texts: Texts, amount: Money) -> str:
    return texts.money(amount.minor, amount.currency)


def _at(texts: Texts, hall: Hall, moment: datetime) -> str:
    return texts.get(
        "paper.at", day=texts.day(moment.astimezone(hall.zone_info).date()), time=texts.time(moment, hall.zone_info)
    )
