"""A card of a state without a profile. Pure."""

from __future__ import annotations

from card_reader.profiles import number
from card_reader.profiles.profile import Number, Profile

PROFILE = Profile("generic", frozenset(), frozenset(), (Number("personal_number", number.some),))
