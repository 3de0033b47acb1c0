"""What the hall knows of a terminal's certificates: where and when, never for whom. Pure."""

from __future__ import annotations

from typing import Literal

from contract.messages.envelope import Moment, Name, Question, Reply, Wire
from contract.words import Paper


class DeskCertificate(Wire):
    """A certificate of the terminal `dev`, numbered at `at` (hall time); fields of `CertificateFact` else."""

    dev: Name
    number: Name
    layout: Name
    service: Name | None = None
    paper: Paper
    at: Moment


class CertificateFind(Question):
    """Which paper has that number? Consoles only."""

    t: Literal["certificate.find"] = "certificate.find"
    number: Name


class Certificates(Reply):
    """The papers with that number: none, or one; more only where terminals chose the same one."""

    t: Literal["certificates"] = "certificates"
    certificates: tuple[DeskCertificate, ...] = ()
