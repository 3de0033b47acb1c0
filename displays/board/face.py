"""A scene in words: every text of the board in the scene's language, ready to be drawn. Pure but for the catalogues."""

from __future__ import annotations

from dataclasses import dataclass, replace

from contract.hall import Hall
from contract.hall_part import PLAIN_BOARD, BoardLayout
from displays.board.model import Call, Kind, Scene, spoken
from look.texts import Texts
from runtime.freshness import Age

MARKS = {"uk": "УКР", "ru": "РУС", "kk": "ҚАЗ", "ky": "КЫР", "en": "ENG"}
"""How a language calls itself in three letters; flags are for countries."""
TILES_MAX = 4
"""More zones than this do not fit with readable names: then only the sum of the waiting is told."""

WHY = frozenset({"booked", "priority", "guard", "returned"})
"""Codes of `BoardCall.why` that have words; any other shows nothing."""


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the list; all empty for a line without a call. `lit`: it is the call of now, where there is no card for it."""

    label: str = ""
    number: str = ""
    called: bool = False
    lit: bool = False


@dataclass(frozen=True, slots=True)
class Tile:
    """A zone and how many wait there."""

    zone: str
    waiting: str


@dataclass(frozen=True, slots=True)
class Face:
    """What is drawn. `heading` not empty: the large-word face with its icon, without any number; else the calls.

    `notice`: the strip tells a manager's message; `training`: the name says that nothing is real.
    """

    layout: BoardLayout = PLAIN_BOARD
    name: str = ""
    training: bool = False
    clock: str = ""
    languages: tuple[tuple[str, bool], ...] = ()
    fresh: bool = False
    title: str = ""
    label: str = ""
    number: str = ""
    why: str = ""
    zone: str = ""
    lit: bool = False
    window_word: str = ""
    rows_title: str = ""
    rows: tuple[Row, ...] = ()
    tiles: tuple[Tile, ...] = ()
    heading_icon: str = ""
    heading: str = ""
    lines: tuple[str, ...] = ()
    message_icon: str = ""
    message: str = ""
    notice: bool = False
    badge: str = ""


def face(scene: Scene, hall: Hall | None, dev: str) -> Face:
    """The words of `scene`; `dev` is this box's id, shown when it is asked who it is."""
    if scene.kind is Kind.IDENTIFY:
        return Face(heading=dev, heading_icon="info")
    if hall is None:
        return Face(heading_icon="offline")
    texts = Texts(scene.language)
    base = Face(
        layout=scene.layout,
        message_icon="info" if scene.notice else "",
        message=scene.notice,
        notice=bool(scene.notice),
        name=_name(texts, hall, scene.language),
        training=hall.training,
        clock=texts.time(scene.now, hall.zone_info) if scene.now else "",
        languages=tuple((MARKS[lang], lang == scene.language) for lang in spoken(hall)),
        fresh=scene.age is Age.FRESH,
        badge=_badge(texts, scene.age_s),
    )
    match scene.kind:
        case Kind.CALLS:
            return _calls(base, texts, scene, hall)
        case Kind.DARK:
            return _dark(base, texts, scene, hall)
        case Kind.CLOSED:
            return _closed(base, texts, scene, hall)
        case _:
            return replace(
                base,
                heading_icon="pause",
                heading=texts.get("hall.interrupted"),
                lines=(texts.get("board.number_safe"),),
            )


def _name(texts: Texts, hall: Hall, language: str) -> str:
    name = hall.short_names[language]
    return f"{texts.get('training.mark')} · {name}" if hall.training else name


def _calls(base: Face, texts: Texts, scene: Scene, hall: Hall) -> Face:
    icon, message = (base.message_icon, base.message) if base.notice else _message(texts, scene)
    lines = scene.layout.lines
    waiting = scene.waiting if "waiting" in lines and not base.notice else ()
    tiles = tuple(Tile(zone.names[scene.language], str(count)) for zone, count in waiting)
    rows = tuple(map(_row, scene.rows))
    if scene.card and not scene.layout.card:
        rows = (replace(_row(scene.card), lit=scene.card_lit), *rows)[: scene.layout.rows]
    why = scene.card.why if scene.card and "why" in lines else ""
    return replace(
        base,
        title=_title(texts, scene),
        label=scene.card.label if scene.card else "",
        number=str(scene.card.number) if scene.card else "",
        why=texts.get(f"board.why.{why}") if why in WHY else "",
        zone=_zone(hall, scene.card, scene.language),
        lit=scene.card_lit,
        window_word=texts.get("board.window"),
        rows_title=texts.get("board.last_called") if rows else "",
        rows=rows,
        tiles=tiles if len(tiles) <= TILES_MAX else (),
        message_icon=icon,
        message=message,
    )


def _message(texts: Texts, scene: Scene) -> tuple[str, str]:
    """(icon, text) of the strip: who comes now learns how many wait, or how long it takes."""
    if scene.age is not Age.FRESH:
        return "stale", texts.get("board.not_updating")
    lines = scene.layout.lines
    if scene.wait is not None and "waits" in lines:
        group, wait = scene.wait
        told = texts.wait(wait.low, wait.high)
        return "wait", texts.get("board.wait_now", group=group.names[scene.language], wait=told)
    if "waiting" not in lines:
        return "", ""
    people = sum(count for _, count in scene.waiting)
    return "people", texts.get("board.waiting_count", count=people) if people else texts.get("board.no_queue")


def _title(texts: Texts, scene: Scene) -> str:
    if scene.card is None:
        return texts.get("board.no_calls")
    if not scene.card_lit:
        return texts.get("board.just_called")
    return texts.get("board.repeat_call" if scene.card.again else "board.invite")


def _zone(hall: Hall, card: Call | None, language: str) -> str:
    if card is None or len(hall.zones) == 1:
        return ""
    return next((zone.names[language] for zone in hall.zones if zone.id == card.zone), "")


def _row(call: Call) -> Row:
    return Row(call.label, str(call.number), call.called)


def _dark(base: Face, texts: Texts, scene: Scene, hall: Hall) -> Face:
    as_of = texts.get("board.as_of", time=texts.time(scene.heard, hall.zone_info)) if scene.heard else ""
    return replace(
        base,
        heading_icon="stale",
        heading=texts.get("board.listen"),
        lines=(texts.get("board.not_updating"), texts.get("board.number_safe")),
        message_icon="wait" if as_of else "",
        message=as_of,
    )


def _closed(base: Face, texts: Texts, scene: Scene, hall: Hall) -> Face:
    opens = hall.next_opening(scene.now) if scene.now else None
    lines: tuple[str, ...] = ()
    if scene.now and opens:
        time = texts.time(opens, hall.zone_info)
        if hall.local(opens).date() == hall.local(scene.now).date():
            lines = (texts.get("kiosk.opens_at", time=time),)
        else:
            lines = (texts.get("kiosk.opens_on", day=texts.date(opens, hall.zone_info), time=time),)
    return replace(base, heading_icon="close", heading=texts.get("board.closed"), lines=lines)


def _badge(texts: Texts, age_s: float | None) -> str:
    if age_s is None:
        return ""
    if age_s < 60:
        return texts.get("board.age_seconds", seconds=int(age_s))
    return texts.get("board.age_minutes", minutes=int(age_s // 60))
