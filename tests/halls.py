"""The product's three template halls, with a kiosk in them."""

from __future__ import annotations

from pathlib import Path

from contract import hall as halls
from contract.hall import Box, Hall
from contract.words import Role

TEMPLATES = Path(__file__).parents[1] / "coordinator" / "templates"
NAMES = ("ua-cnap", "kz-con", "kg-con")
KIOSK = "kiosk-1"


def load(name: str) -> Hall:
    """A template as the coordinator would publish it, with one kiosk."""
    hall = halls.load((TEMPLATES / f"{name}.json").read_bytes())
    return hall.model_copy(update={"boxes": (Box(id=KIOSK, kind=Role.KIOSK),)}).for_box(Role.KIOSK)
