"""Commands that stand alone: status and clearing (Epson ESC/POS reference). Pure."""

from __future__ import annotations

POLL = b"".join(bytes((0x10, 0x04, n)) for n in (1, 2, 3, 4))
"""DLE EOT 1 to 4: online, cause of offline, errors, paper; answered at once, also while offline."""
WATCH = b"\x1da\x0e"
"""GS a: push online, error and paper changes. Holds until ESC @, so every job says it again."""
CLEAR = bytes((0x10, 0x14, 8, 1, 3, 20, 1, 6, 2, 8))
"""DLE DC4 function 8: forget receive and print buffer, at once, also while offline or full; answered with 37 25 00."""

FULL = bytes((0x10, 0x04, 20))
"""DLE EOT 20 of Custom's printers: paper, user, recoverable and unrecoverable errors in six bytes; answered at once."""
ORDER = b"\x1dr\x01"
"""GS r 1: answered with the paper sensor's byte when everything before it was worked off."""
WHO = b"\x1dI\x01\x1dI\x43" + ORDER
"""GS I 1, GS I 67, GS r 1: the model's number, its name, and the end of the answers."""
VERSION = b"\x1dI\x41"
"""GS I 65: the firmware's version, as a name block."""
PAPER_LEFT = b"\x1d\xe1"
"""GS E1 of Custom's printers: `510cm` until the virtual end of the paper."""
RETRACTS = b"\x1d\xe4"
"""GS E4 of Custom's printers: `12ret`, papers taken back since it was made."""
START = b"\x1b@"
"""ESC @: as after switching on."""
CUT = b"\x1dV\x42\0"
"""GS V 66 0: feeds to the knife by itself."""


def present(steps: int, retract_s: int) -> bytes:
    """FS P of Custom's printers: cut and hold the paper out by `steps` of 5 mm with the lamp blinking; after `retract_s`
    seconds (0: never) it is taken back.
    """
    return bytes((0x1C, 0x50, steps, 1, ord("R"), retract_s))


def padding(width_dots: int, rows: int) -> bytes:
    """White dots that end a picture in whose middle another sender stopped; outside a picture printers skip them."""
    return bytes(width_dots // 8 * rows)
