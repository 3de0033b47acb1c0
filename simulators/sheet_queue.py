"""A queue for A4 sheets that speaks IPP over HTTP, as CUPS does, with a printer behind it.

    python -m simulators.sheet_queue --port 0 --out DIR

prints one line of JSON with its port. The queue is ipp://localhost:PORT/printers/sheets. Every paper that came out is DIR/NAME.pdf, and
what happened is DIR/ledger.jsonl, one line an event. Orders go by POST to /control, one JSON object, answered with the papers by name:

    {"page_s": 0.1}                    so long a paper takes
    {"reasons": ["media-empty-error"]} and the printer stands, [] and it goes on
    {"accepts": false}                 takes no papers
    {"next": "lose|refuse|mute|garbage|half|abort|drop|forget"}    with the next paper: its answer is lost behind the taking, it is refused,
                                       never answered, answered with noise, cut in its answer; ended by the queue, dropped before it was
                                       taken, taken and not known afterwards

The protocol is read here anew from RFC 8010 and RFC 8011; nothing of the product is used.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

PENDING, PROCESSING, CANCELED, ABORTED, COMPLETED = 3, 5, 7, 8, 9
INTEGER, BOOLEAN, ENUM, NAME, KEYWORD = 0x21, 0x22, 0x23, 0x42, 0x44
MUTE_S = 30.0


class Queue:
    """Papers in order; the printer takes the first that waits while nothing stops it."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.lock = folder, threading.Condition()
        self.page_s, self.reasons, self.accepts, self.next = 0.02, ["none"], True, ""
        self.jobs: dict[int, dict[str, Any]] = {}

    def obey(self, order: dict[str, Any]) -> dict[str, Any]:
        with self.lock:
            for key, value in order.items():
                setattr(self, key, (value or ["none"]) if key == "reasons" else value)
            self.lock.notify_all()
            return {job["name"]: job["state"] for job in self.jobs.values()}

    def take(self, name: str, owner: str, document: bytes) -> dict[str, Any]:
        with self.lock:
            trick, self.next = self.next, ""
            number = len(self.jobs) + 1
            job = {"id": number, "name": name, "owner": owner, "state": PENDING, "document": document, "trick": trick}
            if trick not in {"refuse", "drop", "forget"}:
                self.jobs[number] = job
            if trick == "abort":
                job["state"] = ABORTED
            self.note(trick or "taken", job)
            self.lock.notify_all()
            return job

    def cancel(self, number: int) -> int:
        with self.lock:
            job = self.jobs.get(number)
            if job is None:
                return 0x0406
            if job["state"] >= CANCELED:
                return 0x0404
            job["state"] = CANCELED
            self.note("cancelled", job)
            return 0

    def note(self, event: str, job: dict[str, Any]) -> None:
        line = {"event": event, "name": job["name"], "sha256": hashlib.sha256(job["document"]).hexdigest()}
        with (self.folder / "ledger.jsonl").open("a") as ledger:
            ledger.write(json.dumps(line) + "\n")

    def print(self) -> None:
        """The printer's own thread: for ever."""
        while True:
            with self.lock:
                job = next((each for each in self.jobs.values() if each["state"] in {PENDING, PROCESSING}), None)
                if job is None or self.reasons != ["none"]:
                    self.lock.wait(0.5)
                    continue
                job["state"] = PROCESSING
                wait_s = self.page_s
            time.sleep(wait_s)
            with self.lock:
                if job["state"] == PROCESSING and self.reasons == ["none"]:
                    (self.folder / f"{job['name']}.pdf").write_bytes(job["document"])
                    job["state"] = COMPLETED
                    self.note("printed", job)


def read_request(body: bytes) -> tuple[int, int, dict[str, list[Any]], bytes]:
    """Operation, number, attributes, document."""
    operation, number = int.from_bytes(body[2:4], "big"), int.from_bytes(body[4:8], "big")
    attributes: dict[str, list[Any]] = {}
    at, name = 8, ""
    while body[at] != 3:
        if body[at] < 16:
            at += 1
            continue
        tag = body[at]
        size = int.from_bytes(body[at + 1 : at + 3], "big")
        name = body[at + 3 : at + 3 + size].decode() or name
        at += 3 + size
        size = int.from_bytes(body[at : at + 2], "big")
        value = body[at + 2 : at + 2 + size]
        attributes.setdefault(name, []).append(int.from_bytes(value, "big") if tag == INTEGER else value.decode())
        at += 2 + size
    return operation, number, attributes, body[at + 1 :]


def attribute(tag: int, name: str, *values: Any) -> bytes:
    """One attribute with its values."""
    out = b""
    for place, value in enumerate(values):
        raw = value.to_bytes(1 if tag == BOOLEAN else 4, "big") if isinstance(value, int) else value.encode()
        key = name.encode() if place == 0 else b""
        out += bytes([tag]) + len(key).to_bytes(2, "big") + key + len(raw).to_bytes(2, "big") + raw
    return out


def answer(status: int, number: int, groups: bytes = b"") -> bytes:
    """A whole answer."""
    head = b"\x02\x00" + status.to_bytes(2, "big") + number.to_bytes(4, "big") + b"\x01"
    words = attribute(0x47, "attributes-charset", "utf-8") + attribute(0x48, "attributes-natural-language", "en")
    return head + words + groups + b"\x03"


def about(job: dict[str, Any]) -> bytes:
    """A job's group."""
    words = attribute(INTEGER, "job-id", job["id"]) + attribute(ENUM, "job-state", job["state"])
    return b"\x02" + words + attribute(NAME, "job-name", job["name"])


class Desk(BaseHTTPRequestHandler):
    """One connection. `queue` is set by `main`."""

    queue: Queue
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.path == "/control":
            self.reply(json.dumps(self.queue.obey(json.loads(body))).encode())
        else:
            self.asked(*read_request(body))

    def asked(self, operation: int, number: int, words: dict[str, list[Any]], document: bytes) -> None:
        jobs, job_id = self.queue.jobs, (words.get("job-id") or [0])[0]
        match operation:
            case 0x02:
                self.paper(number, words, document)
            case 0x08:
                self.reply(answer(self.queue.cancel(job_id), number))
            case 0x09 if job_id not in jobs:
                self.reply(answer(0x0406, number))
            case 0x09:
                self.reply(answer(0, number, about(jobs[job_id])))
            case 0x0A:
                ended = words["which-jobs"] == ["completed"]
                mine = [job for job in jobs.values() if [job["owner"]] == words.get("requesting-user-name")]
                told = (about(job) for job in mine if (job["state"] >= CANCELED) == ended)
                self.reply(answer(0, number, b"".join(told)))
            case 0x0B:
                self.reply(answer(0, number, self.standing()))
            case _:
                self.reply(answer(0x0501, number))

    def standing(self) -> bytes:
        stopped = self.queue.reasons != ["none"]
        words = attribute(ENUM, "printer-state", 5 if stopped else 3)
        words += attribute(KEYWORD, "printer-state-reasons", *self.queue.reasons)
        words += attribute(BOOLEAN, "printer-is-accepting-jobs", int(self.queue.accepts))
        return b"\x04" + words + attribute(0x41, "printer-make-and-model", "Simulated sheets")

    def paper(self, number: int, words: dict[str, list[Any]], document: bytes) -> None:
        job = self.queue.take(words["job-name"][0], words["requesting-user-name"][0], document)
        whole = answer(0, number, about(job))
        match job["trick"]:
            case "refuse":
                self.reply(answer(0x0507, number))
            case "lose" | "drop":
                self.close_connection = True
            case "mute":
                time.sleep(MUTE_S)
                self.close_connection = True
            case "garbage":
                self.reply(b"\xff" * 200)
            case "half":
                self.reply(whole[:-20])
            case _:
                self.reply(whole)

    def reply(self, body: bytes) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "application/ipp")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name of the base class
        """Nothing on stderr."""


def main() -> None:
    """Runs until it is ended."""
    parser = argparse.ArgumentParser(description="A simulated queue for A4 sheets")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    Desk.queue = Queue(options.out)
    threading.Thread(target=Desk.queue.print, daemon=True).start()
    server = ThreadingHTTPServer(("127.0.0.1", options.port), Desk)
    server.daemon_threads = True
    print(json.dumps({"port": server.server_address[1]}), flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
