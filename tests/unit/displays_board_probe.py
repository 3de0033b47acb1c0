"""Draws every face of the board for every template hall and language with real Kivy; prints one JSON line per text seen.

`upright`: on a panel that stands. Layouts change from face to face, as they do on a running board.

A program of its own: Kivy has one window per process. {"case", "text", "role", "px", "place", "lines": what Kivy made of it,
"most_lines"}; sizes in design pixels. Of each face another: {"case", "paint": area of all that is filled, over the panel's; "lines"}.
"""

import json
import sys
from pathlib import Path

from contract import hall as document
from contract.hall_part import BoardLayout
from displays.board import panel, sample
from displays.board.face import face


def cases():
    for file in sorted(Path("coordinator/templates").glob("*.json")):
        hall = document.load(file.read_text("utf-8"))
        for language in hall.languages:
            moments = sample.MOMENTS if "upright" not in sys.argv else ("calls", "notice", "interrupted")
            for moment in moments:
                yield f"{hall.id} {language} {moment}", hall, language, moment
        for name, layout in LAYOUTS.items():
            yield (
                f"{hall.id} {hall.default_language} calls-{name}",
                laid_out(hall, layout),
                hall.default_language,
                "calls",
            )


LAYOUTS = {
    "contrast": BoardLayout(theme="contrast", rows=2),
    "list": BoardLayout(card=False, rows=12, lines=()),
    "short": BoardLayout(card=False, rows=2),
}


def laid_out(hall, layout):
    zones = tuple(zone.model_copy(update={"board": layout}) for zone in hall.zones)
    return hall.model_copy(update={"zones": zones})


def visible(widget):
    while widget is not None and widget.parent is not widget:
        if widget.opacity == 0:
            return False
        widget = widget.parent
    return True


def shapes(canvas):
    """The instructions of a canvas and of all under it."""
    for each in canvas.children:
        if hasattr(each, "children"):
            yield from shapes(each)
        else:
            yield each


def paint(case, app):
    from kivy.core.window import Window
    from kivy.graphics import Line, Rectangle, RoundedRectangle

    drawn = list(shapes(app.root.canvas))
    # What is invisible by its group's opacity is painted, too.
    filled = sum(s.size[0] * s.size[1] for s in drawn if isinstance(s, Rectangle | RoundedRectangle))
    lines = sum(isinstance(each, Line) for each in drawn)
    print(json.dumps({"case": case, "paint": filled / (Window.width * Window.height), "lines": lines}))


def report(case, app):
    paint(case, app)
    for words in app.root.walk():
        if not hasattr(words, "most_lines") or not words.text or not visible(words):
            continue
        lines = ["".join(part.text for part in line.words) for line in words._label._cached_lines]
        print(
            json.dumps(
                {
                    "case": case,
                    "text": words.text,
                    "role": words.role,
                    "px": words.font_size / app.s,
                    "place": list(words.place),
                    "lines": lines,
                    "most_lines": words.most_lines,
                    "ink": words.ink / app.s,
                    "fit": words.fit,
                }
            )
        )


def main():
    todo = cases()

    def step(app, case=None):
        if case:
            report(case, app)
        following = next(todo, None)
        if following is None:
            app.stop()
            return
        name, hall, language, moment = following
        model, now = sample.at_moment(moment, hall, language)
        app.show(face(model.scene(now), model.hall, "board-1"))
        app.when_drawn(lambda: step(app, name))

    panel.prepare(*((1080, 1920) if "upright" in sys.argv else (1920, 1080)), fullscreen=False)
    from displays.board.screen import BoardApp

    app = BoardApp()
    app.bind(on_start=lambda _app: step(app))
    app.run()


if __name__ == "__main__":
    main()
    sys.exit(0)
