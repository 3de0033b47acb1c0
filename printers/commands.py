"""Commands that stand alone: status and clearing (Epson ESC/POS reference). Pure."""

from __future__ import annotations

POLL = b"".join(bytes((0x10, 0x04, n)) for n in (1, 2, 3, 4))
"""DLE EOT 1 to 4: online, cause of offline, errors, paper; answered at once, also while offline."""
WATCH = b"\x1da\x0e"
"""GS a: push online, error and paper changes. Holds until ESC @, so every job says it again."""
CLEAR = bytes((0x10, 0x14, 8, 1, 3, 20, 1, 6, 2, 8))
"""DLE DC4 function 8: forget receive and print buffer, at once, also while offline or full; answered with 37 25 00."""
