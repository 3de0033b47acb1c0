"""Kyrgyzstan: ID card of 2017 and later, contact and contactless. Nothing about its chip is public. Pure.

Its certificate is in no public master list: until the state gives it, these cards are "unverified".
"""

from __future__ import annotations

from card_reader.profiles import number
from card_reader.profiles.profile import Number, Profile

PROFILE = Profile(
    "kg", frozenset({"KGZ"}), frozenset({"KG"}), (Number("pin", number.kg_pin),), bac_after_pace_error=True
)
