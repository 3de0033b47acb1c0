"""Two slots for firmware: one runs, into the other comes what the bridge offers (PROTOCOL.md §10).

Files, each with `flash` before its name (a Pico: nothing before it):
    a, b      the slots: folders with modules
    slot      the one that proved itself; absent: what stands beside main.py
    trial     slot, starts left and CRC of an image that has to prove itself
    failed    CRC of an image that did not
    image     what has come of one so far
Runs under MicroPython and CPython.
"""

import binascii
import os

GO_ON, WHOLE, REFUSED = range(3)
MOST = 131072
STARTS = 3
CHUNK = 256


class Slots:
    def __init__(self, flash):
        self.flash = flash
        self.trial = ""
        self.running = ""
        self._file = None
        self._size = self._crc = self._have = 0
        self._whole = None

    def start(self):
        """The folder whose modules are to run; "" for those beside main.py. A trial costs one of its starts."""
        words = self._word("trial").split()
        try:
            if len(words) == 3 and words[1] in ("1", "2", "3"):
                self._keep("trial", "%s %d %s" % (words[0], int(words[1]) - 1, words[2]))
                self.trial = self.running = words[0]
                return self.flash + self.running
            if len(words) == 3:
                self._keep("failed", words[2])
        except OSError:
            # Worn-out flash counts no starts: then nothing is tried.
            pass
        self._forget("trial")
        self.running = self._word("slot")
        return self.flash + self.running if self.running else ""

    def prove(self):
        """The firmware on trial is welcome in the hall: it stays."""
        if self.trial:
            self._keep("slot", self.trial)
            self._forget("trial")
            self.trial = ""

    def offer(self, size, crc):
        """(state, next byte wanted) for an image."""
        if self._whole == crc:
            return WHOLE, size
        if self.trial or not 0 < size <= MOST or str(crc) == self._word("failed"):
            return REFUSED, 0
        if self._file is None or (size, crc) != (self._size, self._crc):
            self._close()
            self._size, self._crc, self._have = size, crc, 0
            self._file = open(self.flash + "image", "wb")
        return GO_ON, self._have

    def block(self, at, data):
        """(state, next byte wanted) after a piece of it; None when none was offered."""
        if self._file is None:
            return (WHOLE, self._size) if self._whole is not None else None
        if at == self._have and at + len(data) <= self._size:
            self._file.write(data)
            self._have += len(data)
        if self._have < self._size:
            return GO_ON, self._have
        self._close()
        if not self._unpack():
            return REFUSED, 0
        self._whole = self._crc
        return WHOLE, self._size

    def _unpack(self):
        """Take the image into the other slot; False when it is damaged. Only the last step makes it count."""
        if self._sum() != self._crc:
            return False
        slot = "b" if self.running == "a" else "a"
        folder = self.flash + slot
        try:
            os.mkdir(folder)
        except OSError:
            for name in os.listdir(folder):
                self._forget(slot + "/" + name)
        with open(self.flash + "image", "rb") as image:
            while True:
                head = image.read(1)
                if not head:
                    break
                name = image.read(head[0])
                left = int.from_bytes(image.read(4), "little")
                if not name or b"/" in name or left > self._size:
                    return False
                with open(folder + "/" + name.decode(), "wb") as file:
                    while left:
                        piece = image.read(min(left, CHUNK))
                        if not piece:
                            return False
                        file.write(piece)
                        left -= len(piece)
        self._forget("image")
        self._keep("trial", "%s %d %d" % (slot, STARTS, self._crc))
        return True

    def _sum(self):
        """CRC of what stands on the flash."""
        crc = 0
        with open(self.flash + "image", "rb") as image:
            piece = image.read(CHUNK)
            while piece:
                crc = binascii.crc32(piece, crc)
                piece = image.read(CHUNK)
        return crc

    def _close(self):
        if self._file is not None:
            self._file.close()
            self._file = None

    def _word(self, name):
        try:
            with open(self.flash + name) as file:
                return file.read().strip()
        except OSError:
            return ""

    def _keep(self, name, text):
        with open(self.flash + name + ".new", "w") as file:
            file.write(text)
        os.rename(self.flash + name + ".new", self.flash + name)

    def _forget(self, name):
        try:
            os.remove(self.flash + name)
        except OSError:
            pass
