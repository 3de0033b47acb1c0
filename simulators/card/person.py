"""The people on the cards, all invented, and the numbers their states would give them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date


@dataclass(frozen=True)
class Person:
    """`number`: of the document; `optional`, `optional_below`: of the MRZ's first and second line; `native`: surname and given
    names in the script of the state; `national`: what a state puts into DG13, by label."""

    state: str
    number: str
    surname: str
    given: str
    native: tuple[str, str]
    born: date
    sex: str
    expires: date
    issued: date
    personal_number: str
    birthplace: str
    address: str
    authority: str
    kind: str = "ID"
    optional: str = ""
    optional_below: str = ""
    national: tuple[str, ...] = ()

    @property
    def nationality(self) -> str:
        return self.state


def weighted(digits: str, weights: tuple[int, ...]) -> int:
    """The sum of the digits, each times its weight: what check digits are made of."""
    return sum(int(digit) * weight for digit, weight in zip(digits, weights, strict=True))


def unzr(born: date, serial: str) -> str:
    """Ukraine: birth date, four digits, check digit by the MRZ's method."""
    digits = f"{born:%Y%m%d}{serial}"
    return digits + str(weighted(digits, (7, 3, 1) * 4) % 10)


def rnokpp(born: date, serial: str) -> str:
    """Ukraine, taxpayer: days since the end of 1899, four digits, check digit."""
    digits = f"{(born - date(1899, 12, 31)).days:05}{serial}"
    return digits + str(weighted(digits, (-1, 5, 7, 9, 4, 6, 10, 5, 7)) % 11 % 10)


def iin(born: date, sex: str, serial: str) -> str:
    """Kazakhstan: birth date, century and sex, four digits, check digit. Raises: ValueError: a serial that is never given out."""
    century = 2 * (born.year // 100 - 18) + (1 if sex == "M" else 2)
    digits = f"{born:%y%m%d}{century}{serial}"
    for weights in (tuple(range(1, 12)), (3, 4, 5, 6, 7, 8, 9, 10, 11, 1, 2)):
        if (check := weighted(digits, weights) % 11) < 10:
            return digits + str(check)
    raise ValueError("no check digit for this serial")


def isikukood(born: date, sex: str, serial: str) -> str:
    """Estonia: century and sex, birth date, three digits, check digit."""
    century = 2 * (born.year // 100 - 18) + (1 if sex == "M" else 2)
    digits = f"{century}{born:%y%m%d}{serial}"
    for weights in ((1, 2, 3, 4, 5, 6, 7, 8, 9, 1), (3, 4, 5, 6, 7, 8, 9, 1, 2, 3)):
        if (check := weighted(digits, weights) % 11) < 10:
            return digits + str(check)
    return digits + "0"


_OLENA = date(1990, 1, 1)
_ARMAN = date(1988, 6, 15)
_AIGUL = date(1995, 3, 8)
_MARI = date(1980, 1, 1)

PEOPLE = {
    "ua": Person(
        state="UKR", number="000123456", surname="TESTENKO", given="OLENA", native=("Тестенко", "Олена Зразківна"),
        born=_OLENA, sex="F", issued=date(2023, 12, 31), expires=date(2033, 12, 31), personal_number=unzr(_OLENA, "1234"),
        birthplace="м. Зразків, Україна", address="вул. Вигадана, 1, м. Зразків", authority="9999",
        optional=unzr(_OLENA, "1234"), national=(rnokpp(_OLENA, "1234"),),
    ),
    "ua-passport": Person(
        kind="P", state="UKR", number="XX000001", surname="VYHADANYI", given="TARAS", native=("Вигаданий", "Тарас Прикладович"),
        born=date(1975, 10, 20), sex="M", issued=date(2021, 5, 4), expires=date(2031, 5, 4),
        personal_number=unzr(date(1975, 10, 20), "0001"), birthplace="Zrazkiv, UKR", address="", authority="9999",
        optional=unzr(date(1975, 10, 20), "0001"),
    ),
    "kz": Person(
        state="KAZ", number="012345678", surname="ULGIEV", given="ARMAN", native=("Үлгіев", "Арман Мысалұлы"),
        born=_ARMAN, sex="M", issued=date(2024, 2, 10), expires=date(2034, 2, 9), personal_number=iin(_ARMAN, "M", "0012"),
        birthplace="Үлгі ауылы, Қазақстан", address="Ойдан көшесі, 7, Астана", authority="ІШКІ ІСТЕР МИНИСТРЛІГІ",
        optional="<<<" + iin(_ARMAN, "M", "0012"),
    ),
    "kg": Person(
        state="KGZ", number="ID0000001", surname="UYGULUEVA", given="AIGUL", native=("Үлгүлүева", "Айгүл Мисаловна"),
        born=_AIGUL, sex="F", issued=date(2024, 9, 1), expires=date(2034, 9, 1), personal_number=f"1{_AIGUL:%d%m%Y}00012",
        birthplace="Үлгү айылы, Кыргызстан", address="Ойлоп көчөсү, 3, Бишкек", authority="SRS 000",
        optional=f"1{_AIGUL:%d%m%Y}00012",
    ),
    "ee": Person(
        state="EST", number="AB0000001", surname="NAEIDIS", given="MARI", native=("NÄIDIS", "MARI"),
        born=_MARI, sex="F", issued=date(2023, 6, 1), expires=date(2028, 6, 1), personal_number=isikukood(_MARI, "F", "001"),
        birthplace="EST", address="", authority="",
    ),
    "uto": Person(
        kind="I", state="UTO", number="D23145890", surname="ERIKSSON", given="ANNA MARIA", native=("Ériksson", "Anna Maria"),
        born=date(1974, 8, 12), sex="F", issued=date(2022, 4, 15), expires=date(2032, 4, 15), personal_number="ZE184226B",
        birthplace="ZENITH", address="", authority="UTOPIA",
    ),
    "long": Person(
        kind="I", state="UTO", number="D23145890734", surname="STEVENSON", given="PETER JOHN", native=("Stevenson", "Peter John"),
        born=date(1934, 7, 12), sex="M", issued=date(2025, 7, 12), expires=date(2035, 7, 12), personal_number="",
        birthplace="ZENITH", address="", authority="UTOPIA",
    ),
}  # fmt: skip
PEOPLE["expired"] = replace(PEOPLE["uto"], number="D23145891", issued=date(2010, 4, 15), expires=date(2020, 4, 15))
PEOPLE["xps"] = replace(
    PEOPLE["uto"], state="XPS", number="P00000001", surname="PSSKIN", given="RSANNA", native=("Psskin", "Rsanna")
)
