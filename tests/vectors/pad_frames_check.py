"""Hold firmware/link.py against pad_frames.json: `check.py FIRMWARE_FOLDER VECTORS`; runs under MicroPython and CPython.

Prints one JSON line: how many vectors held, and what did not.
"""

import json
import sys


def unhex(text: str) -> bytes:
    return bytes(int(text[at : at + 2], 16) for at in range(0, len(text), 2))


def frames_of(chunks: list[bytes]) -> tuple[list[tuple[int, int, int, bytes]], int]:
    decoder = Decoder()
    return [frame for chunk in chunks for frame in decoder.feed(chunk)], decoder.bad


sys.path.insert(0, sys.argv[1])
from link import Decoder, cobs, crc16, encode, uncobs  # type: ignore[import-not-found]  # noqa: E402

with open(sys.argv[2]) as file:  # noqa: PTH123 - MicroPython has no pathlib
    vectors = json.load(file)

checked = 0
wrong: list[list[str]] = []


def hold(name: str, got: object, wanted: object) -> None:
    global checked
    checked += 1
    if got != wanted:
        wrong.append([name, repr(got), repr(wanted)])


for row in vectors["crc"]:
    hold("crc " + row["data"], crc16(unhex(row["data"])), row["crc"])
for row in vectors["cobs"]:
    hold("cobs " + row["raw"], cobs(unhex(row["raw"])), unhex(row["coded"]))
    hold("uncobs " + row["raw"], uncobs(unhex(row["coded"])), unhex(row["raw"]))
good = b""
for row in vectors["frames"]:
    fields = (row["address"], row["type"], row["seq"], unhex(row["payload"]))
    wire = unhex(row["wire"])
    good += wire
    hold("encode " + row["name"], encode(*fields), wire)
    hold("whole " + row["name"], frames_of([wire]), ([fields], 0))
    hold("bytes " + row["name"], frames_of([bytes([byte]) for byte in wire]), ([fields], 0))
    hold("cut " + row["name"], frames_of([wire[:-3], b"\0"])[0], [])
    hold("after noise " + row["name"], frames_of([b"\xff" * 500 + b"\0" + wire]), ([fields], 1))
hold("glued", len(frames_of([good])[0]), len(vectors["frames"]))
for row in vectors["bad"]:
    if row["pad_drops"]:
        hold("bad " + row["name"], frames_of([unhex(row["wire"])]), ([], 1))
    hold("good after " + row["name"], frames_of([unhex(row["wire"]) + good])[0][-1][1], vectors["frames"][-1]["type"])
print(json.dumps({"checked": checked, "wrong": wrong}))
