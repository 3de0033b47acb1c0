"""As little MQTT 5 over TLS as a caller of the bench needs: connect, subscribe to one topic, publish on one, QoS 1."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator

from contract.errors import ViknoError

TIMEOUT_S = 5.0
CONNECT, CONNACK, PUBLISH, PUBACK, SUBSCRIBE, SUBACK = 0x10, 0x20, 0x32, 0x40, 0x82, 0x90


class Wire:
    """One connection. `files`: authority, certificate, key. Raises: OSError: it broke or timed out."""

    def __init__(self, host: str, port: int, dev: str, files: tuple[str, str, str], hears: str, says: str) -> None:
        self.dev = dev
        context = ssl.create_default_context(cafile=files[0])
        context.load_cert_chain(files[1], files[2])
        plain = socket.create_connection((host, port), TIMEOUT_S)
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._socket = context.wrap_socket(plain, server_hostname=host)
        self._topic = _text(says)
        self._number = 0
        self._held = self._out = b""
        # clean start, no keepalive, no properties; then packet 1, no properties, QoS 1
        self._expect(_packet(CONNECT, _text("MQTT") + b"\x05\x02\0\0\0" + _text(dev)), CONNACK)
        self._expect(_packet(SUBSCRIBE, b"\0\x01\0" + _text(hears) + b"\x01"), SUBACK)

    def say(self, payload: bytes) -> None:
        """Publish at the next `flush`."""
        self._number = self._number % 65_535 + 1
        self._out += _packet(PUBLISH, self._topic + self._number.to_bytes(2, "big") + b"\0" + payload)

    def heard(self) -> Iterator[bytes]:
        """Payloads that have come, each acknowledged at the next `flush`; waits where nothing has."""
        for kind, body in self._packets():
            if kind & 0xF0 == PUBLISH & 0xF0:
                at = 2 + int.from_bytes(body[:2], "big")
                if kind & 0x06:
                    self._out += _packet(PUBACK, body[at : at + 2])
                    at += 2
                length, at = _length(body, at)
                yield body[at + length :]

    def flush(self) -> None:
        """Write what was said, in one piece."""
        if self._out:
            self._socket.sendall(self._out)
            self._out = b""

    def fileno(self) -> int:
        """For a selector."""
        return self._socket.fileno()

    def close(self) -> None:
        """Vanish."""
        self._socket.close()

    def _expect(self, packet: bytes, kind: int) -> None:
        self._socket.sendall(packet)
        found: list[tuple[int, bytes]] = []
        while not found:
            found = list(self._packets())
        code = found[0][1][1 if kind == CONNACK else -1]
        if found[0][0] != kind or code >= 0x80:
            raise ViknoError(f"{self.dev}: the broker answered {found[0][0]:#x}, reason {code:#x}")

    def _packets(self) -> Iterator[tuple[int, bytes]]:
        data = self._socket.recv(65_536)
        if not data:
            raise ViknoError(f"{self.dev}: the broker hung up")
        while self._socket.pending():
            data += self._socket.recv(65_536)
        self._held += data
        while len(self._held) >= 2:
            length, at = _length(self._held, 1)
            if at == 0 or len(self._held) < at + length:
                return
            kind, body, self._held = self._held[0], self._held[at : at + length], self._held[at + length :]
            yield kind, body


def _packet(kind: int, body: bytes) -> bytes:
    left, coded = len(body), bytearray()
    while left > 127:
        coded.append(left & 127 | 128)
        left >>= 7
    return bytes((kind, *coded, left)) + body


def _length(data: bytes, at: int) -> tuple[int, int]:
    """A variable byte integer and where it ends; (0, 0) when it is not whole."""
    value = shift = 0
    while at < len(data):
        value |= (data[at] & 127) << shift
        shift, at = shift + 7, at + 1
        if data[at - 1] < 128:
            return value, at
    return 0, 0


def _text(text: str) -> bytes:
    return len(text.encode()).to_bytes(2, "big") + text.encode()
