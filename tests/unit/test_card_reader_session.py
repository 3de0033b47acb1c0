"""A whole read, card at the other end: each row of the table of failures is a behaviour here, under its name."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from card_reader.errors import Cancelled, CardError, CardRemoved, Code
from card_reader.files.block import Blocks
from card_reader.key import CanKey
from card_reader.mrz import MrzKey
from card_reader.outcome import Reading, Step
from card_reader.privacy import keyed_hash
from card_reader.profiles import PROFILES, ua
from card_reader.purpose import FIELDS, Purpose, plan
from card_reader.readers import result
from card_reader.readers.monitor import Monitor, ReaderState, Scene
from card_reader.readers.pcsc import PcscSlot
from card_reader.readers.slot import Card
from card_reader.session import TRIES, Kit, Request, Session
from card_reader.trust.store import Store
from card_reader.trust.verdict import Level, Note, Reason
from simulators.card.person import PEOPLE
from tests.card_bench import DAY_KEY, NOW, Laid, drawer, mrz_key, trusted
from tests.card_loop import LoopCard, LoopSlot

EMRTD = ("ua", "ua-passport", "kz", "kg", "uto", "long")
every_card = pytest.mark.parametrize("name", EMRTD)


def failed(laid: Laid, *words: Any, **more: Any) -> Code:
    with pytest.raises(CardError) as caught:
        laid.read(*words, **more)
    return caught.value.code


# -- what comes out ---------------------------------------------------------------------------------------------------------


@every_card
@pytest.mark.parametrize("purpose", list(Purpose))
def test_only_what_the_purpose_allows_leaves(name: str, purpose: Purpose) -> None:
    wanted = frozenset({"surname", "birth_date"})
    reading = Laid().read(name, purpose=purpose, fields=wanted)
    assert set(reading.fields) == (set() if purpose is Purpose.MATCH else wanted)
    assert bool(reading.hashes) == (purpose is Purpose.MATCH)
    assert (reading.photo is not None) == (purpose is Purpose.PHOTO)


@every_card
def test_the_fields_are_the_persons(name: str) -> None:
    person = PEOPLE[name]
    reading = Laid().read(name, fields=FIELDS)
    assert reading.fields["birth_date"] == person.born.isoformat()
    assert reading.fields["expiry_date"] == person.expires.isoformat()
    assert reading.fields["document_number"] == person.number
    if "native_name" in reading.fields:
        assert reading.fields["native_name"].split()[0] == person.native[0].split()[0]


@pytest.mark.parametrize(("name", "field"), [("ua", "unzr"), ("kz", "iin"), ("kg", "pin"), ("ee", "isikukood")])
def test_a_personal_number_is_found_and_named_as_its_state_does(name: str, field: str) -> None:
    reading = Laid().read(name, key=None if name == "ee" else "mrz")
    assert reading.fields[field].replace("-", "") == PEOPLE[name].personal_number.replace("-", "")
    assert reading.profile == name


def test_a_booking_is_matched_by_keyed_hashes_of_the_day() -> None:
    reading = Laid().read("kz", purpose=Purpose.MATCH)
    person = PEOPLE["kz"]
    assert reading.hashes == {
        "iin": keyed_hash(DAY_KEY, person.personal_number),
        "document": keyed_hash(DAY_KEY, person.number),
    }


@pytest.mark.parametrize(
    ("name", "level", "reason"),
    [
        ("ua", Level.CHIP_GENUINE, Reason.CHIP_PROVED), ("ua-passport", Level.DATA_SIGNED, Reason.CHIP_CANNOT),
        ("kz", Level.DATA_SIGNED, Reason.CHIP_CANNOT), ("kg", Level.UNVERIFIED, Reason.ANCHOR_UNKNOWN),
        ("uto", Level.CHIP_GENUINE, Reason.CHIP_PROVED), ("long", Level.CHIP_GENUINE, Reason.CHIP_PROVED),
    ],
)  # fmt: skip
def test_the_level_says_how_far_a_card_is_proved(name: str, level: Level, reason: Reason) -> None:
    reading = Laid().read(name)
    assert (reading.level, reading.reason) == (level, reason)
    assert (Note.SHA1_ANCHOR in reading.notes) == (name == "kz")


@pytest.mark.parametrize(
    ("name", "purpose", "count"),
    [("ua", Purpose.MATCH, 16), ("ua", Purpose.PREFILL, 20), ("ua", Purpose.PHOTO, 88), ("kg", Purpose.MATCH, 13),
     ("long", Purpose.MATCH, 14), ("uto", Purpose.MATCH, 21), ("kz", Purpose.MATCH, 10)],
)  # fmt: skip
def test_no_more_commands_are_sent_than_a_read_needs(name: str, purpose: Purpose, count: int) -> None:
    """1 or 3 for EF.CardAccess, 6 for PACE or 3 for BAC, 1 for DG1, size / 223 (231) for the others; see docs/id-cards.md."""
    laid = Laid()
    laid.read(name, purpose=purpose)
    assert laid.commands <= count


# -- the table of failures --------------------------------------------------------------------------------------------------


def test_no_reader() -> None:
    monitor = Monitor()
    monitor.scene = Scene(service=True)
    with pytest.raises(CardError) as caught:
        PcscSlot(monitor).card(0.01, lambda: False)
    assert caught.value.code is Code.NO_READER
    assert result.error("transmit", 0x80100017).code is Code.NO_READER  # unplugged in the middle


def test_pcscd_dead() -> None:
    with pytest.raises(CardError) as caught:
        PcscSlot(Monitor()).card(0.01, lambda: False)
    assert caught.value.code is Code.SERVICE_DOWN
    for code in (0x80100013, 0x8010001D, 0x8010001E):
        assert result.error("transmit", code).code is Code.SERVICE_DOWN


def test_chip_dead() -> None:
    monitor = Monitor()
    monitor.scene = Scene(True, (ReaderState("R", present=True, mute=True, atr=b""),))
    with pytest.raises(CardError) as caught:
        PcscSlot(monitor).card(0.2, lambda: False)
    assert caught.value.code is Code.CARD_DEAD
    assert result.connect_error(0x80100066).code is Code.CARD_DEAD


@pytest.mark.parametrize("code", [0x80100069, 0x80100016, 0x80100066, 0x80100067, 0x80100068, -0x7FEFFF97])
def test_every_readers_word_for_a_card_that_has_gone_is_one(code: int) -> None:
    assert isinstance(result.error("transmit", result.unsigned(code)), CardRemoved)


@pytest.mark.parametrize("at", [1, 2, 4, 7, 9, 12, 16])
def test_card_removed_mid_read_begins_anew(at: int) -> None:
    laid = Laid()
    reading = laid.read(["ua", "ua"], {"faults": [{"fault": "pull", "at": at}]})
    assert reading.level is Level.CHIP_GENUINE
    steps = [p.step for p in laid.told]
    assert (steps.count(Step.WAIT), steps.count(Step.OPEN)) == (1, 2)
    assert len(laid.chips) == 2


def test_card_removed_too_often_is_given_up() -> None:
    laid, now = Laid(), [0.0]

    def lay() -> Card:
        chip, seen = drawer().card("ua"), [0]

        def transmit(command: bytes) -> bytes:
            now[0] += 0.2
            seen[0] += 1
            return bytes(chip.transmit(command)) if seen[0] < 5 else b""

        return LoopCard(chip.atr, transmit)

    kit = replace(laid.kit, clock=lambda: now[0])
    session = Session(
        LoopSlot(*[lay] * 9), kit, Request(plan(Purpose.PREFILL), mrz_key("ua")), laid.told.append, lambda: False
    )
    with pytest.raises(CardError) as caught:
        session.run()
    assert caught.value.code is Code.CARD_REMOVED
    steps = [p.step for p in laid.told]
    assert (steps.count(Step.OPEN), steps.count(Step.PUT_BACK)) == (TRIES, TRIES - 1)


def test_card_only_tapped() -> None:
    laid = Laid()
    assert failed(laid, ["ua"] * 1, {"faults": [{"fault": "pull", "at": 2}]}) is Code.NO_CARD
    assert Step.LEAVE in [p.step for p in laid.told]
    laid = Laid()
    slot = LoopSlot(*[_tapped] * TRIES)
    with pytest.raises(CardError) as caught:
        Session(slot, laid.kit, Request(plan(Purpose.PREFILL), mrz_key("ua")), laid.told.append, lambda: False).run()
    assert caught.value.code is Code.CARD_TAPPED


def _tapped() -> Card:
    return LoopCard(drawer().card("ua").atr, lambda _command: b"")


def test_two_cards() -> None:
    other = drawer().card("storage")
    laid = Laid()
    slot = LoopSlot(_tapped, lambda: LoopCard(other.atr, other.transmit))
    with pytest.raises(CardError) as caught:
        Session(slot, laid.kit, Request(plan(Purpose.PREFILL), mrz_key("ua")), laid.told.append, lambda: False).run()
    assert caught.value.code is Code.SEVERAL_CARDS


@every_card
def test_wrong_mrz(name: str) -> None:
    laid = Laid()
    assert failed(laid, name, key=MrzKey("999999999", "900101", "330101")) is Code.WRONG_KEY
    assert laid.commands <= 9  # no other way in is tried with the same wrong key


@pytest.mark.parametrize("name", ["ua", "uto"])
def test_wrong_can(name: str) -> None:
    assert failed(Laid(), name, key=CanKey("000000")) is Code.WRONG_KEY


@pytest.mark.parametrize(("name", "can"), [("ua", "123456"), ("uto", "654321")])
def test_a_can_opens_what_the_mrz_opens(name: str, can: str) -> None:
    assert Laid().read(name, key=CanKey(can)).fields == Laid().read(name).fields


def test_a_can_does_not_open_a_card_without_pace() -> None:
    assert failed(Laid(), "kz", key=CanKey("123456")) is Code.KEY_NEEDED


@every_card
def test_a_card_that_needs_a_key_says_so(name: str) -> None:
    assert failed(Laid(), name, key=None) is Code.KEY_NEEDED


@every_card
@pytest.mark.parametrize("fault", ["bad_mac", "truncated"])
def test_sm_error(name: str, fault: str) -> None:
    script = {"faults": [{"fault": fault, "file": "SOD", "at": 1}]}
    assert failed(Laid(), name, script) is Code.MESSAGING_BROKEN
    assert Laid().read(name).fields  # the next person is served


@pytest.mark.parametrize("sw", ["6987", "6988"])
def test_sm_error_told_by_the_chip(sw: str) -> None:
    script = {"faults": [{"fault": "status", "file": "SOD", "at": 2, "sw": sw}]}
    assert failed(Laid(), "ua", script) is Code.MESSAGING_BROKEN


@every_card
@pytest.mark.parametrize("file", ["DG1", "DG2"])
def test_data_changed(name: str, file: str) -> None:
    assert failed(Laid(), name, {"altered": [file]}, purpose=Purpose.PHOTO) in {Code.DATA_ALTERED, Code.CARD_MISMATCH}


@pytest.mark.parametrize("file", ["DG11", "DG14"])
def test_data_changed_in_what_is_read_beside(file: str) -> None:
    assert failed(Laid(), "ua", {"altered": [file]}) is Code.DATA_ALTERED


def test_the_signature_changed() -> None:
    assert failed(Laid(), "ua", {"altered": ["SOD"]}) in {Code.DATA_ALTERED, Code.CARD_ERROR}


@pytest.mark.parametrize("name", ["ua", "uto", "long"])
def test_copy_of_a_genuine_card(name: str) -> None:
    reading = Laid().read(name, {"copied": True})
    assert (reading.level, reading.reason) == (Level.DATA_SIGNED, Reason.CHIP_FAILED)
    assert reading.fields["surname"]


def test_csca_unknown() -> None:
    reading = Laid().read("ua", {"unknown_authority": True})
    assert (reading.level, reading.reason) == (Level.UNVERIFIED, Reason.ANCHOR_UNKNOWN)
    assert reading.fields["surname"]


def test_a_bundle_that_is_too_old_proves_nothing() -> None:
    laid = Laid(Kit(trusted(), tuple(PROFILES.values()), now=lambda: NOW + timedelta(days=2)))
    assert laid.read("ua").reason is Reason.BUNDLE_EXPIRED


def test_expired_signer_is_a_note() -> None:
    reading = Laid().read("ua", {"expired_signer": True})
    assert Note.SIGNER_EXPIRED in reading.notes
    assert reading.level is Level.CHIP_GENUINE


def test_expired_card_is_a_note() -> None:
    late = PEOPLE["ua"].expires + timedelta(days=1)
    laid = Laid(
        Kit(
            Store(()), tuple(PROFILES.values()), now=lambda: NOW.replace(year=late.year, month=late.month, day=late.day)
        )
    )
    reading = laid.read("ua")
    assert Note.CARD_EXPIRED in reading.notes
    assert reading.fields["surname"]


def test_dg_missing() -> None:
    reading = Laid().read("ua", {"quirks": {"absent": ["DG11"]}})
    assert Note.FILE_MISSING in reading.notes
    assert "native_name" not in reading.fields
    assert reading.fields["surname"]


def test_dg_only_for_terminals_with_a_certificate() -> None:
    reading = Laid().read("ua", {"quirks": {"locked": ["DG11"]}})
    assert Note.FILE_FORBIDDEN in reading.notes
    assert reading.fields["surname"]


@pytest.mark.parametrize("name", ["bank", "storage"])
def test_storage_bank_or_transit_card(name: str) -> None:
    for key in (mrz_key("ua"), None):
        laid = Laid()
        assert failed(laid, name, key=key) is Code.NOT_ID_CARD
        assert laid.commands <= 10


def test_other_program_grabs_the_card() -> None:
    assert result.connect_error(0x8010000B).code is Code.CARD_IN_USE


def test_person_walks_away() -> None:
    laid = Laid(cancelled=lambda: True)
    with pytest.raises(Cancelled):
        laid.read("ua")
    assert laid.commands == 0


def test_a_read_is_given_up_between_two_commands() -> None:
    asked = []

    def after_five() -> bool:
        asked.append(1)
        return len(asked) > 6

    laid = Laid(cancelled=after_five)
    assert failed(laid, "ua") is Code.CANCELLED
    assert laid.commands < 6


def test_chip_with_another_zone_than_the_one_it_was_opened_with() -> None:
    """Only a forged chip can do that: here the other end lets any MRZ in by its CAN, so the key of another card is claimed."""
    laid = Laid()
    chip = drawer().card("ua")
    request = Request(plan(Purpose.PREFILL), CanKey("123456"))
    session = Session(
        LoopSlot(lambda: LoopCard(chip.atr, chip.transmit)), laid.kit, request, laid.told.append, lambda: False
    )
    session._request = _Turncoat(request.plan, request.key)  # type: ignore[assignment]
    with pytest.raises(CardError) as caught:
        session.run()
    assert caught.value.code is Code.CARD_MISMATCH


class _Turncoat:
    """A request whose key is another once the chip is open."""

    day_key, wait_s = None, 1.0

    def __init__(self, wanted: Any, key: Any) -> None:
        self.plan, self._keys = wanted, [key, MrzKey("111111111", "900101", "330101")]

    @property
    def key(self) -> Any:
        return self._keys.pop(0) if len(self._keys) > 1 else self._keys[0]


# -- quirks -----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["ua", "long"])
@pytest.mark.parametrize(
    "quirks",
    [
        {"select_mf": "6A87"}, {"select_mf": "6982"}, {"select_mf": "6A81"}, {"parameter_id": "needed"}, {"parameter_id": "lost"},
        {"le_on_select": "6A80"}, {"select_p1": [2]}, {"select_p1": [0]}, {"short_identifiers": False},
        {"short_identifiers": False, "select_p1": [2]}, {"over_end": "9000"}, {"over_end": "6B00"}, {"over_end": "6A86"},
        {"past_end": "6A86"}, {"too_long": "6C"}, {"too_long": "cut"}, {"uid": "0812345678"},
    ],
    ids=lambda q: "-".join(f"{k}={v}" for k, v in q.items()),
)  # fmt: skip
def test_every_quirk_is_read_through(name: str, quirks: dict[str, Any]) -> None:
    reading = Laid().read(name, {"quirks": quirks})
    assert reading.fields["surname"]


@pytest.mark.parametrize("sw", ["6700", "6C80", "6B00", "6282", "6F00"])
def test_a_chip_that_stumbles_over_a_block_gets_smaller_ones_and_that_is_remembered(sw: str) -> None:
    laid = Laid()
    reading = laid.read("ua", {"faults": [{"fault": "status", "file": "SOD", "at": 2, "sw": sw}]})
    assert reading.level is Level.CHIP_GENUINE
    learned = laid.kit.blocks.dump()
    assert [row[2] for row in learned] == [0]
    before = laid.commands
    laid.read("ua")
    assert Blocks.load(learned).dump() == learned
    assert laid.commands - before <= 20


def test_a_half_block_is_gone_on_with() -> None:
    laid = Laid()
    assert laid.read("ua", {"faults": [{"fault": "short_read", "file": "SOD", "at": 2}]}).level is Level.CHIP_GENUINE


def test_long_blocks_only_where_chip_and_reader_can() -> None:
    counts = []
    for extended in (True, False):
        laid = Laid()
        reading = laid.read("kz", purpose=Purpose.PHOTO, extended=extended)
        assert reading.photo is not None
        counts.append(laid.commands)
    assert counts[0] <= 16
    assert counts[1] > 70


def test_a_reader_that_cannot_carry_long_blocks_after_all_gets_short_ones() -> None:
    laid = Laid()
    chip = drawer().card("kz")
    chips = [chip]

    def torn(command: bytes) -> bytes:
        long = len(command) > 6 and command[4] == 0
        return b"\x67\x00" if long and command[1] == 0xB0 else bytes(chip.transmit(command))

    request = Request(plan(Purpose.PHOTO), mrz_key("kz"))
    reading = Session(
        LoopSlot(lambda: LoopCard(chips[0].atr, torn)), laid.kit, request, laid.told.append, lambda: False
    ).run()
    assert reading.photo is not None
    assert [row[3] for row in laid.kit.blocks.dump()] == [None]


def test_a_chip_whose_limits_make_no_sense_gets_short_blocks() -> None:
    laid, chip = Laid(), drawer().card("kz")

    def odd(command: bytes) -> bytes:
        return b"\x7f\x66\x08\x02\x90\x00" if command[:3] == b"\x00\xb0\x81" else bytes(chip.transmit(command))

    request = Request(plan(Purpose.PREFILL), mrz_key("kz"))
    slot = LoopSlot(lambda: LoopCard(chip.atr, odd))
    assert Session(slot, laid.kit, request, laid.told.append, lambda: False).run().fields["surname"]
    assert [row[3] for row in laid.kit.blocks.dump()] == [None]


def test_an_older_protocol_on_contact_is_read_through() -> None:
    assert Laid().read("kz", {"quirks": {"t0": True, "extended": False}}).fields["surname"]


def test_pace_that_fails_by_protocol_is_not_replaced_by_bac_unless_the_profile_allows_it() -> None:
    script = {"faults": [{"fault": "refusal", "at": 4, "sw": "6A80"}]}
    strict = Laid(Kit(trusted(), (ua.PROFILE,), now=lambda: NOW))
    assert failed(strict, "ua", script) is Code.CARD_ERROR
    reading = Laid().read("ua", script)
    assert Note.DOWNGRADED in reading.notes


def test_nothing_of_a_visitor_stays_in_the_buffers() -> None:
    laid = Laid()
    kept: list[Any] = []

    class Watching(Session):
        def _files(self, chip: Any, found: Any) -> None:
            super()._files(chip, found)
            kept.extend(found.files.values())

    chip = drawer().card("ua")
    slot = LoopSlot(lambda: LoopCard(chip.atr, chip.transmit))
    reading = Watching(
        slot, laid.kit, Request(plan(Purpose.PHOTO), mrz_key("ua")), laid.told.append, lambda: False
    ).run()
    assert isinstance(reading, Reading)
    assert len(kept) >= 4
    assert all(not any(buffer) for buffer in kept)


def test_bytes_out_of_the_air_instead_of_answers_are_a_named_failure() -> None:
    for seed in range(150):
        answer = bytes((seed * 37 + n * 11) % 256 for n in range(seed)) + (b"\x90\x00" if seed % 3 else b"")
        laid = Laid()
        slot = LoopSlot(*[lambda a=answer: LoopCard(b"\x3b\x00", lambda _c: a)] * TRIES)
        with pytest.raises(CardError):
            Session(
                slot, laid.kit, Request(plan(Purpose.PREFILL), mrz_key("ua")), laid.told.append, lambda: False
            ).run()
