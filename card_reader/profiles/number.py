"""Personal numbers of the states, and whether one can be right. Pure. Sources beside each; none of them proves that the person exists."""

from __future__ import annotations

import re
from datetime import date

from card_reader.mrz import check_digit


def unzr(text: str) -> bool:
    """Ukraine, УНЗР: YYYYMMDD-NNNNC, C by the MRZ's 7-3-1 over the digits before it. mvs.gov.ua, 14 November 2023."""
    if not re.fullmatch(r"\d{8}-?\d{5}", text):
        return False
    digits = text.replace("-", "")
    return _is_date(digits[:4], digits[4:6], digits[6:8]) and check_digit(digits[:-1]) == digits[-1]


def rnokpp(text: str) -> bool:
    """Ukraine, РНОКПП (tax number): ten digits, weights -1, 5, 7, 9, 4, 6, 10, 5, 7, modulo 11 modulo 10."""
    if not re.fullmatch(r"\d{10}", text):
        return False
    weights = (-1, 5, 7, 9, 4, 6, 10, 5, 7)
    return _weighed(text, weights) % 10 == int(text[9])


def iin(text: str) -> bool:
    """Kazakhstan, ИИН: YYMMDD, century and sex, four digits, check digit by weights 1 to 11, then 3 to 11, 1, 2."""
    if not re.fullmatch(r"\d{12}", text) or text[6] not in "123456":
        return False
    century = 1800 + 100 * ((int(text[6]) - 1) // 2)
    if not _is_date(str(century + int(text[:2])), text[2:4], text[4:6]):
        return False
    rest = _weighed(text, (*range(1, 12),))
    rest = _weighed(text, (*range(3, 12), 1, 2)) if rest == 10 else rest
    return rest == int(text[11])  # a number for which both give ten is never issued


def kg_pin(text: str) -> bool:
    """Kyrgyzstan, ПИН: fourteen digits. Its inner layout is not published: only the shape is checked."""
    return re.fullmatch(r"\d{14}", text) is not None


def isikukood(text: str) -> bool:
    """Estonia: century and sex, YYMMDD, serial, check digit by weights 1 to 9, 1, then 3 to 9, 1 to 3. EVS 585."""
    if not re.fullmatch(r"[1-8]\d{10}", text):
        return False
    century = 1800 + 100 * ((int(text[0]) - 1) // 2)
    if not _is_date(str(century + int(text[1:3])), text[3:5], text[5:7]):
        return False
    rest = _weighed(text, (*range(1, 10), 1))
    rest = _weighed(text, (*range(3, 10), 1, 2, 3)) if rest == 10 else rest
    return rest % 10 == int(text[10])


def some(text: str) -> bool:
    """A state we know nothing of: letters and digits."""
    return re.fullmatch(r"[A-Z0-9\-]{4,20}", text) is not None


def _weighed(digits: str, weights: tuple[int, ...]) -> int:
    return sum(weight * int(digit) for weight, digit in zip(weights, digits, strict=False)) % 11


def _is_date(year: str, month: str, day: str) -> bool:
    try:
        date(int(year), int(month), int(day))
    except ValueError:
        return False
    return True
