"""Draws a `Face` with Kivy; decides nothing. Import only after `panel.prepare`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from kivy.app import App
from kivy.clock import Clock
from kivy.core.text import Label as CoreLabel
from kivy.core.text import LabelBase
from kivy.lang import Builder
from kivy.properties import BooleanProperty, ListProperty, NumericProperty, ObjectProperty, StringProperty
from kivy.uix.floatlayout import FloatLayout
from kivy.uix.image import Image
from kivy.uix.label import Label
from kivy.uix.widget import Widget
from kivy.utils import get_color_from_hex

from displays.board.face import Face, Row, Tile
from displays.board.layout import Place, Plan, plan
from look import icons, tokens

_GAP = 32
_TILE, _TILE_GAP = 128, 9
_MARK = 136
_PANE, _WIDE_PANE, _TALL = 196, 260, 240
"""The pane of the window's number in a line of the list, and in a tall one."""


class Placed(Widget):
    """Stands at `place`: left, top, width, height in design pixels."""

    place = ListProperty([0, 0, 0, 0])


class Words(Label, Placed):
    """A text in a type `role`. `shrink`: one line, smaller where it would not fit; else it wraps to `most_lines`.

    `ink`: its width on one line at the role's size, panel pixels. `fit`: by how much it was made smaller.
    """

    role = StringProperty("body")
    shrink = BooleanProperty(False)
    most_lines = NumericProperty(1)
    fit = NumericProperty(1.0)
    ink = NumericProperty(0)

    def __init__(self, **keys: Any) -> None:
        super().__init__(**keys)
        self.fbind("text", self._measure)
        self.fbind("width", self._measure)
        self.fbind("role", self._measure)

    def _measure(self, *_: Any) -> None:
        app = App.get_running_app()
        core = CoreLabel(font_name=self.font_name, font_size=app.s * app.t[self.role], bold=self.bold)
        self.ink = core.get_extents(self.text)[0] if self.text else 0
        # Letters are placed on whole pixels, so a smaller size is a little wider than its share: 2 % keeps it on the line.
        self.fit = min(1.0, 0.98 * self.width / self.ink) if self.shrink and self.ink > self.width else 1.0


class Icon(Label, Placed):
    """An icon by its name in `look`."""

    icon = StringProperty("")


class Logo(Image, Placed):
    """The logo."""


class Panel(Placed):
    """A filled shape with round corners. `framed`: it gets an edge where colours alone do not part it from its ground."""

    framed = BooleanProperty(False)

    edge = NumericProperty(0)
    fill = ListProperty([0, 0, 0, 1])
    radii = ListProperty([tokens.radius("board")["panel"]] * 4)


class CallLine(Placed):
    """One line of the list of calls."""

    row = ObjectProperty(Row(), rebind=True)
    fresh = BooleanProperty(False)


class ColumnHead(Placed):
    """What stands over a column of the list; `window` is the place of the other word."""

    window = ListProperty([0, 0, 0, 0])
    title = StringProperty("")
    word = StringProperty("")


class QueueTile(Placed):
    """One zone and its waiting people."""

    tile = ObjectProperty(Tile("", ""), rebind=True)


class LanguageMark(Placed):
    """One language of the hall; the one in use is underlined."""

    text = StringProperty("")
    current = BooleanProperty(False)


class Card(FloatLayout):
    """The call that everybody looks at."""

    place = ListProperty([0, 0, 0, 0])
    face = ObjectProperty(Face(), rebind=True)
    pulse = NumericProperty(1.0)


class BoardScreen(FloatLayout):
    """The whole board."""

    face = ObjectProperty(Face(), rebind=True)
    pulse = NumericProperty(1.0)

    def __init__(self, **keys: Any) -> None:
        super().__init__(**keys)
        self._lines: list[CallLine] = []
        self._tiles: list[QueueTile] = []
        self._marks: list[LanguageMark] = []
        self._heads: list[ColumnHead] = []

    def on_face(self, _: Any, face: Face) -> None:
        """A new face: the parts whose number changes are made or taken away, the rest follows by binding."""
        plan = App.get_running_app().plan
        rows = list(zip(plan.rows, face.rows, strict=False))
        _match(self._lines, len(rows), CallLine, self.ids.calls)
        _match(self._tiles, len(face.tiles), QueueTile, self.ids.calls)
        _match(self._heads, len(plan.columns), ColumnHead, self.ids.calls)
        _match(self._marks, len(face.languages), LanguageMark, self.ids.top)
        for line, (place, row) in zip(self._lines, rows, strict=True):
            line.place, line.row, line.fresh = place, row, face.fresh
        for tile, shown, place in zip(self._tiles, face.tiles, _tile_places(plan, len(face.tiles)), strict=True):
            tile.place, tile.tile = place, shown
        for head, (title, window) in zip(self._heads, plan.columns, strict=True):
            head.place, head.window, head.title = title, window, face.rows_title
            head.word = face.window_word if face.rows_title else ""
        right, top = plan.marks
        for index, (mark, language) in enumerate(zip(self._marks, face.languages, strict=True)):
            mark.place = [right - _MARK * (len(self._marks) - index), top, _MARK, 80]
            mark.text, mark.current = language


def _match(kept: list[Any], count: int, part: Callable[[], Any], parent: Any) -> None:
    while len(kept) > count:
        parent.remove_widget(kept.pop())
    while len(kept) < count:
        kept.append(part())
        parent.add_widget(kept[-1])


def _tile_places(plan: Plan, count: int) -> list[Place]:
    """One row for two zones, two rows for four on a lying panel; names need the width."""
    left, top, whole, room = plan.tiles
    columns = min(count, plan.tile_columns) or 1
    rows = -(-count // columns) or 1
    width = (whole - _GAP * (columns - 1)) / columns
    height = min(_TILE, (room - _TILE_GAP * (rows - 1)) / rows)
    return [
        (left + (i % columns) * (width + _GAP), top + (i // columns) * (height + _TILE_GAP), width, height)
        for i in range(count)
    ]


class BoardApp(App):
    """The Kivy application; bind to its `on_start`, after which `show` may be called."""

    title = "Vikno"
    logo = str(icons.LOGO_PNG)
    r = tokens.radius("board")["panel"]
    s = NumericProperty(1.0)
    t = tokens.surface("board").type
    th = ObjectProperty(rebind=True)
    plan = ObjectProperty(rebind=True)
    outlined = BooleanProperty(False)

    def __init__(self) -> None:
        super().__init__()
        self._theme = ""
        self._dress(Face())

    def show(self, face: Face, pulse: float = 1.0) -> None:
        """Draw `face` in its layout; `pulse`: opacity of a lit card."""
        self._dress(face)
        self.root.face, self.root.pulse = face, pulse

    def _dress(self, face: Face) -> None:
        """Take the face's colours and places."""
        from kivy.core.window import Window

        wanted = plan(face.layout, lying=Window.width >= Window.height, notice=face.notice)
        if wanted != self.plan:
            self.plan = wanted
        if face.layout.theme != self._theme:
            self._theme = face.layout.theme
            self.outlined = self._theme == "contrast"
            theme = tokens.theme(self._theme)
            self.th = SimpleNamespace(**{name: get_color_from_hex(getattr(theme, name)) for name in theme.__slots__})
            Window.clearcolor = self.th.canvas

    def when_drawn(self, act: Callable[[], object]) -> None:
        """Call `act` once when what was shown last is on the panel."""
        Clock.schedule_once(lambda _dt: Clock.schedule_once(lambda _dt: act(), 0), 0)

    def picture(self, file: Path) -> None:
        """Write what is seen as a PNG; `file` appears whole."""
        from kivy.core.window import Window

        # Kivy puts a number into the name it is given and tells the result.
        Path(Window.screenshot(str(file.with_suffix(".new.png")))).replace(file)

    def build(self) -> BoardScreen:
        from kivy.core.window import Window

        wide, high = self.plan.grid
        self.s = min(Window.width / wide, Window.height / high)
        font = tokens.font()
        LabelBase.register("Vikno", str(font.regular), fn_bold=str(font.bold))
        LabelBase.register("ViknoIcons", str(font.icons))
        Builder.load_file(str(Path(__file__).with_suffix(".kv")))
        return BoardScreen()

    def open_settings(self, *_: Any) -> bool:
        return False

    # --- for the kv file -----------------------------------------------------------------------------------------------

    def glyph(self, name: str) -> str:
        return icons.glyph(name)

    def inside(self, place: list[float], left: float, width: float, height: float | None = None) -> list[float]:
        """A place inside `place`, centred up and down."""
        x, y, _, own = place
        high = own if height is None else height
        return [x + left, y + (own - high) / 2, width, high]

    def pane(self, place: list[float]) -> float:
        """Width of the pane with the window's number in a line of the list."""
        return _WIDE_PANE if place[3] >= _TALL else _PANE

    def called_place(self, place: list[float]) -> list[float]:
        """Where a line of the list says that its visitor has not come yet: beside the label, in a tall one above it."""
        x, y, wide, high = place
        return [x + wide - self.pane(place) - 96, y + 8 if high >= _TALL else y + (high - 72) / 2, 72, 72]

    def role(self, place: list[float]) -> str:
        """Type of the numbers in a line of the list."""
        return "number" if place[3] >= _TALL else "display"

    def right(self, place: list[float], width: float, margin: float = 0) -> list[float]:
        """A place at the right end of `place`."""
        x, y, whole, own = place
        return [x + whole - width - margin, y, width, own]

    def mixed(self, high: list[float], low: list[float], share: float) -> list[float]:
        """The colour between two: all of `high` at 1."""
        return [a * share + b * (1 - share) for a, b in zip(high, low, strict=True)]
