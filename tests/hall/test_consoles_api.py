"""The HTTP API before the real coordinator: every example of its OpenAPI document is sent, and what it answers has the told shape."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from jsonschema_rs import Draft202012Validator

from consoles.api.__main__ import document as openapi
from runtime.asker import new_id
from tests.api_fuzz import fuzz
from tests.api_site import OPERATOR, SEE, SERVICE, SPEC, WINDOW, Program, site
from tests.until import until


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    with site(tmp_path_factory.mktemp("hall")) as one:
        yield one


def example(schema: dict[str, Any]) -> Any:
    """The example of a schema."""
    name = schema["$ref"].rpartition("/")[2]
    return SPEC["components"]["schemas"][name]["example"]


def right_shape(answer: httpx.Response, operation: dict[str, Any]) -> None:
    """Whether the answer is one that the document tells of, and has its shape."""
    told: dict[str, Any] = operation["responses"].get(str(answer.status_code), {})
    assert told, (answer.status_code, answer.text)
    (kind, content), *_ = told["content"].items()
    assert answer.headers["content-type"].startswith(kind)
    schema = {**content["schema"], "components": SPEC["components"]}
    Draft202012Validator(schema).validate(answer.json())


ORDER = (
    ("post", "/windows/{window}/open"), ("get", "/hall"), ("get", "/services"), ("get", "/windows"), ("post", "/tickets"),
    ("get", "/tickets/{label}"), ("post", "/windows/{window}/next"), ("post", "/windows/{window}/start"),
    ("post", "/windows/{window}/recall"), ("post", "/windows/{window}/transfer"), ("post", "/tickets/{ticket}/cancel"),
    ("post", "/windows/{window}/no-show"), ("post", "/windows/{window}/park"), ("post", "/windows/{window}/finish"),
    ("get", "/slots"), ("post", "/bookings"), ("post", "/bookings/{code}/move"), ("post", "/bookings/{code}/check-in"),
    ("post", "/bookings/{code}/cancel"), ("post", "/windows/{window}/pause"), ("post", "/windows/{window}/close"),
)  # fmt: skip
"""Every address but the stream, as a day goes."""


def test_the_order_names_every_address() -> None:
    every = {(method, path) for path, methods in SPEC["paths"].items() for method in methods}
    assert every - set(ORDER) == {("get", "/events")}


def test_every_example_is_true(program: Program) -> None:
    known: dict[str, str] = {}
    done = []
    for method, path in ORDER:
        operation = SPEC["paths"][path][method]
        given = {p["name"]: p for p in operation.get("parameters", ())}
        place = path
        for name in ("window", "label", "ticket", "code"):
            if f"{{{name}}}" in path:
                place = place.replace(f"{{{name}}}", known.get(name) or given[name]["schema"]["examples"][0])
        query = {
            n: p["schema"]["examples"][0] for n, p in given.items() if p["in"] == "query" and "examples" in p["schema"]
        }
        sent = operation.get("requestBody", {}).get("content", {}).get("application/json")
        body: dict[str, Any] | None = example(sent["schema"]) if sent else None
        if path == "/bookings":
            body = {**(body or {}), "start": known["start"]}  # the free times are the hall's
        if path == "/bookings/{code}/move":
            body = {"start": known["later"]}
        answer = (
            program.ask(method.upper(), place, params=query, json=body)
            if sent
            else program.ask(method.upper(), place, params=query)
        )
        right_shape(answer, operation)
        told = answer.json()
        done.append((path.rpartition("/")[2], answer.status_code, told.get("code") if isinstance(told, dict) else None))
        if isinstance(told, dict) and answer.is_success:
            known |= {name: told[name] for name in ("label", "ticket", "code") if told.get(name)}
            if path == "/slots":
                known |= {"start": told["slots"][0]["start"], "later": told["slots"][-1]["start"]}
    refused = {name: code for name, status, code in done if status == 409}
    assert refused == {
        # recalled and missed are those called, and she has begun; after the transfer nobody is there
        "recall": "wrong_state", "no-show": "nothing_called", "park": "not_serving", "finish": "not_serving",
        "check-in": "booking_other_day",
    }  # fmt: skip
    assert {status for _, status, _ in done} == {200, 201, 409}


def test_the_document_that_is_committed_is_the_one_that_is_served() -> None:
    assert Path("docs/openapi.json").read_text("utf-8") == openapi(), "python -m consoles.api docs/openapi.json"


def test_every_request_and_answer_has_an_example() -> None:
    named = {name for name, schema in SPEC["components"]["schemas"].items() if "example" not in schema}
    assert named <= {"Wait", "SlotLine", "Fault"}, "parts of others"


# --- once --------------------------------------------------------------------------------------------------------------------


def test_the_same_key_is_the_same_ticket_and_another_request_by_it_is_refused(program: Program) -> None:
    key = new_id("k")
    first, again = (program.ask("POST", "/tickets", key=key, json={"service": SERVICE}) for _ in range(2))
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json()
    other = program.ask("POST", "/tickets", key=key, json={"service": SERVICE, "lang": "en"})
    assert (other.status_code, other.json()["code"]) == (422, "key_used")
    another = program.ask("POST", "/tickets", json={"service": SERVICE})
    assert another.json()["label"] != first.json()["label"]


def test_a_request_without_a_key_is_refused(program: Program) -> None:
    answer = program.ask("POST", "/tickets", json={"service": SERVICE}, headers={"Idempotency-Key": "k"}, key="k")
    assert answer.status_code == 422
    assert answer.json()["faults"][0]["where"] == "header.Idempotency-Key"


# --- who ----------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("headers", "code"), [({"Authorization": ""}, 401), ({"Authorization": "Bearer vk_none"}, 401)]
)
def test_nobody_without_a_token(program: Program, headers: dict[str, str], code: int) -> None:
    for path, methods in SPEC["paths"].items():
        for method in methods:
            answer = program.ask(method.upper(), path.replace("{code}", "12345678"), headers=headers, json={})
            assert answer.status_code == code, (method, path, answer.text)
            assert answer.headers["content-type"] == "application/problem+json"


def test_a_token_does_what_its_scopes_say_and_no_more(program: Program) -> None:
    assert program.ask("GET", "/hall", token=SEE).status_code == 200
    refused = program.ask("POST", "/tickets", token=SEE, json={"service": SERVICE})
    assert (refused.status_code, refused.json()["code"]) == (403, "no_scope")
    assert "receive" in refused.json()["detail"]
    other = program.ask("POST", f"/windows/{WINDOW}/next", token="vk_op04", json={"operator": OPERATOR})
    assert (other.status_code, other.json()["code"]) == (403, "other_operator")


def test_who_is_not_signed_in_at_the_window_is_refused(program: Program) -> None:
    answer = program.ask("POST", f"/windows/{WINDOW}/next", json={"operator": "op05"}, params={"lang": "en"})
    assert (answer.status_code, answer.json()["code"]) == (409, "not_yours")
    assert answer.json()["title"]


def test_who_did_what_is_written_down_and_never_what_was_sent(program: Program) -> None:
    program.notes.clear()
    program.issue(lang="uk")
    program.ask("POST", "/tickets", json={"service": "nothing"})
    program.ask("GET", "/hall")
    did = ("robot", "service", "ticket.issue", "POST /api/v1/tickets", "token all")
    assert program.notes == [(*did, 200), (*did, 409)]


# --- bad input ------------------------------------------------------------------------------------------------------------------

HOSTILE = (
    "<script>alert(1)</script>", "x" * 10_000, "\u202ematter", "🙂" * 30, "' OR 1=1 --", "\x00", "../../etc/passwd", "",
)  # fmt: skip


@pytest.mark.parametrize("text", HOSTILE)
def test_a_hostile_text_is_refused_and_said_nowhere(program: Program, text: str) -> None:
    for body in ({"service": text}, {"service": SERVICE, "lang": text}, {"service": SERVICE, "priority_group": text}):
        answer = program.ask("POST", "/tickets", json=body)
        assert answer.status_code in (409, 422), answer.text
        assert "<script>" not in answer.text or answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[]", b"null", b"\xff\xfe", b'{"service":1}', b'{"service":{}}', b"a=b", b"[" * 20_000]
)
def test_a_body_that_is_none_of_ours_is_refused(program: Program, content: bytes) -> None:
    answer = program.ask("POST", "/tickets", content=content, headers={"Content-Type": "application/json"})
    assert answer.status_code in (400, 422), answer.text
    assert answer.json()["code"] in ("bad_request", "invalid")


def test_a_body_that_is_too_long_is_not_read(program: Program) -> None:
    assert program.ask("POST", "/tickets", content=b"x" * 70_000).status_code == 413


@pytest.mark.parametrize(
    ("method", "path", "status"), [("GET", "/nothing", 404), ("DELETE", "/tickets", 405), ("PUT", "/hall", 405)]
)
def test_an_address_that_is_none_says_where_they_are_listed(
    program: Program, method: str, path: str, status: int
) -> None:
    answer = program.ask(method, path)
    assert answer.status_code == status
    assert "openapi.json" in answer.json()["detail"]


def test_a_person_of_a_booking_is_in_no_answer(program: Program) -> None:
    day = program.ask("GET", "/slots", params={"service": SERVICE, "day": "2026-03-19"}).json()
    person = "invented 4711"
    body = {"service": SERVICE, "start": day["slots"][0]["start"], "person": person}
    made = program.ask("POST", "/bookings", json=body)
    assert made.status_code == 201
    wrong = program.ask("POST", "/bookings", json={**body, "person": person * 20})
    assert wrong.status_code == 422
    assert person not in made.text + wrong.text


# --- events ----------------------------------------------------------------------------------------------------------------------


def press(program: Program, act: str) -> dict[str, Any]:
    """An act at the window that is done."""
    answer = program.ask("POST", f"/windows/{WINDOW}/{act}", json={"operator": OPERATOR})
    assert answer.status_code == 200, answer.text
    told: dict[str, Any] = answer.json()
    return told


def test_a_listener_is_told_the_whole_state_first_and_each_call_once(program: Program) -> None:
    press(program, "open")
    made = program.issue()
    pieces: list[bytes] = []

    async def listen() -> None:
        async for piece in program.api.feed.events(lambda: True):
            pieces.append(piece)  # noqa: PERF401 - seen while it grows

    listening = asyncio.run_coroutine_threadsafe(listen(), program.loop)
    try:
        until(lambda: pieces)
        assert pieces[0].startswith(b"event: hall\n")
        while press(program, "next")["label"] != made["label"]:
            press(program, "start")
            press(program, "finish")
        until(lambda: any(made["label"].encode() in p for p in pieces if p.startswith(b"event: call\n")))
        program.issue()
        until(lambda: pieces[-1].startswith(b"event: hall\n"))
    finally:
        listening.cancel()
    calls = [json.loads(p.split(b"data: ")[1]) for p in pieces if p.startswith(b"event: call\n")]
    assert [c["number"] for c in calls if c["label"] == made["label"]] == [3]


def test_a_token_that_was_revoked_listens_no_more(program: Program) -> None:
    valid, pieces = [True], list[bytes]()

    async def listen() -> None:
        async for piece in program.api.feed.events(lambda: bool(valid), comment_s=0.01):
            pieces.append(piece)

    listening = asyncio.run_coroutine_threadsafe(listen(), program.loop)
    try:
        until(lambda: pieces)
        program.issue()
        until(lambda: len(pieces) > 1)
        valid.clear()
        until(lambda: listening.done())  # the hall's heartbeat wakes it
    finally:
        listening.cancel()


def test_another_author_finds_no_fault_of_the_server(program: Program) -> None:
    assert fuzz(program, 3) > 40
