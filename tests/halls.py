"""The product's three template halls, with a kiosk in them."""

from __future__ import annotations

from pathlib import Path

from contract import hall as halls
from contract.hall import Hall
from contract.hall_part import Box
from contract.words import Role

TEMPLATES = Path(__file__).parents[1] / "coordinator" / "templates"
NAMES = ("ua-cnap", "kz-con", "kg-con")
KIOSK = "kiosk-1"


TERMINAL = "terminal-1"


def load(name: str, dev: str = KIOSK, kind: Role = Role.KIOSK) -> Hall:
    """A template as the coordinator would publish it, with one box."""
    hall = halls.load((TEMPLATES / f"{name}.json").read_bytes())
    return hall.model_copy(update={"boxes": (Box(id=dev, kind=kind),)}).for_box(kind)
