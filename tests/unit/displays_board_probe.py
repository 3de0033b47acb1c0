"""Draws every face of the board for every template hall and language with real Kivy; prints one JSON line per text seen.

A program of its own: Kivy has one window per process. {"case", "text", "role", "px", "place", "lines": what Kivy made of it,
"most_lines"}; sizes in design pixels.
"""

import json
import sys
from pathlib import Path

from contract import hall as document
from displays.board import panel, sample
from displays.board.face import face


def cases():
    for file in sorted(Path("coordinator/templates").glob("*.json")):
        hall = document.load(file.read_text("utf-8"))
        for language in hall.languages:
            for moment in sample.MOMENTS:
                yield f"{hall.id} {language} {moment}", hall, language, moment


def visible(widget):
    while widget is not None and widget.parent is not widget:
        if widget.opacity == 0:
            return False
        widget = widget.parent
    return True


def report(case, app):
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

    panel.prepare(1920, 1080, fullscreen=False)
    from displays.board.screen import BoardApp

    app = BoardApp()
    app.bind(on_start=lambda _app: step(app))
    app.run()


if __name__ == "__main__":
    main()
    sys.exit(0)
