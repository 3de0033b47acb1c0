"""Ukraine: ID card since 2016, contactless. Pure.

Seen on passports of the same issuer: PACE; the parameter id (tag 84) must be named before July 2022; SELECT MF answers 6A87; the
signer id's issuer is written in another string type than the certificate's. All of that is done for every card.
"""

from __future__ import annotations

from card_reader.profiles import number
from card_reader.profiles.profile import Number, Profile


def _unzr(text: str) -> str:
    digits = text.replace("-", "")
    return f"{digits[:8]}-{digits[8:]}"


PROFILE = Profile(
    "ua", frozenset({"UKR"}), frozenset({"UA"}), (Number("unzr", number.unzr, _unzr), Number("rnokpp", number.rnokpp))
)
