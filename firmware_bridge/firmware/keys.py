"""Contacts become what a finger asks for (PROTOCOL.md §4). Runs under MicroPython and CPython."""

NEXT, RECALL, START_FINISH, NO_SHOW, BREAK, HELP, ALARM, CLOSE = range(8)
RATE_1 = 17

WINDOW, RATING, HELP_PAD, DISPLAY = range(4)

DEBOUNCE_MS = 15
HOLD_MS = 2000
CHORD_MS = 150
CHORD = (RECALL, NO_SHOW)


class Contact:
    """One key's bouncing contact. A key that is down at the start is not a press."""

    def __init__(self, level):
        self.down = level
        self.since = 0
        self._level = level

    def sample(self, level, now, debounce):
        """True at the moment the key has gone down or up for good; `down` tells which, `since` when."""
        if level != self._level:
            self._level = level
            self.since = now
        elif level != self.down and now - self.since >= debounce:
            self.down = level
            return True
        return False

    def settled(self):
        return self._level == self.down


class Keys:
    """All keys of a pad of this kind. `down`: the mask of those that are down at the start."""

    def __init__(self, kind, count, down):
        self.kind = kind
        self.count = count
        self.debounce = DEBOUNCE_MS
        self.hold = HOLD_MS
        self._contacts = [Contact(bool(down >> key & 1)) for key in range(count)]
        self._held = None
        self._chord = None

    def settled(self):
        """Whether nothing will follow unless a level changes."""
        calm = self._held is None and self._chord is None
        return calm and all(contact.settled() for contact in self._contacts)

    def feel(self, down, now):
        """What was asked for since the last look: a list of (code, when)."""
        asked = []
        for key, contact in enumerate(self._contacts):
            if contact.sample(bool(down >> key & 1), now, self.debounce):
                asked += self._one(contact, now) if self._lonely() else self._pressed(key, contact)
        return asked + self._late(now)

    def _lonely(self):
        return self.kind == WINDOW and self.count == 1

    def _one(self, contact, now):
        """The only key of a window's pad: short is next, held is recall."""
        if contact.down:
            self._held = contact.since
            return []
        held, self._held = self._held, None
        return [] if held is None else [(NEXT, contact.since)]

    def _pressed(self, key, contact):
        if not contact.down:
            return []
        if self.kind == RATING:
            return [(RATE_1 + key, contact.since)]
        if self.kind == HELP_PAD:
            return [(HELP, contact.since)]
        before = [self._chord] if self._chord else []
        if before and key in CHORD and before[0][0] != key:
            self._chord = None
            return [(ALARM, contact.since)]
        if key not in CHORD or self.count < 4:
            self._chord = None
            return before + [(key, contact.since)]
        self._chord = key, contact.since
        return before

    def _late(self, now):
        """What is decided because nothing else came in time."""
        asked = []
        if self._held is not None and now - self._held >= self.hold:
            asked.append((RECALL, self._held))
            self._held = None
        if self._chord is not None and now - self._chord[1] >= CHORD_MS:
            asked.append(self._chord)
            self._chord = None
        return asked
