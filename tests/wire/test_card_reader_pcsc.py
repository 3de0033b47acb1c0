"""Cards on the readers of a real pcscd, read by the real reading process: every way in, and what goes wrong on the way."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from card_reader import mrz
from card_reader.config import CardReaderSection
from card_reader.errors import Code
from card_reader.key import CanKey
from card_reader.mrz import MrzKey
from card_reader.outcome import Failure, Progress, Reading, Step
from card_reader.purpose import Purpose
from card_reader.readers.monitor import Monitor
from card_reader.readers.pcsc import PcscSlot
from card_reader.service import Reader
from card_reader.trust import master_list, store
from card_reader.trust.certificate import certificate
from card_reader.trust.verdict import Level, Reason
from contract.errors import ConfigError
from simulators.card.person import PEOPLE
from simulators.card.readers import Readers
from tests.until import until
from tests.wire import pcsc_bench
from tests.wire.pcsc_bench import take_away

DAY_KEY = bytes(32)


@pytest.fixture(scope="module")
def bench() -> Iterator[Readers]:
    with pcsc_bench.readers(2) as found:
        yield found


@pytest.fixture(scope="module")
def config(bench: Readers, tmp_path_factory: pytest.TempPathFactory) -> CardReaderSection:
    root = certificate(bench.list_anchor.read_bytes()).fingerprint
    bundle = tmp_path_factory.mktemp("trust") / "bundle.json"
    store.write(bundle, master_list.imported(bench.master_list.read_bytes(), root, None, datetime.now(UTC)).bundle)
    return CardReaderSection(names="Vikno Test", profiles=("ua", "kz", "kg", "ee", "generic"), trust=bundle)


@pytest.fixture(autouse=True)
def nothing_left_lying(bench: Readers) -> Iterator[None]:
    yield
    take_away(bench)


@pytest.fixture(scope="module")
def shared(config: CardReaderSection) -> Iterator[Reader]:
    with Reader(config) as reader:
        yield reader


@pytest.fixture
def reader(shared: Reader) -> Iterator[Reader]:
    yield shared
    shared.forget()


def key(bench: Readers, name: str) -> MrzKey:
    return mrz.parse("\n".join(bench.order(do="describe", card=name)["mrz"])).key


def lay(bench: Readers, name: str, script: dict[str, Any] | None = None) -> None:
    bench.order(do="insert", card=name, slot="0", script=script or {})


@pytest.mark.parametrize(
    ("name", "level", "number"),
    [("ua", Level.CHIP_GENUINE, "unzr"), ("ua-passport", Level.DATA_SIGNED, "unzr"), ("kz", Level.DATA_SIGNED, "iin"),
     ("kg", Level.UNVERIFIED, "pin"), ("uto", Level.CHIP_GENUINE, "personal_number"), ("long", Level.CHIP_GENUINE, "surname")],
)  # fmt: skip
def test_a_form_is_filled_from_every_kind_of_card(
    reader: Reader, bench: Readers, name: str, level: Level, number: str
) -> None:
    lay(bench, name)
    reading = reader.read(Purpose.PREFILL, key(bench, name))
    assert isinstance(reading, Reading), reading
    assert reading.level is level
    assert reading.fields[number]
    assert mrz.parse("\n".join(bench.order(do="describe", card=name)["mrz"])).surname == reading.fields["surname"]


@pytest.mark.parametrize(("name", "can"), [("ua", "123456"), ("uto", "654321")])
def test_a_can_opens_a_card_too(reader: Reader, bench: Readers, name: str, can: str) -> None:
    lay(bench, name)
    reading = reader.read(Purpose.MATCH, CanKey(can), day_key=DAY_KEY)
    assert isinstance(reading, Reading), reading
    assert reading.hashes
    assert not reading.fields


def test_an_estonian_card_is_read_without_a_key(reader: Reader, bench: Readers) -> None:
    lay(bench, "ee")
    reading = reader.read(Purpose.PREFILL, None)
    assert isinstance(reading, Reading), reading
    assert {"surname", "isikukood", "birth_date"} <= set(reading.fields)


def test_a_photo_comes_whole_from_a_short_and_from_a_long_reader(reader: Reader, bench: Readers) -> None:
    images = []
    for name in ("kz", "long"):
        lay(bench, name)
        reading = reader.read(Purpose.PHOTO, key(bench, name))
        assert isinstance(reading, Reading), reading
        assert reading.photo is not None
        images.append(len(reading.photo.image))
        take_away(bench)
    assert images[0] == images[1] > 10_000


def test_a_card_laid_down_later_is_waited_for(reader: Reader, bench: Readers) -> None:
    steps: list[Progress] = []

    def told(progress: Progress) -> None:
        if not steps:
            lay(bench, "ua")
        steps.append(progress)

    reading = reader.read(Purpose.PREFILL, key(bench, "ua"), told)
    assert isinstance(reading, Reading), reading
    assert [s.step for s in steps][:2] == [Step.WAIT, Step.OPEN]
    assert steps[-1] == Progress(Step.READ, 1.0)


def test_nobody_lays_a_card_there(reader: Reader) -> None:
    assert reader.read(Purpose.PREFILL, MrzKey("X", "900101", "330101"), wait_s=0.1) == Failure(Code.NO_CARD)


def test_a_waiting_read_is_cancelled_at_once(reader: Reader) -> None:
    began = time.monotonic()
    timer = threading.Timer(0.2, reader.cancel)
    timer.start()
    assert reader.read(Purpose.PREFILL, MrzKey("X", "900101", "330101")) == Failure(Code.CANCELLED)
    timer.join()
    assert time.monotonic() - began < 1.0


def test_a_read_that_hangs_in_the_reader_is_cancelled_within_two_seconds(reader: Reader, bench: Readers) -> None:
    lay(bench, "ua", {"faults": [{"fault": "stall", "at": 6, "seconds": 4}]})
    timers: list[threading.Timer] = []

    def told(progress: Progress) -> None:
        if progress.step is Step.OPEN:
            timers.append(threading.Timer(0.1, reader.cancel))
            timers[0].start()

    began = time.monotonic()
    assert reader.read(Purpose.PREFILL, key(bench, "ua"), told) == Failure(Code.CANCELLED)
    assert time.monotonic() - began < 3.5
    timers[0].join()
    take_away(bench)
    lay(bench, "kz")
    assert isinstance(reader.read(Purpose.PREFILL, key(bench, "kz")), Reading)


def test_a_pulled_card_is_put_back_and_read_from_the_start(reader: Reader, bench: Readers) -> None:
    lay(bench, "ua", {"faults": [{"fault": "pull", "file": "SOD", "at": 3}]})
    steps: list[Step] = []

    def told(progress: Progress) -> None:
        if progress.step in {Step.PUT_BACK, Step.LEAVE}:
            take_away(bench)
            lay(bench, "ua")
        steps.append(progress.step)

    reading = reader.read(Purpose.PREFILL, key(bench, "ua"), told)
    assert isinstance(reading, Reading), (reading, steps)
    assert steps.count(Step.OPEN) == 2


@pytest.mark.parametrize(
    ("name", "code"), [("bank", Code.NOT_ID_CARD), ("storage", Code.NOT_ID_CARD), ("dead", Code.NO_CARD)]
)
def test_what_is_no_id_card_is_told_apart(reader: Reader, bench: Readers, name: str, code: Code) -> None:
    lay(bench, name)
    assert reader.read(Purpose.PREFILL, key(bench, "ua"), wait_s=1) == Failure(code)


def test_another_program_holds_the_card(reader: Reader, bench: Readers) -> None:
    from smartcard import scard

    lay(bench, "ua")
    context = scard.SCardEstablishContext(scard.SCARD_SCOPE_USER)[1]
    handles: list[Any] = []

    def connected() -> bool:
        code, handle, _ = scard.SCardConnect(
            context, bench.names[0], scard.SCARD_SHARE_EXCLUSIVE, scard.SCARD_PROTOCOL_T1
        )
        handles.append(handle)
        return bool(code == 0)

    until(connected, "no card")
    try:
        assert reader.read(Purpose.PREFILL, key(bench, "ua")) == Failure(Code.CARD_IN_USE)
    finally:
        scard.SCardDisconnect(handles[-1], scard.SCARD_RESET_CARD)
        scard.SCardReleaseContext(context)


def test_pcscd_is_killed_and_reading_goes_on_within_a_second_and_a_half(reader: Reader, bench: Readers) -> None:
    lay(bench, "ua")
    assert isinstance(reader.read(Purpose.PREFILL, key(bench, "ua")), Reading)
    bench.kill_pcscd()
    bench.start_pcscd()
    began = time.monotonic()
    outcome = reader.read(Purpose.PREFILL, key(bench, "ua"))
    assert isinstance(outcome, Reading), outcome
    assert time.monotonic() - began < 1.5


def test_pcscd_that_stays_away_is_said(config: CardReaderSection, bench: Readers) -> None:
    bench.kill_pcscd()
    try:
        now = [0.0]
        with Reader(config, clock=lambda: now[0]) as lonely:
            faults = [lonely.fault]
            now[0] += 31
            assert [*faults, lonely.fault] == [None, "card_service_down"]
        with Reader(config) as lonely:
            assert lonely.read(Purpose.PREFILL, None) == Failure(Code.SERVICE_DOWN)
    finally:
        bench.start_pcscd()


def test_a_machine_without_a_fitting_reader_says_so(config: CardReaderSection) -> None:
    with Reader(config.model_copy(update={"names": "No Such Reader"})) as lonely:
        assert lonely.read(Purpose.PREFILL, None) == Failure(Code.NO_READER)


def test_the_monitor_outlives_pcscd_and_ends_when_told(bench: Readers) -> None:
    before = threading.active_count()
    with Monitor("Vikno Test") as monitor:
        until(lambda: len(monitor.scene.readers) == 2, "no readers")
        for _ in range(2):
            bench.kill_pcscd()
            until(lambda: not monitor.scene.service, "still there")
            bench.start_pcscd()
            until(lambda: len(monitor.scene.readers) == 2, "not back", 3)
        lay(bench, "ua")
        until(lambda: monitor.scene.occupied is not None, "no card")
        began = time.monotonic()
        assert monitor.stop()
        assert time.monotonic() - began < 0.5
        assert monitor.stop()
    assert threading.active_count() == before


def test_the_reading_process_is_replaced_and_nothing_grows(config: CardReaderSection, bench: Readers) -> None:
    lay(bench, "kz")
    with Reader(config.model_copy(update={"recycle_after": 2})) as reader:
        processes = set()
        for _ in range(5):
            assert reader._worker is not None
            processes.add(reader._worker._process.pid)
            assert isinstance(reader.read(Purpose.PREFILL, key(bench, "kz")), Reading)
    assert len(processes) == 3
    assert reader._worker is None


def test_a_reading_process_that_dies_is_replaced(config: CardReaderSection, bench: Readers) -> None:
    lay(bench, "ua", {"faults": [{"fault": "stall", "at": 3, "seconds": 5}]})
    with Reader(config) as reader:
        assert reader._worker is not None
        process = reader._worker._process
        began: list[Step] = []

        def told(progress: Progress) -> None:
            if progress.step is Step.OPEN:
                process.kill()
            began.append(progress.step)

        assert reader.read(Purpose.PREFILL, key(bench, "ua"), told) == Failure(Code.WORKER_LOST)
        take_away(bench)
        lay(bench, "kz")
        assert isinstance(reader.read(Purpose.PREFILL, key(bench, "kz")), Reading)


def test_the_reading_process_leaves_no_core_and_shows_its_memory_to_nobody(reader: Reader) -> None:
    assert reader._worker is not None
    reader._worker.looked.wait(5)
    folder = Path(f"/proc/{reader._worker._process.pid}")
    core = next(line for line in (folder / "limits").read_text().splitlines() if line.startswith("Max core"))
    assert core.split()[4:6] == ["0", "0"]
    assert (folder / "maps").stat().st_uid == 0  # a process that may not be dumped belongs to root in /proc


def test_three_wrong_keys_end_the_trying(reader: Reader, bench: Readers) -> None:
    lay(bench, "kz")
    wrong = MrzKey("999999999", "900101", "330101")
    codes = [reader.read(Purpose.PREFILL, wrong) for _ in range(4)]
    assert codes == [Failure(Code.WRONG_KEY)] * 2 + [Failure(Code.TOO_MANY_TRIES)] * 2
    reader.forget()
    assert isinstance(reader.read(Purpose.PREFILL, key(bench, "kz")), Reading)


def test_what_was_read_is_gone_when_the_visitor_is(reader: Reader, bench: Readers) -> None:
    lay(bench, "kz")
    reading = reader.read(Purpose.PHOTO, key(bench, "kz"))
    assert isinstance(reading, Reading)
    assert (bool(reading.fields), reading.photo is not None) == (True, True)
    reader.forget()
    assert (reading.fields, reading.photo, reading.level) == ({}, None, Level.DATA_SIGNED)
    assert reading.reason is Reason.CHIP_CANNOT


CANARY: list[dict[str, Any]] = [
    {}, {"altered": ["DG1"]}, {"altered": ["SOD"]}, {"unknown_authority": True}, {"copied": True},
    {"faults": [{"fault": "bad_mac", "file": "SOD", "at": 2}]}, {"faults": [{"fault": "truncated", "file": "DG11", "at": 1}]},
    {"faults": [{"fault": "torn_frame", "file": "DG11", "at": 1}]}, {"faults": [{"fault": "status", "at": 4, "sw": "6F00"}]},
    {"faults": [{"fault": "swap", "file": "SOD", "at": 2, "card": "bank"}]},
]  # fmt: skip


def test_nothing_of_a_card_stands_in_any_log_or_file_after_any_failure(
    config: CardReaderSection,
    bench: Readers,
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parents[2]))
    monkeypatch.setenv("VIKNO_LOG", "debug")
    secret, outcomes = PEOPLE["ua"], []
    printed = mrz.parse("\n".join(bench.order(do="describe", card="ua")["mrz"]))
    with Reader(config) as reader:
        for script in CANARY:
            lay(bench, "ua", script)
            outcomes.append(reader.read(Purpose.PREFILL, printed.key, wait_s=1.0))
            reader.forget()
            take_away(bench)
    told = "".join(capfd.readouterr())
    assert "card.failed" in told
    assert "card.read" in told
    assert {o.code for o in outcomes if isinstance(o, Failure)} >= {Code.DATA_ALTERED, Code.MESSAGING_BROKEN}
    words = {
        *printed.lines,
        printed.surname,
        printed.number,
        printed.birth,
        secret.personal_number,
        *secret.native,
        secret.birthplace,
    }
    words |= {text.encode().hex() for text in (printed.lines[0], printed.surname, secret.native[0])}
    assert [word for word in words if word.casefold() in told.casefold()] == []
    assert list(tmp_path.rglob("*")) == []


def test_many_insertions_leave_nothing_behind(bench: Readers) -> None:
    """A short walk of what `vikno bench cards` does a thousand times."""
    with Monitor("Vikno Test") as monitor:
        slot = PcscSlot(monitor)
        counts = []
        for _ in range(4):
            lay(bench, "kz")
            with slot.card(5, lambda: False) as card:
                assert card.transmit(bytes.fromhex("00A4040C07A0000002471001")) == b"\x90\x00"
            take_away(bench)
            counts.append((threading.active_count(), len(list(Path("/proc/self/fd").iterdir()))))
        assert counts[0] == counts[-1]


def test_the_doctor_examines_a_card_on_a_reader(bench: Readers) -> None:
    lay(bench, "ua")
    words = [sys.executable, "vikno.py", "card-doctor", "--names", "Vikno Test", "--wait-s", "5"]
    done = subprocess.run(words, cwd=Path(__file__).parents[2], capture_output=True, text=True, timeout=30, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert "PACE ECDH-GM, AES128, parameters 13" in done.stdout
    assert "SELECT MF            6A87" in done.stdout


def test_a_reading_does_not_outlive_its_minute(reader: Reader, bench: Readers, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("card_reader.service.LIFE_S", 0.2)
    lay(bench, "kz")
    reading = reader.read(Purpose.PREFILL, key(bench, "kz"))
    assert isinstance(reading, Reading)
    assert reading.fields
    until(lambda: not reading.fields, "still there", 2)


def test_two_conversations_broken_in_a_row_are_the_readers_fault(reader: Reader, bench: Readers) -> None:
    faults = []
    for _ in range(2):
        lay(bench, "kz", {"faults": [{"fault": "bad_mac", "file": "SOD", "at": 1}]})
        assert reader.read(Purpose.PREFILL, key(bench, "kz")) == Failure(Code.MESSAGING_BROKEN)
        faults.append(reader.fault)
        take_away(bench)
    lay(bench, "kz")
    assert isinstance(reader.read(Purpose.PREFILL, key(bench, "kz")), Reading)
    assert [*faults, reader.fault] == [None, "card_reader_faulty", None]


def test_a_bundle_that_cannot_be_used_is_said_at_once(config: CardReaderSection, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="vikno trust import"):
        Reader(config.model_copy(update={"trust": tmp_path / "none.json"}))


def test_wrong_calls_are_refused(reader: Reader) -> None:
    with pytest.raises(ValueError, match="key of the day"):
        reader.read(Purpose.MATCH, None)
    with pytest.raises(ValueError, match="no such field"):
        reader.read(Purpose.PREFILL, None, fields=frozenset({"shoe_size"}))


def test_a_key_that_cannot_be_right_is_marked_and_the_chip_not_touched(reader: Reader, bench: Readers) -> None:
    lay(bench, "kz")
    assert reader.read(Purpose.PREFILL, MrzKey("X1", "901301", "33")) == Failure(Code.BAD_KEY, ("birth", "expiry"))
    assert bench.order(do="state")["slots"][0]["commands"] == 0
