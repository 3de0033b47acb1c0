"""The devices behind the tills, as the configuration names them. Their protocols are imported only where one is configured."""

from __future__ import annotations

from pathlib import Path
from typing import assert_never

from terminal.cash.acceptor import BillAcceptor
from terminal.config import CardSection, CashSection, Currency
from terminal.pos.terminal import CardTerminal
from terminal.wire import open_wire


def card_terminal(section: CardSection, currency: Currency, data: Path) -> CardTerminal:
    """The card terminal; nothing is opened yet. `data`: the box's folder, where Kaspi's permission is kept."""
    match section.protocol:
        case "privat":
            from terminal.pos.privat.session import PrivatTerminal

            return PrivatTerminal(
                lambda: open_wire(section.url, section.id), currency, section.id, merchant=section.merchant
            )
        case "zvt":
            from terminal.pos.zvt.line import Line, SerialLine, TcpLine
            from terminal.pos.zvt.session import Quirks, ZvtTerminal

            def line() -> Line:
                wire = open_wire(section.url, section.id)
                return SerialLine(wire, section.id) if section.url.startswith("serial:") else TcpLine(wire, section.id)

            quirks = Quirks(last_only=section.last_only, charset=section.charset)
            return ZvtTerminal(line, currency, section.id, quirks=quirks)
        case "kaspi":
            from terminal.pos.kaspi.session import KaspiTerminal

            return KaspiTerminal(lambda: open_wire(section.url, section.id), section.id, data / "permission.json")
        case _:
            assert_never(section.protocol)


def acceptor(section: CashSection, currency: Currency) -> BillAcceptor:
    """The note acceptor; nothing is opened yet."""
    from terminal.cash.ccnet.session import CcnetAcceptor

    return CcnetAcceptor(lambda: open_wire(section.url, section.id), currency, section.id)
