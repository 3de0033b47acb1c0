"""A pad's outside on a computer: the line is a terminal device, fingers come on stdin, the lamp is told on stdout.

Runs under MicroPython's unix port and CPython. stdin: two bytes per change of the keys, hexadecimal digits, the bit mask
of keys that are down. stdout: one JSON line per change: {"lamp": 1} or {"text": "..."}.
"""

import json
import os
import select
import sys
import time


class Hal:
    def __init__(self, device):
        self._line = open(device, "r+b", buffering=0)
        self._fingers = open(0, "rb", buffering=0)
        self._line_poll, self._fingers_poll, self._any = select.poll(), select.poll(), select.poll()
        self._line_poll.register(self._line, select.POLLIN)
        self._fingers_poll.register(self._fingers, select.POLLIN)
        self._any.register(self._line, select.POLLIN)
        self._any.register(self._fingers, select.POLLIN)
        self._down = 0
        self._pattern = None
        self._ticks = ticks()
        self._now = 0

    def now_ms(self):
        ticked = ticks()
        self._now += ticks_diff(ticked, self._ticks)
        self._ticks = ticked
        return self._now

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
        # One change a turn, so that a bouncing contact is seen bouncing.
        if self._fingers_poll.poll(0):
            digits = self._fingers.read(1)
            digits += self._fingers.read(1) if digits else b""
            if len(digits) < 2:
                sys.exit()
            self._down = int(digits.decode(), 16)
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
        self._any.poll(ms)


if sys.implementation.name == "micropython":
    ticks, ticks_diff = time.ticks_ms, time.ticks_diff
else:

    def ticks():
        return time.monotonic_ns() // 1000000

    def ticks_diff(end, start):
        return end - start
