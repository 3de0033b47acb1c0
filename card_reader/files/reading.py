"""Reading a file: first by its short identifier with its length, then block by block. ISO/IEC 7816-4 §11.3."""

from __future__ import annotations

from collections.abc import Callable

from card_reader import tlv
from card_reader.chip.apdu import END_OF_FILE, Command, Response
from card_reader.chip.channel import Channel
from card_reader.errors import CardError, DataError, SessionLost, StatusError
from card_reader.files.block import Block
from card_reader.files.file import File

Progress = Callable[[int, int], None]
"""(bytes read, bytes of the file), after each block."""
_MISSING = {0x6A82, 0x6A83}
_FORBIDDEN = {0x6982, 0x6985, 0x6983}
_ODD_FROM = 0x8000
_SIZE_REFUSED = {0x6700, 0x6B00, END_OF_FILE, 0x6F00, 0x6281}


class Forbidden(CardError):  # noqa: N818 - says what happened
    """The file is there, but not for us."""


class BlockRefused(CardError):  # noqa: N818 - says what happened
    """The chip or the reader stumbled over the size of a block: ask for less, with a new session."""


def read(channel: Channel, file: File, block: Block, progress: Progress | None = None) -> bytearray | None:
    """The file's bytes, the caller's to wipe; None: the card has no such file.

    Raises: Forbidden; BlockRefused; SessionLost; CardRemoved; StatusError; DataError: not its tag, longer than its cap, or cut off.
    """
    found = bytearray()
    try:
        return _read(channel, file, block, progress, found)
    except CardError:
        wipe(found)
        raise


def complete(channel: Channel, file: File, block: Block, first: bytes) -> bytearray:
    """The file whose first bytes are `first` and which is the current one. Raises: as `read`."""
    return _rest(channel, file, block, None, bytearray(first))


def select(channel: Channel, file: File) -> bool:
    """Makes the file the current one; False: there is none. Raises: Forbidden, StatusError."""
    answer = Response(b"", 0)
    for p1 in (0x02, 0x00):  # some chips know only one of the two
        answer = channel.send(Command(0, 0xA4, p1, 0x0C, file.fid.to_bytes(2, "big")))
        if answer.ok or answer.sw in _MISSING | _FORBIDDEN:
            break
    _refused(file, answer.sw)
    return answer.ok


def wipe(buffer: bytearray) -> None:
    """Zeros over what was read."""
    buffer[:] = bytes(len(buffer))


def _read(channel: Channel, file: File, block: Block, progress: Progress | None, found: bytearray) -> bytearray | None:
    first = _first(channel, file, block)
    if first is None:
        return None
    found += first
    return _rest(channel, file, block, progress, found)


def _rest(channel: Channel, file: File, block: Block, progress: Progress | None, found: bytearray) -> bytearray:
    head = tlv.head(bytes(found[:8]))
    if head.tag != file.tag:
        raise DataError(f"{file.name}: begins with another tag than its own")
    if head.whole > file.cap:
        raise DataError(f"{file.name}: longer than it may be")
    del found[head.whole :]
    while len(found) < head.whole:
        if progress:
            progress(len(found), head.whole)
        found += _block(channel, file, len(found), min(_size(channel, block), head.whole - len(found)))
    if progress:
        progress(len(found), head.whole)
    return found


def _first(channel: Channel, file: File, block: Block) -> bytes | None:
    """The file's first bytes, its length among them."""
    size = _size(channel, block)
    answer = _sent(channel, Command(0, 0xB0, 0x80 | file.sfi, 0, le=size))
    if answer.data and (answer.ok or answer.sw == END_OF_FILE):
        return answer.data
    _refused(file, answer.sw)
    # No such short identifier, or a size it refuses: by its long one, and its head alone.
    return _block(channel, file, 0, 8) if select(channel, file) else None


def _block(channel: Channel, file: File, offset: int, size: int) -> bytes:
    answer = _sent(channel, _command(offset, size))
    data = answer.data
    if offset >= _ODD_FROM and data:
        data = tlv.only(data, 0x53)
    if data and (answer.ok or answer.sw == END_OF_FILE):
        return data[:size]
    _refused(file, answer.sw)
    if answer.ok or answer.sw in _SIZE_REFUSED or answer.sw >> 8 == 0x6C:
        raise BlockRefused(f"{file.name}: status {answer.sw:04X} for {size} bytes")
    raise StatusError(f"{file.name}: READ BINARY", answer.sw)


def _command(offset: int, size: int) -> Command:
    if offset < _ODD_FROM:
        return Command(0, 0xB0, offset >> 8, offset & 0xFF, le=size)
    where = tlv.encode(0x54, offset.to_bytes(3, "big").lstrip(b"\0"))
    return Command(0, 0xB1, 0, 0, where, size if size > 256 else min(256, size + 3))


def _sent(channel: Channel, command: Command) -> Response:
    try:
        return channel.send(command)
    except SessionLost as exc:
        if exc.sw in _SIZE_REFUSED or exc.sw >> 8 == 0x6C:
            raise BlockRefused(f"status {exc.sw:04X} for {command.le} bytes") from exc
        raise


def _size(channel: Channel, block: Block) -> int:
    return block.size(channel.messaging.suite if channel.messaging else None)


def _refused(file: File, sw: int) -> None:
    if sw in _FORBIDDEN:
        raise Forbidden(f"{file.name}: status {sw:04X}")
