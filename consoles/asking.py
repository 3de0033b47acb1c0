"""A press on its way: one id per intention, the coordinator's answer, and a page that shows it."""

from __future__ import annotations

from collections.abc import Callable

from consoles.live import Live
from consoles.press import Presses
from contract import messages as m
from runtime.asker import Answer


class Asking:
    """Asks the coordinator for what a button means, and remembers what became of it for the page that comes back."""

    def __init__(self, live: Live, presses: Presses) -> None:
        self.live, self.presses = live, presses

    async def press(self, desk: str, name: str, command: m.Command, mark: Callable[[], str]) -> Answer:
        """The answer, when the view shows it. `desk`: the session at its page; `mark` names the state that the page shows."""
        before = self.live.mark
        self.presses.begin(desk, name, command.id, mark())
        answer = await self.live.ask(command)
        if isinstance(answer, m.Done) and isinstance(command, m.HallCommand):
            await self.live.settled(lambda view: _shows(view, answer, command, before))
        self.presses.end(desk, command.id, answer, mark())
        self.live.pulse.beat()
        return answer


def _shows(view: m.ConsolesView, done: m.Done, command: m.HallCommand, before: str) -> bool:
    """Whether `view` shows what `done` told; of the hall or a ticket: whether it is a newer one."""
    if done.window is None:
        return f"{view.ep}-{view.rev}" != before
    window = next((w for w in view.windows if w.window == done.window), None)
    if window is None:
        return False
    ticket = window.ticket.ticket if window.ticket is not None else None
    return window.light is done.light and ticket == done.ticket and _visit_shown(window, command)


def _visit_shown(window: m.DeskWindow, command: m.HallCommand) -> bool:
    """Whether the window shows what `command` changed besides its light and its ticket."""
    at = window.ticket
    match command:
        case m.VisitAdd(service=service):
            return at is not None and service in at.then
        case m.VisitDrop(service=service):
            return at is not None and service not in at.then
        case m.VisitNote(text=text):
            return at is not None and (at.note or "") == text
        case m.WindowPause(pause=pause):
            return window.pause is pause
        case _:
            return True
