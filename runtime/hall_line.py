"""On which line of a hall file something stands: faults name places of the document, people who edit a file look for lines. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

Path = tuple[str | int, ...]
"""Keys and places in lists from the document's root."""
_TOKEN = re.compile(r'"(?:[^"\\\n]|\\.)*"|[{}\[\],:]|[^\s{}\[\],:"]+|\n')
_KEY = re.compile(r'"[^"]*"|\'[^\']*\'|[^.\s"\']+')
_HEAD = re.compile(r"\s*(\[\[?)([^\[\]]+)\]\]?\s*(?:#.*)?$")
_PAIR = re.compile(r'\s*((?:"[^"]*"|\'[^\']*\'|[\w.-])+)\s*=\s*(.*)$')
MOST = 30
"""Faults that are looked up; with them mended, the rest is told."""
_SAID = re.compile(r"\bat line (\d+)\b")


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault of a file. `line`: where to look, from 1, None where that is not known; `text`: what stands on that line."""

    said: str
    line: int | None = None
    text: str = ""


def faults(file: str, said: str) -> tuple[Fault, ...]:
    """The faults that reading `file` told, joined by `; `, each with its line; the first `MOST`."""
    known = dict(_toml(file) if not file.lstrip().startswith("{") else _json(file))
    lines = file.splitlines()
    found = []
    for each in said.split("; ")[:MOST]:
        line = _line(known, each)
        fits = line is not None and line <= len(lines) and "pin_hash" not in lines[line - 1]
        found.append(Fault(each, line, lines[line - 1].strip()[:160] if line is not None and fits else ""))
    return tuple(found)


def _line(known: dict[Path, int], fault: str) -> int | None:
    """The line that the reader of the text said itself, else that of the innermost part that the fault names."""
    if (said := _SAID.search(fault)) is not None:
        return int(said[1])
    place, *rest = fault.split(": ")
    path: Path = ()
    for words in reversed(place.split(" of ")) if rest else ():
        for word in re.split(r"[. ]", words):
            path = _deeper(known, path, word) or path
    for words in rest:
        key = (*path, words.partition(" ")[0])
        path = key if path and key in known else path
    return known[path] if path else None


def _deeper(known: dict[Path, int], path: Path, word: str) -> Path | None:
    """The part of `path` that `word` names: by its key, its place in a list, or its id, however deep."""
    direct: list[Path] = [(*path, word), *([(*path, int(word))] if word.isdecimal() else [])]
    inside = [each for each in known if each[: len(path)] == path and len(each) > len(path)]
    by_id = [each[:-2] for each in inside if each[-2:] == ("id", word) and len(each) - 2 > len(path)]
    by_key = [each for each in inside if each[-1] == word]
    by_key = by_key if len(by_key) == 1 else []
    return next((each for each in (*direct, *by_id, *by_key) if each in known), None)


def _json(file: str) -> Iterator[tuple[Path, int]]:
    """Every key and every entry of a list with its line; of an `id` also its value, as a path one further."""
    stack: list[str | int | None] = []
    line, key = 1, False
    for sign in _TOKEN.findall(file):
        if sign not in "\n}],:" and stack and isinstance(stack[-1], int):
            yield _path(stack), line
        match sign:
            case "\n":
                line += 1
            case "{" | "[":
                stack.append(None if sign == "{" else 0)
                key = sign == "{"
            case "}" | "]":
                stack = stack[:-1]
                key = False
            case ",":
                top = stack[-1] if stack else None
                if isinstance(top, int):
                    stack[-1] = top + 1
                key = not isinstance(top, int)
            case ":":
                key = False
            case _ if key and stack:
                stack[-1] = sign.strip('"')
                yield _path(stack), line
            case _:
                if stack and stack[-1] == "id":
                    yield from _named(_path(stack), sign.strip('"'), line)


def _named(path: Path, name: str, line: int) -> Iterator[tuple[Path, int]]:
    """An entry is looked for where its id stands."""
    yield (*path, name), line
    yield path[:-1], line


def _path(stack: list[str | int | None]) -> Path:
    return tuple(each for each in stack if each is not None)


def _toml(file: str) -> Iterator[tuple[Path, int]]:
    """The same of TOML, as far as its lines say it: what stands inside a value has the line of its key."""
    count: dict[Path, int] = {}
    head: Path = ()
    fence = ""
    for number, text in enumerate(file.splitlines(), 1):
        if fence:
            fence = "" if fence in text else fence
            continue
        fence = _fence(text)
        if (told := _HEAD.match(text)) is not None:
            head = _under(count, _KEY.findall(told[2]), table=told[1] == "[[")
            if head[-1:] == (0,):
                yield head[:-1], number
            yield head, number
        elif (pair := _PAIR.match(text)) is not None:
            path = (*head, *_names(_KEY.findall(pair[1])))
            yield path, number
            if path[-1:] == ("id",):
                yield from _named(path, pair[2].partition("#")[0].strip().strip("\"'"), number)


def _fence(text: str) -> str:
    """The sign of a text over several lines that begins, or ends, on this one."""
    return next((sign for sign in ('"""', "'''") if text.count(sign) % 2), "")


def _under(count: dict[Path, int], names: list[str], *, table: bool) -> Path:
    """The path of a heading; of a list the entry that was begun last. `table`: it begins the next entry."""
    path: Path = ()
    for name in _names(names):
        path = (*path, count[path]) if path in count else path
        path = (*path, name)
    if table:
        count[path] = count.get(path, -1) + 1
    return (*path, count[path]) if path in count else path


def _names(told: list[str]) -> list[str]:
    return [name.strip("\"'") for name in told]
