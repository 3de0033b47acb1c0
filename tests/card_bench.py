"""Cards of the other end, in this process: laid before a session, with the bundle that trusts their states."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

from card_reader import mrz
from card_reader.key import Key
from card_reader.outcome import Progress, Reading
from card_reader.profiles import PROFILES
from card_reader.purpose import EVERYDAY, Plan, Purpose, plan
from card_reader.readers.slot import Card
from card_reader.session import Kit, Request, Session
from card_reader.trust import master_list
from card_reader.trust.certificate import certificate
from card_reader.trust.store import Store
from simulators.card.specimen import Drawer
from tests.card_loop import LoopCard, LoopSlot

NOW = datetime.now(UTC)
DAY_KEY = bytes(range(32))


@cache
def drawer() -> Drawer:
    """One world for all tests: its states' keys are made once."""
    return Drawer(NOW)


@cache
def trusted() -> Store:
    """The bundle of the cards' master list."""
    world = drawer().world
    root = certificate(world.list_anchor()).fingerprint
    bundle = master_list.imported(world.master_list(), root, None, NOW).bundle
    return Store(bundle.anchors, NOW + timedelta(days=1))


def mrz_key(name: str) -> Key:
    """What is printed on the card `name`."""
    return mrz.parse("\n".join(drawer().describe(name)["mrz"])).key


@dataclass
class Laid:
    """A read of cards laid down one after another; `cards` are the chips, for a look at what they saw."""

    kit: Kit = field(default_factory=lambda: Kit(trusted(), tuple(PROFILES.values()), now=lambda: NOW))
    told: list[Progress] = field(default_factory=list)
    chips: list[Any] = field(default_factory=list)
    cancelled: Callable[[], bool] = lambda: False

    def read(
        self, names: str | Sequence[str], script: dict[str, Any] | None = None, *, key: Key | str | None = "mrz",
        purpose: Purpose = Purpose.PREFILL, fields: frozenset[str] = EVERYDAY, extended: bool | None = None,
        wanted: Plan | None = None,
    ) -> Reading:  # fmt: skip
        """`names`: one card, or several in the order of laying. `key`: "mrz" takes the first card's own."""
        names = [names] if isinstance(names, str) else list(names)
        slot = LoopSlot(*(self._layer(name, script if n == 0 else None, extended) for n, name in enumerate(names)))
        opened = mrz_key(names[0]) if isinstance(key, str) else key
        request = Request(wanted or plan(purpose, fields), opened, DAY_KEY)
        return Session(slot, self.kit, request, self.told.append, self.cancelled).run()

    @property
    def commands(self) -> int:
        """What all chips saw."""
        return sum(chip.commands for chip in self.chips)

    def _layer(self, name: str, script: dict[str, Any] | None, extended: bool | None) -> Callable[[], Card]:
        def lay() -> Card:
            chip = drawer().card(name, script)
            self.chips.append(chip)
            return LoopCard(chip.atr, chip.transmit, extended=extended)

        return lay
