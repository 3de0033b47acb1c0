"""Cards as PC/SC sees them: the real pcscd, the real driver, pyscard's lowest layer."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from itertools import cycle
from pathlib import Path

import pytest

from simulators.card.bac import seed
from simulators.card.curve import CURVES
from simulators.card.pace import GENERIC, offer
from tests.card_terminal import APPLICATION, Terminal
from tests.until import until
from tests.wire import pcsc_bench

SHARED, EXCLUSIVE, ANY_PROTOCOL, UNPOWER = 2, 1, 3, 2
PRESENT, EMPTY = 0x20, 0x10
DEADLINE_S = 60.0
READERS = 4
OFFER = offer(GENERIC, 2, CURVES["brainpoolP256r1"])
CARD_ACCESS = "31143012060A04007F0007020204020202010202010D"


class Pcsc:
    """A client's context; a card's answer, or b"" where there is none."""

    def __init__(self, readers, slot: int) -> None:
        from smartcard import scard

        self.scard, self.readers, self.slot = scard, readers, slot
        self.context = until(self._establish)

    def _establish(self):
        result, context = self.scard.SCardEstablishContext(self.scard.SCARD_SCOPE_SYSTEM)
        return context if result == 0 else None

    def state(self, slot: int | None = None) -> tuple[int, bytes]:
        name = self.readers.names[self.slot if slot is None else slot]
        result, states = self.scard.SCardGetStatusChange(self.context, 0, [(name, 0)])
        return (states[0][1], bytes(states[0][2])) if result == 0 else (0, b"")

    def order(self, do: str, **order):
        return self.readers.order(do=do, slot=str(self.slot), **order)

    def lay(self, card: str, script=None):
        """The ATR, once the reader has it."""
        self.order("insert", card=card, **({"script": script} if script else {}))
        return until(lambda: self.state()[0] & PRESENT and self.state()[1])

    def empty(self) -> None:
        until(lambda: self.state()[0] & EMPTY)

    @contextmanager
    def card(self):
        """A function from command to answer, nobody else's until left."""
        name = self.readers.names[self.slot]
        result, handle, protocol = self.scard.SCardConnect(self.context, name, EXCLUSIVE, ANY_PROTOCOL)
        assert result == 0, f"{result & 0xFFFFFFFF:08X}"

        def send(apdu: bytes) -> bytes:
            sent, answer = self.scard.SCardTransmit(handle, protocol, list(apdu))
            return bytes(answer) if sent == 0 else b""

        yield send
        self.scard.SCardDisconnect(handle, UNPOWER)


@pytest.fixture(scope="module")
def readers():
    with pcsc_bench.readers(READERS) as made:
        yield made


@pytest.fixture(scope="module")
def slots():
    """The readers in turn, so that a test need not wait until the one before it has left."""
    return cycle(range(READERS))


@pytest.fixture
def pcsc(readers, slots):
    client = Pcsc(readers, next(slots))
    client.empty()
    yield client
    for slot in range(READERS):
        readers.order(do="remove", slot=str(slot))
    client.scard.SCardReleaseContext(client.context)


def printed(readers, card: str):
    return readers.order(do="describe", card=card)


def information(lines: list[str]) -> str:
    """The MRZ fields the keys come from, out of the printed lines of a card with a short number."""
    return lines[0][5:15] + lines[1][:7] + lines[1][8:15]


def test_each_reader_has_a_card_of_its_own(pcsc):
    result, names = pcsc.scard.SCardListReaders(pcsc.context, [])
    assert result == 0
    assert sorted(names) == sorted(pcsc.readers.names)
    for slot, card in enumerate(("ua", "ee", "storage", "kz")):
        pcsc.readers.order(do="insert", card=card, slot=str(slot))
    atrs = [until(partial(lambda slot: pcsc.state(slot)[1], slot)) for slot in range(4)]
    assert [atr[:4].hex() for atr in atrs] == ["3b888001", "3bdb9600", "3b8f8001", "3b888001"]
    assert atrs[3] != atrs[0]


def test_card_access_is_read_through_the_real_daemon(pcsc):
    atr = pcsc.lay("ua")
    assert atr.hex().upper() == "3B8880010073C8400000900062"
    with pcsc.card() as send:
        assert send(bytes.fromhex("00A4000C")).hex() == "6a87"
        assert send(bytes.fromhex("00A4020C02011C")).hex() == "9000"
        assert send(bytes.fromhex("00B0000000")).hex().upper() == CARD_ACCESS + "9000"


def test_all_files_are_read_by_the_mrz(pcsc):
    pcsc.lay("ua")
    with pcsc.card() as send:
        terminal = Terminal(send)
        lines = printed(pcsc.readers, "ua")["mrz"]
        assert terminal.bac(information(lines)) == 0x9000
        assert terminal.file(0x0101)[5:].decode() == "".join(lines)
        assert "Тестенко" in terminal.file(0x010B).decode("utf-8", "replace")
        assert terminal.file(0x011D)[:1] == b"\x77"
        assert len(terminal.file(0x0102, 231)) > 15_000
    pcsc.order("remove")
    entries = pcsc.readers.ledger()
    assert entries[-1]["files"]["DG2"] == {"reads": 66, "bytes": 15085, "whole": True}
    assert [entry for entry in entries if entry["event"] == "access"][-1]["protocol"] == "BAC"
    text = str(entries)
    assert not any(part in text for part in (*lines, "Тестенко", "TESTENKO", "000123456"))


@pytest.mark.parametrize("reference", [1, 2], ids=["mrz", "can"])
def test_pace_opens_the_application(pcsc, reference):
    pcsc.lay("ua")
    print_on_card = printed(pcsc.readers, "ua")
    password = seed(information(print_on_card["mrz"])) if reference == 1 else print_on_card["can"].encode()
    with pcsc.card() as send:
        terminal = Terminal(send)
        assert 0x86 in terminal.pace(OFFER, password, reference)
        assert terminal.ask(APPLICATION) == (b"", 0x9000)
        assert terminal.file(0x0101)[5:].decode() == "".join(print_on_card["mrz"])


def test_a_long_answer_comes_whole_through_the_driver(pcsc):
    pcsc.lay("kz")
    with pcsc.card() as send:
        terminal = Terminal(send)
        assert terminal.bac(information(printed(pcsc.readers, "kz")["mrz"])) == 0x9000
        assert terminal.ask(bytes.fromhex("00A4020C020102"))[1] == 0x9000
        data, sw = terminal.ask(bytes.fromhex("00B00000"), b"\0\0")
        assert (len(data), sw) == (15085, 0x9000)


def test_the_estonian_personal_file_is_read_without_a_pin(pcsc):
    pcsc.lay("ee")
    with pcsc.card() as send:
        for apdu in ("00A4040C10A000000077010800070000FE00000100", "00A4000C", "00A4010C025000", "00A4020C025001"):
            assert send(bytes.fromhex(apdu)).hex() == "9000"
        assert send(bytes.fromhex("00B0000000"))[:-2].decode() == "NÄIDIS"


def test_a_card_pulled_in_the_middle_leaves_an_empty_reader(pcsc):
    pcsc.lay("ua", script={"faults": [{"fault": "pull", "at": 3}]})
    with pcsc.card() as send:
        assert send(bytes.fromhex("00A4020C02011C")).hex() == "9000"
        assert send(bytes.fromhex("00B0000004")).hex() == "311430129000"
        assert send(bytes.fromhex("00B0000404")) == b""
    pcsc.empty()


def test_after_a_torn_frame_the_next_card_is_read(pcsc):
    pcsc.lay("ua", script={"faults": [{"fault": "torn_frame", "at": 1}]})
    with pcsc.card() as send:
        assert not send(bytes.fromhex("00A4020C02011C")).endswith(b"\x90\x00")
    pcsc.empty()
    pcsc.lay("kg")
    with pcsc.card() as send:
        assert send(bytes.fromhex("00A4020C02011C")).hex() == "9000"


def test_a_tapped_card_is_felt_and_gone(pcsc):
    pcsc.order("insert", card="ua", script={"present_s": 0.3})
    until(lambda: pcsc.state()[0] & PRESENT)
    pcsc.empty()


def test_a_swap_puts_another_card_there(pcsc):
    first = pcsc.lay("ua", script={"faults": [{"fault": "swap", "at": 1, "card": "storage"}]})
    with pcsc.card() as send:
        assert send(APPLICATION) == b""
    second = until(lambda: pcsc.state()[1] not in {first, b""} and pcsc.state()[1])
    assert second.hex().startswith("3b8f8001804f")


def test_a_stalled_answer_comes_late(pcsc):
    pcsc.lay("ua", script={"faults": [{"fault": "stall", "at": 1, "seconds": 0.4}]})
    with pcsc.card() as send:
        began = time.monotonic()
        assert send(APPLICATION).hex() == "9000"
        assert 0.4 <= time.monotonic() - began < DEADLINE_S


def test_a_card_that_stalls_can_be_taken_away(pcsc):
    pcsc.lay("ua", script={"faults": [{"fault": "stall", "at": 1, "seconds": 60}]})
    known = len(pcsc.readers.ledger())
    with pcsc.card() as send, ThreadPoolExecutor(1) as hand:
        answer = hand.submit(send, APPLICATION)
        until(lambda: any(entry["event"] == "fault" for entry in pcsc.readers.ledger()[known:]))
        pcsc.order("remove")
        assert answer.result(DEADLINE_S) == b""
    pcsc.order("insert", card="kz")
    until(lambda: pcsc.order("state")["slots"][pcsc.slot]["connected"])


def test_a_dead_chip_is_not_felt(pcsc):
    pcsc.order("insert", card="dead")
    beside = (pcsc.slot + 1) % READERS
    pcsc.readers.order(do="insert", card="ua", slot=str(beside))
    until(lambda: pcsc.state(beside)[1])  # as long as a living one needs, and the dead one is not there
    assert pcsc.state()[0] & EMPTY


def test_two_cards_in_the_field_never_give_the_same_atr_twice(pcsc):
    pcsc.lay("ua", script={"quirks": {"atr": "random"}})
    seen = set()
    for _ in range(2):
        with pcsc.card():
            seen.add(pcsc.state()[1])
    assert len(seen) == 2


def test_a_card_that_lies_there_is_back_after_the_daemon_was_killed(pcsc):
    atr = pcsc.lay("ua")
    pcsc.readers.kill_pcscd()
    until(lambda: pcsc.scard.SCardListReaders(pcsc.context, [])[0] != 0)
    pcsc.readers.start_pcscd()
    pcsc.context = until(pcsc._establish)
    until(lambda: pcsc.state()[1] == atr)
    with pcsc.card() as send:
        assert send(bytes.fromhex("00A4020C02011C")).hex() == "9000"


def test_a_second_program_is_kept_out_of_an_exclusive_card(pcsc):
    pcsc.lay("ua")
    with pcsc.card():
        other = Pcsc(pcsc.readers, pcsc.slot)
        result, *_ = other.scard.SCardConnect(other.context, pcsc.readers.names[pcsc.slot], SHARED, ANY_PROTOCOL)
        assert result & 0xFFFFFFFF == 0x8010000B
        other.scard.SCardReleaseContext(other.context)


def test_an_order_nobody_knows_is_refused_in_words(readers):
    with pytest.raises(ValueError, match="no such card: ua, "):
        readers.order(do="insert", card="gb")
    with pytest.raises(ValueError, match="sellect_mf: no such key of quirks"):
        readers.order(do="insert", card="ua", script={"quirks": {"sellect_mf": "6A82"}})
    with pytest.raises(ValueError, match="300: one of"):
        readers.order(do="script", script={"air": {"kbit_s": 300}})
    assert all(slot["card"] is None for slot in readers.order(do="state")["slots"])


def test_nothing_outlives_a_program_that_is_killed(readers):
    """A second set on the same ports, beside this module's own."""
    program = (
        "import sys, time; from pathlib import Path; from simulators.card.readers import Readers\n"
        "readers = Readers(Path(sys.argv[1]), 2)\n"
        "print(*[process.pid for process in readers._processes], flush=True)\n"
        "time.sleep(60)"
    )
    with tempfile.TemporaryDirectory(prefix="pcsc-") as folder:
        words = [sys.executable, "-c", program, folder]
        started = subprocess.Popen(words, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[2])
        with started:
            pids = started.stdout.readline().split() if started.stdout else []
            assert len(pids) == 3
            started.kill()
        until(lambda: not any(Path(f"/proc/{pid}").exists() for pid in pids), f"the end of {pids}")
