"""An ID card at a touch screen: what opens its chip is typed, then it is laid there and read. Pure."""

from __future__ import annotations

from typing import Any, Protocol

from glass.face import WIDTH, Box, Face, Icon, Plate
from glass.pads import number_pad, sign_pad
from glass.sheet import GAP, INNER, MARGIN, Sheet

CAN = ("can",)
ZONE = ("number", "birth", "expiry")
FIELD_SIGNS = {"can": (6, 6), "number": (5, 14), "birth": (6, 6), "expiry": (6, 6)}
"""What opens a card: the number printed for that, or three fields of its machine-readable zone; dates as day, month, year. How many
signs at least and at most.
"""
LETTERED = frozenset({"number"})
"""Fields that have letters, too."""
RETYPE = frozenset({"wrong_key", "bad_key", "key_needed"})
"""Failures that the digits are typed again for."""
FINAL = frozenset({"too_many_tries", "data_altered", "card_mismatch", "card_dead", "unsupported"})
"""Failures that trying again would not help."""

_STEP = {
    "open": ("terminal.reading", "terminal.keep_card"), "read": ("terminal.reading", "terminal.keep_card"),
    "put_back": ("kiosk.card_put_back", ""), "leave": ("terminal.keep_card", ""),
}  # fmt: skip
"""`card_reader.outcome.Step` → title and lead; any other: the card is waited for."""
_WHY = {
    "no_reader": "error.reader_missing", "service_down": "error.reader_missing", "card_removed": "kiosk.card_put_back",
    "card_tapped": "terminal.keep_card", "several_cards": "kiosk.card_one", "wrong_key": "kiosk.card_wrong_can",
    "too_many_tries": "kiosk.card_tries", "bad_key": "kiosk.card_wrong_can", "key_needed": "kiosk.card_wrong_can",
    "data_altered": "kiosk.card_to_person", "card_mismatch": "kiosk.card_to_person", "not_id_card": "kiosk.card_not_id",
    "card_dead": "terminal.card_unsupported", "unsupported": "terminal.card_unsupported", "no_card": "kiosk.card_none",
}  # fmt: skip
"""`card_reader.errors.Code` → the visitor's sentence; any other: the card could not be read, please try again."""
_FIELD = {
    "can": "terminal.enter_can", "number": "kiosk.card_number", "birth": "kiosk.card_birth", "expiry": "kiosk.card_expiry",
}  # fmt: skip


class Opening(Protocol):
    """What a visit knows of a card: `fields` to be typed, `typed` as far as they are; `step` and `done`: how far the read is."""

    @property
    def fields(self) -> tuple[str, ...]: ...
    @property
    def typed(self) -> tuple[str, ...]: ...
    @property
    def step(self) -> str: ...
    @property
    def done(self) -> float: ...


def complete(visit: Opening) -> bool:
    """Whether the field that is typed has as many signs as it needs."""
    return len(visit.typed[-1]) >= FIELD_SIGNS[_field(visit)][0]


def added(visit: Opening, sign: str) -> tuple[str, ...]:
    """What is typed with `sign` behind it; unchanged where it does not fit."""
    *before, last = visit.typed
    allowed = len(sign) == 1 and sign.isascii() and (sign.isdecimal() or (_field(visit) in LETTERED and sign.isupper()))
    return (*before, last + sign) if allowed and len(last) < FIELD_SIGNS[_field(visit)][1] else visit.typed


def erased(visit: Opening) -> tuple[str, ...]:
    """What is typed without its last sign; of an empty field back to the one before."""
    *before, last = visit.typed
    return (*before, last[:-1]) if last or not before else tuple(before)


def why(failed: str) -> str:
    """The key of the sentence for a `card_reader.errors.Code`."""
    return _WHY.get(failed, "terminal.card_not_read")


def digits(sheet: Sheet[Any], visit: Opening, *, swipe: bool) -> Face:
    """The six digits printed on the card, or its number, birth and expiry; the way from the one to the other; or a swipe."""
    field = _field(visit)
    sheet.head()
    sheet.title(sheet.t(_FIELD[field]))
    if swipe:
        sheet.lead(sheet.t("kiosk.card_or_swipe"))
    (other,) = sheet.acts(1, 88 if sheet.state.low else 112)
    if field in LETTERED:
        sign_pad(sheet, visit.typed[-1], complete=complete(visit))
    else:
        number_pad(sheet, visit.typed[-1], FIELD_SIGNS[field][1], other.h + GAP if visit.fields == CAN else 0)
    if visit.fields == CAN:
        sheet.key("zone", sheet.t("kiosk.card_no_can"), other)
    sheet.foot()
    return sheet.done("digits")


def reading(sheet: Sheet[Any], visit: Opening) -> Face:
    """Lay the card there, leave it there; a bar shows that the read goes on."""
    title, lead = _STEP.get(visit.step, ("terminal.place_card", ""))
    sheet.head()
    sheet.parts.append(Icon("id_card", Box((WIDTH - 320) / 2, 460, 320, 320), "ink"))
    sheet.y = 850
    sheet.title(sheet.t(title), align="center")
    if lead:
        sheet.lead(sheet.t(lead), align="center")
    if visit.step in ("open", "read"):
        _bar(sheet, visit.done)
    sheet.foot(tools=False)
    return sheet.done("card")


def _field(visit: Opening) -> str:
    return visit.fields[len(visit.typed) - 1]


def _bar(sheet: Sheet[Any], done: float) -> None:
    """In steps of a tenth: a bar that moves more often costs frames and tells nothing."""
    box = Box(MARGIN + 120, sheet.y + 60, INNER - 240, 36)
    sheet.plate(Plate(box, "surface", 18, "line_strong", sheet.border))
    wide = box.w * round(done * 10) / 10
    if wide:
        sheet.plate(Plate(Box(box.x, box.y, max(36.0, wide), box.h), "action", 18))
