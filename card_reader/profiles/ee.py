"""Estonia: the personal file of EstEID, read on contact without a PIN. Estonia ID1 Chip/App 2018 technical description §3."""

from __future__ import annotations

import re
from datetime import date

from card_reader.chip.apdu import Command
from card_reader.chip.channel import Channel
from card_reader.errors import DataError
from card_reader.profiles import number
from card_reader.profiles.profile import Number, Profile

AID = bytes.fromhex("A000000077010800070000FE00000100")
PROFILE = Profile("ee", frozenset({"EST"}), frozenset({"EE"}), (Number("isikukood", number.isikukood),))
_RECORDS = {
    1: "surname",
    2: "given_names",
    3: "sex",
    4: "nationality",
    5: "birth",
    6: "personal_number",
    7: "document_number",
    8: "expiry_date",
    9: "issue_date",
}
_LONGEST = 128


def select(channel: Channel) -> bool:
    """The card is an EstEID of 2018 or later; its personal file is then the current folder."""
    if not channel.send(Command(0, 0xA4, 4, 0x0C, AID)).ok:
        return False
    steps = (Command(0, 0xA4, 0, 0x0C), Command(0, 0xA4, 1, 0x0C, b"\x50\x00"))
    return all(channel.send(step).ok for step in steps)


def personal_file(channel: Channel) -> dict[str, str]:
    """Every record by field name; dates as ISO text, what is empty or missing left out. Raises: DataError."""
    found: dict[str, str] = {}
    for record, name in _RECORDS.items():
        if channel.send(Command(0, 0xA4, 2, 0x0C, bytes([0x50, record]))).ok:
            answer = channel.send(Command(0, 0xB0, 0, 0, le=256))
            if answer.ok and (text := _text(answer.data)):
                found[name] = text
    birth = re.fullmatch(r"(\d\d[ .]\d\d[ .]\d{4})(.*)", found.pop("birth", ""))
    place = birth[2].strip() if birth else ""
    dates = {name: found.pop(name, "") for name in ("expiry_date", "issue_date")} | {
        "birth_date": birth[1] if birth else ""
    }
    found.update({name: iso for name, text in dates.items() if (iso := _date(text))})
    return found | ({"birth_place": place} if place else {})


def _text(data: bytes) -> str:
    if len(data) > _LONGEST:
        raise DataError("EstEID: a record longer than it may be")
    try:
        return data.decode("utf-8").strip("\0 ")
    except UnicodeDecodeError as exc:
        raise DataError("EstEID: a record that is not UTF-8") from exc


def _date(text: str) -> str:
    """DD MM YYYY or DD.MM.YYYY."""
    match = re.fullmatch(r"(\d\d)[ .](\d\d)[ .](\d{4})", text)
    try:
        return date(int(match[3]), int(match[2]), int(match[1])).isoformat() if match else ""
    except ValueError:
        return ""
