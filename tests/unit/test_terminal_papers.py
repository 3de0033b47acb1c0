"""Receipts, slips and reports: every fact reaches the paper in every language, and none says more than is known."""

from __future__ import annotations

import dataclasses
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from PIL import ImageChops

from contract.errors import ContractError
from contract.hall import Hall
from demo.paper import PAPERS, sample
from look.tokens import paper
from printers.document import CertificateDoc, ReceiptDoc
from printers.layout import render
from terminal.money import Money
from terminal.papers import receipt as slips
from terminal.payments.payment import Payment
from terminal.qr import nbu
from tests.halls import load
from tests.printing import read_qr

HALLS: dict[str, Hall] = {name: load(name) for name in ("ua-cnap", "kz-con", "kg-con")}
CASES = [(hall, lang) for hall in HALLS.values() for lang in hall.languages]
UA = HALLS["ua-cnap"]
AT = datetime(2026, 3, 17, 8, 24, tzinfo=UTC)
NARROWEST = 512


def uah(minor: int) -> Money:
    return Money(minor, "UAH")


CARD = Payment(
    "p-1", "o-1", "pos-1", uah(4992), "", "", tid="S1234567", receipt="000471", rrn="000000004711", approval="654321",
    pan="************0002", brand="VISA",
)  # fmt: skip
PAID = slips.ReceiptFacts(
    "R-7", AT, (("Реєстрація", uah(4992)),), uah(4992), UA.payees[0], CARD, "АТ «Банк»", "M7654321"
)


def told(doc: ReceiptDoc | CertificateDoc) -> str:
    """Everything that stands on a paper, a text a line."""

    def flat(value: object) -> list[str]:
        return [text for each in value for text in flat(each)] if isinstance(value, tuple) else [str(value)]

    return "\n".join(text for field in dataclasses.fields(doc) for text in flat(getattr(doc, field.name)))


@pytest.mark.parametrize(("hall", "lang"), CASES, ids=lambda each: getattr(each, "id", each))
@pytest.mark.parametrize("name", [name for name in PAPERS if name != "ticket"])
def test_every_paper_fits_between_the_margins_in_every_language(hall: Hall, lang: str, name: str) -> None:
    service = max(hall.services, key=lambda each: len(each.names[lang]))
    image = render(sample(name, hall, service, lang, large=True), NARROWEST)
    box = ImageChops.invert(image.convert("L")).getbbox()
    assert box is not None
    assert paper().margin <= box[0]
    assert box[2] <= NARROWEST - paper().margin


def test_receipt_of_a_card_has_the_lines_that_the_bank_wants() -> None:
    doc = slips.receipt(UA, "uk", PAID)
    assert doc.rows == (("Реєстрація", "49,92 грн"),)
    assert (doc.total_title, doc.total) == ("Сплачено", "49,92 грн")
    assert [value for _, value in doc.details] == [
        "Карткою", "АТ «Банк»", "M7654321", "S1234567", "************0002", "VISA", "654321", "000000004711", "000471",
        UA.payees[0].name, UA.payees[0].iban, UA.payees[0].code,
    ]  # fmt: skip
    assert doc.issued == "17 березня 2026\u202fр., 10:24"


def test_what_a_terminal_did_not_tell_leaves_no_line() -> None:
    bare = replace(PAID, card=replace(CARD, rrn="", brand=""), acquirer="", merchant="", payee=None)
    names = [name for name, _ in slips.receipt(UA, "uk", bare).details]
    assert names == ["Спосіб оплати", "Платіжний термінал", "Картка", "Код авторизації", "Чек банку"]


def test_cash_receipt_tells_what_was_kept_over_the_sum() -> None:
    doc = slips.receipt(UA, "uk", replace(PAID, card=None, taken=uah(5000)))
    assert dict(doc.details)["Внесено"] == "50 грн"
    assert dict(doc.details)["Понад суму, решта не видається"] == "0,08 грн"
    assert doc.total == "49,92 грн"
    assert "Понад суму" not in told(slips.receipt(UA, "uk", replace(PAID, card=None)))


def test_fiscal_receipt_has_number_mode_and_the_link_as_its_code(tmp_path: Path) -> None:
    link = "https://tax.example/check?id=4000123456&date=20260317&fn=4000012345&sm=49.92"
    doc = slips.receipt(UA, "uk", replace(PAID, fiscal=slips.Fiscal("4000123456", link, offline=True)))
    assert dict(doc.details)["Фіскальний номер"] == "4000123456"
    assert dict(doc.details)["Зареєстровано"] == "офлайн"
    assert "офлайн" not in told(slips.receipt(UA, "uk", replace(PAID, fiscal=slips.Fiscal("4000123456", link))))
    render(doc, NARROWEST).save(tmp_path / "r.png")
    assert read_qr(tmp_path / "r.png") == link


def test_receipt_that_is_registered_later_says_so() -> None:
    assert slips.receipt(UA, "uk", replace(PAID, fiscal_owed=True)).follow == "Фіскальний чек буде пізніше"
    assert slips.receipt(UA, "uk", PAID).follow == ""


def test_second_printing_is_marked_as_a_copy() -> None:
    assert (slips.receipt(UA, "uk", PAID).mark, slips.receipt(UA, "uk", replace(PAID, copy=2)).mark) == ("", "Копія 2")


def test_receipt_of_nothing_is_refused() -> None:
    with pytest.raises(ContractError, match="rows"):
        slips.receipt(UA, "uk", replace(PAID, items=()))


def test_claim_slip_has_the_code_large_and_readable_and_both_sums(tmp_path: Path) -> None:
    facts = slips.ClaimFacts("04815162", AT, "Реєстрація", uah(4992), uah(2000))
    doc = slips.claim(UA, "uk", facts)
    assert (doc.code, doc.total_title, doc.total) == ("0481 5162", "Внесено", "20 грн")
    assert doc.rows == (("До сплати", "49,92 грн"),)
    render(doc).save(tmp_path / "c.png")
    assert read_qr(tmp_path / "c.png") == "04815162"
    assert slips.claim(UA, "uk", replace(facts, copy=True)).mark == "Копія"


PAID_WORDS = {
    "uk": ("плачено",), "ru": ("плачено", "плачен "), "kk": ("төленді", "төленген"), "ky": ("төлөндү", "төлөнгөн"), "en": ("paid",),
}  # fmt: skip


@pytest.mark.parametrize(("hall", "lang"), CASES, ids=lambda each: getattr(each, "id", each))
def test_transfer_slip_never_says_that_anything_is_paid(hall: Hall, lang: str) -> None:
    for name in ("transfer", "claim"):
        words = told(sample(name, hall, hall.services[0], lang)).lower()  # type: ignore[arg-type]
        assert [word for word in PAID_WORDS[lang] if word in words] == []
    paid = told(sample("receipt", hall, hall.services[0], lang)).lower()  # type: ignore[arg-type]
    assert any(word in paid for word in PAID_WORDS[lang])


@pytest.mark.parametrize("version", [nbu.version_002, nbu.version_003])
@pytest.mark.parametrize("large", [False, True])
def test_transfer_code_is_read_back_from_the_narrowest_paper(version, large: bool, tmp_path: Path) -> None:
    payee = UA.payees[0]
    purpose = "*;101;R-000123;Плата за послугу;"[:60]
    link = version(nbu.Transfer(payee.name, payee.iban, payee.code, uah(4992), purpose, "R-000123"))
    facts = slips.TransferFacts("R-000123", AT, "Реєстрація", uah(4992), payee, purpose, link)
    render(slips.transfer(UA, "uk", facts, large=large), NARROWEST).save(tmp_path / "t.png")
    assert read_qr(tmp_path / "t.png") == link


def test_longest_transfer_code_is_read_back_and_a_longer_one_is_refused(tmp_path: Path) -> None:
    payee = UA.payees[0]
    longest = nbu.version_003(nbu.Transfer("Н" * 140, payee.iban, payee.code, uah(4992), "П" * 420, "R" * 35))
    facts = slips.TransferFacts("R-1", AT, "Реєстрація", uah(4992), payee, "П", longest)
    render(slips.transfer(UA, "uk", facts), NARROWEST).save(tmp_path / "t.png")
    assert read_qr(tmp_path / "t.png") == longest
    for more in (500, 3000):
        with pytest.raises(ContractError, match="does not fit"):
            render(slips.transfer(UA, "uk", replace(facts, link=longest + "x" * more)), NARROWEST)


def test_collection_counts_every_note_and_its_sum() -> None:
    facts = slips.CollectionFacts("k-2", "cash-1", AT, AT, {20000: 1, 5000: 3}, "UAH", nobodys=2, doubtful=1)
    doc = slips.collection(UA, "uk", facts)
    assert doc.rows == (("50 грн × 3", "150 грн"), ("200 грн × 1", "200 грн"))
    assert doc.total == "350 грн"
    details = dict(doc.details)
    assert (details["Купюр"], details["Купюри без платежу"], details["Сумнівні купюри: перелічіть"]) == ("4", "2", "1")
    assert slips.collection(UA, "uk", replace(facts, notes={})).rows == (("Купюр немає", "0 грн"),)
    assert details["Перелічено"] == "ще не перелічено"


def test_a_count_stands_on_the_collection_paper_with_who_and_why_and_each_difference() -> None:
    facts = slips.CollectionFacts(
        "k-2", "cash-1", AT, AT, {20000: 1, 5000: 3}, "UAH", counted={5000: 2, 10000: 1, 20000: 1}
    )
    details = dict(slips.collection(UA, "uk", replace(facts, by="op-07", note="дві злиплися")).details)
    assert details["Перелічено"] == "400 грн"
    assert (details["50 грн: різниця, купюр"], details["100 грн: різниця, купюр"]) == ("-1", "+1")
    assert "200 грн: різниця, купюр" not in details
    assert (details["Хто"], details["Причина"]) == ("op-07", "дві злиплися")


def test_balance_shows_both_books_and_never_hides_a_difference() -> None:
    facts = slips.BalanceFacts("pos-1", "88", "card", AT, uah(100), 2, uah(100), 2, 0, balances=True)
    assert slips.balance(UA, "uk", facts).total == "збігається"
    wrong = replace(facts, theirs=None, theirs_count=None, unknown=1, balances=False, why="One is unknown.")
    doc = slips.balance(UA, "uk", wrong)
    assert (doc.total, doc.follow) == ("НЕ ЗБІГАЄТЬСЯ", "One is unknown.")
    assert doc.rows[1] == ("За даними пристрою", "немає даних")
    assert dict(doc.details)["Невідомих платежів"] == "1"
    assert (dict(doc.details)["Пакет"], dict(doc.details)["Стан пакета"]) == ("88", "відкритий")
    lost = replace(facts, state="unknown", by="op-07")
    assert dict(slips.balance(UA, "uk", lost).details)["Стан пакета"] == "невідомо, чи закритий"
