"""Who calls the API: a token with its scopes."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Annotated, Protocol

from fastapi import Depends
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from consoles.api.problem import ProblemError
from consoles.staff.role import Act


class Caller(Protocol):
    """A token that is valid now: `id` is no secret."""

    @property
    def id(self) -> str:
        """Names it."""

    @property
    def account(self) -> str:
        """The service account it belongs to."""

    @property
    def operator(self) -> str | None:
        """The one operator it acts for; None: for any that is signed in at the window."""

    @property
    def scopes(self) -> frozenset[Act]:
        """What it may do."""


Callers = Callable[[str], Caller | None]
"""The token of a secret; None: there is none, or it is revoked or over."""

_BEARER = HTTPBearer(auto_error=False, description="A token of a service account, made on the page /staff.")


def listening(callers: Callers, act: Act) -> Callable[..., Awaitable[Callable[[], bool]]]:
    """A dependency for streams: tells, as often as it is asked, whether the token still has the scope. Raises: as `allowed`."""
    enter = allowed(callers, act)

    async def check(sent: Annotated[HTTPAuthorizationCredentials | None, Depends(_BEARER)]) -> Callable[[], bool]:
        """Whether it still may, to be asked again and again."""
        await enter(sent)
        secret = sent.credentials if sent is not None else ""

        def still() -> bool:
            caller = callers(secret)
            return caller is not None and act in caller.scopes

        return still

    return check


def allowed(callers: Callers, act: Act) -> Callable[..., Awaitable[Caller]]:
    """A dependency: the caller, where its token has the scope. Raises: ProblemError 401, 403."""

    # Async, so that it is not sent to a thread and back: the look-up is short.
    async def check(sent: Annotated[HTTPAuthorizationCredentials | None, Depends(_BEARER)]) -> Caller:
        caller = callers(sent.credentials) if sent is not None else None
        if caller is None:
            advice = "Send `Authorization: Bearer vk_…` with a token that is not over; /staff makes one."
            raise ProblemError(401, "no_token", advice, headers={"WWW-Authenticate": 'Bearer realm="vikno"'})
        if act not in caller.scopes:
            raise ProblemError(403, "no_scope", f"The token needs the scope `{act.value}`; /staff makes one with it.")
        return caller

    return check
