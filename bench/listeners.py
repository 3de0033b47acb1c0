"""Many listeners of the consoles' streams in one asyncio process: when each of them first saw each label.

Reads a plan on standard input (one JSON line: host, port, and paths with how many listen and a header); prints "ready" when all
are answered, and at end of input one JSON line: label → the moments (CLOCK_MONOTONIC, seconds) at which it was seen.
"""

from __future__ import annotations

import asyncio
import json
import re
import sys
import time
from collections import defaultdict

_LABEL = re.compile(rb"\b[A-Z]\d{3,4}\b")
_OPENING = 40
"""Connections that are opened at once."""


class Listeners:
    """What all of them saw."""

    def __init__(self) -> None:
        self.seen: dict[str, list[float]] = defaultdict(list)
        self.ready = 0

    async def listen(self, host: str, port: int, path: str, token: str, door: asyncio.Semaphore) -> None:
        """One stream until the other side ends it."""
        known: set[bytes] = set()
        async with door:
            reader, writer = await asyncio.open_connection(host, port, limit=1 << 20)
            header = f"Authorization: Bearer {token}\r\n" if token else ""
            writer.write(
                f"GET {path} HTTP/1.1\r\nHost: {host}:{port}\r\n{header}Accept: text/event-stream\r\n\r\n".encode()
            )
            status = await reader.readline()
            if b" 200 " not in status:
                raise RuntimeError(f"{path}: {status.decode(errors='replace').strip()}")
            known |= set(_LABEL.findall(await reader.readuntil(b"\n\n")))  # the state it came into
            self.ready += 1
        while piece := await reader.read(1 << 16):
            now = time.monotonic()
            for label in set(_LABEL.findall(piece)) - known:
                known.add(label)
                self.seen[label.decode()].append(now)


async def main() -> None:
    """Listen as planned until standard input ends."""
    plan = json.loads(sys.stdin.readline())
    found, door = Listeners(), asyncio.Semaphore(_OPENING)
    tasks = [
        asyncio.create_task(found.listen(plan["host"], plan["port"], one["path"], one["token"], door))
        for one in plan["streams"]
        for _ in range(one["count"])
    ]
    while found.ready < len(tasks):
        failed = [task.exception() for task in tasks if task.done()]
        if failed:
            raise RuntimeError(f"{len(failed)} listeners ended: {failed[0]}")
        await asyncio.sleep(0.05)
    print("ready", flush=True)
    await asyncio.to_thread(sys.stdin.read)
    print(json.dumps(found.seen), flush=True)
    for task in tasks:
        task.cancel()


if __name__ == "__main__":
    asyncio.run(main())
