"""A foreign register in a process of its own, which checks our signatures by code of another author: answers, faults, money once."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from contract import register as r
from contract.errors import ConfigError, TransientDeviceError, ViknoError
from registers.register import BadAnswerError, BadQuestionError, NotKnownError, RefusedError
from registers.remote import RemoteRegister, load_key
from runtime.clock import utc_now
from tests.register_site import Foreign

NUMBER, NAME = "2920512346", "Калинич Оксана Іванівна"
PERSON = {"number": NUMBER, "names": {"uk": NAME}, "birth_date": "1979-12-17"}
DUE = {"id": "d1", "code": "920367943", "names": {"uk": "Збір"}, "amount_minor": 10050, "currency": "UAH"}
PAID = r.Paid(
    due="d1", payment="p-1", amount_minor=10050, currency="UAH", method="card", at=datetime(2026, 11, 22, 9, tzinfo=UTC)
)


@pytest.fixture(scope="module")
def process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Foreign]:
    with Foreign(tmp_path_factory.mktemp("foreign")) as running:
        yield running


@pytest.fixture
def foreign(process: Foreign) -> Foreign:
    process.do("know", number=NUMBER, person=PERSON, dues=[DUE])
    process.do("list", name="streets", revision=7, entries=[{"id": "st1", "names": {"uk": "вулиця Тиха"}}])
    return process


def test_what_it_knows_is_told(foreign: Foreign) -> None:
    register = foreign.register()
    register.check()
    assert register.person(NUMBER).names == {"uk": NAME}
    assert register.due("920367943").dues[0].amount_minor == 10050
    found = register.directory("streets")
    assert found is not None
    assert [entry.id for entry in found.entries] == ["st1"]
    assert register.directory("streets", found.revision) is None
    for ask in (
        lambda: register.person("1111111111"),
        lambda: register.household(NUMBER),
        lambda: register.directory("documents"),
    ):
        with pytest.raises(NotKnownError):
            ask()


def test_only_our_key_our_clock_and_each_question_once_are_believed(foreign: Foreign) -> None:
    foreign_key = Ed25519PrivateKey.generate().sign
    before = foreign.do("state")["refused"]
    for register in (
        foreign.register(sign=foreign_key),
        foreign.register(keyid="hall-2"),
        foreign.register(now=lambda: utc_now() - timedelta(minutes=20)),
    ):
        with pytest.raises(RefusedError):
            register.person(NUMBER)
    after = foreign.do("state")["refused"]
    assert {k: v - before.get(k, 0) for k, v in after.items()} == {"bad signature": 1, "unknown key": 1, "too old": 1}


@pytest.mark.parametrize(
    ("fault", "error"),
    [("garbage", BadAnswerError), ("bad_json", BadAnswerError), ("wrong_type", BadAnswerError), ("other_person", BadAnswerError),
     ("huge", BadAnswerError), ("redirect", BadAnswerError), ("error", TransientDeviceError), ("forbidden", RefusedError)],
)  # fmt: skip
def test_a_bad_answer_is_named_and_nothing_of_it_told(foreign: Foreign, fault: str, error: type[ViknoError]) -> None:
    foreign.do("next", fault=fault)
    with pytest.raises(error) as told:
        foreign.register().person(NUMBER)
    chain: BaseException | None = told.value
    while chain is not None:
        assert not [word for word in (NAME, NUMBER, "0000000000", "stack trace") if word in f"{chain!r}"]
        chain = chain.__cause__
    assert foreign.register().person(NUMBER).number == NUMBER


@pytest.mark.parametrize("fault", ["reset", "truncated"])
def test_a_question_that_was_cut_off_is_asked_once_more_and_signed_anew(foreign: Foreign, fault: str) -> None:
    foreign.do("next", fault=fault)
    assert foreign.register().person(NUMBER).number == NUMBER
    foreign.do("next", fault=fault, count=2)
    with pytest.raises(TransientDeviceError, match="register_away"):
        foreign.register().person(NUMBER)
    assert "seen before" not in foreign.do("state")["refused"]


@pytest.mark.parametrize("fault", ["silent", "drip"])
def test_who_answers_too_slowly_is_away_in_time(foreign: Foreign, fault: str) -> None:
    foreign.do("next", fault=fault)
    began = time.monotonic()
    with pytest.raises(TransientDeviceError, match="register_away"):
        foreign.register(timeout_s=0.7).person(NUMBER)
    assert 0.6 < time.monotonic() - began < 3.0


def test_money_is_told_once_however_often_the_answer_is_lost(foreign: Foreign) -> None:
    foreign.do("next", fault="lost")
    assert foreign.register().paid(PAID).again  # it was kept, its answer lost, and the second question found it
    assert foreign.register().paid(PAID).again
    assert [line["payment"] for line in foreign.payments] == ["p-1"]
    assert foreign.register().dues(NUMBER).dues == ()
    with pytest.raises(BadQuestionError):
        foreign.register().paid(PAID.model_copy(update={"amount_minor": 1}))
    with pytest.raises(NotKnownError):
        foreign.register().paid(PAID.model_copy(update={"payment": "p-2", "due": "d2"}))
    assert len(foreign.payments) == 1
    back = r.Returned(due=PAID.due, payment="p-1", amount_minor=PAID.amount_minor, currency=PAID.currency, at=PAID.at)
    foreign.do("next", fault="lost")
    assert [foreign.register().returned(back).again for _ in range(2)] == [True, True]
    assert len(foreign.register().dues(NUMBER).dues) == 1
    with pytest.raises(NotKnownError):
        foreign.register().returned(back.model_copy(update={"payment": "p-2"}))


def test_many_at_once_are_all_answered(foreign: Foreign) -> None:
    register, told = foreign.register(timeout_s=8.0), []
    threads = [threading.Thread(target=lambda: told.append(register.person(NUMBER))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert len(told) == 8


def test_another_certificate_than_the_pinned_one_is_refused(foreign: Foreign, tmp_path: Path) -> None:
    with Foreign(tmp_path / "other") as other, pytest.raises(TransientDeviceError, match="register_away"):
        foreign.register(ca=Path(other.facts["ca"])).person(NUMBER)


def test_a_key_that_is_none_is_said(foreign: Foreign, tmp_path: Path) -> None:
    assert load_key(foreign.sign_key)(b"x") == foreign.key.sign(b"x")
    for file in (tmp_path / "none.pem", Path(foreign.facts["ca"]), foreign.folder / "register.key"):
        with pytest.raises(ConfigError, match="sign_key"):
            load_key(file)
    assert isinstance(foreign.register(), RemoteRegister)
