"""The pad: keys become presses, presses are said until they are decided, the lamp shows what the hall knows.

Everything outside is the `hal` given to it:
    now_ms()              monotonic, never wraps
    read()                bytes that have come, perhaps none; never waits
    write(data)           send bytes; never waits long
    keys()                bit mask of the keys that are down
    lamp(pattern, on)     the pattern being shown, and whether it is lit at this moment
    text(text)            for a pad with a display
The numbers are those of PROTOCOL.md. Runs under MicroPython and CPython.
"""

import struct

from link import Decoder, crc16, encode

PROTOCOL = 1
FIRMWARE = (1, 0, 0)

WHO, WELCOME, PING, ACK, LED, TEXT = 0x01, 0x02, 0x03, 0x04, 0x05, 0x06
HELLO, PONG, EVENT = 0x81, 0x83, 0x84

OFF, STEADY, SLOW, FAST, UNKNOWN, PENDING, NOT_TAKEN = range(7)

DEBOUNCE_MS = 15
QUEUE = 16
RESEND_MS = 50
ALONE_MS = 3000
REFUSED_MS = 1500
NOT_TAKEN_MS = 3000
DONE, REFUSED, EXPIRED = range(3)


class Contact:
    """One key's bouncing contact. A key that is down at the start is not a press."""

    def __init__(self, level):
        self.down = level
        self._level = level
        self._since = 0

    def sample(self, level, now):
        """True at the moment a press has been stable for DEBOUNCE_MS."""
        if level != self._level:
            self._level = level
            self._since = now
        elif level != self.down and now - self._since >= DEBOUNCE_MS:
            self.down = level
            return level
        return False

    def settled(self):
        return self._level == self.down


class Pad:
    """One pad. `address` 0: alone on its line, 1..247: on a bus."""

    def __init__(self, hal, uid, boot, address=0, keys=4, display=False):
        self.hal, self.uid, self.boot, self.address, self.display = hal, uid, boot, address, display
        self.decoder = Decoder()
        self.started = self.heard = hal.now_ms()
        self.welcome = False
        self.alone = True
        self.ping = 0
        self.seq = 0
        self.waiting = []
        self.sent = 0
        self.dropped = 0
        self.base, self.flash, self.flash_until, self.not_taken_until = UNKNOWN, OFF, 0, 0
        self.shown = ""
        down = hal.keys()
        self.contacts = [Contact(bool(down >> key & 1)) for key in range(keys)]

    def step(self):
        """One turn of the loop; returns the ms that may pass before the next one."""
        now = self.hal.now_ms()
        for frame in self.decoder.feed(self.hal.read()):
            self._hear(frame, now)
        self.alone = now - self.heard > ALONE_MS or not self.ping
        self._feel(now)
        if not self.address and self.welcome and not self.alone and self.waiting and now - self.sent >= RESEND_MS:
            self._say_event(now)
        self._light(now)
        return 10 if all(contact.settled() for contact in self.contacts) else 1

    # --- the line

    def _hear(self, frame, now):
        address, kind, seq, payload = frame
        if address != self.address or kind & 0x80:
            return
        take = self.TAKES.get(kind)
        if not take or take[0] not in (None, len(payload)):
            self.decoder.bad += 1
            return
        self.heard = now
        take[1](self, seq, payload, now)

    def _who(self, seq, payload, now):
        self.welcome = False
        self.ping = seq
        self._say_hello()

    def _pinged(self, seq, payload, now):
        self.ping = seq
        if not self.welcome:
            self._say_hello()
        elif self.waiting:
            self._say_event(now)
        else:
            self._say_pong(now)

    def _welcomed(self, seq, payload, now):
        uid, boot, verdict, _ = struct.unpack("<8sIBB", payload)
        if uid != self.uid or boot != self.boot:
            return
        self.welcome = verdict == 0
        if not self.welcome and self.waiting:
            self._drop(len(self.waiting), now)
            self.waiting = []

    def _acked(self, seq, payload, now):
        boot, result = struct.unpack("<IB", payload)
        if not self.waiting or boot != self.boot or seq != self.waiting[0][0]:
            return
        self.waiting.pop(0)
        self.sent = now - RESEND_MS
        if result == REFUSED:
            self.flash, self.flash_until = FAST, now + REFUSED_MS
        elif result == EXPIRED:
            self.not_taken_until = now + NOT_TAKEN_MS

    def _led(self, seq, payload, now):
        pattern, tenths = payload[0], payload[1]
        if pattern > UNKNOWN:
            self.decoder.bad += 1
        elif tenths:
            self.flash, self.flash_until = pattern, now + 100 * tenths
        else:
            self.base = pattern

    def _texted(self, seq, payload, now):
        try:
            self.shown = str(payload, "utf-8")
        except UnicodeError:
            self.decoder.bad += 1
            return
        self.hal.text(self.shown)

    TAKES = {
        WHO: (0, _who),
        WELCOME: (14, _welcomed),
        PING: (0, _pinged),
        ACK: (5, _acked),
        LED: (2, _led),
        TEXT: (None, _texted),
    }

    def _say_hello(self):
        payload = struct.pack("<B8sI", PROTOCOL, self.uid, self.boot)
        payload += bytes(FIRMWARE) + bytes([len(self.contacts), 1 if self.display else 0])
        self._say(HELLO, self.ping, payload)

    def _say_event(self, now):
        seq, key, pressed = self.waiting[0]
        age = min(now - pressed, 0xFFFF)
        self._say(EVENT, seq, struct.pack("<8sIBHH", self.uid, self.boot, key, age, self.ping))
        self.sent = now

    def _say_pong(self, now):
        uptime_s = (now - self.started) // 1000
        counts = min(self.decoder.bad, 0xFFFF), min(self.dropped, 0xFFFF), uptime_s
        crc = crc16(self.shown.encode())
        self._say(PONG, self.ping, struct.pack("<BBHHHI", len(self.waiting), self.base, crc, *counts))

    def _say(self, kind, seq, payload):
        self.hal.write(encode(self.address, kind, seq, payload))

    # --- keys

    def _feel(self, now):
        down = self.hal.keys()
        for key, contact in enumerate(self.contacts):
            if contact.sample(bool(down >> key & 1), now):
                self._pressed(key, now)

    def _pressed(self, key, now):
        # A pad that has not been greeted yet keeps its presses; one that was refused has `welcome` False as well,
        # but forgets them on every WELCOME that says no.
        if len(self.waiting) >= QUEUE:
            self._drop(1, now)
            return
        self.seq = self.seq % 0xFFFF + 1
        self.waiting.append((self.seq, key, now))
        self.sent = now - RESEND_MS

    def _drop(self, count, now):
        self.dropped += count
        self.not_taken_until = now + NOT_TAKEN_MS

    # --- lamp

    def _light(self, now):
        pattern = self._pattern(now)
        self.hal.lamp(pattern, lit(pattern, now))

    def _pattern(self, now):
        if now < self.not_taken_until:
            return NOT_TAKEN
        if self.alone or not self.welcome:
            return UNKNOWN
        if now < self.flash_until:
            return self.flash
        return PENDING if self.waiting else self.base


def lit(pattern, now):
    """Whether a lamp that shows `pattern` is lit at `now` (ms)."""
    if pattern == STEADY:
        return True
    if pattern == SLOW:
        return now % 1000 < 500
    if pattern == FAST:
        return now % 400 < 200
    if pattern == UNKNOWN:
        return now % 2000 < 100
    if pattern == PENDING:
        return now % 500 < 100
    if pattern == NOT_TAKEN:
        return now % 1000 // 100 in (0, 2)
    return False
