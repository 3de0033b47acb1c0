"""What a card is and does, without anything it says about its holder: safe to send to whoever helps. Pure but for the card."""

from __future__ import annotations

import time
from collections.abc import Iterator

from card_reader.chip.apdu import Command, name
from card_reader.chip.channel import Channel
from card_reader.chip.security_info import pace_infos, security_infos
from card_reader.errors import CardError
from card_reader.files import com
from card_reader.files.block import Blocks, claims_extended
from card_reader.files.file import AID, CARD_ACCESS, COM, DG1, DG2, DG11, DG12, DG13, DG14, DG15, SOD
from card_reader.files.reading import Forbidden, wipe
from card_reader.key import Key
from card_reader.opened import OpenedChip
from card_reader.profiles import PROFILES, ee
from card_reader.readers.slot import Card, is_storage
from card_reader.trust import passive, sod
from card_reader.trust.store import Store
from runtime.clock import utc_now

FILES = (SOD, COM, DG1, DG11, DG12, DG13, DG14, DG15, DG2)


def examine(card: Card, key: Key | None, store: Store) -> Iterator[str]:
    """Lines of a report. Without `key` only what a card tells everybody. Raises: CardError as the card failed."""
    yield f"reader     {card.model}"
    yield f"long APDUs reader: {_yes(card.extended)}, card: {_yes(claims_extended(card.atr))}"
    yield f"ATR        {card.atr.hex(' ')}{'  (a storage card: not an ID card)' if is_storage(card.atr) else ''}"
    channel = Channel(card)
    yield from _doors(channel)
    if key is None:
        yield from _applications(channel)
    else:
        yield from _inside(OpenedChip(card, key, tuple(PROFILES.values()), Blocks(), lambda: False), store)


def _doors(channel: Channel) -> Iterator[str]:
    """Each door tried by itself, its status told."""
    sw = channel.send(Command(0, 0xA4, 0x00, 0x0C, b"\x3f\x00")).sw
    yield f"SELECT MF            {name(sw)}"
    answer = channel.send(Command(0, 0xB0, 0x80 | CARD_ACCESS.sfi, 0, le=256))
    yield f"EF.CardAccess        {name(answer.sw)}, {len(answer.data)} bytes"
    if answer.data[:1] == b"\x31":
        for info in pace_infos(security_infos(answer.data)):
            yield f"  PACE {info.mapping}, {info.suite.name}, parameters {info.parameters}"


def _applications(channel: Channel) -> Iterator[str]:
    """Last, for some chips find no way back to their root."""
    yield f"SELECT eMRTD         {name(channel.send(Command(0, 0xA4, 4, 0x0C, AID)).sw)}"
    yield f"SELECT EstEID        {name(channel.send(Command(0, 0xA4, 4, 0x0C, ee.AID)).sw)}"


def _inside(chip: OpenedChip, store: Store) -> Iterator[str]:
    began = time.monotonic()
    if not chip.open():
        yield "opened               no: there is no travel-document application"
        return
    yield f"opened by            {chip.way.protocol}, {_ms(began)}, {chip.channel.exchanges} exchanges"
    for file in FILES:
        began, before = time.monotonic(), chip.channel.exchanges
        try:
            content = chip.read(file)
        except Forbidden as exc:
            yield f"  {file.name:<8} not for us ({exc})"
            continue
        if content is None:
            yield f"  {file.name:<8} not there"
            continue
        exchanges = chip.channel.exchanges - before
        yield f"  {file.name:<8} {len(content):>6} bytes, {_ms(began)}, {exchanges} exchanges, block {_block(chip)}"
        yield from _signature(bytes(content), store) if file is SOD else ()
        yield from [f"    lists {', '.join(f'DG{n}' for n in com.groups(bytes(content)))}"] if file is COM else ()
        wipe(content)


def _signature(content: bytes, store: Store) -> Iterator[str]:
    try:
        security = sod.security_object(content)
        verdict = passive.judge(security, store, utc_now())
    except CardError as exc:
        yield f"    signature: {exc}"
        return
    signer = security.signed.signer()
    yield f"    hashes by {security.digest} of {', '.join(f'DG{n}' for n in sorted(security.hashes))}"
    scheme, state = security.signed.scheme, signer.country if signer else "an unknown signer"
    yield f"    signed by {state}, {scheme.kind} with {scheme.digest}"
    yield f"    {verdict.level.name}: {verdict.reason.value}{''.join(f', {n.value}' for n in sorted(verdict.notes))}"


def _block(chip: OpenedChip) -> int:
    return chip.block.size(chip.channel.messaging.suite if chip.channel.messaging else None)


def _yes(value: bool | None) -> str:
    return {True: "yes", False: "no", None: "does not say"}[value]


def _ms(began: float) -> str:
    return f"{(time.monotonic() - began) * 1000:.0f} ms"
