"""What differs from state to state: quirks, number checks, labels."""

from __future__ import annotations

from collections.abc import Iterable

from card_reader.profiles import ee, generic, kg, kz, ua
from card_reader.profiles.profile import Profile

PROFILES = {p.code: p for p in (ua.PROFILE, kz.PROFILE, kg.PROFILE, ee.PROFILE, generic.PROFILE)}


def of_issuer(issuer: str, offered: Iterable[Profile]) -> Profile:
    """The profile of an MRZ's issuer among `offered`; generic for the others."""
    return next((p for p in offered if issuer in p.issuers), generic.PROFILE)
