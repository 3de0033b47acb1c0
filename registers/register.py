"""The port: what a register answers, whatever is behind it."""

from __future__ import annotations

from typing import Protocol

from contract import register as r
from contract.errors import ContractError, TransientDeviceError, ViknoError
from contract.hints import HINTS


class NotKnownError(ViknoError):
    """The register does not know that person, code or list."""


class BadQuestionError(ViknoError):
    """The question contradicts what the register has: another sum under the id of a payment that is there."""


class BadAnswerError(ContractError):
    """What the register said breaks the contract. The text never repeats it."""


class RefusedError(ViknoError):
    """The register does not let this connector ask."""


def away(name: str) -> TransientDeviceError:
    """The register `name` does not answer."""
    return TransientDeviceError(name, "register_away", HINTS["register_away"].step)


class Register(Protocol):
    """One register; any thread may ask. Every question raises TransientDeviceError (`register_away`), BadAnswerError, RefusedError."""

    name: str
    kind: str
    """What it is made of, for the doctor: sqlite, postgresql, https."""

    def person(self, number: str) -> r.Person:
        """Raises: NotKnownError."""

    def household(self, number: str) -> r.Household:
        """Raises: NotKnownError: nobody, or nowhere registered."""

    def dues(self, number: str) -> r.Dues:
        """The oldest first."""

    def due(self, code: str) -> r.Dues:
        """One, or none."""

    def paid(self, paid: r.Paid) -> r.Taken:
        """Durable when it returns; the same payment again changes nothing.

        Raises: NotKnownError: no such due. BadQuestionError: this payment's id with another content, or another currency.
        """

    def returned(self, returned: r.Returned) -> r.Taken:
        """Its due is open again. Durable when it returns; the same payment again changes nothing.

        Raises: as `paid`; NotKnownError: this payment was never told.
        """

    def directory(self, name: str, unless: int | None = None) -> r.Directory | None:
        """None: its revision still is `unless`. Raises: NotKnownError: there is no such list."""

    def check(self) -> None:
        """Ask it something that needs no right and tells nothing."""

    def close(self) -> None:
        """Let go of its connections."""
