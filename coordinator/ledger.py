"""What a console asks of the journal: a day's payments and balances, as much as an answer has room for; a certificate by its number."""

from __future__ import annotations

from typing import Any

from sqlalchemy import func, select

from contract import messages as m
from contract.words import Refusal, Role
from coordinator.account import balance_told, payment_told
from coordinator.record import Balance, Certificate, Payment
from coordinator.row import read
from journal.journal import Journal
from journal.schema import HALL

MOST = ((40, 40), (20, 40), (10, 40), (10, 16))
"""Payments and balances in one answer: as many as the message has room for."""

_PAYMENT = HALL.table("payment")


MOST_CERTIFICATES = 4
"""One has a number; ten digits were drawn by chance."""


def answer(journal: Journal, question: m.JournalQuestion, asking: Role) -> m.Payments | m.Certificates | m.Refused:
    """What a box of kind `asking` is answered; consoles only."""
    if asking is not Role.CONSOLE:
        text = f"a {asking} may not do this"
        return m.Refused(id=question.id, re=question.id, code=Refusal.NOT_ALLOWED, text=text)
    return _certificates(journal, question) if isinstance(question, m.CertificateFind) else _day(journal, question)


def _certificates(journal: Journal, question: m.CertificateFind) -> m.Certificates:
    rows = journal.rows("certificate", number=question.number)[:MOST_CERTIFICATES]
    papers = tuple(_paper(read(Certificate, row)) for row in rows)
    return m.Certificates(id=question.id, re=question.id, certificates=papers)


def _paper(found: Certificate) -> m.DeskCertificate:
    told = found._asdict()
    del told["day"]
    return m.DeskCertificate(**told)


def _day(journal: Journal, question: m.MoneyDay) -> m.Payments:
    total, payments = _payments(journal, question)
    balances = [] if question.skip or question.payment else _balances(journal, question)
    for most, held in MOST:
        told = m.Payments(
            id=question.id, re=question.id, day=question.day, total=total, payments=tuple(payments[:most]),
            balances=tuple(balances[:held]),
        )  # fmt: skip
        if len(m.encode(told)) <= m.MAX_BYTES:
            break
    return told


def _payments(journal: Journal, question: m.MoneyDay) -> tuple[int, list[m.DeskPayment]]:
    """How many there are, and those that the question is about."""
    column = _PAYMENT.c
    where = [column.hall == journal.hall, column.day == str(question.day)]
    where += [] if question.dev is None else [column.dev == question.dev]
    where += [] if question.payment is None else [column.id == question.payment]
    newest = (column.opened_at.desc(), column.dev, column.id)
    wanted: Any = select(_PAYMENT).where(*where).order_by(*newest).offset(question.skip).limit(MOST[0][0])
    with journal.reading() as connection:
        total = connection.scalar(select(func.count()).select_from(_PAYMENT).where(*where))
        rows = connection.execute(wanted).mappings().all()
    return total or 0, [payment_told(read(Payment, dict(row))) for row in rows]


def _balances(journal: Journal, question: m.MoneyDay) -> list[m.DeskBalance]:
    rows = journal.rows("balance", day=str(question.day), **({} if question.dev is None else {"dev": question.dev}))
    return [balance_told(read(Balance, row)) for row in rows[: MOST[0][1]]]
