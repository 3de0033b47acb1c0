"""Widgets for the kinds of part a face has, and the surface they lie on."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from kivy.core.image import Image as CoreImage
from kivy.core.text import Label as CoreLabel
from kivy.core.text import LabelBase
from kivy.graphics import Color, Rectangle
from kivy.graphics.texture import Texture
from kivy.lang import Builder
from kivy.properties import BooleanProperty, ColorProperty, NumericProperty, ObjectProperty
from kivy.uix.floatlayout import FloatLayout
from kivy.uix.widget import Widget

from kiosk.face import Control, Face, Icon, Picture, Plate, Words
from kiosk.theme import Rgba, Scale, rgba
from look import icons, tokens

TEXT, ICONS = "NotoSans", "ViknoIcons"


def prepare() -> None:
    """Register the fonts and the kv rules; once per process, before the first face."""
    font = tokens.font()
    LabelBase.register(TEXT, str(font.regular), fn_bold=str(font.bold))
    LabelBase.register(ICONS, str(font.icons))
    Builder.load_file(str(Path(__file__).with_name("part.kv")))


class Shape(Widget):
    """A filled rounded rectangle."""

    fill = ColorProperty()
    edge = ColorProperty()
    radius = NumericProperty()
    border = NumericProperty()


class Sill(Widget):
    """What can be pressed: pressing makes the sill vanish and the face drop by its height."""

    fill = ColorProperty()
    edge = ColorProperty()
    sill = ColorProperty()
    radius = NumericProperty()
    border = NumericProperty()
    depth = NumericProperty()
    down = BooleanProperty(defaultvalue=False)

    def on_down(self, _widget: Widget, down: bool) -> None:
        for child in self.children:
            child.y += -self.depth if down else self.depth


class Line(Widget):
    """One line of text, as large as its ink wants to be: nothing is cut."""

    color = ColorProperty()
    texture = ObjectProperty()


class Surface(FloatLayout):
    """Draws a face and reports, by `on_press(key)`, a control that was touched and left inside."""

    def __init__(self, on_press: Callable[[str], None], **options: object) -> None:
        super().__init__(**options)
        self.face: Face | None = None
        self.scale = Scale(1, 1)
        self._on_press = on_press
        self._sills: dict[str, Sill] = {}
        self._finger: object | None = None
        self._key = ""
        self.bind(size=lambda *_: self.draw(self.face) if self.face else None)

    def draw(self, face: Face) -> None:
        """Replace the picture. A finger that is down presses nothing any more."""
        self.face, self.scale = face, Scale(self.width, self.height)
        self._finger, self._key, self._sills = None, "", {}
        self.clear_widgets()
        self.canvas.before.clear()
        with self.canvas.before:
            Color(rgba=rgba(face.theme, face.ground))
            Rectangle(pos=self.pos, size=self.size)
        for part in face.parts:
            self._draw_part(face, part, self)

    def _draw_part(self, face: Face, part: object, parent: Widget) -> None:
        match part:
            case Words():
                self._draw_words(face, part, parent)
            case Plate():
                parent.add_widget(self._shape(face, part))
            case Icon():
                box, color = part.box, rgba(face.theme, part.color)
                texture = self._texture(icons.glyph(part.name), box.h, ICONS)
                parent.add_widget(self._line(texture, color, box.x + box.w / 2, box.y + box.h / 2))
            case Picture():
                self._draw_picture(part)
            case Control():
                self._draw_control(face, part)

    def _draw_words(self, face: Face, words: Words, parent: Widget) -> None:
        y = words.box.y + (words.box.h - words.leading * len(words.lines)) / 2 + words.leading / 2
        color = rgba(face.theme, words.color)
        for text in words.lines:
            texture = self._texture(text, words.size, TEXT, bold=words.bold)
            half = texture.width / self.scale.factor / 2
            x = {"left": words.box.x + half, "right": words.box.right - half, "center": words.box.x + words.box.w / 2}
            parent.add_widget(self._line(texture, color, x[words.align], y))
            y += words.leading

    def _texture(self, text: str, size: float, font: str, *, bold: bool = False) -> Texture:
        label = CoreLabel(text=text, font_size=size * self.scale.factor, font_name=font, bold=bold)
        label.refresh()
        return label.texture

    def _line(self, texture: Texture, color: Rgba, x: float, y: float) -> Line:
        at_x, at_y = self.scale.window(x, y)
        pos = round(at_x - texture.width / 2), round(at_y - texture.height / 2)
        return Line(texture=texture, color=color, pos=pos, size=texture.size)

    def _shape(self, face: Face, plate: Plate) -> Shape:
        factor = self.scale.factor
        border = plate.border * factor if plate.edge else 0
        return Shape(
            pos=self.scale.pos(plate.box), size=self.scale.size(plate.box), size_hint=(None, None),
            fill=rgba(face.theme, plate.fill), edge=rgba(face.theme, plate.edge), radius=max(1, plate.radius * factor),
            border=border,
        )  # fmt: skip

    def _draw_control(self, face: Face, control: Control) -> None:
        factor = self.scale.factor
        sill = Sill(
            pos=self.scale.pos(control.box), size=self.scale.size(control.box), size_hint=(None, None),
            fill=rgba(face.theme, control.fill), edge=rgba(face.theme, control.edge), sill=rgba(face.theme, control.sill),
            radius=control.radius * factor, border=control.border * factor, depth=control.depth * factor,
        )  # fmt: skip
        for part in control.parts:
            self._draw_part(face, part, sill)
        self._sills[control.key] = sill
        self.add_widget(sill)

    def _draw_picture(self, picture: Picture) -> None:
        texture = CoreImage(str(icons.LOGO_PNG), mipmap=True).texture if picture.kind == "logo" else _code(picture.data)
        widget = Widget(pos=self.scale.pos(picture.box), size=self.scale.size(picture.box), size_hint=(None, None))
        with widget.canvas:
            Color(1, 1, 1, 1)
            Rectangle(texture=texture, pos=widget.pos, size=widget.size)
        self.add_widget(widget)

    # --- fingers: act on release inside, one finger at a time ------------------------------------------------------------

    def on_touch_down(self, touch: object) -> bool:
        if self._finger is None and self.face is not None:
            self._finger, self._key = touch, self._key_at(touch)
            if self._key in self._sills:
                self._sills[self._key].down = True
        return True

    def on_touch_move(self, touch: object) -> bool:
        if touch is self._finger and self._key in self._sills:
            self._sills[self._key].down = self._key_at(touch) == self._key
        return True

    def on_touch_up(self, touch: object) -> bool:
        if touch is not self._finger:
            return True
        key, self._finger, self._key = self._key, None, ""
        if key in self._sills:
            self._sills[key].down = False
        if key and self._key_at(touch) == key:
            self._on_press(key)
        return True

    def _key_at(self, touch: object) -> str:
        assert self.face is not None
        control = self.face.at(*self.scale.design(*touch.pos))
        return control.key if control else self.face.anywhere


def _code(data: str) -> Texture:
    import qrcode

    code = qrcode.QRCode(error_correction=qrcode.ERROR_CORRECT_M, border=0)
    code.add_data(data)
    matrix = code.get_matrix()
    side = len(matrix)
    texture = Texture.create(size=(side, side), colorfmt="luminance")
    texture.mag_filter = "nearest"
    dots = bytes(0 if dark else 255 for row in reversed(matrix) for dark in row)
    texture.blit_buffer(dots, colorfmt="luminance", bufferfmt="ubyte")
    return texture
