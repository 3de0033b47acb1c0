"""The machine-readable zone: TD1, TD2, TD3; parse, check, build, repair. Pure. ICAO Doc 9303 parts 3 to 6."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from datetime import date

from card_reader.errors import Code, DataError

SIZES = {(3, 30): "TD1", (2, 36): "TD2", (2, 44): "TD3"}
_ALLOWED = re.compile(r"[A-Z0-9<]+")
_TO_DIGIT = str.maketrans("OQDIZSB", "0001258")
_TO_LETTER = str.maketrans("01258", "OIZSB")


class MrzError(DataError):
    """The zone cannot be used; `fields` names what a person should compare."""

    def __init__(self, text: str, fields: tuple[str, ...] = ()) -> None:
        self.fields = fields
        super().__init__(text, Code.BAD_KEY)


@dataclass(frozen=True, slots=True, repr=False)
class Mrz:
    """A zone whose check digits hold. Dates are YYMMDD as printed; `repaired` when letters and digits had to be swapped."""

    kind: str
    type: str
    issuer: str
    number: str
    birth: str
    sex: str
    expiry: str
    nationality: str
    surname: str
    given: str
    optional: tuple[str, ...] = ()
    lines: tuple[str, ...] = field(default=())
    repaired: bool = False

    @property
    def key(self) -> MrzKey:
        """What opens the chip."""
        return MrzKey(self.number, self.birth, self.expiry)


@dataclass(frozen=True, slots=True, repr=False)
class MrzKey:
    """The three fields that open a chip: document number (no fillers), birth and expiry as YYMMDD."""

    number: str
    birth: str
    expiry: str

    @classmethod
    def typed(cls, number: str, birth: str, expiry: str) -> MrzKey:
        """From what a person typed. Raises: MrzError: naming each field that cannot be."""
        number = re.sub(r"[\s\-]", "", number).upper().rstrip("<")
        wrong = [] if re.fullmatch(r"[A-Z0-9<]{1,25}", number) else ["number"]
        wrong += [name for name, value in (("birth", birth), ("expiry", expiry)) if not _possible(value)]
        if wrong:
            raise MrzError("typed fields cannot be right", tuple(wrong))
        return cls(number, birth, expiry)

    @property
    def information(self) -> str:
        """MRZ_information of 9303-11 §4.3.2: the fields with their check digits."""
        number = self.number.ljust(9, "<")
        return "".join(part + check_digit(part) for part in (number, self.birth, self.expiry))


def check_digit(text: str) -> str:
    """Weights 7, 3, 1 over the values of the characters, modulo 10. 9303-3 §4.9. Raises: DataError: another character."""
    return str(sum(_value(char) * (7, 3, 1)[i % 3] for i, char in enumerate(text)) % 10)


def lines_of(text: str) -> tuple[str, ...]:
    """The zone's lines from a scan or a page: controls off, fillers as `<`, one run cut by its length. Raises: MrzError."""
    if len(text) > 1024:
        raise MrzError("more text than a zone holds")
    rows = [re.sub(r"[ _]", "<", row.strip("\0\r\t")) for row in re.split(r"[\r\n\x00-\x1f]+", text.upper())]
    rows = [row for row in rows if row.strip("<")]
    run = "".join(rows)
    if len(rows) == 1:
        size = {90: 30, 72: 36, 88: 44}.get(len(run), len(run) or 1)
        rows = [run[i : i + size] for i in range(0, len(run), size)]
    if (len(rows), len(rows[0]) if rows else 0) not in SIZES or len({len(row) for row in rows}) != 1:
        raise MrzError("not the lines of a TD1, TD2 or TD3 zone")
    return tuple(rows)


def parse(text: str) -> Mrz:
    """The zone in `text`, every check digit proved. Raises: MrzError: shape, characters, or the fields whose digits are wrong."""
    lines = lines_of(text)
    if not all(_ALLOWED.fullmatch(line) for line in lines):
        raise MrzError("characters that no zone has")
    zone, wrong = _td1(lines) if len(lines) == 3 else _td2_td3(lines)
    wrong += [name for name in ("birth", "expiry") if name not in wrong and not _plausible(getattr(zone, name))]
    wrong += [name for name in ("issuer", "nationality", "surname", "given") if re.search(r"\d", getattr(zone, name))]
    if wrong:
        raise MrzError("check digits or dates do not hold", tuple(wrong))
    return zone


def repair(text: str) -> Mrz:
    """`parse`; where it fails, letters read as digits and digits read as letters are swapped back by the kind of field.

    A repaired zone says so, and is given only when all check digits then hold. Raises: MrzError: as `parse` of the text as read.
    """
    try:
        return parse(text)
    except MrzError as exc:
        lines = lines_of(text)
        for attempt in _attempts(lines):
            try:
                return replace(parse("\n".join(attempt)), repaired=True)
            except MrzError:
                continue
        raise exc from None


def build(zone: Mrz) -> tuple[str, ...]:
    """The lines of a zone, check digits computed. Raises: MrzError: a field does not fit."""
    names = f"{zone.surname}<<{zone.given}".replace(" ", "<").rstrip("<")
    width = {"TD2": 36, "TD3": 44}.get(zone.kind, 30)
    lines = _build_td1(zone, names) if zone.kind == "TD1" else _build_td2_td3(zone, names, width)
    if any((len(lines), len(line)) not in SIZES for line in lines):
        raise MrzError("a field is too long for the zone")
    return lines


def birth_date(yymmdd: str, today: date) -> date | None:
    """A date of birth: the century that puts it in the past. None where month or day is not known (`<`) or impossible."""
    return _date(yymmdd, [today.year // 100 * 100, today.year // 100 * 100 - 100], lambda d: d <= today)


def expiry_date(yymmdd: str, today: date) -> date | None:
    """A date of expiry: ten years back to fifty on. None where it is unknown or impossible."""
    century = today.year // 100 * 100
    return _date(
        yymmdd, [century, century + 100, century - 100], lambda d: today.year - 10 <= d.year <= today.year + 50
    )


def _td1(lines: tuple[str, ...]) -> tuple[Mrz, list[str]]:
    one, two, three = lines
    number, check, optional = one[5:14], one[14], one[15:30]
    if check == "<" and optional[0] != "<":  # the number goes on in the optional field (9303-5 §4.2.2.1 note j)
        rest, _, optional = optional.partition("<")
        number, check = number + rest[:-1], rest[-1]
    surname, given = _names(three)
    zone = Mrz("TD1", one[:2].rstrip("<"), one[2:5].rstrip("<"), number.rstrip("<"), two[:6], two[7], two[8:14],
               two[15:18].rstrip("<"), surname, given, (optional.rstrip("<"), two[18:29].rstrip("<")), lines)  # fmt: skip
    composite = one[5:30] + two[:7] + two[8:15] + two[18:29]
    return zone, _wrong(
        [
            ("number", number, check),
            ("birth", two[:6], two[6]),
            ("expiry", two[8:14], two[14]),
            ("composite", composite, two[29]),
        ]
    )


def _td2_td3(lines: tuple[str, ...]) -> tuple[Mrz, list[str]]:
    one, two = lines
    kind = SIZES[2, len(one)]
    number, check = two[:9], two[9]
    optional = two[28:35] if kind == "TD2" else two[28:42]
    checks = [("birth", two[13:19], two[19]), ("expiry", two[21:27], two[27])]
    composite = two[:10] + two[13:20] + two[21 : len(two) - 1]
    if kind == "TD3":
        checks.append(("optional", optional, "0" if two[42] == "<" and not optional.strip("<") else two[42]))
    elif check == "<" and optional[0] != "<":
        rest, _, optional = optional.partition("<")
        number, check = number + rest[:-1], rest[-1]
    surname, given = _names(one[5:])
    zone = Mrz(kind, one[:2].rstrip("<"), one[2:5].rstrip("<"), number.rstrip("<"), two[13:19], two[20], two[21:27],
               two[10:13].rstrip("<"), surname, given, (optional.rstrip("<"),), lines)  # fmt: skip
    return zone, _wrong([("number", number, check), *checks, ("composite", composite, two[-1])])


def _build_td1(zone: Mrz, names: str) -> tuple[str, ...]:
    first, second = (*zone.optional, "", "")[:2]
    if len(zone.number) > 9:
        long = zone.number[:9] + "<" + zone.number[9:] + check_digit(zone.number) + "<" + first
    else:
        number = zone.number.ljust(9, "<")
        long = number + check_digit(number) + first
    one = f"{zone.type:<<2}{zone.issuer:<<3}{long:<<25}"
    two = f"{_dated(zone.birth)}{zone.sex:<<1}{_dated(zone.expiry)}{zone.nationality:<<3}{second:<<11}"
    composite = check_digit(one[5:30] + two[:7] + two[8:15] + two[18:29])
    return one, two + composite, names[:30].ljust(30, "<")


def _build_td2_td3(zone: Mrz, names: str, width: int) -> tuple[str, ...]:
    number = zone.number.ljust(9, "<")
    room = width - 29 if width == 36 else width - 30
    optional = (zone.optional[0] if zone.optional else "").ljust(room, "<")
    two = f"{_dated(number)}{zone.nationality:<<3}{_dated(zone.birth)}{zone.sex:<<1}{_dated(zone.expiry)}{optional}"
    if width == 44:
        two += check_digit(optional)
    composite = check_digit(two[:10] + two[13:20] + two[21:])
    return f"{zone.type:<<2}{zone.issuer:<<3}{names}"[:width].ljust(width, "<"), two + composite


def _dated(text: str) -> str:
    return text + check_digit(text)


def _attempts(lines: tuple[str, ...]) -> list[tuple[str, ...]]:
    """Repairs from the smallest on: dates and check digits, then letter fields, too.

    Never the document number: it mixes both kinds, and one check digit lets one wrong guess in ten pass.
    """
    last = len(lines[1]) - 1
    if len(lines) == 3:
        digits = _swapped(lines, 1, [(0, 7), (8, 15), (last, last + 1)], _TO_DIGIT)
        digits = digits if lines[0][14] == "<" else _swapped(digits, 0, [(14, 15)], _TO_DIGIT)
        letters = _swapped(_swapped(digits, 0, [(2, 5)], _TO_LETTER), 1, [(15, 18)], _TO_LETTER)
        return [digits, _swapped(letters, 2, [(0, 30)], _TO_LETTER)]
    digits = _swapped(lines, 1, [(9, 10), (13, 20), (21, 28), (last, last + 1)], _TO_DIGIT)
    return [digits, _swapped(_swapped(digits, 0, [(2, len(lines[0]))], _TO_LETTER), 1, [(10, 13)], _TO_LETTER)]


def _swapped(lines: tuple[str, ...], line: int, spans: list[tuple[int, int]], table: dict[int, int]) -> tuple[str, ...]:
    text = lines[line]
    for start, end in spans:
        text = text[:start] + text[start:end].translate(table) + text[end:]
    return (*lines[:line], text, *lines[line + 1 :])


def _wrong(checks: list[tuple[str, str, str]]) -> list[str]:
    return [name for name, text, digit in checks if check_digit(text) != digit]


def _names(text: str) -> tuple[str, str]:
    surname, _, given = text.rstrip("<").partition("<<")
    return surname.replace("<", " ").strip(), re.sub(r"<+", " ", given).strip()


def _value(char: str) -> int:
    if char == "<":
        return 0
    if "0" <= char <= "9":
        return ord(char) - 48
    if "A" <= char <= "Z":
        return ord(char) - 55
    raise DataError("MRZ: a character that no zone has")


def _possible(value: str) -> bool:
    return re.fullmatch(r"\d{6}", value) is not None and _plausible(value)


def _plausible(yymmdd: str) -> bool:
    """A real month and day, or the fillers 9303-3 allows for what is not known."""
    if not re.fullmatch(r"(\d\d|<<)(\d\d|<<)(\d\d|<<)", yymmdd):
        return False
    month, day = yymmdd[2:4], yymmdd[4:]
    return (month == "<<" or 1 <= int(month) <= 12) and (day == "<<" or 1 <= int(day) <= 31)


def _date(yymmdd: str, centuries: list[int], fits: object) -> date | None:
    if not re.fullmatch(r"\d{6}", yymmdd) or not callable(fits):
        return None
    for century in centuries:
        try:
            found = date(century + int(yymmdd[:2]), int(yymmdd[2:4]), int(yymmdd[4:]))
        except ValueError:
            continue
        if fits(found):
            return found
    return None
