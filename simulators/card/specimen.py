"""The cards there are: a person's documents as their states make them, and what else people lay on a reader."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec, rsa

from simulators.card import groups, mrz
from simulators.card.active import ActiveKey, EcActiveKey, RsaActiveKey
from simulators.card.card import Applet, Card
from simulators.card.chip import ChipKey
from simulators.card.cipher import SUITES
from simulators.card.curve import CURVES
from simulators.card.document import Document
from simulators.card.emrtd import Emrtd
from simulators.card.esteid import EstEid
from simulators.card.issuer import Authority, World
from simulators.card.ledger import Ledger
from simulators.card.other import Bank, Dead, Storage
from simulators.card.pace import GENERIC, INTEGRATED, WITH_CHIP_AUTHENTICATION, Offer, offer, scalar
from simulators.card.person import PEOPLE, Person
from simulators.card.photo import face_group
from simulators.card.script import Script, read
from simulators.card.tlv import tlv

SHORT_ATR = bytes.fromhex("3B8880010073C8400000900062")
LONG_ATR = bytes.fromhex("3B8880010073C8404000900022")
RSA_ACTIVE_BITS = 1536  # its signature fits a short protected answer


@dataclass(frozen=True)
class Specimen:
    """How one document is made. `pace`: (mapping, suite, curve); `listed`: more of them in EF.CardAccess that this chip does not do;
    `chip`: (suite, curve); `active`: rsa or ec; `groups`: the DGs besides DG14 and DG15, which follow from the keys."""

    person: str
    groups: tuple[int, ...] = (1, 2, 11, 12)
    pace: tuple[tuple[int, int, str], ...] = ()
    listed: tuple[tuple[int, int, str], ...] = ()
    can: str | None = None
    bac: bool = True
    chip: tuple[int, str] | None = None
    active: str | None = None
    explicit: bool = False
    lds: str = "0107"
    quirks: dict[str, Any] = field(default_factory=dict)


_UKRAINE = {"select_mf": "6A87", "parameter_id": "needed"}
SPECIMENS = {
    "ua": Specimen(
        "ua",
        groups=(1, 2, 3, 11, 12, 13),
        pace=((GENERIC, 2, "brainpoolP256r1"),),
        can="123456",
        chip=(2, "brainpoolP256r1"),
        lds="0108",
        quirks=_UKRAINE,
    ),
    "ua-passport": Specimen("ua-passport", pace=((GENERIC, 4, "secp256r1"),), bac=False, quirks=_UKRAINE),
    "kz": Specimen("kz", quirks={"extended": True}),
    "kg": Specimen("kg", pace=((GENERIC, 2, "brainpoolP384r1"),), groups=(1, 2, 11)),
    "uto": Specimen(
        "uto",
        pace=((GENERIC, 2, "brainpoolP256r1"), (WITH_CHIP_AUTHENTICATION, 2, "brainpoolP256r1")),
        listed=((INTEGRATED, 2, "brainpoolP256r1"),),
        can="654321",
        bac=False,
        chip=(2, "brainpoolP256r1"),
        active="ec",
        explicit=True,
        lds="0108",
    ),
    "expired": Specimen("expired", groups=(1, 2)),
    "xps": Specimen("xps", groups=(1, 2, 11)),
    "long": Specimen("long", groups=(1, 2), chip=(1, "secp256r1"), active="rsa"),
}


OTHERS: dict[str, Callable[[], Applet]] = {
    "ee": lambda: EstEid(PEOPLE["ee"]),
    "bank": Bank,
    "storage": Storage,
    "dead": Dead,
}


class Drawer:
    """All cards, ready to be laid down. What a state has issued once is not issued again.

    `now`: the day the states' certificates are counted from; `sleep`: how the cards take their time.
    """

    def __init__(
        self, now: datetime, ledger: Ledger | None = None, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        self.world = World(now)
        self.ledger = ledger or Ledger()
        self._sleep = sleep
        self._office = threading.Lock()
        self._issued: dict[tuple[object, ...], Document] = {}

    @property
    def names(self) -> tuple[str, ...]:
        return (*SPECIMENS, *OTHERS)

    def card(self, name: str, script: dict[str, Any] | None = None) -> Card:
        """The card `name` under a script as JSON. Raises: ValueError, TypeError: no such card, or no script."""
        if name not in self.names:
            raise ValueError(f"{name}: no such card: {', '.join(self.names)}")
        parsed = self.script(name, script)
        applet = OTHERS[name]() if name in OTHERS else Emrtd(self.document(name, parsed))
        return Card(name, applet, parsed, self.ledger, self._sleep)

    def script(self, name: str, document: dict[str, Any] | None) -> Script:
        """The script with the card's own quirks where it says nothing. Raises: ValueError, TypeError: it is none."""
        script = read({} if document is None else document, SPECIMENS[name].quirks if name in SPECIMENS else None)
        for fault in script.faults:
            if fault.card and fault.card not in self.names:
                raise ValueError(f"{fault.card}: no such card: {', '.join(self.names)}")
        return script

    def document(self, name: str, script: Script) -> Document:
        """What the issuer put on the chip; a test knows from it what a reader must find."""
        quirks = script.quirks
        key = (
            name,
            script.copied,
            script.expired_signer,
            script.unknown_authority,
            quirks.extended,
            quirks.max_answer_bytes,
        )
        with self._office:
            if key not in self._issued:
                self._issued[key] = _Issue(SPECIMENS[name], self.world, script).document()
            return self._issued[key]

    def describe(self, name: str) -> dict[str, Any]:
        """What is printed on the card: MRZ lines and CAN; empty of cards without."""
        if name not in SPECIMENS:
            return {}
        specimen = SPECIMENS[name]
        return {"mrz": mrz.lines(PEOPLE[specimen.person]), "can": specimen.can}


@dataclass
class _Issue:
    """One document on its way through the office."""

    specimen: Specimen
    world: World
    script: Script

    def document(self) -> Document:
        """The files and keys of this card, as the script changes them."""
        specimen, script, person = self.specimen, self.script, self._person
        self._chip, self._active = self._keys()
        files = self._application() | self._master()
        if script.copied:
            self._chip, self._active = self._keys()
        return Document(
            atr=LONG_ATR if script.quirks.extended else SHORT_ATR,
            mrz_information=mrz.information(person),
            files=files,
            offers=self._offers,
            can=specimen.can,
            bac=specimen.bac,
            chip_key=self._chip,
            active_key=self._active,
        )

    @property
    def _person(self) -> Person:
        return PEOPLE[self.specimen.person]

    @property
    def _authority(self) -> Authority:
        return self.world.authority("unknown" if self.script.unknown_authority else self._person.state)

    @cached_property
    def _offers(self) -> tuple[Offer, ...]:
        return tuple(offer(mapping, suite, CURVES[curve]) for mapping, suite, curve in self.specimen.pace)

    @property
    def _listed(self) -> tuple[Offer, ...]:
        return tuple(offer(mapping, suite, CURVES[curve]) for mapping, suite, curve in self.specimen.listed)

    def _keys(self) -> tuple[ChipKey | None, ActiveKey | None]:
        chip = None
        if self.specimen.chip is not None:
            suite, curve = self.specimen.chip
            chip = ChipKey(CURVES[curve], scalar(CURVES[curve], os.urandom), SUITES[suite])
        match self.specimen.active:
            case "rsa":
                return chip, RsaActiveKey(rsa.generate_private_key(65537, RSA_ACTIVE_BITS))
            case "ec":
                return chip, EcActiveKey(ec.generate_private_key(ec.SECP256R1()))
            case _:
                return chip, None

    def _application(self) -> dict[str, bytes]:
        content = {number: self._group(number) for number in self.specimen.groups}
        if self._chip is not None or self._active is not None:
            content[14] = groups.options(self._chip, self._active, explicit=self.specimen.explicit)
        if self._active is not None:
            content[15] = tlv(groups.TAGS[15], self._active.public_key_info)
        lds = self.specimen.lds
        files = {f"DG{number}": data for number, data in content.items()}
        files["COM"] = groups.common(sorted(content), lds)
        files["SOD"] = self._authority.sod(content, lds=lds, expired=self.script.expired_signer)
        return files

    def _group(self, number: int) -> bytes:
        packed = self._person.state == "KAZ"
        match number:
            case 1:
                return groups.zone(self._person)
            case 2:
                return face_group()
            case 3:
                return groups.fingers()
            case 11:
                return groups.details(self._person, packed_dates=packed)
            case 12:
                return groups.document(self._person, packed_dates=packed)
            case _:
                return groups.national(self._person)

    def _master(self) -> dict[str, bytes]:
        files = {}
        if self._offers:
            files["CardAccess"] = groups.card_access((*self._offers, *self._listed))
        if self.script.quirks.extended:
            files["ATR-INFO"] = groups.lengths(1024, self.script.quirks.max_answer_bytes)
        if any(made.mapping == WITH_CHIP_AUTHENTICATION for made in self._offers):
            infos = groups.security_infos(self._chip, self._active, explicit=self.specimen.explicit)
            files["CardSecurity"] = self._authority.card_security(infos)
        return files
