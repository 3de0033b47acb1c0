"""Visitors touch anything, devices answer in any order: no money is forgotten, nobody's data stays, no screen is a trap."""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import date

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from contract import messages as m
from contract.register import Dues, Entry, Household, Person
from contract.words import Refusal
from glass.occurrence import Answered, CardFailed, Tick, Touch
from terminal import drawing, flow, sample
from terminal.state import (
    Abandon,
    Again,
    AskDue,
    AskDues,
    AskHousehold,
    AskPerson,
    Claimed,
    Credited,
    Doubtful,
    Effect,
    Fate,
    Identified,
    Issue,
    Occurrence,
    Order,
    Ordered,
    Paid,
    PayCard,
    PayCash,
    PayStep,
    Printed,
    PrintPaper,
    PrintTicket,
    ReadCard,
    Receipt,
    Refused,
    Reprint,
    Resumed,
    Screen,
    State,
    Suggest,
    Suggested,
    Told,
    Unpaid,
    Untold,
    Visit,
    Ways,
    Wipe,
)
from tests.halls import NAMES, load

CANARY = "КАНАРЕЙКА"
HALLS = {name: load(name) for name in NAMES}
TOOLS = ("person", "contrast", "lower", "language")
ENDS = {Screen.TAKE, Screen.CLAIM, Screen.UNKNOWN}
NOT_YET = (Screen.ATTRACT, Screen.LANGUAGE, Screen.MENU, Screen.HOW, Screen.CODE)
FACTS = (Paid, Credited, Doubtful, Claimed)


class Terminal(RuleBasedStateMachine):
    """The flow with everything around it played at random."""

    @initialize(name=st.sampled_from(NAMES))
    def begin(self, name: str) -> None:
        self.hall = HALLS[name]
        self.state: State = sample.opened(self.hall, self.hall.default_language)
        self.now, self.count = sample.NOW, 0
        self.open: list[Effect] = []
        self.paying: dict[str, str] = {}
        self.doubted: set[str] = set()
        self.moved: set[str] = set()
        self.owed_a_word = False
        self.known = False

    # --- what the machine does -------------------------------------------------------------------------------------------

    def feed(self, occurrence: Occurrence) -> None:
        before = self.state
        self.state, effects = flow.step(before, occurrence, self.now)
        self.look(before, effects)
        if isinstance(occurrence, FACTS) and before.visit.order == occurrence.order and before.visit.order:
            self.owed_a_word = self.owed_a_word or self.state.screen not in ENDS
            self.moved.add(occurrence.order)
        if (
            isinstance(occurrence, Unpaid)
            and self.state.visit.order == occurrence.order
            and not self.state.visit.credit_minor
        ):
            self.moved -= {occurrence.order} if self.state.screen in (Screen.ERROR, Screen.TOTAL) else set()
        if self.state.screen in ENDS:
            self.owed_a_word = False

    def look(self, before: State, effects: tuple[Effect, ...]) -> None:
        """What is asked for, held against what may be."""
        left = before.visit != Visit() and self.state.visit == Visit()
        assert not left or (effects and isinstance(effects[-1], Wipe))
        for n, effect in enumerate(effects):
            match effect:
                case PayCard(order) | PayCash(order):
                    assert order not in self.paying, "two ways at once"
                    assert order not in self.doubted, "another way after a doubt"
                    self.paying[order] = "card" if isinstance(effect, PayCard) else "cash"
                case Abandon(order):
                    assert order not in self.moved, "money was moved for it"
                    assert order not in self.paying, "it is being paid"
                case Wipe():
                    assert n == len(effects) - 1
                    assert not self.owed_a_word, "the visitor was never told"
                    live = before.visit.order in self.paying and before.screen is not Screen.UNKNOWN
                    assert not live, "its end was not waited for"
                    self.known = False
                case _:
                    pass
            self.open.append(effect)

    def take(self, *kinds: type) -> Effect | None:
        """The newest open question of these kinds."""
        found = next((e for e in reversed(self.open) if isinstance(e, kinds)), None)
        if found is not None:
            self.open.remove(found)
        return found

    def token(self) -> str:
        self.count += 1
        return f"t{self.count}"

    # --- the visitor -----------------------------------------------------------------------------------------------------

    @rule(data=st.data())
    def touch(self, data: st.DataObject) -> None:
        face = drawing.draw(self.state, self.now, sample.moment(self.hall))
        keys = [control.key for control in face.controls if control.key.partition(":")[0] not in TOOLS]
        verbs = sorted({key.partition(":")[0] for key in keys}) or ["start"]
        verb = data.draw(st.sampled_from(verbs))
        key = data.draw(st.sampled_from([each for each in keys if each.partition(":")[0] == verb] or [verb]))
        self.now += 1.0
        self.feed(Touch(key, self.token()))

    @rule(
        key=st.sampled_from(
            ["person", "close", "pay:card", "pay:cash", "stop", "done", "back", "language", "right", "take"]
        )
    )
    def touch_blindly(self, key: str) -> None:
        self.now += 1.0
        self.feed(Touch(key, self.token()))

    @precondition(lambda self: self.state.screen in (Screen.DIGITS, Screen.CODE))
    @rule()
    def type_it_all(self) -> None:
        self.now += 1.0
        for sign in "123456":
            self.feed(Touch(f"digit:{sign}", self.token()))
        self.now += 1.0
        self.feed(Touch("next", self.token()))

    @precondition(lambda self: self.state.screen in (Screen.MENU, Screen.CHECK, Screen.TOTAL, Screen.DUES))
    @rule(data=st.data())
    def go_on(self, data: st.DataObject) -> None:
        services = [s.id for s in self.hall.services if s.self_service]
        keys = {
            Screen.MENU: ["dues", *(f"service:{each}" for each in services)], Screen.CHECK: ["right"],
            Screen.TOTAL: ["pay:card", "pay:cash", "pay:qr"], Screen.DUES: ["due:d0", "due:d1"],
        }[self.state.screen]  # fmt: skip
        self.press(data.draw(st.sampled_from(keys)))

    @precondition(lambda self: self.state.screen in (Screen.ATTRACT, Screen.LANGUAGE))
    @rule(code=st.booleans())
    def come(self, code: bool) -> None:
        """Most visitors know what they want."""
        self.press("start", f"lang:{self.hall.default_language}", *(["dues", "by:code"] if code else []))

    @precondition(
        lambda self: self.state.screen in (Screen.MENU, Screen.HOW, Screen.CODE) and not self.state.still_here
    )
    @rule(way=st.sampled_from(["card", "cash", "cash", "qr"]), ordered=st.sampled_from([True, True, True, False]))
    def pay(self, way: str, ordered: bool) -> None:
        """By a code to the sum, and to the first word about money."""
        self.feed(Ways(card=True, cash=True, qr=True, notes=(1000, 2000), paper=True))
        self.press(
            "start",
            f"lang:{self.hall.default_language}",
            "dues",
            "by:code",
            *(f"digit:{sign}" for sign in "12345"),
            "next",
        )
        if (asked := self.take(AskDue)) and isinstance(asked, AskDue):
            self.feed(Told(asked.key, sample.owed(self.hall)))
        self.press("due:d0", f"pay:{way}")
        if ordered:
            self.order(False)

    @precondition(lambda self: self.state.screen in NOT_YET and not self.state.still_here and not self.paying)
    @rule(data=st.data(), told=st.booleans())
    def identify(self, data: st.DataObject, told: bool) -> None:
        """By a card to what a service needs next."""
        services = [s.id for s in self.hall.services if s.self_service and s.self_service.identify == "card"]
        if not services:
            return
        self.press("start", f"lang:{self.hall.default_language}", f"service:{data.draw(st.sampled_from(services))}")
        self.press("agree", *(f"digit:{sign}" for sign in "123456"), "next")
        if told:
            self.card(False)
            self.register("good")

    def press(self, *keys: str) -> None:
        for key in keys:
            self.now += 1.0
            self.feed(Touch(key, self.token()))

    @rule(seconds=st.sampled_from([0.1, 3.0, 3.0, 21.0, 21.0, 46.0, 130.0, 400.0]))
    def wait(self, seconds: float) -> None:
        self.now += seconds
        self.state = replace(self.state, beat_at=self.now)
        self.feed(Tick())

    # --- the devices -----------------------------------------------------------------------------------------------------

    @rule(fails=st.booleans())
    def card_laid(self, fails: bool) -> None:
        self.card(fails)

    @rule(kind=st.sampled_from(["good", "good", "empty", "away", "wrong"]))
    def register_answers(self, kind: str) -> None:
        self.register(kind)

    def card(self, fails: bool) -> None:
        if (read := self.take(ReadCard)) and isinstance(read, ReadCard):
            self.feed(CardFailed(read.key, "no_card") if fails else Identified(read.key, {"surname": CANARY}))
            self.known = self.known or not fails

    def register(self, kind: str) -> None:
        asked = self.take(AskPerson, AskHousehold, AskDues, AskDue)
        if asked is None or not isinstance(asked, AskPerson | AskHousehold | AskDues | AskDue):
            return
        person = sample.person(self.hall).model_copy(update={"names": dict.fromkeys(self.hall.languages, CANARY)})
        about: Person | Household | Dues = sample.owed(self.hall)
        if isinstance(asked, AskPerson):
            about = person
        elif isinstance(asked, AskHousehold):
            about = sample.household(self.hall, 3)
        match kind:
            case "good":
                self.feed(Told(asked.key, about))
            case "empty":
                self.feed(Told(asked.key, Dues()))
            case "away":
                self.feed(Untold(asked.key, "register_away"))
            case _:
                self.feed(Told(asked.key, person))

    @rule()
    def suggest(self) -> None:
        if (asked := self.take(Suggest)) and isinstance(asked, Suggest):
            entry = Entry(id="s1", names=dict.fromkeys(self.hall.languages, CANARY))
            self.feed(Suggested(asked.key, (entry,)))

    @rule(fails=st.sampled_from([False, False, True]))
    def till_orders(self, fails: bool) -> None:
        self.order(fails)

    def order(self, fails: bool) -> None:
        if (asked := self.take(Order)) and isinstance(asked, Order):
            self.feed(Refused(asked.key, "disk_full") if fails else Ordered(asked.key, f"o-{asked.key}", "qr"))

    @precondition(lambda self: self.paying)
    @rule(
        end=st.sampled_from(["paid", "unpaid", "doubt", "claim", "step", "credit", "credit"]),
        minor=st.integers(1, 10**6),
    )
    def till(self, end: str, minor: int) -> None:
        """A payment goes on, or ends, as its till may."""
        order, way = next(iter(self.paying.items()))
        inside = order in self.moved and way == "cash"
        if end in ("step", "credit"):
            self.feed(PayStep(order, "pin") if way == "card" else Credited(order, minor))
            return
        said: Occurrence
        if end == "paid":
            said = Paid(order, Receipt("card" if way == "card" else "cash", "p", "4711"))
        elif end == "doubt":
            said = Doubtful(order)
            self.doubted.add(order)
        elif inside or (end == "claim" and way == "cash"):
            said = Claimed(order, "12345678", minor)
        else:
            said = Unpaid(order, "declined")
        del self.paying[order]
        self.feed(said)

    @precondition(lambda self: self.state.visit.order)
    @rule(kind=st.sampled_from(["paid", "unpaid", "doubt", "claim", "credit"]))
    def money_out_of_the_blue(self, kind: str) -> None:
        """A word about the order when none is awaited: a success after the no, a note that was stuck."""
        order = self.state.visit.order
        if order in self.paying:
            return
        said: dict[str, Occurrence] = {
            "paid": Paid(order, Receipt("card", "p", "4711")), "unpaid": Unpaid(order, "declined"), "doubt": Doubtful(order),
            "claim": Claimed(order, "12345678", 100), "credit": Credited(order, 100),
        }  # fmt: skip
        if kind in ("doubt", "credit"):
            self.doubted.add(order)
        self.feed(said[kind])

    @precondition(lambda self: any(isinstance(each, PrintPaper | Reprint | PrintTicket) for each in self.open))
    @rule(fate=st.sampled_from(list(Fate)), known=st.booleans())
    def printer(self, fate: Fate, known: bool) -> None:
        job = self.take(PrintPaper, Reprint, PrintTicket)
        if job is None or not isinstance(job, PrintPaper | Reprint | PrintTicket):
            return
        self.feed(Printed(job.key, fate) if known or not isinstance(job, Reprint) else Untold(job.key, "unknown"))

    @rule(kind=st.sampled_from(["issued", "refused", "silent"]))
    def coordinator(self, kind: str) -> None:
        if not ((asked := self.take(Issue)) and isinstance(asked, Issue)):
            return
        key = asked.command.id
        answers: dict[str, m.AnyReply | None] = {
            "issued": m.Issued(
                id="r", re=key, ticket="t1", label="A001", day=date(2026, 3, 17), service=asked.command.service,
                zone=self.hall.zones[0].id, lang="en", issued_at=sample.moment(self.hall), people_ahead=1,
            ),
            "refused": m.Refused(id="r", re=key, code=Refusal.LAST_TICKETS, text=""), "silent": None,
        }  # fmt: skip
        self.feed(Answered(key, answers[kind]))

    @precondition(lambda self: self.state.screen in (Screen.MENU, Screen.TOTAL, Screen.TAKE))
    @rule(card=st.booleans(), cash=st.booleans(), paper=st.booleans())
    def ways(self, card: bool, cash: bool, paper: bool) -> None:
        self.feed(Ways(card=card, cash=cash, qr=True, notes=(1000, 2000), paper=paper))

    @precondition(lambda self: self.state.screen is Screen.ATTRACT and not self.paying)
    @rule(seldom=st.integers(0, 3))
    def restarted(self, seldom: int) -> None:
        if seldom:
            return
        order = f"r-{self.token()}"
        service = next((s.id for s in self.hall.services if s.self_service), "")
        self.feed(Resumed(order, self.hall.default_language, service, 100, self.hall.currency))
        if self.state.visit.order == order:
            self.paying[order] = "card"

    @precondition(lambda self: self.state.screen is Screen.ATTRACT and not self.paying)
    @rule(seldom=st.integers(0, 3))
    def restarted_while_asking(self, seldom: int) -> None:
        service = next(each for each in self.hall.services if each.channel == "window")
        if not seldom:
            self.feed(Again(m.TicketIssue(id=f"a-{self.token()}", service=service.id, lang="en", paper=False)))

    # --- what is always so -----------------------------------------------------------------------------------------------

    @invariant()
    def nobody_is_left_on_the_attract_screen(self) -> None:
        if hasattr(self, "state") and self.state.screen is Screen.ATTRACT:
            assert self.state.visit == Visit()

    @invariant()
    def nothing_of_a_visitor_is_ever_printed(self) -> None:
        if hasattr(self, "state"):
            assert CANARY not in repr(self.state)

    def teardown(self) -> None:
        """However long nobody says anything, the screen comes to rest; what was paid was told."""
        if not hasattr(self, "state"):
            return
        for _ in range(40):
            if self.state.screen is Screen.ATTRACT:
                break
            self.now += 60.0
            self.feed(Tick())
        else:
            for _ in range(20):
                self.now += 400.0
                self.feed(Tick())
        assert self.state.screen is Screen.ATTRACT


LONG = os.environ.get("VIKNO_MODEL") == "long"
Terminal.TestCase.settings = settings(
    max_examples=1500 if LONG else 120,
    stateful_step_count=100 if LONG else 60,
    deadline=None,
    phases=(Phase.explicit, Phase.reuse, Phase.generate),  # to shrink a visit takes longer than the whole test run may
    suppress_health_check=[HealthCheck.too_slow],
)
TestTerminal = Terminal.TestCase
