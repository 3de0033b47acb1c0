"""What opens a chip: three fields of its MRZ, or the CAN printed on the card. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from card_reader.mrz import MrzError, MrzKey


@dataclass(frozen=True, slots=True, repr=False)
class CanKey:
    """The six digits printed on the card."""

    digits: str

    @classmethod
    def typed(cls, text: str) -> CanKey:
        """Raises: MrzError: not six digits."""
        if len(text) != 6 or not (text.isascii() and text.isdigit()):
            raise MrzError("a CAN has six digits", ("can",))
        return cls(text)


Key = MrzKey | CanKey
