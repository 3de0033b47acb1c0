"""A community that is nobody's: families at addresses, numbers their states would give them, dues with codes. By a seed. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random

from registers.community.lore import COUNTRIES, Given, Lore, Words

Cells = dict[str, str]
_YEAR = timedelta(days=365)
_FLATS_TO_A_HOUSE = 60
_IN_TOWN = 0.6


@dataclass(frozen=True, slots=True)
class Guest:
    """Somebody who is to live here too, as the card in his hand says. `names`: by language, as a register writes them."""

    number: str
    names: dict[str, str]
    born: date
    sex: str
    other_number: str = ""


@dataclass(slots=True)
class _Resident:
    """`surname`: place in the lore's list; `given`: None for a guest, whose `names` are his own."""

    number: str
    other_number: str
    sex: str
    born: date
    names: Words
    surname: int
    given: Given | None
    mother: str = ""
    father: str = ""
    spouse: str = ""


def community(
    country: str, people: int, seed: int, today: date, guests: Sequence[Guest] = ()
) -> dict[str, list[Cells]]:
    """File name → rows by column, as `table.TABLES` wants them; the same for the same arguments. `people`: guests included.

    Raises: KeyError: no such country.
    """
    lore = COUNTRIES[country]
    return _Maker(lore, Random(seed), today).all(people, guests)


@dataclass(slots=True)
class _Maker:
    lore: Lore
    chance: Random
    today: date
    given_out: set[str] = field(default_factory=set)

    def all(self, people: int, guests: Sequence[Guest]) -> dict[str, list[Cells]]:
        streets = list(self._streets())
        homes = self._homes(streets)
        persons: list[Cells] = []
        dues: list[Cells] = []
        waiting = list(guests)
        while len(persons) < people:
            family = self._family(waiting.pop(0) if waiting else None)[: people - len(persons)]
            home = next(homes) | {"since": self._since(family).isoformat()}
            persons += [self._person(one) | home for one in family]
            dues += [due for one in family for due in self._dues(one)]
        return {
            "settlements.csv": [{"id": f"s{n}"} | self._names(name) for n, name in enumerate(self.lore.settlements, 1)],
            "streets.csv": streets,
            "documents.csv": [{"id": f"doc{n}"} | self._names(name) for n, name in enumerate(self.lore.documents, 1)],
            "given_names.csv": self._given_names(),
            "persons.csv": persons,
            "dues.csv": self._numbered(dues),
        }

    # --- places ------------------------------------------------------------------------------------------------------

    def _streets(self) -> Iterator[Cells]:
        """The town has all of them, a village about half; a street has its old name where it had one."""
        number = 0
        for settlement in range(1, len(self.lore.settlements) + 1):
            for name, was in self.lore.streets:
                if settlement == 1 or self.chance.random() < 0.5:
                    number += 1
                    yield {"id": f"st{number}", "under": f"s{settlement}", **self._names(name), "was": "|".join(was)}

    def _homes(self, streets: list[Cells]) -> Iterator[Cells]:
        """Addresses, each once: flats in town, houses elsewhere."""
        town = [s for s in streets if s["under"] == "s1"]
        villages = [s for s in streets if s["under"] != "s1"]
        taken: set[tuple[str, str, str]] = set()
        while True:
            in_town = self.chance.random() < _IN_TOWN
            street = self.chance.choice(town if in_town else villages)
            house = str(self.chance.randint(1, 160)) + self.chance.choice(("", "", "", "", "а", "б"))
            flat = str(self.chance.randint(1, _FLATS_TO_A_HOUSE)) if in_town and self.chance.random() < 0.8 else ""
            if (street["id"], house, flat) not in taken:
                taken.add((street["id"], house, flat))
                yield {"settlement": street["under"], "street": street["id"], "house": house, "flat": flat}

    # --- people ------------------------------------------------------------------------------------------------------

    def _family(self, guest: Guest | None) -> list[_Resident]:
        """One person, or a couple or parent with up to four children, and now and then a grandmother."""
        first = self._guest(guest) if guest else self._someone(self.chance.choice("MF"), self._age(22, 80))
        if self.chance.random() < 0.2:
            return [first]
        family, pair = [first], {first.sex: first}
        if self.chance.random() < 0.75:
            other = self._someone("F" if first.sex == "M" else "M", self._near(first.born), first.surname)
            first.spouse, other.spouse = other.number, first.number
            family.append(other)
            pair[other.sex] = other
        family += self._children(pair)
        if self.chance.random() < 0.1:
            family.append(self._grandmother(first))
        return family

    def _children(self, pair: dict[str, _Resident]) -> list[_Resident]:
        mother, father = pair.get("F"), pair.get("M")
        parent = mother or father
        assert parent is not None
        oldest, youngest = parent.born + 20 * _YEAR, min(parent.born + 42 * _YEAR, self.today - timedelta(days=30))
        if oldest >= youngest:
            return []
        children = []
        for _ in range(self.chance.choices((0, 1, 2, 3, 4), (25, 35, 28, 9, 3))[0]):
            born = oldest + timedelta(days=self.chance.randrange((youngest - oldest).days))
            child = self._someone(self.chance.choice("MF"), born, parent.surname, father.given if father else None)
            child.mother, child.father = mother.number if mother else "", father.number if father else ""
            children.append(child)
        return sorted(children, key=lambda c: c.born)

    def _grandmother(self, child: _Resident) -> _Resident:
        born = max(child.born - timedelta(days=self.chance.randint(20, 32) * 365), self.today - 98 * _YEAR)
        mother = self._someone("F", born, child.surname)
        child.mother = mother.number
        return mother

    def _someone(self, sex: str, born: date, surname: int | None = None, father: Given | None = None) -> _Resident:
        lore = self.lore
        at = self.chance.randrange(len(lore.surnames)) if surname is None else surname
        given = self.chance.choice(lore.men if sex == "M" else lore.women)
        father = father or self.chance.choice(lore.men)
        last, middle = lore.surnames[at][sex == "F"], father.daughter if sex == "F" else father.son
        names = tuple(" ".join(words) for words in zip(last, given.name, middle, strict=True))
        number, other = self._number(born, sex)
        return _Resident(number, other, sex, born, names, at, given if sex == "M" else None)

    def _guest(self, guest: Guest) -> _Resident:
        self.given_out |= {guest.number, guest.other_number} - {""}
        names = tuple(guest.names.get(language, "") for language in self.lore.languages)
        at = self.chance.randrange(len(self.lore.surnames))
        return _Resident(guest.number, guest.other_number, guest.sex, guest.born, names, at, None)

    def _age(self, low: int, high: int) -> date:
        return self.today - timedelta(days=self.chance.randrange(low * 365, high * 365))

    def _near(self, born: date) -> date:
        return min(born + timedelta(days=self.chance.randint(-2000, 2000)), self.today - 19 * _YEAR)

    def _number(self, born: date, sex: str) -> tuple[str, str]:
        """The personal number, and the other one where the state has two; nobody else has them."""
        while True:
            serial = f"{self.chance.randrange(10000):04}"
            number, other = NUMBERS[self.lore.number](born, sex, serial)
            if number and number not in self.given_out and other not in self.given_out:
                self.given_out |= {number, other} - {""}
                return number, other

    def _since(self, family: Sequence[_Resident]) -> date:
        """The day they moved in: not before the youngest was born."""
        youngest = max(one.born for one in family)
        return youngest + timedelta(days=self.chance.randrange(max(1, (self.today - youngest).days)))

    # --- rows --------------------------------------------------------------------------------------------------------

    def _names(self, name: Words) -> Cells:
        return {f"name_{language}": text for language, text in zip(self.lore.languages, name, strict=True)}

    def _person(self, one: _Resident) -> Cells:
        return {
            "number": one.number, "other_number": one.other_number, **self._names(one.names),
            "birth_date": one.born.isoformat(), "mother": one.mother, "father": one.father, "spouse": one.spouse,
        }  # fmt: skip

    def _given_names(self) -> list[Cells]:
        names = dict.fromkeys(given.name for given in (*self.lore.men, *self.lore.women))
        return [{"id": f"n{n}"} | self._names(name) for n, name in enumerate(names, 1)]

    def _dues(self, one: _Resident) -> list[Cells]:
        """Two of five adults owe something."""
        if self.today - one.born < 18 * _YEAR or self.chance.random() > 0.4:
            return []
        what = self.chance.sample(self.lore.dues, self.chance.choices((1, 2, 3), (6, 3, 1))[0])
        found = []
        for name, payee, low, high in what:
            since = self.today - timedelta(days=self.chance.randint(5, 300))
            found.append({
                "number": one.number, **self._names(name), "service": "", "payee": payee,
                "amount_minor": str(self.chance.randrange(low, high, 50)), "currency": self.lore.currency,
                "since": since.isoformat(), "until": (since + timedelta(days=330)).isoformat(),
            })  # fmt: skip
        return found

    def _numbered(self, dues: list[Cells]) -> list[Cells]:
        """Nine digits to be typed, the last one a check digit by Luhn, in no order that tells who else owes."""
        codes = self.chance.sample(range(10**7, 10**8), len(dues))
        return [
            {"id": f"due-{n}", "code": luhn(str(code)), **due}
            for n, (due, code) in enumerate(zip(dues, codes, strict=True), 1)
        ]


def luhn(digits: str) -> str:
    """The digits and their check digit, ISO/IEC 7812-1."""
    doubled = [int(d) * (2 - n % 2) for n, d in enumerate(reversed(digits))]
    return digits + str(-sum(d // 10 + d % 10 for d in doubled) % 10)


def _weighed(digits: str, weights: Sequence[int]) -> int:
    return sum(int(d) * w for d, w in zip(digits, weights, strict=True))


def _ukrainian(born: date, sex: str, serial: str) -> tuple[str, str]:
    """РНОКПП (days since the end of 1899, serial with the sex in its last digit, check digit) and УНЗР."""
    serial = serial[:3] + str(int(serial[3]) // 2 * 2 + (sex == "M"))
    tax = f"{(born - date(1899, 12, 31)).days:05}{serial}"
    tax += str(_weighed(tax, (-1, 5, 7, 9, 4, 6, 10, 5, 7)) % 11 % 10)
    record = f"{born:%Y%m%d}{serial}"
    return tax, f"{record[:8]}-{serial}{_weighed(record, (7, 3, 1) * 4) % 10}"


def _kazakh(born: date, sex: str, serial: str) -> tuple[str, str]:
    """ИИН: birth date, century and sex, serial, check digit; "" for a serial that is never given out."""
    digits = f"{born:%y%m%d}{2 * (born.year // 100 - 18) + (1 if sex == 'M' else 2)}{serial}"
    for weights in (range(1, 12), (*range(3, 12), 1, 2)):
        if (check := _weighed(digits, weights) % 11) < 10:
            return digits + str(check), ""
    return "", ""


NUMBERS: dict[str, Callable[[date, str, str], tuple[str, str]]] = {"rnokpp": _ukrainian, "iin": _kazakh}
