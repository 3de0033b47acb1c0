"""How the API says no: problem details (RFC 9457), for programs by `code` and for people by `title`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from http import HTTPStatus
from typing import Any

from fastapi.responses import JSONResponse

from consoles.api.body import Fault, Problem

MEDIA_TYPE = "application/problem+json"
_ADVICE: Mapping[int, str] = {
    400: "Look at the request: it is not HTTP as this API speaks it.",
    404: "Look at the address: /api/v1/openapi.json lists every one.",
    405: "Look at the method: /api/v1/openapi.json lists it with the address.",
}


class ProblemError(Exception):
    """An answer that says no. `detail`: what to do now, in English, for who wrote the program."""

    def __init__(
        self, status: int, code: str, detail: str, title: str = "", headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(code)
        self.status, self.code, self.detail, self.title, self.headers = status, code, detail, title, headers


def told(error: ProblemError) -> JSONResponse:
    """The answer of a problem."""
    return _answer(error.status, error.code, error.detail, error.title, headers=error.headers)


def invalid(errors: Iterable[Mapping[str, Any]]) -> JSONResponse:
    """The answer to a request whose fields are wrong; never with what was sent, which may be somebody's number."""
    faults = tuple(Fault(where=".".join(map(str, e["loc"])), what=str(e["msg"])) for e in [*errors][:20])
    return _answer(422, "invalid", "Mend the fields in `faults` and send it again.", faults=faults)


def plain(status: int) -> JSONResponse:
    """The answer of the framework itself: no such address, no such method."""
    name = HTTPStatus(status).phrase
    return _answer(status, name.lower().replace(" ", "_"), _ADVICE.get(status, name))


def _answer(
    status: int,
    code: str,
    detail: str,
    title: str = "",
    faults: tuple[Fault, ...] = (),
    headers: Mapping[str, str] | None = None,
) -> JSONResponse:
    problem = Problem(status=status, code=code, title=title or HTTPStatus(status).phrase, detail=detail, faults=faults)
    return JSONResponse(problem.model_dump(), status, headers=dict(headers or {}), media_type=MEDIA_TYPE)
