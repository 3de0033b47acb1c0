"""The cookie that a browser brings back: the secret of a session, seen by no script and sent by no other site."""

from __future__ import annotations

from dataclasses import dataclass

from fastapi import Response

from consoles.staff.session import LIFE_S

COOKIE = "vikno"


@dataclass(frozen=True, slots=True)
class Cookie:
    """`secure`: the consoles speak HTTPS, so it travels by nothing else."""

    secure: bool

    def give(self, response: Response, secret: str) -> Response:
        """The response, which sets the cookie."""
        response.set_cookie(COOKIE, secret, max_age=LIFE_S, httponly=True, samesite="strict", secure=self.secure)
        return response

    def take(self, response: Response) -> Response:
        """The response, which takes the cookie away."""
        response.delete_cookie(COOKIE, httponly=True, samesite="strict", secure=self.secure)
        return response
