"""One read from the waiting to the wiping. The visitor has agreed to the plan before it begins.

wait → open → read → verify → minimise → wipe; a card that leaves begins it anew, `TRIES` times at most.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime

import structlog

from card_reader import mrz, profiles, tlv
from card_reader.chip import access, active_authentication, chip_authentication
from card_reader.chip.channel import Channel
from card_reader.chip.security_info import security_infos, signature_protocol
from card_reader.errors import CardError, CardRemoved, Code, DataError, SessionLost, StatusError
from card_reader.files import detail, document, portrait, reading
from card_reader.files.block import Blocks
from card_reader.files.file import DG1, DG2, DG11, DG12, DG14, DG15, SOD, File
from card_reader.files.reading import Forbidden
from card_reader.key import Key
from card_reader.mrz import Mrz, MrzKey
from card_reader.opened import OpenedChip
from card_reader.outcome import Photo, Progress, Reading, Step
from card_reader.privacy import keyed_hash
from card_reader.profiles import ee
from card_reader.profiles.profile import Profile
from card_reader.purpose import Plan
from card_reader.readers.slot import Card, Slot, is_storage
from card_reader.trust import passive, sod
from card_reader.trust.sod import SecurityObject
from card_reader.trust.store import Store
from card_reader.trust.verdict import Level, Note, Reason, Verdict

log = structlog.get_logger(__name__)
TRIES = 4
"""A card may leave three times."""
AGAIN_S = 15.0
"""So long a visitor has to put the card back."""
TAPPED_S = 0.5
PROGRESS_S = 0.1


@dataclass(frozen=True, slots=True)
class Request:
    """One read. `key`: None where the card needs none (EstEID); `day_key`: of the hashes, for a plan that has them."""

    plan: Plan
    key: Key | None
    day_key: bytes | None = field(default=None, repr=False)
    wait_s: float = 30.0


@dataclass(slots=True)
class Kit:
    """What the reads of one process share."""

    store: Store
    profiles: tuple[Profile, ...]
    blocks: Blocks = field(default_factory=Blocks)
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    clock: Callable[[], float] = time.monotonic


@dataclass(slots=True)
class _Found:
    """What was read of one card; wiped at the end, however it ends."""

    files: dict[File, bytearray] = field(default_factory=dict)
    security: SecurityObject | None = None
    notes: set[Note] = field(default_factory=set)
    chip: bool | None = None

    def wipe(self) -> None:
        """Overwrite and forget what was read."""
        for buffer in self.files.values():
            reading.wipe(buffer)
        self.files.clear()


class Session:
    """One read; `run` once. `tell` hears of progress, `cancelled` is asked before each exchange."""

    def __init__(
        self, slot: Slot, kit: Kit, request: Request, tell: Callable[[Progress], None], cancelled: Callable[[], bool]
    ) -> None:
        self._slot, self._kit, self._request = slot, kit, request
        self._tell, self._cancelled = tell, cancelled
        self._atr: bytes | None = None
        self._told_at = 0.0

    def run(self) -> Reading:
        """The reading. Raises: CardError with the code of its failure."""
        self._tell(Progress(Step.WAIT))
        for number in range(1, TRIES + 1):  # what is told of a card that left stays true until one lies there
            wait_s = self._request.wait_s if number == 1 else min(self._request.wait_s, AGAIN_S)
            with self._slot.card(wait_s, self._cancelled) as card:
                began = self._kit.clock()
                try:
                    return self._card(card, again=number > 1)
                except CardRemoved:
                    tapped = self._kit.clock() - began < TAPPED_S
                    if number == TRIES:
                        raise CardError(
                            "the card left too often", Code.CARD_TAPPED if tapped else Code.CARD_REMOVED
                        ) from None
                    self._tell(Progress(Step.LEAVE if tapped else Step.PUT_BACK))
        raise AssertionError("a read ends in its last try")

    def _card(self, card: Card, *, again: bool) -> Reading:
        if self._atr not in {None, card.atr}:
            raise CardError("another card than before", Code.SEVERAL_CARDS)
        self._atr = card.atr
        if is_storage(card.atr):
            raise CardError("a storage card", Code.NOT_ID_CARD)
        self._tell(Progress(Step.OPEN))
        began, key = self._kit.clock(), self._request.key
        if key is None:
            return self._open_file(Channel(card, self._cancelled))
        chip = OpenedChip(card, key, self._kit.profiles, self._kit.blocks, self._cancelled, smaller=again)
        found = _Found()
        try:
            if not chip.open():
                return self._open_file(chip.channel)
            self._files(chip, found)
            result = self._result(chip, found)
            chip.went_well()
            log.info("card.read", way=chip.way.protocol, exchanges=chip.channel.exchanges, reader=card.model,
                     trust=result.level.name, took_s=round(self._kit.clock() - began, 3))  # fmt: skip
            return result
        finally:
            found.wipe()
            chip.channel.unprotect()

    # -- reading --------------------------------------------------------------------------------------------------------

    def _files(self, chip: OpenedChip, found: _Found) -> None:
        if chip.way.downgraded:
            found.notes.add(Note.DOWNGRADED)
        signature = self._file(chip, SOD, found)
        found.security = sod.security_object(bytes(signature)) if signature is not None else None
        if self._request.plan.prove_chip and found.security is not None:
            self._prove_by_keys(chip, found, found.security)
        for file in self._request.plan.files:
            listed = found.security is None or file.group in found.security.hashes
            if file in found.files:
                continue
            if not listed or self._file(chip, file, found) is None:
                found.notes.add(Note.FILE_MISSING)

    def _file(self, chip: OpenedChip, file: File, found: _Found) -> bytearray | None:
        try:
            buffer = chip.read(file, self._progress)
        except Forbidden:
            found.notes.add(Note.FILE_FORBIDDEN)
            return None
        if buffer is not None:
            found.files[file] = buffer
        return buffer

    def _progress(self, done: int, whole: int) -> None:
        now = self._kit.clock()
        if now - self._told_at >= PROGRESS_S or done == whole:
            self._told_at = now
            self._tell(Progress(Step.READ, done / max(1, whole)))

    def _prove_by_keys(self, chip: OpenedChip, found: _Found, security: SecurityObject) -> None:
        """Chip authentication by DG14, else active authentication by DG15; their keys count only as the state signed them."""
        if chip.mapped is not None:
            return
        infos = []
        options = self._file(chip, DG14, found) if DG14.group in security.hashes else None
        if options is not None:
            sod.prove(security, {14: bytes(options)})
            infos = security_infos(tlv.only(bytes(options), DG14.tag))
        if (offered := chip_authentication.offered(infos)) is not None:
            proof = chip.authenticate(*offered, DG1)
            found.chip = proof is not None
            if proof is not None:
                found.files[DG1] = proof
        elif DG15.group in security.hashes and (public := self._file(chip, DG15, found)) is not None:
            sod.prove(security, {15: bytes(public)})
            found.chip = _answers_for(chip, tlv.only(bytes(public), DG15.tag), signature_protocol(infos))

    # -- verifying ------------------------------------------------------------------------------------------------------

    def _result(self, chip: OpenedChip, found: _Found) -> Reading:
        zone = self._zone(found)
        verdict = self._verdict(chip, found, zone)
        notes = set(verdict.notes) | found.notes
        expiry = mrz.expiry_date(zone.expiry, self._kit.now().date())
        if expiry is not None and expiry < self._kit.now().date():
            notes.add(Note.CARD_EXPIRED)
        profile = profiles.of_issuer(zone.issuer, self._kit.profiles)
        return self._minimised(
            Reading(verdict.level, verdict.reason, frozenset(notes), profile.code, zone.issuer), zone, profile, found
        )

    def _zone(self, found: _Found) -> Mrz:
        if DG1 not in found.files:
            raise CardError("the card has no DG1", Code.CARD_ERROR)
        if found.security is not None:
            groups = {f.group: bytes(b) for f, b in found.files.items() if f.group is not None}
            sod.prove(found.security, {g: b for g, b in groups.items() if g is not None})
        zone, key = document.zone(bytes(found.files[DG1])), self._request.key
        if isinstance(key, MrzKey) and key.information != zone.key.information:
            raise CardError("the chip's zone is another than the one it was opened with", Code.CARD_MISMATCH)
        return zone

    def _verdict(self, chip: OpenedChip, found: _Found, zone: Mrz) -> Verdict:
        if found.security is None:
            return Verdict(Level.UNVERIFIED, Reason.NOT_SIGNED)
        state = profiles.of_issuer(zone.issuer, profiles.PROFILES.values())
        verdict = passive.of_state(passive.judge(found.security, self._kit.store, self._kit.now()), state.countries)
        if chip.mapped is not None:
            found.chip = passive.proves_mapping(chip.mapped, chip.card_security, self._kit.store)
        return passive.with_chip(verdict, found.chip, asked=self._request.plan.prove_chip)

    # -- minimising -----------------------------------------------------------------------------------------------------

    def _minimised(self, bare: Reading, zone: Mrz, profile: Profile, found: _Found) -> Reading:
        """Only what the plan lets out."""
        known = _known(zone, self._kit.now().date(), found)
        numbers = profile.personal_numbers(zone, known.pop("personal_number", None))
        self._let_out(bare, known | numbers, numbers)
        if DG2 in self._request.plan.files and DG2 in found.files:
            face = portrait.portrait(bytes(found.files[DG2]))
            object.__setattr__(bare, "photo", Photo(face.kind, face.image))
        return bare

    def _let_out(self, bare: Reading, known: dict[str, str], numbers: dict[str, str]) -> None:
        plan = self._request.plan
        bare.fields.update({name: text for name, text in known.items() if name in plan.fields and text})
        if plan.hashes and self._request.day_key is not None:
            wanted = numbers | {"document": known.get("document_number", "")}
            key = self._request.day_key
            bare.hashes.update({kind: keyed_hash(key, number) for kind, number in wanted.items() if number})

    # -- cards without a key --------------------------------------------------------------------------------------------

    def _open_file(self, channel: Channel) -> Reading:
        """EstEID's personal file, if the hall reads those. Raises: CardError: KEY_NEEDED, NOT_ID_CARD."""
        if ee.PROFILE not in self._kit.profiles or not ee.select(channel):
            locked = self._request.key is None and access.is_travel_document(channel)
            raise CardError("no application we can read", Code.KEY_NEEDED if locked else Code.NOT_ID_CARD)
        known = ee.personal_file(channel)
        number = known.pop("personal_number", "")
        numbers = {n.field: number for n in ee.PROFILE.numbers if n.holds(number)}
        bare = Reading(Level.UNVERIFIED, Reason.NOT_SIGNED, profile=ee.PROFILE.code, country="EST")
        notes = {Note.CARD_EXPIRED} if known.get("expiry_date", "9999") < self._kit.now().date().isoformat() else set()
        object.__setattr__(bare, "notes", frozenset(notes))
        self._let_out(bare, known | {"issuer": "EST"} | numbers, numbers)
        return bare


def _answers_for(chip: OpenedChip, public: bytes, protocol: str | None) -> bool:
    try:
        return active_authentication.proves(chip.channel, public, protocol)
    except StatusError:
        return False
    except (SessionLost, DataError):
        chip.reopen()
        return False


def _known(zone: Mrz, today: date, found: _Found) -> dict[str, str]:
    """Every field the card told, DG11 over DG1 where both do: its birth date has a century."""
    birth, expiry = mrz.birth_date(zone.birth, today), mrz.expiry_date(zone.expiry, today)
    known = {
        "surname": zone.surname,
        "given_names": zone.given,
        "sex": "" if zone.sex == "<" else zone.sex,
        "nationality": zone.nationality,
        "document_number": zone.number,
        "issuer": zone.issuer,
        "birth_date": birth.isoformat() if birth else "",
        "expiry_date": expiry.isoformat() if expiry else "",
    }
    if DG11 in found.files:
        known |= detail.personal(bytes(found.files[DG11]))
    if DG12 in found.files:
        known |= detail.document(bytes(found.files[DG12]))
    return known
