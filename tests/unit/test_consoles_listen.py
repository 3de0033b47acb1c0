"""The consoles' door on the network."""

from __future__ import annotations

import asyncio
import contextlib
import socket

from consoles.config import WebSection
from consoles.service import listen


def test_an_answer_does_not_wait_for_an_acknowledgement() -> None:
    """asyncio turns Nagle off only where the socket names its protocol; else an answer of two pieces takes 44 ms."""

    async def undelayed() -> int:
        seen: asyncio.Future[int] = asyncio.get_running_loop().create_future()

        def met(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            accepted: socket.socket = writer.get_extra_info("socket")
            seen.set_result(accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))
            writer.close()

        with contextlib.closing(listen(WebSection(port=0))) as listener:
            server = await asyncio.start_server(met, sock=listener)
            async with server:
                _, writer = await asyncio.open_connection(*listener.getsockname()[:2])
                try:
                    return await asyncio.wait_for(seen, 5)
                finally:
                    writer.close()

    assert asyncio.run(undelayed()) != 0
