"""Accounts: passwords, one-time passwords, badges, the last administrator."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from sqlalchemy import create_engine, text

from consoles.staff import password
from consoles.staff.account import StaffError
from consoles.staff.entry import ours
from consoles.staff.role import StaffRole
from consoles.staff.staff import FILE, Staff

PASSWORD = "a wide open window"
NOW = datetime(2026, 3, 17, 8, 0, tzinfo=UTC)


@pytest.fixture
def staff(tmp_path: Path) -> Iterator[Staff]:
    with Staff(tmp_path, lambda: NOW) as store:
        store.accounts.found("boss", "The Boss", PASSWORD)
        yield store


def refused(call: object, *given: object, **more: object) -> str:
    assert callable(call)
    with pytest.raises(StaffError) as caught:
        call(*given, **more)
    return caught.value.key


def test_who_has_the_password_signs_in_and_nobody_else(staff: Staff) -> None:
    account = staff.accounts.signs_in("boss", PASSWORD)
    assert account is not None
    assert (account.role, account.name, account.once) == (StaffRole.ADMIN, "The Boss", False)
    for name, secret in (("boss", PASSWORD + " "), ("boss", ""), ("nobody", PASSWORD), ("", ""), ("boss", "x" * 5000)):
        assert staff.accounts.signs_in(name, secret) is None


def test_an_unknown_name_costs_a_hash_too(staff: Staff, monkeypatch: pytest.MonkeyPatch) -> None:
    verified: list[str] = []
    real = PasswordHasher.verify

    def verify(self: PasswordHasher, kept: str, secret: str) -> bool:
        verified.append(kept)
        return real(self, kept, secret)

    monkeypatch.setattr(PasswordHasher, "verify", verify)
    staff.accounts.signs_in("boss", "wrong password")
    staff.accounts.signs_in("nobody", "wrong password")
    parameters = [kept.split("$")[:4] for kept in verified]
    assert len(parameters) == 2
    assert parameters[0] == parameters[1]


def test_the_file_holds_no_password_and_one_with_old_parameters_is_made_anew(staff: Staff, tmp_path: Path) -> None:
    assert all(PASSWORD.encode() not in file.read_bytes() for file in tmp_path.iterdir())
    old = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1).hash(PASSWORD)
    engine = create_engine(f"sqlite:///{tmp_path / FILE}")
    with engine.begin() as db:
        db.execute(text("UPDATE account SET password = :old"), {"old": old})
    assert staff.accounts.signs_in("boss", PASSWORD) is not None
    with engine.connect() as db:
        kept = str(db.execute(text("SELECT password FROM account")).scalar_one())
    engine.dispose()
    assert not password.old(kept)
    assert staff.accounts.signs_in("boss", PASSWORD) is not None


def test_a_one_time_password_is_to_be_changed(staff: Staff) -> None:
    once = staff.accounts.add("olena", "Olena", StaffRole.LEAD)
    account = staff.accounts.signs_in("olena", once)
    assert account is not None
    assert account.once
    staff.accounts.change_password("olena", "my very own words")
    assert staff.accounts.signs_in("olena", once) is None
    changed = staff.accounts.signs_in("olena", "my very own words")
    assert changed is not None
    assert not changed.once
    assert staff.accounts.forget_password("olena") != once
    assert staff.accounts.signs_in("olena", "my very own words") is None


@pytest.mark.parametrize(
    ("secret", "why"),
    [
        ("short", "staff.password_short"), ("Password123", "staff.password_common"), ("x" * 257, "staff.password_long"),
        ("йцукенгшщз", "staff.password_common"), ("nine char", "staff.password_short"),
    ],
)  # fmt: skip
def test_a_password_is_long_enough_and_not_everybodys(staff: Staff, secret: str, why: str) -> None:
    assert refused(staff.accounts.change_password, "boss", secret) == why
    assert staff.accounts.signs_in("boss", PASSWORD) is not None


def test_the_same_letters_typed_on_another_keyboard_are_the_same_password(staff: Staff) -> None:
    staff.accounts.change_password("boss", "Ａ wide café door")
    assert staff.accounts.signs_in("boss", "A wide cafe\N{COMBINING ACUTE ACCENT} door") is not None


@pytest.mark.parametrize("key", ["", "O", "olena boiko", "Olena", "1olena", "олена", "x" * 33, "a\nb"])
def test_a_sign_in_name_is_short_and_plain(staff: Staff, key: str) -> None:
    assert refused(staff.accounts.add, key, "Olena", StaffRole.LEAD) == "staff.bad_id"


@pytest.mark.parametrize("name", ["", "   ", "x" * 81, "a\u202eb"])
def test_a_persons_name_is_one_line(staff: Staff, name: str) -> None:
    assert refused(staff.accounts.add, "olena", name, StaffRole.LEAD) == "staff.bad_name"


def test_names_and_operators_belong_to_one_account(staff: Staff) -> None:
    staff.accounts.add("olena", "Olena", StaffRole.LEAD, "op01")
    assert refused(staff.accounts.add, "olena", "Other", StaffRole.LEAD) == "staff.taken"
    assert refused(staff.accounts.add, "other", "Other", StaffRole.LEAD, "op01") == "staff.operator_taken"
    assert refused(staff.accounts.put, "boss", StaffRole.ADMIN, "op01") == "staff.operator_taken"
    linked = staff.accounts.linked("op01")
    assert linked is not None
    assert linked.id == "olena"


def test_nobody_takes_the_last_administrator_away(staff: Staff) -> None:
    assert refused(staff.accounts.put, "boss", StaffRole.MANAGER, None) == "staff.last_admin"
    assert refused(staff.accounts.disable, "boss", disabled=True) == "staff.last_admin"
    assert staff.accounts.signs_in("boss", PASSWORD) is not None
    staff.accounts.add("second", "Second", StaffRole.ADMIN)
    staff.accounts.put("boss", StaffRole.MANAGER, None)
    assert refused(staff.accounts.disable, "second", disabled=True) == "staff.last_admin"


def test_there_is_one_first_administrator(staff: Staff) -> None:
    assert refused(staff.accounts.found, "thief", "Thief", PASSWORD) == "first.done"
    assert [one.id for one in staff.accounts.all()] == ["boss"]


def test_a_program_has_no_password_and_stays_a_program(staff: Staff) -> None:
    assert staff.accounts.add("desk", "Desk application", StaffRole.SERVICE) == ""
    for guess in ("", "None", PASSWORD):
        assert staff.accounts.signs_in("desk", guess) is None
    assert refused(staff.accounts.put, "desk", StaffRole.ADMIN, None) == "staff.service_stays"
    assert refused(staff.accounts.put, "boss", StaffRole.SERVICE, None) == "staff.service_stays"


def test_a_disabled_account_signs_in_by_nothing(staff: Staff) -> None:
    once = staff.accounts.add("olena", "Olena", StaffRole.LEAD)
    staff.accounts.give_badge("olena", "00A1B2C3")
    staff.accounts.disable("olena", disabled=True)
    assert staff.accounts.signs_in("olena", once) is None
    assert staff.accounts.badge("00A1B2C3") is None
    staff.accounts.disable("olena", disabled=False)
    assert staff.accounts.badge("00A1B2C3") is not None


def test_a_badge_is_its_owners_alone_and_its_number_is_not_in_the_file(staff: Staff, tmp_path: Path) -> None:
    staff.accounts.add("olena", "Olena", StaffRole.LEAD)
    staff.accounts.give_badge("olena", " 04a2 19ff\t")
    found = staff.accounts.badge("04A219FF")
    assert found is not None
    assert (found.id, found.badge) == ("olena", True)
    assert refused(staff.accounts.give_badge, "boss", "04A219FF") == "staff.badge_taken"
    assert all(b"04A219FF" not in file.read_bytes().upper() for file in tmp_path.iterdir())
    staff.accounts.give_badge("olena", "777777")
    assert staff.accounts.badge("04A219FF") is None
    staff.accounts.give_badge("olena", "")
    assert staff.accounts.badge("777777") is None


@pytest.mark.parametrize("number", ["", "123", "12x4", "1" * 33, "'; --"])
def test_what_is_no_badge_number_is_nobodys(staff: Staff, number: str) -> None:
    assert staff.accounts.badge(number) is None
    if number:
        assert refused(staff.accounts.give_badge, "boss", number) == "staff.bad_badge"


@pytest.mark.parametrize(
    ("address", "safe"),
    [
        ("/hall", "/hall"), ("/money/day?day=2026-03-17&skip=0", "/money/day?day=2026-03-17&skip=0"), ("", ""), ("hall", ""),
        ("//evil.example/", ""), ("/\\evil.example", ""), ("https://evil.example", ""), ("/a\nb", ""), ("/" + "x" * 400, ""),
    ],
)  # fmt: skip
def test_after_the_sign_in_only_a_path_of_ours_is_gone_to(address: str, safe: str) -> None:
    assert ours(address) == safe
