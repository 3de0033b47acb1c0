"""A transfer as a QR code: what a bank's app will read, and what must not become a code."""

from __future__ import annotations

import base64
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from contract import iban
from contract.errors import ContractError
from terminal.money import Money
from terminal.qr import nbu
from terminal.qr.transfer import coded
from tests.halls import load

# A sample account of the form the Treasury uses (its check digits fit); everything else is invented.
TRANSFER = nbu.Transfer(
    "ГУК у Вербовому районі", "UA68 8999 9803 1307 0170 0000 08479", "37993783", Money(1250, "UAH"), "*;101;збір;*"
)


def lines(text: str) -> list[str]:
    assert text.startswith(nbu.PREFIX)
    data = text.removeprefix(nbu.PREFIX)
    return base64.urlsafe_b64decode(data + "=" * (-len(data) % 4)).decode().split("\n")


def test_version_002_has_its_thirteen_lines() -> None:
    assert lines(nbu.version_002(TRANSFER)) == [
        "BCD", "002", "1", "UCT", "", "ГУК у Вербовому районі", "UA688999980313070170000008479", "UAH12.50", "37993783",
        "", "", "*;101;збір;*", "",
    ]  # fmt: skip


def test_version_003_has_its_seventeen_lines_and_locks_them() -> None:
    found = lines(nbu.version_003(replace(TRANSFER, reference="order-17", amount=Money(1200, "UAH"))))
    assert len(found) == 17
    assert (found[1], found[3], found[7], found[9], found[10], found[13]) == (
        "003", "XCT", "UAH12", "SUPP/SUPP", "order-17", "FEFF",
    )  # fmt: skip


def test_a_reader_that_is_not_ours_reads_the_code(tmp_path: Path) -> None:
    import qrcode

    text = nbu.version_002(TRANSFER)
    qrcode.make(text).save(tmp_path / "code.png")
    found = subprocess.run(
        ["zbarimg", "--quiet", "--raw", str(tmp_path / "code.png")],
        capture_output=True,
        text=True,
        timeout=20,
        check=True,
    )
    assert found.stdout.strip() == text


@pytest.mark.parametrize(
    ("change", "match"),
    [
        ({"account": "UA688999980313070170000008478"}, "check digits"),
        ({"account": "UA68899998031307017000000847"}, "28 characters"),
        ({"account": "688999980313070170000008479"}, "two letters"),
        ({"code": "123"}, "8 digits"),
        ({"amount": Money(0, "UAH")}, "more than nothing"),
        ({"amount": Money(100, "KZT")}, "in UAH"),
        ({"recipient": ""}, "recipient"),
        ({"recipient": "Є" * 71}, "70 characters"),
        ({"purpose": "two\nlines"}, "purpose"),
        ({"recipient": "Є" * 70, "purpose": "Ї" * 140}, "331 at most"),
    ],
)
def test_what_is_wrong_is_named(change: dict[str, object], match: str) -> None:
    with pytest.raises(ContractError, match=match):
        nbu.version_002(replace(TRANSFER, **change))  # type: ignore[arg-type]


@pytest.mark.parametrize("at", range(2, 29))
def test_one_wrong_digit_of_an_account_is_found(at: int) -> None:
    right = "UA688999980313070170000008479"
    wrong = right[:at] + str((int(right[at]) + 1) % 10) + right[at + 1 :]
    assert iban.check(right) == right
    with pytest.raises(ContractError, match="check digits"):
        iban.check(wrong)


def test_a_purpose_is_filled_from_its_pattern_or_refused() -> None:
    pattern = "*;{body};{service};1;{payer};*"
    assert nbu.purpose(pattern, body="01001700", service="045065", payer="12345678") == "*;01001700;045065;1;12345678;*"
    with pytest.raises(ContractError, match=r"nothing for \{payer\}"):
        nbu.purpose(pattern, body="1", service="2")
    with pytest.raises(ContractError, match="payer"):
        nbu.purpose(pattern, body="1", service="2", payer="3;*")


UA = load("ua-cnap")
DUE = Money(4992, "UAH")


def test_transfer_of_an_order_holds_the_payee_s_fields_and_the_number() -> None:
    payee = UA.payees[0]
    purpose, link = coded(payee, DUE, "R-000123", "Реєстрація", "00034")
    assert purpose == "*;101;R-000123;Плата за Реєстрація;"
    assert lines(link)[5:12] == [payee.name, payee.iban, "UAH49.92", payee.code, "", "", purpose]


@pytest.mark.parametrize("version", ["002", "003"])
def test_every_service_of_the_hall_fits_into_its_code(version: str) -> None:
    payee = UA.payees[0].model_copy(update={"qr": version})
    for service in UA.services:
        purpose, link = coded(payee, DUE, "R-000123", service.names["uk"], service.code or "")
        assert "R-000123" in purpose
        assert lines(link)[1] == version


def test_name_that_is_too_long_loses_words_at_its_end_and_none_of_its_signs_part_the_purpose() -> None:
    purpose, _ = coded(UA.payees[0], DUE, "R-1", "Витяг; з реєстру* " + "дуже довгий " * 30)
    assert purpose.startswith("*;101;R-1;Плата за Витяг, з реєстру дуже довгий")
    assert purpose.count(";") == 4
    with pytest.raises(ContractError, match="purpose"):
        coded(UA.payees[0], DUE, "R-1", "д" * 300)


def test_payee_without_a_code_or_another_currency_gets_none() -> None:
    with pytest.raises(ContractError, match="no transfer code"):
        coded(UA.payees[0].model_copy(update={"qr": None}), DUE, "R-1", "Витяг")
    with pytest.raises(ContractError, match="in UAH"):
        coded(UA.payees[0], Money(100, "KZT"), "R-1", "Витяг")


@pytest.mark.parametrize("version", [nbu.version_002, nbu.version_003])
def test_purpose_is_read_back_out_of_a_code(version) -> None:
    assert nbu.purpose_in(version(TRANSFER)) == TRANSFER.purpose


@pytest.mark.parametrize("text", ["", nbu.PREFIX, nbu.PREFIX + "QkNECjAwOQ", nbu.PREFIX + "ж", "x" * 500])
def test_text_that_is_no_code_has_no_purpose(text: str) -> None:
    with pytest.raises(ContractError, match="none of ours"):
        nbu.purpose_in(text)
