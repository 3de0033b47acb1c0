"""The pad: keys become presses, presses are said until they are safe, the lamp shows what the hall knows.

Everything outside is the `hal` given to it:
    now_ms()              monotonic, never wraps
    read()                bytes that have come, perhaps none; never waits
    write(data)           send bytes; never waits long
    keys()                bit mask of the keys that are down
    lamp(pattern, on)     the pattern being shown, and whether it is lit at this moment
    text(text)            for a pad with a display
    draw(count)           a random number below `count`
The numbers are those of PROTOCOL.md. Runs under MicroPython and CPython.
"""

import struct

from keys import ALARM, WINDOW, Keys
from link import Decoder, crc16, encode

PROTOCOL = 2
FIRMWARE = (2, 1, 0)

WHO, WELCOME, PING, ACK, LED, TEXT, POLL, FIND, ASSIGN, CONFIG, OFFER, BLOCK = range(1, 13)
HELLO, IDLE, PONG, EVENT, TAKEN = 0x81, 0x82, 0x83, 0x84, 0x85
DEBOUNCE, HOLD = 1, 2

ALONE, NO_ADDRESS, EVERYBODY = 0, 254, 255
"""Addresses: 0 is a pad by itself on its line."""

OFF, STEADY, SLOW, FAST, UNKNOWN, PENDING, NOT_TAKEN, QUARANTINE = range(8)
DONE, REFUSED, EXPIRED = range(3)

QUEUE = 16
RESEND_MS = 50
LONELY_MS = 3000
REFUSED_MS = 1500
NOT_TAKEN_MS = 3000


class Pad:
    """One pad. `address` 0: by itself on its line, 1..247: on a bus, 254: on a bus and without an address.

    `slots`: where new firmware goes, None where none is taken. `renewed`: there is some to start, when no press waits.
    """

    def __init__(self, hal, uid, boot, address=0, keys=4, display=False, kind=WINDOW, slots=None):
        self.hal, self.uid, self.boot, self.address, self.display = hal, uid, boot, address, display
        self.slots, self.renewed = None if address else slots, False
        self.decoder = Decoder()
        self.started = self.heard = hal.now_ms()
        self.welcome = self.quarantine = False
        self.lonely = True
        self.ping = 0
        self.seq = 0
        self.waiting = []
        self.sent = 0
        self.dropped = 0
        self.slot = None
        self.base, self.flash, self.flash_until, self.not_taken_until = UNKNOWN, OFF, 0, 0
        self.shown = ""
        self.keys = Keys(kind, keys, hal.keys())

    def step(self):
        """One turn of the loop; returns the ms that may pass before the next one."""
        now = self.hal.now_ms()
        for frame in self.decoder.feed(self.hal.read()):
            self._hear(frame, now)
        self._watch(now)
        for code, pressed in self.keys.feel(self.hal.keys(), now):
            self._pressed(code, pressed, now)
        if self.slot is not None and now >= self.slot:
            self.slot = None
            self._say_hello()
        if not self.address and self.welcome and not self.lonely and self.waiting and now - self.sent >= RESEND_MS:
            self._say_event(now)
        self._light(now)
        return 10 if self.slot is None and self.keys.settled() else 1

    def _watch(self, now):
        """Whether there is a bridge."""
        was, self.lonely = self.lonely, now - self.heard > LONELY_MS or not self.ping
        if not self.lonely or was:
            return
        if self.address:
            self.welcome = self.quarantine = False
        if self.shown:
            self._show("")

    # --- the line

    def _hear(self, frame, now):
        address, kind, seq, payload = frame
        if kind & 0x80 or address not in (self.address, EVERYBODY):
            return
        take = self.TAKES.get(kind)
        if not take or take[0] not in (None, len(payload)):
            self.decoder.bad += 1
            return
        to_all = address == EVERYBODY
        known = self.welcome or self.quarantine or not self.address
        if to_all != (kind in (FIND, ASSIGN)) and not (to_all and kind == WHO):
            return
        if not (known or to_all or kind in (WHO, WELCOME)):
            # Somebody else has this address too, and is known.
            return
        if not to_all:
            self.heard = now
        take[1](self, seq, payload, now, to_all)

    def _who(self, seq, payload, now, to_all):
        self.welcome = self.quarantine = False
        if not to_all:
            self.ping = seq
            self._say_hello()

    def _pinged(self, seq, payload, now, to_all):
        self.ping = seq
        if not self.welcome:
            self._say_hello()
        elif self.waiting:
            self._say_event(now)
        else:
            self._say_pong(now)

    def _polled(self, seq, payload, now, to_all):
        self.ping = seq
        if self.welcome and self.waiting:
            self._say_event(now)
        elif self.welcome:
            self._say(IDLE, seq, b"")

    def _sought(self, seq, payload, now, to_all):
        depth, slots, length = payload[0], payload[9], payload[10]
        if not self.address or self.welcome or self.quarantine or not slots:
            return
        if leading(self.uid, depth) == leading(payload[1:9], depth):
            self.ping = seq
            self.slot = now + self.hal.draw(slots) * length

    def _assigned(self, seq, payload, now, to_all):
        uid, boot, address = struct.unpack("<8sIB", payload)
        if uid != self.uid or boot != self.boot or not self.address or not 1 <= address <= 247:
            return
        self.address = address
        self.welcome = self.quarantine = False
        self.slot = None
        self.heard = now
        self.ping = seq
        self._say_hello()

    def _welcomed(self, seq, payload, now, to_all):
        uid, boot, verdict, _ = struct.unpack("<8sIBB", payload)
        if uid != self.uid or boot != self.boot:
            return
        self.slot = None
        self.welcome = verdict == 0
        self.quarantine = not self.welcome
        if self.quarantine and self.waiting:
            self._drop(len(self.waiting), now)
            self.waiting = []

    def _acked(self, seq, payload, now, to_all):
        boot, result = struct.unpack("<IB", payload)
        if not self.waiting or boot != self.boot or seq != self.waiting[0][0]:
            return
        silent = self.waiting.pop(0)[1] == ALARM
        self.sent = now - RESEND_MS
        if silent:
            return
        if result == REFUSED:
            self.flash, self.flash_until = FAST, now + REFUSED_MS
        elif result == EXPIRED:
            self.not_taken_until = now + NOT_TAKEN_MS

    def _led(self, seq, payload, now, to_all):
        pattern, tenths = payload[0], payload[1]
        if pattern > UNKNOWN:
            self.decoder.bad += 1
        elif tenths:
            self.flash, self.flash_until = pattern, now + 100 * tenths
        else:
            self.base = pattern

    def _texted(self, seq, payload, now, to_all):
        try:
            self._show(str(payload, "utf-8"))
        except UnicodeError:
            self.decoder.bad += 1

    def _configured(self, seq, payload, now, to_all):
        key, value = struct.unpack("<BH", payload)
        if key == DEBOUNCE and 5 <= value <= 50:
            self.keys.debounce = value
        elif key == HOLD and 500 <= value <= 5000:
            self.keys.hold = value

    def _offered(self, seq, payload, now, to_all):
        if self.slots:
            _, _, _, size, crc = struct.unpack("<BBBII", payload)
            self._say_taken(self.slots.offer(size, crc))

    def _block(self, seq, payload, now, to_all):
        if self.slots and len(payload) > 4:
            self._say_taken(self.slots.block(struct.unpack("<I", payload[:4])[0], payload[4:]))

    def _say_taken(self, taken):
        if taken:
            self.renewed = taken[0] == 1
            self._say(TAKEN, 0, struct.pack("<BI", *taken))

    TAKES = {
        WHO: (0, _who),
        WELCOME: (14, _welcomed),
        PING: (0, _pinged),
        ACK: (5, _acked),
        LED: (2, _led),
        TEXT: (None, _texted),
        POLL: (0, _polled),
        FIND: (11, _sought),
        ASSIGN: (13, _assigned),
        CONFIG: (3, _configured),
        OFFER: (11, _offered),
        BLOCK: (None, _block),
    }

    def _show(self, text):
        self.shown = text
        self.hal.text(text)

    def _say_hello(self):
        payload = struct.pack("<B8sI", PROTOCOL, self.uid, self.boot) + bytes(FIRMWARE)
        payload += bytes([self.keys.count, (1 if self.display else 0) | (2 if self.slots else 0), self.keys.kind])
        self._say(HELLO, self.ping, payload)

    def _say_event(self, now):
        seq, code, pressed = self.waiting[0]
        age = min(now - pressed, 0xFFFF)
        self._say(EVENT, seq, struct.pack("<IBHH", self.boot, code, age, self.ping))
        self.sent = now

    def _say_pong(self, now):
        uptime_s = (now - self.started) // 1000
        counts = min(self.decoder.bad, 0xFFFF), min(self.dropped, 0xFFFF), uptime_s
        crc = crc16(self.shown.encode())
        times = self.keys.debounce, self.keys.hold // 100
        self._say(PONG, self.ping, struct.pack("<BBHHHIBB", len(self.waiting), self.base, crc, *(counts + times)))

    def _say(self, kind, seq, payload):
        self.hal.write(encode(self.address, kind, seq, payload))

    # --- keys

    def _pressed(self, code, pressed, now):
        # A pad that has not been greeted yet keeps its presses; one in quarantine forgets them on every WELCOME that says no.
        if len(self.waiting) >= QUEUE:
            self._drop(1, now)
            return
        self.seq = self.seq % 0xFFFF + 1
        self.waiting.append((self.seq, code, pressed))
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
        if self.lonely or not (self.welcome or self.quarantine):
            return UNKNOWN
        if self.quarantine:
            return QUARANTINE
        if now < self.flash_until:
            return self.flash
        return PENDING if self.waiting and self.waiting[0][1] != ALARM else self.base


def leading(uid, depth):
    """The first `depth` bits of eight bytes."""
    return int.from_bytes(uid, "big") >> (64 - depth)


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
    if pattern == QUARANTINE:
        return now % 2000 // 100 in (0, 2)
    return False
