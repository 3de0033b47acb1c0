"""Money: whole minor units and a currency, never a float. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass

from contract.errors import ContractError

NUMERIC = {"UAH": 980, "KZT": 398, "KGS": 417}
"""Currencies a terminal takes → ISO 4217 number; all three have 100 minor units."""
_DECIMAL = re.compile(r"([0-9]{1,9})(?:[.,]([0-9]{1,2}))?")


@dataclass(frozen=True, slots=True, order=True)
class Money:
    """An amount of at least 0. `minor`: hundredths; `currency`: ISO 4217 letters."""

    minor: int
    currency: str

    def __post_init__(self) -> None:
        if self.currency not in NUMERIC:
            raise ContractError(f"currency {self.currency!r}: allowed: {', '.join(NUMERIC)}")
        if not 0 <= self.minor < 10**11:
            raise ContractError(f"amount of {self.minor} minor units: allowed: 0 to {10**11 - 1}")

    @property
    def decimal(self) -> str:
        """As protocols write it: "12.35", always two decimals."""
        return f"{self.minor // 100}.{self.minor % 100:02}"

    def __str__(self) -> str:
        return f"{self.decimal} {self.currency}"


def read_decimal(text: str, currency: str) -> Money:
    """Money from "12.35", "12,3" or "12". Raises: ContractError: it is none."""
    found = _DECIMAL.fullmatch(text.strip())
    if found is None:
        raise ContractError(f"amount {text[:32]!r}: allowed: digits with at most two decimals")
    return Money(int(found[1]) * 100 + int((found[2] or "0").ljust(2, "0")), currency)
