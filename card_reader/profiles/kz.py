"""Kazakhstan: ID card. Pure.

Seen on a card of 2016: BAC only, no proof of the chip (so never more than "data signed"), extended lengths. The IIN stands at the
end of the MRZ's first line. The state's certificates are signed with SHA-1.
"""

from __future__ import annotations

from card_reader.profiles import number
from card_reader.profiles.profile import Number, Profile

PROFILE = Profile("kz", frozenset({"KAZ"}), frozenset({"KZ"}), (Number("iin", number.iin),))
