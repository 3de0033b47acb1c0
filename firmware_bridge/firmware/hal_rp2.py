"""A pad's outside on a Raspberry Pi Pico (RP2040, RP2350). Needs the hardware: here it is compiled and type-checked, never run.

Wiring: docs/pads.md. What a pad is stands in text files on its flash, each absent unless it is needed:
    address   absent: USB; `bus`: RS-485 without a fixed address; 1 to 247: RS-485 with this one
    kind      absent: the keys of a window; `rating`, `help`, `display`
    keys      number of keys; absent: 4 for a window, 5 for rating, 1 for help, 0 for a display
    baud      of the bus; absent: 115200
    boots     the count of starts, written by the pad
"""

import os
import select
import sys
import time

import machine
import micropython

KEY_PINS = (2, 3, 4, 5, 7, 8, 9, 10)
LAMP_PIN = 15
RED_PIN = 14
TX_PIN, RX_PIN, DRIVE_PIN = 0, 1, 6
SDA_PIN, SCL_PIN = 12, 13

KINDS = {"rating": 1, "help": 2, "display": 3}
KEYS = (4, 5, 1, 0)
BUS = 254
RED = (4, 6, 7)
"""Patterns that say that something is wrong: unknown, not taken, quarantine."""

WATCHDOG_MS = 8000
READ_AT_MOST = 256


def word(name):
    """The first word of a file on the flash; "" without one."""
    try:
        with open(name) as file:
            return file.read().strip()
    except OSError:
        return ""


class Setup:
    """What this pad is."""

    def __init__(self):
        address = word("address")
        self.address = BUS if address == "bus" else int(address or 0)
        self.kind = KINDS.get(word("kind"), 0)
        self.keys = KEY_PINS[: int(word("keys") or KEYS[self.kind])]
        self.baud = int(word("baud") or 115200)
        self.display = self.kind == KINDS["display"]


class Hal:
    def __init__(self, setup):
        self._keys = [machine.Pin(pin, machine.Pin.IN, machine.Pin.PULL_UP) for pin in setup.keys]
        self._lamp = machine.Pin(LAMP_PIN, machine.Pin.OUT, value=0)
        self._red = machine.Pin(RED_PIN, machine.Pin.OUT, value=0)
        self._line = Bus(setup.baud) if setup.address else Usb()
        self._panel = panel() if setup.display else None
        self._ticks = time.ticks_ms()
        self._now = 0
        self._dog = machine.WDT(timeout=WATCHDOG_MS)

    def now_ms(self):
        ticked = time.ticks_ms()
        self._now += time.ticks_diff(ticked, self._ticks)
        self._ticks = ticked
        return self._now

    def read(self):
        return self._line.read()

    def write(self, data):
        self._line.write(data)

    def keys(self):
        return sum(1 << key for key, pin in enumerate(self._keys) if not pin.value())

    def lamp(self, pattern, on):
        self._lamp.value(on)
        self._red.value(on and pattern in RED)

    def text(self, text):
        if self._panel:
            self._panel.show(text)

    def draw(self, count):
        return int.from_bytes(os.urandom(2), "little") % count

    def idle(self, ms):
        # Keys have no interrupt here, so the loop looks at them every millisecond.
        self._dog.feed()
        time.sleep_ms(1)


class Usb:
    """The USB serial port that otherwise carries the prompt."""

    def __init__(self):
        # A frame may hold 0x03, which would stop the program.
        micropython.kbd_intr(-1)
        self._poll = select.poll()
        self._poll.register(sys.stdin, select.POLLIN)

    def read(self):
        # On rp2 only read(1) never waits (MicroPython issue 8772).
        data = bytearray()
        while len(data) < READ_AT_MOST and self._poll.poll(0):
            data += sys.stdin.buffer.read(1)
        return data

    def write(self, data):
        sys.stdout.buffer.write(data)


class Bus:
    """RS-485, half duplex: DE and /RE of the driver on one pin, on while bytes leave (PROTOCOL.md §1)."""

    def __init__(self, baud):
        self._uart = machine.UART(
            0, baud, tx=machine.Pin(TX_PIN), rx=machine.Pin(RX_PIN), timeout=0, rxbuf=READ_AT_MOST
        )
        self._drive = machine.Pin(DRIVE_PIN, machine.Pin.OUT, value=0)
        self._bit_us = (1000000 + baud - 1) // baud

    def read(self):
        return self._uart.read(READ_AT_MOST) or b""

    def write(self, data):
        # Ten bit-times for the bridge's driver to let go, one for ours to hold the line.
        time.sleep_us(10 * self._bit_us)
        self._drive.value(1)
        time.sleep_us(self._bit_us)
        self._uart.write(data)
        # On rp2 flush ends after the last stop bit.
        self._uart.flush()
        self._drive.value(0)


def panel():
    """The display of a display pad: an SSD1306 of 128 x 64 dots on I2C0."""
    from oled import Panel

    return Panel(machine.I2C(0, sda=machine.Pin(SDA_PIN), scl=machine.Pin(SCL_PIN), freq=400000))
