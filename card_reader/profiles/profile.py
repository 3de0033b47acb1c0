"""What differs from state to state. A profile adds quirks and number checks; it never assumes what a chip can do. Pure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from card_reader.mrz import Mrz


@dataclass(frozen=True, slots=True)
class Number:
    """A kind of personal number: `field` names it in results, texts carry its label under `card.field.<field>`."""

    field: str
    holds: Callable[[str], bool]
    write: Callable[[str], str] = str


@dataclass(frozen=True, slots=True)
class Profile:
    """One state. `issuers`: its codes in the MRZ; `countries`: its letters in certificates.

    `bac_after_pace_error`: BAC may be tried where PACE failed by protocol (never after a refused password), and it is said.
    """

    code: str
    issuers: frozenset[str]
    countries: frozenset[str]
    numbers: tuple[Number, ...]
    bac_after_pace_error: bool = False

    def personal_numbers(self, zone: Mrz, personal_number: str | None) -> dict[str, str]:
        """The numbers on the card that can be right, by field name: DG11's first, then the MRZ's optional fields."""
        found: dict[str, str] = {}
        for text in (personal_number or "", *zone.optional):
            candidate = text.replace("<", "").replace(" ", "")
            number = next((n for n in self.numbers if n.holds(candidate)), None)
            if number is not None:
                found.setdefault(number.field, number.write(candidate))
        return found
