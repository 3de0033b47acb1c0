"""The transfer of one order to a payee of the hall document, as the text of a code. Pure."""

from __future__ import annotations

from contract.errors import ContractError
from contract.hall_part import Payee
from look.training import PLAIN
from terminal.money import Money
from terminal.qr import nbu


def coded(
    payee: Payee, due: Money, number: str, service: str, code: str = "", *, training: bool = False
) -> tuple[str, str]:
    """(purpose, text of the code) for `due`; `number`: by which the hall's accounts find it, `code`: of the service;
    `training`: a code that no bank's app knows, for the payee is real.

    A service's name that is too long for the code loses words at its end. Raises: ContractError: the hall prints no code for this
    payee, another currency than the code's, or a payee whose fields are wrong, named.
    """
    if payee.qr is None:
        raise ContractError(f"payee {payee.id}: no transfer code")
    version = nbu.version_002 if payee.qr == "002" else nbu.version_003
    prefix = f"{PLAIN}:" if training else nbu.PREFIX
    words = service.translate({ord(";"): ",", ord("*"): " "}).split()
    while True:
        try:
            purpose = nbu.purpose(payee.purpose, service=" ".join(words), code=code, number=number)
            return purpose, version(nbu.Transfer(payee.name, payee.iban, payee.code, due, purpose, number), prefix)
        except ContractError:
            if len(words) < 2:
                raise
            words.pop()
