"""A box in the document, and what hangs on it: pads and displays bound to windows. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from consoles.changing import field
from consoles.changing.entry import entry, filled, remove
from consoles.changing.part import NEW, Document, Fields, Line, Part, Telling, UntakenError
from contract.messages import ConsolesView
from contract.words import Role

KINDS = tuple(kind.value for kind in Role if kind is not Role.COORDINATOR)
UNBOUND = "pad_unbound"
PAD_KEYS, MOST_KEYS = 4, 8
_HANGING = ("pad", "display", "buttons")
_BLANK: Document = {"kind": Role.KIOSK.value, "zone": None, "units": []}


def edit(document: Document, key: str, fields: Fields) -> None:
    """Zone, units and their windows; a new one also kind and name; or it is taken away."""
    if field.yes(fields, "remove"):
        remove(document, "boxes", key)
        return
    before = filled(document, "boxes", key, _BLANK)
    zone = fields.get("zone", "") or None
    if zone is not None:
        field.chosen(fields, "zone", [each["id"] for each in document["zones"]])
    values: Document = {"zone": zone, "units": [*_bound(document, before, fields), *_new(document, fields)]}
    if key != NEW:
        before.update(values)
        return
    name = field.code(fields, "id")
    if name == "coordinator" or any(each["id"] == name for each in document["boxes"]):
        raise UntakenError("untaken.name_taken", name=name)
    document["boxes"].append({"id": name, "kind": field.chosen(fields, "kind", KINDS), **values})


def told(telling: Telling, key: str) -> Mapping[str, Any]:
    """The box; `heard`: units that it told of and that hang nowhere yet."""
    one = filled(telling.document, "boxes", key, _BLANK)
    heard = [uid for uid, dev in strangers(telling.view, telling.document).items() if dev == key]
    windows = [(each["id"], str(each["number"])) for each in telling.document["windows"]]
    keys = 0 if one["kind"] == Role.DISPLAY else PAD_KEYS
    return {"one": one, "kinds": KINDS, "heard": heard, "windows": windows, "keys": keys, "most_keys": MOST_KEYS}


def lines(telling: Telling) -> list[Line]:
    """The boxes by kind: zone, what hangs on each, and first those that told of something bound to no window."""
    unknown = strangers(telling.view, telling.document)
    found = []
    for one in sorted(telling.document["boxes"], key=lambda each: KINDS.index(each["kind"])):
        heard = [uid for uid, dev in unknown.items() if dev == one["id"]]
        bound = ", ".join(
            f"{unit['id']} → № {telling.name('windows', unit['window'])}" for unit in one.get("units", ())
        )
        zone = telling.name("zones", one["zone"]) if one.get("zone") else ""
        note = telling.say("change.unbound", of=", ".join(heard)) if heard else "; ".join(filter(None, (zone, bound)))
        found.append(
            Line(one["id"], one["id"], note, "warn" if heard else "", telling.say(f"change.kind_{one['kind']}"))
        )
    return found


PART = Part("boxes", "devices", edit, told, lines, adds=True, icon="tap")


def strangers(view: ConsolesView, document: Document) -> dict[str, str]:
    """Pads and displays that a box of the hall told of and that are bound to no window: uid → box."""
    bound = {unit["id"] for box in document["boxes"] for unit in box.get("units", ())}
    found: dict[str, str] = {}
    for device in view.devices:
        uids = [fault.partition(":")[2] for fault in device.faults if fault.startswith(f"{UNBOUND}:")]
        uids += [uid for uid, unit in device.units.items() if unit.kind.partition("-")[0] in _HANGING]
        found |= {uid: device.dev for uid in uids if uid not in bound}
    return found


def _bound(document: Document, before: Document, fields: Fields) -> list[Document]:
    """The units that stay, each with its window; no window: it hangs here no longer."""
    found = []
    for n, unit in enumerate(before.get("units", ())):
        window = fields.get(f"window.{n}", "")
        if window:
            found.append({**unit, "window": entry(document, "windows", window)["id"]})
    return found


def _new(document: Document, fields: Fields) -> list[Document]:
    """Units bound anew: those that were heard (`bind.<uid>`), and one that was typed."""
    wanted = [(name.removeprefix("bind."), window) for name, window in fields.items() if name.startswith("bind.")]
    wanted.append((field.line(fields, "uid", most=64), fields.get("uid_window", "")))
    found = []
    for uid, window in wanted:
        if uid and window:
            keys = int(
                field.number(fields, f"keys.{uid}" if f"keys.{uid}" in fields else "keys", least=0, most=MOST_KEYS)
            )
            found.append({"id": uid[:64], "window": entry(document, "windows", window)["id"], "keys": keys})
    taken = [unit["id"] for box in document["boxes"] for unit in box.get("units", ())]
    for unit in found:
        if unit["id"] in taken:
            raise UntakenError("untaken.name_taken", name=unit["id"])
    return found
