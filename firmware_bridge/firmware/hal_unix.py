"""A pad's outside on a computer: the line is a terminal device, fingers come on stdin, the lamp is told on stdout.

Runs under MicroPython's unix port and CPython. stdin: six hexadecimal digits per change of the keys, two the bit mask of
those that are down, four how many ms they are so at least. stdout: one JSON line per change: {"lamp": 1} or {"text": "..."}.

A pad has its processor for itself, a process has not. So the time of one that was kept waiting goes on from where it was, in
turns no longer than a pad's, and fingers last by that time: a short press is felt on a busy machine too.
"""

import json
import os
import select
import sys
import time

TURN_MS = 12


class Hal:
    def __init__(self, device):
        self._line = open(device, "r+b", buffering=0)
        self._fingers = open(0, "rb", buffering=0)
        self._line_poll, self._fingers_poll, self._any = select.poll(), select.poll(), select.poll()
        self._line_poll.register(self._line, select.POLLIN)
        self._fingers_poll.register(self._fingers, select.POLLIN)
        self._any.register(self._line, select.POLLIN)
        self._any.register(self._fingers, select.POLLIN)
        self._down, self._until = 0, 0
        self._coming = []
        self._pattern = None
        self._ticks = ticks()
        self._now = 0

    def now_ms(self):
        passed = min(self._behind(), TURN_MS)
        self._ticks = ticks_add(self._ticks, passed)
        self._now += passed
        return self._now

    def _behind(self):
        return ticks_diff(ticks(), self._ticks)

    def read(self):
        data = bytearray()
        while len(data) < 256 and self._line_poll.poll(0):
            byte = self._line.read(1)
            if not byte:
                sys.exit()
            data += byte
        return data

    def write(self, data):
        self._line.write(data)

    def keys(self):
        """The bit mask of the keys that are down, by this pad's own time."""
        while self._fingers_poll.poll(0):
            digits = self._fingers.read(6)
            if len(digits) < 6:
                sys.exit()
            self._coming.append((int(digits[:2].decode(), 16), int(digits[2:].decode(), 16)))
        # One change a turn, so that a bouncing contact is seen bouncing.
        if self._coming and self._now >= self._until:
            self._down, lasts = self._coming.pop(0)
            self._until = self._now + lasts
        return self._down

    def lamp(self, pattern, on):
        if pattern != self._pattern:
            self._pattern = pattern
            print(json.dumps({"lamp": pattern}))

    def text(self, text):
        print(json.dumps({"text": text}))

    def draw(self, count):
        return int.from_bytes(os.urandom(2), "little") % count

    def idle(self, ms):
        if self._behind() <= TURN_MS:
            self._any.poll(ms)


if sys.implementation.name == "micropython":
    ticks, ticks_add, ticks_diff = time.ticks_ms, time.ticks_add, time.ticks_diff
else:

    def ticks():
        return time.monotonic_ns() // 1000000

    def ticks_add(start, passed):
        return start + passed

    def ticks_diff(end, start):
        return end - start
