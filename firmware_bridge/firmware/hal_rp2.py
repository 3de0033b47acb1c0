"""A pad's outside on a Raspberry Pi Pico (RP2040, RP2350). Needs the hardware: it runs nowhere in the tests.

Keys on GP2 to GP5 against ground, lamp on GP15, RS-485 on UART0 (GP0, GP1) with the driver's DE and /RE on GP6.
Files on the flash: `address` (text, absent: 0) and `boots`.
"""

import select
import sys
import time

import machine
import micropython

KEY_PINS = (2, 3, 4, 5)
LAMP_PIN = 15
DRIVE_PIN = 6
BAUD = 115200


class Hal:
    def __init__(self, address):
        self._keys = [machine.Pin(pin, machine.Pin.IN, machine.Pin.PULL_UP) for pin in KEY_PINS]
        self._lamp = machine.Pin(LAMP_PIN, machine.Pin.OUT, value=0)
        self._line = Bus() if address else Usb()
        self._ticks = time.ticks_ms()
        self._now = 0
        self._dog = machine.WDT(timeout=8000)

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

    def text(self, text):
        pass

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
        while len(data) < 256 and self._poll.poll(0):
            data += sys.stdin.buffer.read(1)
        return data

    def write(self, data):
        sys.stdout.buffer.write(data)


class Bus:
    """RS-485, half duplex: the driver is switched on while bytes leave."""

    def __init__(self):
        self._uart = machine.UART(0, BAUD, tx=machine.Pin(0), rx=machine.Pin(1), timeout=0)
        self._drive = machine.Pin(DRIVE_PIN, machine.Pin.OUT, value=0)

    def read(self):
        return self._uart.read(256) or b""

    def write(self, data):
        self._drive.value(1)
        self._uart.write(data)
        self._uart.flush()
        self._drive.value(0)
