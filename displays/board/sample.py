"""Invented moments of a hall, for pictures of the board without a broker; made of real messages through the real model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

from contract import messages as m
from contract.errors import ConfigError
from contract.hall import Hall
from contract.hall_part import Window
from contract.words import HallState, Light
from displays.board.face import WHY
from displays.board.model import Model
from look import tokens

PLAIN = (
    "calls", "again", "wait", "notice", "calm", "empty", "stale", "dark", "closed", "interrupted", "identify", "unknown",
)  # fmt: skip
MOMENTS = (*PLAIN, *sorted(WHY))
"""`wait`: the turn of the longest named group; a code of `WHY`: a call with that reason."""
NOTICES = {
    "uk": "Сьогодні вікна 3 і 4 працюють до 15:00. Видача паспортів переїхала на другий поверх, кабінет 214. Якщо вам важко йти сходами, "
    "зверніться до адміністратора біля входу: він вам допоможе. Дякуємо!",
    "ru": "Сегодня окна 3 и 4 работают до 15:00. Выдача паспортов переехала на второй этаж, кабинет 214. Если вам трудно идти по "
    "лестнице, обратитесь к администратору у входа: он вам поможет. Спасибо!",
    "kk": "Бүгін 3 және 4-терезелер сағат 15:00-ге дейін жұмыс істейді. Төлқұжаттар екінші қабатта, 214-бөлмеде беріледі. Баспалдақпен "
    "көтерілу қиын болса, кіреберістегі әкімшіге хабарласыңыз.",
    "ky": "Бүгүн 3 жана 4-терезелер саат 15:00гө чейин иштейт. Паспорттор экинчи кабатта, 214-бөлмөдө берилет. Тепкич менен чыгуу кыйын "
    "болсо, кире бериштеги администраторго кайрылыңыз.",
    "en": "Windows 3 and 4 close at 15:00 today. Passports are now handed out on the second floor, room 214. If the stairs are hard for "
    "you, please ask the steward at the entrance for help.",
}
"""As long as a message may be."""
NOW = datetime(2026, 3, 17, 8, 41, tzinfo=UTC)


def at_moment(
    moment: str, hall: Hall, language: str, zones: Sequence[str] | None = None, message: str | None = None
) -> tuple[Model, float]:
    """A model of `hall` at one of `MOMENTS`, and the monotonic time at which its scene is in `language`.

    `zones`: whose board it is, None: of all; `message`: the saved one that a notice is, None: as long a text as there may be.
    Raises: ConfigError: the hall has no such zone or message.
    """
    zones = [zone.id for zone in hall.zones] if zones is None else zones
    _known("zone", zones, [zone.id for zone in hall.zones])
    _known("message", [message] if message else [], [each.id for each in hall.messages])
    turn_s = tokens.time().board_language_s
    named = [len(group.names[language]) for group in hall.service_groups]
    turn = 1 + named.index(max(named)) if moment == "wait" else 0
    rounds = 100 * (len(named) + 1) + turn
    start = float(turn_s * (len(hall.languages) * rounds + hall.languages.index(language)))
    model = Model(zones, start)
    said = {"stale": start - 12.0, "dark": start - 125.0}.get(moment, start - 2.0)
    notice = next((each.texts for each in hall.messages if each.id == message), NOTICES)
    for each in _messages(moment, hall, zones, notice):
        model.heard(each, retained=False, now=said)
    if moment in ("stale", "dark"):
        model.scene(said)
    return model, start


def _known(word: str, wanted: Sequence[str], known: Sequence[str]) -> None:
    for each in wanted:
        if each not in known:
            raise ConfigError(f"--{word}", None, word, each, f"one of {', '.join(known)}")


def _messages(moment: str, hall: Hall, zones: Sequence[str], notice: Mapping[str, str]) -> list[m.AnyMessage]:
    if moment == "unknown":
        return []
    cfg = m.Cfg(id="sample-cfg", hall=hall)
    if moment == "identify":
        return [cfg, m.Identify(id="sample-identify", seconds=5)]
    states = {"closed": HallState.CLOSED, "interrupted": HallState.INTERRUPTED}
    state = states.get(moment, HallState.OPEN)
    beat = m.Heartbeat(id="sample-beat", state=state, day=NOW.date(), now=NOW, speed=1, ep=1, revision=1)
    calls = [] if moment == "empty" else _calls(hall, zones, lit=moment != "calm")
    if calls and moment in WHY:
        calls[0] = calls[0].model_copy(update={"why": moment})
    boards = [_board(zone.id, hall, calls, state, busy=moment != "empty") for zone in hall.zones]
    if moment in ("notice", "interrupted"):
        boards = [board.model_copy(update={"notice": notice}) for board in boards]
    return [
        cfg,
        beat,
        *boards,
        *([_announce(calls[0], again=int(moment == "again"))] if calls and moment != "calm" else []),
    ]


def _calls(hall: Hall, zones: Sequence[str], *, lit: bool) -> list[m.BoardCall]:
    labels = ("K047", "A1118", "M026", "B051", "T009", "C004")
    lights = (Light.CALLED, Light.CALLED) if lit else ()
    here = [window for window in hall.windows if window.zone in zones]
    windows = sorted(here, key=lambda window: (window.number * 7) % 11)[: len(labels)]
    return [
        _call(label, window, lights[i] if i < len(lights) else Light.SERVING, NOW - timedelta(seconds=40 * i))
        for i, (label, window) in enumerate(zip(labels, windows, strict=False))
    ]


def _call(label: str, window: Window, light: Light, at: datetime) -> m.BoardCall:
    assert light in (Light.CALLED, Light.SERVING)
    return m.BoardCall(label=label, number=window.number, zone=window.zone, light=light, called_at=at)


def _board(zone: str, hall: Hall, calls: list[m.BoardCall], state: HallState, *, busy: bool) -> m.Board:
    waiting = {group.id: 1 + index % 3 for index, group in enumerate(hall.service_groups) if group.zone == zone}
    return m.Board(
        id=f"sample-{zone}", ep=1, rev=1, zone=zone, state=state,
        calls=tuple(call for call in calls if call.zone == zone), waiting=waiting if busy else {},
        waits=dict.fromkeys(waiting, m.Wait(low=60)),
    )  # fmt: skip


def _announce(call: m.BoardCall, again: int) -> m.Announce:
    return m.Announce(id="sample-call", label=call.label, number=call.number, zone=call.zone, lang="en", again=again)
