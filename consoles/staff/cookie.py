"""The cookies that a browser brings back, seen by no script and sent by no other site: of a session, and of the browser itself."""

from __future__ import annotations

from dataclasses import dataclass

from fastapi import Response

from consoles.staff.session import LIFE_S

COOKIE, BROWSER = "vikno", "vikno-browser"
BROWSER_S = 180 * 24 * 3600
"""As long as a browser is known: consoles.staff.attempt.KNOWN_S."""


@dataclass(frozen=True, slots=True)
class Cookie:
    """`secure`: the consoles speak HTTPS, so it travels by nothing else."""

    secure: bool

    def give(self, response: Response, secret: str) -> Response:
        """The response, which sets the cookie."""
        response.set_cookie(COOKIE, secret, max_age=LIFE_S, httponly=True, samesite="strict", secure=self.secure)
        return response

    def know(self, response: Response, browser: str) -> Response:
        """The response, by which the browser is known again when somebody types a PIN or password."""
        response.set_cookie(
            BROWSER, browser, max_age=BROWSER_S, httponly=True, samesite="strict", secure=self.secure, path="/"
        )
        return response

    def take(self, response: Response) -> Response:
        """The response, which takes the cookie away."""
        response.delete_cookie(COOKIE, httponly=True, samesite="strict", secure=self.secure)
        return response
