"""A box and its life: presence, health, the configuration it runs, being found. Pure."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from contract.hall import Hall
from contract.messages.envelope import Command, Count, Hash, Message, Moment, Name, Wire
from contract.words import Role


class Here(Message):
    """Presence. The last will says `lost` with the same epoch, so a late death of an old session can be told apart."""

    t: Literal["here"] = "here"
    state: Literal["here", "lost", "left"]
    kind: Role
    version: str
    inc: Name
    ep: Count


class UnitHealth(Wire):
    """One thing behind a box: a pad, a printer, a display, a reader. `figures`: name with its unit → value, as `paper_left_mm`.

    `seal`: the public key to which secrets for it are sealed (`runtime/seal.py`); None: nobody tells it any.
    """

    kind: Name
    model: str = Field(default="", max_length=64)
    version: str = Field(default="", max_length=32)
    figures: dict[Name, float] = Field(default={}, max_length=32)
    seal: Hash | None = None


class Health(Message):
    """How a box is, every 30 s. `faults`: keys of `contract.hints`, or key:unit, with since-when; `units`: what stands behind it, by id.

    `staged`: the revision of the hall document it has checked and holds ready; `runs`: the one it works by; None: it uses none.
    """

    t: Literal["health"] = "health"
    faults: dict[str, Moment] = {}
    units: dict[str, UnitHealth] = {}
    staged: Count | None = None
    runs: Count | None = None
    outbox: Count = 0
    dropped: dict[str, Count] = {}
    rss_mib: float | None = None
    uptime_s: float | None = None


class Cfg(Message):
    """`down/cfg`: the hall document a box runs with, without PIN hashes; up to 1 MiB."""

    t: Literal["cfg"] = "cfg"
    hall: Hall


class DeviceFind(Command):
    """Make box `dev` show which one it is, for `seconds`. Changes nothing in the hall and is not journaled; consoles only."""

    t: Literal["device.find"] = "device.find"
    dev: Name
    seconds: float = Field(default=5, gt=0, le=60)


class Identify(Message):
    """`down/cmd`: show which box you are, for `seconds`."""

    t: Literal["device.identify"] = "device.identify"
    seconds: float = Field(default=5, gt=0, le=60)
