"""The boot counter: a number that no start of this pad had before (PROTOCOL.md §4)."""

import os


def next_count(path):
    """The stored number plus one, stored before it is returned; a random one where nothing readable is stored."""
    count = (_stored(path) + 1) & 0xFFFFFFFF
    try:
        with open(path + ".new", "w") as file:
            file.write(str(count))
        os.rename(path + ".new", path)
    except OSError:
        # Worn-out flash: a number that cannot be kept must not be the stored one plus one again and again.
        return _random()
    return count


def _stored(path):
    try:
        with open(path) as file:
            return int(file.read())
    except (OSError, ValueError):
        return _random()


def _random():
    return int.from_bytes(os.urandom(4), "little")
