"""The machine readable zone as an issuer prints it: TD1, three lines of 30, and TD3, two lines of 44 (ICAO 9303-4, 9303-5)."""

from __future__ import annotations

from datetime import date

from simulators.card.person import Person

FILLER = "<"


def check_digit(text: str) -> str:
    """Weights 7, 3, 1; letters from A = 10, the filler 0."""
    values = (0 if char == FILLER else int(char, 36) for char in text)
    return str(sum(value * (7, 3, 1)[place % 3] for place, value in enumerate(values)) % 10)


def lines(person: Person) -> tuple[str, ...]:
    """The zone of this person's document."""
    return _passport(person) if person.kind.startswith("P") else _card(person)


def information(person: Person) -> str:
    """What the access keys come from: number, birth, expiry, each with its check digit; a long number whole."""
    number = person.number.ljust(9, FILLER)
    return "".join(text + check_digit(text) for text in (number, _short(person.born), _short(person.expires)))


def _card(person: Person) -> tuple[str, ...]:
    number, optional = person.number.ljust(9, FILLER), person.optional
    if len(number) > 9:
        number, optional = number[:9], number[9:] + check_digit(number) + FILLER + optional
        first = number + FILLER + optional.ljust(15, FILLER)
    else:
        first = number + check_digit(number) + optional.ljust(15, FILLER)
    birth, expiry = (text + check_digit(text) for text in (_short(person.born), _short(person.expires)))
    other = person.optional_below.ljust(11, FILLER)
    second = birth + person.sex + expiry + person.nationality.ljust(3, FILLER) + other
    return (
        person.kind.ljust(2, FILLER) + person.state.ljust(3, FILLER) + first,
        second + check_digit(first + birth + expiry + other),
        _names(person, 30),
    )


def _passport(person: Person) -> tuple[str, ...]:
    number = person.number.ljust(9, FILLER)
    optional = person.optional.ljust(14, FILLER)
    number, birth, expiry, optional = (
        text + check_digit(text) for text in (number, _short(person.born), _short(person.expires), optional)
    )
    second = number + person.nationality.ljust(3, FILLER) + birth + person.sex + expiry + optional
    first = person.kind.ljust(2, FILLER) + person.state.ljust(3, FILLER) + _names(person, 39)
    return first, second + check_digit(number + birth + expiry + optional)


def _names(person: Person, width: int) -> str:
    given = person.given.replace(" ", FILLER)
    return f"{person.surname.replace(' ', FILLER)}<<{given}"[:width].ljust(width, FILLER)


def _short(day: date) -> str:
    return day.strftime("%y%m%d")
