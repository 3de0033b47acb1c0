"""A day of visitors and operators: fingers on kiosks, papers read with a scanner, eyes on displays, fingers on pads.

    python -m simulators.hall --plan PLAN.json --ledger FILE.jsonl --seconds 120

It knows the hall only as people do: it taps what a kiosk shows, decodes the QR of the paper that leaves the cutter, reads the
window displays, looks at the lamp of its pad and presses its keys; operators log in at the web panel. It imports nothing of
the product. Times of people (walking, being served, patience) are hall seconds, divided by the plan's `speed`.

PLAN.json: {"seed", "speed", "languages": [...], "at_the_door": people before opening, "every_hall_s": mean seconds between
  arrivals after them, "no_show_share", "services": [{"id", "group", "minutes"}], "kiosks": [{"id", "screen": ADDRESS, "papers": DIR}],
  "windows": [{"id", "number", "pad", "display", "operator", "pin"}],
  "pads": {"control": ADDRESS, "ledger": FILE}, "displays": {"control": ADDRESS}, "panel": URL,
  "reception": {"name", "password"}: the account by which bookings are made,
  "card": {"control": ADDRESS, "name", "slot", "kiosk"}: an ID card of the first who telephones, and the kiosk that reads it,
  "window_card": {"control": ADDRESS, "name", "slot", "window", "group"}: the card of those whom that window asks for it; every fifth
  comes for a service of that group (both may be left out),
  "bookings": how many telephone for a time of this day, "anchor": hall time at "wall_anchor", both ISO 8601}
ADDRESS is "unix:PATH" or "tcp:PORT" (loopback); every control speaks JSON, one object a line, one answer a line.

The ledger has one JSON object a line: `at` (CLOCK_MONOTONIC seconds), `what`, and
    operator.in {window} · booked {visitor, service, start} · arrived {visitor, kiosk}
    paper {visitor, label, ticket, kiosk, took_s, by_card} · turned_away {visitor, kiosk, screen}
    called {visitor, label, window} · served {visitor, label, window} · left {visitor, label}   (a no-show by intent)
    press {window, key, why} · puzzled {window, shown, lamp} · form {window, fields, level, failed, took_s}: how many fields a card filled
"""
