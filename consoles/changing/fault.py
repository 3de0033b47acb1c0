"""What is wrong with a draft, in words: the contradictions that forms can bring about; others stay the contract's own English. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass

from consoles.changing import rule
from consoles.changing.part import Telling
from contract import rules

_ROSTER = re.compile(r"windows\.(?P<window>[^.]+)\.roster: (?P<day>\w+): '(?P<span>[^']+)' is outside the hall's hours")
_MOST = re.compile(r"(?P<low>[\w.]+): (?P<least>\S+): allowed: at most (?P<high>[\w.]+), which is (?P<most>[\d.]+)")
_RECALLS = re.compile(r"call\.no_show_after_s: \S+: allowed: at least (?P<least>\d+)")
_NOBODY = re.compile(r"admission\.mode: 'booked': nobody could come")
"""As `contract.hall_fault` and `contract.rules` say them."""


@dataclass(frozen=True, slots=True)
class Wrong:
    """`text`: for the reader; `ours`: in the reader's language, else in English."""

    text: str
    ours: bool


def told(telling: Telling, fault: str) -> Wrong:
    """A fault as the coordinator told it, for the reader."""
    if found := _ROSTER.search(fault):
        window = telling.name("windows", found["window"])
        day = telling.say(f"day.{found['day']}")
        return Wrong(telling.say("fault.roster", window=window, day=day, span=found["span"]), ours=True)
    if (found := _MOST.search(fault)) and {found["low"], found["high"]} <= rules.knobs().keys():
        least, most = (
            _value(telling, found[name], found[worth]) for name, worth in (("low", "least"), ("high", "most"))
        )
        said = {"low": telling.say(f"rule.{found['low']}"), "high": telling.say(f"rule.{found['high']}")}
        return Wrong(telling.say("fault.rules", least=least, most=most, **said), ours=True)
    if found := _RECALLS.search(fault):
        least = _value(telling, "call.no_show_after_s", found["least"])
        return Wrong(
            telling.say("fault.recalls", rule=telling.say("rule.call.no_show_after_s"), least=least), ours=True
        )
    if _NOBODY.search(fault):
        return Wrong(telling.say("fault.nobody"), ours=True)
    return Wrong(fault, ours=False)


def _value(telling: Telling, key: str, text: str) -> str:
    """The value of a rule with its unit."""
    return rule.worth(telling, rules.knobs()[key], float(text))
