"""The picture of a face, and the fingers on it. Plain drawing instructions: no widget tree to build, keep and collect.

A face is drawn once, into a picture of its own; a frame shows that picture. Drawn into the window it would be drawn again every
frame, and a rasterizer keeps some 40 KB for each of a screen's hundreds of rectangles until the frame is over.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

from kivy.core.image import Image as CoreImage
from kivy.core.text import Label as CoreLabel
from kivy.core.text import LabelBase
from kivy.graphics import Color, Fbo, InstructionGroup, Rectangle, RoundedRectangle
from kivy.graphics.texture import Texture
from kivy.uix.widget import Widget

from glass.face import Box, Control, Face, Icon, Picture, Plate, Words
from glass.theme import Scale, rgba
from look import icons, tokens

TEXT, ICONS = "NotoSans", "ViknoIcons"


def prepare() -> None:
    """Register the fonts; once per process, before the first face."""
    font = tokens.font()
    LabelBase.register(TEXT, str(font.regular), fn_bold=str(font.bold))
    LabelBase.register(ICONS, str(font.icons))


class Surface(Widget):
    """Draws a face and reports, by `on_press(key)`, a control that was touched and left inside."""

    def __init__(self, on_press: Callable[[str], None], **options: object) -> None:
        super().__init__(**options)
        self.face: Face | None = None
        self.scale = Scale(1, 1)
        self._on_press = on_press
        self._controls: dict[str, tuple[Control, InstructionGroup]] = {}
        self._down = ""
        self._finger: object | None = None
        self._key = ""
        self._picture: Fbo | None = None
        self.bind(size=lambda *_: self.draw(self.face) if self.face else None)

    def draw(self, face: Face) -> None:
        """Replace the picture. A finger that is down presses nothing any more."""
        self.face, self.scale = face, Scale(self.width, self.height)
        self._clear()
        picture = self._blank()
        picture.add(Color(rgba=rgba(face.theme, face.ground)))
        picture.add(Rectangle(pos=self.pos, size=self.size))
        for part in face.parts:
            if isinstance(part, Control):
                group = InstructionGroup()
                self._controls[part.key] = part, group
                self._control(group, part, down=False)
                picture.add(group)
            else:
                self._part(picture, part)

    def _clear(self) -> None:
        for _control, group in self._controls.values():
            group.clear()  # a group and its drawings hold each other: left to the collector, screens pile up until it comes
        self._finger, self._key, self._down, self._controls = None, "", "", {}
        if self._picture is not None:
            self._picture.clear()

    def _blank(self) -> Fbo:
        """The picture, empty and of this widget's size; the canvas shows it."""
        size = round(self.width), round(self.height)
        if self._picture is None or tuple(self._picture.size) != size:
            self._picture = Fbo(size=size)
            self.canvas.clear()
            self.canvas.add(self._picture)
            self.canvas.add(Color(1, 1, 1, 1))
            self.canvas.add(Rectangle(texture=self._picture.texture, pos=self.pos, size=size))
        return self._picture

    def _part(self, group: InstructionGroup, part: Words | Plate | Icon | Picture, dy: float = 0) -> None:
        match part:
            case Words():
                self._words(group, part, dy)
            case Plate():
                border = part.border if part.edge else 0
                if part.edge:
                    self._shape(group, part.box, part.edge, part.radius, dy)
                self._shape(group, part.box.inset(border), part.fill, part.radius - border, dy)
            case Icon():
                texture = self._texture(icons.glyph(part.name), part.box.h, ICONS)
                self._line(group, texture, part.color, part.box.x + part.box.w / 2, part.box.y + part.box.h / 2 + dy)
            case Picture():
                group.add(Color(1, 1, 1, 1))
                texture = _logo() if part.kind == "logo" else _code(part.data)
                group.add(Rectangle(texture=texture, pos=self.scale.pos(part.box), size=self.scale.size(part.box)))

    def _control(self, group: InstructionGroup, control: Control, *, down: bool) -> None:
        """The sill is the full shape; the border sits `depth` higher, the face inside it. Pressed, the sill is gone."""
        group.clear()
        box, depth = control.box, control.depth
        dy = depth if down else 0.0
        if not down:
            self._shape(group, box, control.sill, control.radius)
        top = Box(box.x, box.y + dy, box.w, box.h - depth)
        self._shape(group, top, control.edge, control.radius)
        self._shape(group, top.inset(control.border), control.fill, control.radius - control.border)
        for part in control.parts:
            self._part(group, part, dy)

    def _words(self, group: InstructionGroup, words: Words, dy: float) -> None:
        y = words.box.y + dy + (words.box.h - words.leading * len(words.lines)) / 2 + words.leading / 2
        for text in words.lines:
            texture = self._texture(text, words.size, TEXT, bold=words.bold)
            half = texture.width / self.scale.factor / 2
            x = {"left": words.box.x + half, "right": words.box.right - half, "center": words.box.x + words.box.w / 2}
            self._line(group, texture, words.color, x[words.align], y)
            y += words.leading

    def _texture(self, text: str, size: float, font: str, *, bold: bool = False) -> Texture:
        label = CoreLabel(text=text, font_size=size * self.scale.factor, font_name=font, bold=bold)
        label.refresh()
        return label.texture

    def _line(self, group: InstructionGroup, texture: Texture, color: str, x: float, y: float) -> None:
        at_x, at_y = self.scale.window(x, y)
        pos = round(at_x - texture.width / 2), round(at_y - texture.height / 2)
        group.add(Color(rgba=rgba(self.face.theme, color)))
        group.add(Rectangle(texture=texture, pos=pos, size=texture.size))

    def _shape(self, group: InstructionGroup, box: Box, color: str, radius: float, dy: float = 0) -> None:
        box = Box(box.x, box.y + dy, box.w, box.h)
        pos, size = self.scale.pos(box), self.scale.size(box)
        group.add(Color(rgba=rgba(self.face.theme, color)))
        if radius > 0:
            group.add(RoundedRectangle(pos=pos, size=size, radius=[radius * self.scale.factor]))
        else:
            group.add(Rectangle(pos=pos, size=size))

    # --- fingers: act on release inside, one finger at a time ------------------------------------------------------------

    def on_touch_down(self, touch: object) -> bool:
        if self._finger is None and self.face is not None:
            self._finger, self._key = touch, self._key_at(touch)
            self._show(self._key)
        return True

    def on_touch_move(self, touch: object) -> bool:
        if touch is self._finger:
            self._show(self._key if self._key_at(touch) == self._key else "")
        return True

    def on_touch_up(self, touch: object) -> bool:
        if touch is not self._finger:
            return True
        key, self._finger, self._key = self._key, None, ""
        self._show("")
        if key and self._key_at(touch) == key:
            self._on_press(key)
        return True

    def _show(self, key: str) -> None:
        """Draw the control `key` pressed and the one before it not."""
        before, self._down = self._down, key
        if before == key:
            return
        for each in (before, key):
            if each in self._controls:
                control, group = self._controls[each]
                self._control(group, control, down=each == key)

    def _key_at(self, touch: object) -> str:
        control = self.face.at(*self.scale.design(*touch.pos))
        return control.key if control else self.face.anywhere


@cache
def _logo() -> Texture:
    return CoreImage(str(icons.LOGO_PNG), mipmap=True).texture


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
