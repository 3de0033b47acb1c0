"""Signing in by password, PIN and badge, sitting down, the administrator's pages: forms in, pages out, in one process."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from html import unescape
from pathlib import Path

import httpx
import pytest

from consoles.staff.attempt import ADDRESS_MAX, WAIT_S, WRONG_MAX
from consoles.staff.cookie import COOKIE
from consoles.staff.role import Act, StaffRole
from consoles.staff.staff import Staff
from contract import messages as m
from contract.words import Refusal
from look.texts import Texts
from runtime.clock import utc_now
from tests.consoles_inside import PASSWORD, Clock, Inside

EN = Texts("en")


@pytest.fixture
def staff(tmp_path: Path) -> Iterator[Staff]:
    with Staff(tmp_path, utc_now) as store:
        store.accounts.found("boss", "Boss", PASSWORD)
        yield store


def words(answer: httpx.Response) -> str:
    return unescape(" ".join(re.sub(r"<[^>]+>", " ", answer.text).split()))


def key_of(answer: httpx.Response) -> str:
    found = re.search(r'name="id" value="([^"]+)"', answer.text)
    assert found is not None
    return found[1]


def test_a_password_signs_in_goes_on_and_out_again(staff: Staff, tmp_path: Path) -> None:
    async def talk(to: Inside) -> None:
        answer = await to.sign_in("Boss ", next="/staff")
        assert (answer.status_code, answer.headers["location"]) == (303, "/staff")
        cookie = answer.cookies[COOKIE]
        assert {"HttpOnly", "SameSite=strict"} <= set(answer.headers["set-cookie"].split("; "))
        assert (await to.get("/staff", cookie)).status_code == 200
        await to.post("/sign-out", cookie)
        assert (await to.get("/staff", cookie)).headers["location"] == "/sign-in?next=%2Fstaff"
        assert (await to.sign_in(next="//evil.example")).headers["location"] == "/hall"

    Inside(staff).talk(tmp_path, talk)


def test_a_wrong_name_and_a_wrong_password_are_one_answer_and_guessing_must_wait(tmp_path: Path) -> None:
    clock = Clock()

    async def talk(to: Inside) -> None:
        wrong = [await to.sign_in(name, "a wrong password") for name in ("boss", "nobody")]
        assert {answer.status_code for answer in wrong} == {403}
        assert words(wrong[0]) == words(wrong[1])
        for _ in range(WRONG_MAX - 1):
            await to.sign_in("boss", "a wrong password")
        answer = await to.sign_in()
        assert (answer.status_code, answer.headers["retry-after"]) == (429, str(int(WAIT_S + 1)))
        clock.wait(WAIT_S)
        assert (await to.sign_in()).status_code == 303

    with Staff(tmp_path, clock) as staff:
        staff.accounts.found("boss", "Boss", PASSWORD)
        Inside(staff).talk(tmp_path, talk)


def test_a_one_time_password_opens_nothing_before_it_is_changed(staff: Staff, tmp_path: Path) -> None:
    once = staff.accounts.add("olena", "Olena", StaffRole.LEAD)

    async def talk(to: Inside) -> None:
        answer = await to.sign_in("olena", once)
        assert COOKIE not in answer.cookies
        assert EN.get("staff.new_password") in words(answer)
        for new, again, why in (("short", "short", "password_short"), ("a very own word", "another", "not_the_same")):
            answer = await to.sign_in("olena", once, new=new, again=again)
            assert EN.get(f"staff.{why}") in words(answer)
            assert COOKIE not in answer.cookies
        answer = await to.sign_in("olena", once, new="a very own word", again="a very own word")
        assert COOKIE in answer.cookies
        assert (await to.sign_in("olena", once)).status_code == 403

    Inside(staff).talk(tmp_path, talk)


def test_changing_the_password_ends_the_other_sessions(staff: Staff, tmp_path: Path) -> None:
    async def talk(to: Inside) -> None:
        mine, other = to.signed_in(), to.signed_in()
        fields = {"password": PASSWORD, "new": "another long word", "again": "another long word"}
        assert (await to.post("/me/password", mine, **{**fields, "password": "wrong"})).status_code == 403
        answer = await to.post("/me/password", mine, **fields)
        assert EN.get("staff.password_changed") in words(answer)
        assert (await to.get("/me", mine)).status_code == 200
        assert (await to.get("/me", other)).status_code == 303
        page = words(await to.get("/sign-in", other))
        assert EN.get("staff.session_ended") in page

    Inside(staff).talk(tmp_path, talk)


def test_who_has_signed_in_sits_down_without_a_pin_as_the_linked_operator(staff: Staff, tmp_path: Path) -> None:
    staff.accounts.add("olena", "Olena", StaffRole.LEAD, "op01")

    async def talk(to: Inside) -> None:
        cookie = to.signed_in("olena")
        assert EN.get("staff.sit_here", window=1) in words(await to.get("/window/W01?lang=en", cookie))
        to.refuse = Refusal.OPERATOR_ELSEWHERE
        assert (await to.post("/window/W01/sit", cookie)).status_code == 403
        to.refuse = None
        assert (await to.post("/window/W01/sit", cookie)).headers["location"] == "/window/W01"
        login = to.asked[-1]
        assert isinstance(login, m.WindowLogin)
        assert (login.operator, login.by, login.pin) == ("op01", "olena", None)
        assert (await to.get("/window/W01/card", cookie)).status_code == 200
        assert (await to.post("/window/W01/sit", to.signed_in("boss"))).status_code == 403, "nobody's account"

    Inside(staff).talk(tmp_path, talk)


def test_a_newer_session_at_the_window_tells_the_older_why(staff: Staff, tmp_path: Path) -> None:
    async def talk(to: Inside) -> None:
        first = await to.post("/window/W01/sign-in", operator="op01", pin="1001")
        second = await to.post("/window/W01/sign-in", operator="op01", pin="1001")
        older, newer = first.cookies[COOKIE], second.cookies[COOKIE]
        assert EN.get("staff.session_newer") in words(await to.get("/window/W01", older))
        assert EN.get("staff.session_newer") not in words(await to.get("/window/W01", newer))

    Inside(staff).talk(tmp_path, talk)


def test_a_badge_sits_down_for_its_owner_and_with_the_pin_where_the_hall_wants_it(staff: Staff, tmp_path: Path) -> None:
    staff.accounts.add("olena", "Olena", StaffRole.MANAGER, "op01")
    staff.accounts.give_badge("olena", "04A219FF")

    async def alone(to: Inside) -> None:
        answer = await to.post("/window/W01/badge", badge="04a219ff")
        assert answer.headers["location"] == "/window/W01"
        login = to.asked[-1]
        assert isinstance(login, m.WindowLogin)
        assert (login.operator, login.by, login.pin) == ("op01", "olena", None)
        assert (await to.get("/hall/change", answer.cookies[COOKIE])).status_code == 403, "a badge makes no manager"
        for _ in range(WRONG_MAX):
            assert (await to.post("/window/W01/badge", badge="123456")).status_code == 403
        assert (await to.post("/window/W01/badge", badge="04a219ff")).status_code == 429

    async def with_pin(to: Inside) -> None:
        assert EN.get("operator.pin") in words(await to.get("/window/W01"))
        await to.post("/window/W01/badge", badge="04a219ff", pin="1001")
        login = to.asked[-1]
        assert isinstance(login, m.WindowLogin)
        assert (login.operator, login.by, login.pin) == ("op01", None, "1001")

    Inside(staff).talk(tmp_path, with_pin, operator__badge_pin=True)
    Inside(staff).talk(tmp_path, alone)


def test_a_disabled_operator_does_not_sit_down_by_the_pin(staff: Staff, tmp_path: Path) -> None:
    staff.accounts.add("olena", "Olena", StaffRole.LEAD, "op01")
    staff.accounts.disable("olena", disabled=True)

    async def talk(to: Inside) -> None:
        answer = await to.post("/window/W01/sign-in", operator="op01", pin="1001")
        assert (answer.status_code, to.asked) == (403, [])

    Inside(staff).talk(tmp_path, talk)


def test_an_administrator_adds_somebody_once_and_the_password_is_told_once(staff: Staff, tmp_path: Path) -> None:
    async def talk(to: Inside) -> None:
        cookie = to.signed_in()
        fields = {"account": "Olena", "name": "Olena B", "role": "lead", "operator": "op01"}
        fields["id"] = key_of(await to.get("/staff", cookie))
        answer = await to.post("/staff/add", cookie, **fields)
        found = re.search(r'id="secret">([^<]+)<', answer.text)
        assert found is not None
        assert staff.accounts.signs_in("olena", found[1]) is not None
        again = await to.post("/staff/add", cookie, **fields)
        assert (again.status_code, again.headers["location"]) == (303, "/staff")
        assert found[1] not in (await to.get("/staff/olena", cookie)).text
        fields["id"] = key_of(await to.get("/staff", cookie))
        assert EN.get("staff.taken") in words(await to.post("/staff/add", cookie, **fields))

    Inside(staff).talk(tmp_path, talk)


def test_a_role_and_a_link_count_at_once_and_the_last_administrator_stays(staff: Staff, tmp_path: Path) -> None:
    staff.accounts.add("olena", "Olena", StaffRole.ADMIN)

    async def press(to: Inside, account: str, **fields: str) -> httpx.Response:
        cookie = to.signed_in()
        key = key_of(await to.get(f"/staff/{account}", cookie))
        return await to.post(f"/staff/{account}/press", cookie, id=key, **fields)

    async def talk(to: Inside) -> None:
        olena = to.signed_in("olena")
        assert (await to.get("/staff", olena)).status_code == 200
        await press(to, "olena", button="role", role="auditor")
        assert (await to.get("/staff", olena)).status_code == 403
        for fields in ({"button": "disable"}, {"button": "role", "role": "manager"}):
            answer = await press(to, "boss", **fields)
            assert (answer.status_code, EN.get("staff.last_admin") in words(answer)) == (409, True)
        await press(to, "olena", button="disable")
        assert (await to.get("/audit", olena)).headers["location"].startswith("/sign-in")
        assert (await press(to, "olena", button="dance")).status_code == 400
        assert (await press(to, "olena", button="role", role="king")).status_code == 400

    Inside(staff).talk(tmp_path, talk)


def test_a_programs_token_is_shown_once_works_and_is_revoked(staff: Staff, tmp_path: Path) -> None:
    staff.accounts.add("desk", "Desk application", StaffRole.SERVICE, "op02")

    async def talk(to: Inside) -> None:
        cookie = to.signed_in()
        fields = {"button": "token", "name": "Second floor", "days": "30", "scope.see": "yes", "scope.staff": "yes"}
        for wrong in ({"days": "0"}, {"days": "x"}, {"name": " "}):
            key = key_of(await to.get("/staff/desk", cookie))
            assert (await to.post("/staff/desk/press", cookie, id=key, **{**fields, **wrong})).status_code == 409
        fields["id"] = key_of(await to.get("/staff/desk", cookie))
        answer = await to.post("/staff/desk/press", cookie, **fields)
        secret = re.findall(r'id="secret">(vk_[^<]+)<', answer.text)[0]
        token = staff.tokens.get(secret)
        assert token is not None
        assert token.operator == "op02"
        assert token.scopes == frozenset({Act.SEE}), "no program gives roles to people"
        assert (await to.post("/staff/desk/press", cookie, **fields)).status_code == 303
        assert len(staff.tokens.of("desk")) == 1
        key = key_of(await to.get("/staff/desk", cookie))
        await to.post("/staff/desk/press", cookie, id=key, button="revoke", token=token.id)
        assert staff.tokens.get(secret) is None

    Inside(staff).talk(tmp_path, talk)


def test_secrets_are_in_no_row_of_what_was_done(staff: Staff, tmp_path: Path) -> None:
    staff.accounts.add("olena", "Olena", StaffRole.LEAD, "op01", "another long word")

    async def talk(to: Inside) -> None:
        await to.sign_in("olena", "another long word")
        await to.post("/window/W01/sign-in", operator="op01", pin="1001")
        await to.post("/window/W01/badge", badge="04A219FF")
        await to.post("/hall/press", to.signed_in("olena"), button="interrupt a person named Taras", reason="x")

    Inside(staff).talk(tmp_path, talk)
    year = timedelta(days=365)
    rows = staff.audit.find(datetime.now(UTC) - year, datetime.now(UTC) + year)
    assert [row.did for row in rows] == [
        "POST /hall/press", "POST /window/{window}/badge", "POST /window/{window}/sign-in", "POST /sign-in",
    ]  # fmt: skip
    assert [row.who for row in rows] == ["olena", "", "op01", "olena"]
    assert not any(word in repr(rows) for word in ("another", "1001", "04A219FF", "Taras"))


FIRST = {"account": "olena", "name": "Olena", "password": PASSWORD, "again": PASSWORD}


def test_from_another_machine_the_first_administrator_knows_the_terminals_code(tmp_path: Path) -> None:
    async def talk(to: Inside) -> None:
        assert EN.get("first.code") in words(await to.get("/first"))
        for code in ({}, {"code": ""}, {"code": "000000000000"}):
            answer = await to.post("/first", **FIRST, **code)
            assert (answer.status_code, COOKIE in answer.cookies) == (403, False)
        assert (await to.post("/first", **{**FIRST, "again": "x"}, code=to.consoles.first.code)).status_code == 409
        answer = await to.post("/first", **FIRST, code=to.consoles.first.code)
        assert (answer.status_code, answer.headers["location"]) == (303, "/staff")
        assert (await to.get("/staff", answer.cookies[COOKIE])).status_code == 200
        again = await to.post("/first", **{**FIRST, "account": "thief"}, code=to.consoles.first.code)
        assert (again.headers["location"], COOKIE in again.cookies) == ("/sign-in", False)

    with Staff(tmp_path / "new", utc_now) as staff:
        Inside(staff).talk(tmp_path, talk)


def test_at_the_machine_itself_no_code_is_asked_but_through_another_server_it_is(tmp_path: Path) -> None:
    async def talk(to: Inside) -> None:
        through = {"origin": "http://localhost", "x-forwarded-for": "192.0.2.7"}
        assert (await to.web.post("/first", data=FIRST, headers=through)).status_code == 403
        # another site's name that was made to lead here (DNS rebinding)
        rebound = {"origin": "http://evil.example", "host": "evil.example"}
        assert (await to.web.post("/first", data=FIRST, headers=rebound)).status_code == 403
        assert (await to.post("/first", **FIRST)).status_code == 303

    with Staff(tmp_path / "new", utc_now) as staff:
        inside = Inside(staff)
        inside.client, inside.host = ("127.0.0.1", 1), "localhost"
        inside.talk(tmp_path, talk)


def test_guessing_the_code_must_wait(tmp_path: Path) -> None:
    async def talk(to: Inside) -> None:
        for _ in range(ADDRESS_MAX):
            await to.post("/first", **FIRST, code="guess")
        answer = await to.post("/first", **FIRST, code=to.consoles.first.code)
        assert (answer.status_code, EN.get("error.try_later") in words(answer)) == (403, True)

    with Staff(tmp_path / "new", utc_now) as staff:
        Inside(staff).talk(tmp_path, talk)
