"""A page gets the whole fragment first, then after every change, with a bounded backlog of one."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from consoles.pulse import Pulse
from consoles.stream import COMMENT, event, events


def test_a_fragment_of_many_lines_is_one_event() -> None:
    assert event("3-17", "<p>\r\nа\r</p>\n") == "id: 3-17\ndata: <p>\ndata: а\ndata: </p>\ndata: \n\n".encode()


def test_a_revision_cannot_break_the_frame() -> None:
    with pytest.raises(ValueError, match="one line"):
        event("1\ndata: x", "")


class Page:
    """A fragment that a test changes, and how often it was drawn."""

    def __init__(self) -> None:
        self.html, self.drawn = "a", 0

    def render(self) -> tuple[str, str] | None:
        self.drawn += 1
        return (str(self.drawn), self.html) if self.html else None


async def heard(stream: AsyncIterator[bytes]) -> bytes:
    async with asyncio.timeout(5):
        return await anext(stream)


def test_first_the_whole_then_every_change() -> None:
    async def watch() -> None:
        page, pulse = Page(), Pulse()
        stream = events(pulse, page.render)
        assert await heard(stream) == event("1", "a")
        page.html = "b"
        pulse.beat()
        assert await heard(stream) == event("2", "b")

    asyncio.run(watch())


def test_a_slow_page_gets_the_newest_and_no_backlog() -> None:
    async def watch() -> None:
        page, pulse = Page(), Pulse()
        stream = events(pulse, page.render)
        await heard(stream)
        for n in range(1000):
            page.html = str(n)
            pulse.beat()
        assert await heard(stream) == event("2", "999")

    asyncio.run(watch())


def test_silence_is_filled_with_comments() -> None:
    async def watch() -> None:
        stream = events(Pulse(), Page().render, comment_s=0.001)
        await heard(stream)
        assert [await heard(stream) for _ in range(3)] == [COMMENT] * 3

    asyncio.run(watch())


def test_a_stream_ends_with_its_session_and_with_the_server() -> None:
    async def watch() -> None:
        page, pulse = Page(), Pulse()
        first, second = events(pulse, page.render), events(pulse, page.render)
        await heard(first)
        await heard(second)
        page.html = ""
        pulse.beat()
        with pytest.raises(StopAsyncIteration):
            await heard(first)
        pulse.close()
        with pytest.raises(StopAsyncIteration):
            await heard(second)
        assert len(pulse) == 0

    asyncio.run(watch())
