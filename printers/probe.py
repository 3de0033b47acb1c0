"""Which printer is at the other end: asked once per connection, by name, number and order. Pure."""

from __future__ import annotations

from dataclasses import replace

from printers.model import CLONE, MUTE, Model, Proof, by_name, by_number

PROBE_S = 3.0


class Probe:
    """Collects the answers to `printers.commands.WHO`: GS I 1, GS I 67, GS r 1, in this order.

    A printer that is stopped answers none of them, and a line may be slow: the time runs from the first status on, while it can.
    """

    def __init__(self) -> None:
        self._until: float | None = None
        self._name = ""
        self._before = bytearray()
        self._asked_name = False
        self._after_name = False

    def heard_name(self, name: str) -> None:
        """GS I 67 was answered; a name with nothing before it may be the answer to somebody who used the printer before."""
        self._name, self._asked_name, self._after_name = name, bool(self._before), False

    def heard_byte(self, value: int) -> None:
        """GS I 1 or GS r 1 was answered."""
        self._after_name = bool(self._name)
        self._before.append(value)

    def result(self, now: float, *, stopped: bool) -> Model | None:
        """The model, None while it is not certain. Asked whenever a status came."""
        if self._asked_name and self._after_name:
            return self._named()
        if not self._name and (numbered := by_number(bytes(self._before[:-1]))) is not None:
            return numbered
        if stopped or self._until is None:
            self._until = now + PROBE_S
        if now < self._until:
            return None
        if self._name:  # it knows no GS r: nothing that rests on it can be proved
            model = self._named()
            return replace(model, proof=Proof.NONE) if model.proof is Proof.ORDER else model
        return CLONE if self._before else MUTE

    def _named(self) -> Model:
        return by_name(self._name) or replace(CLONE, name=self._name)
