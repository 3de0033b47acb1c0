"""Modules that call themselves pure know no clock, no chance, no wire and no file: neither they nor what they import.

Which modules are pure is said by themselves: the word "Pure" in the module's docstring. Which must say it follows from
their names, as in docs/house-style.md: the pure core of every room has the same file names.
"""

from __future__ import annotations

import ast
import re
import sys
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
APART = {"tests", "docs", "deploy", "build", "dist", "simulators", "bench", "demo", "firmware"}
"""Not the product, or (the firmware) held by its own rules."""

CORE = {"engine", "policy", "planner", "forecast", "simulate", "flow", "model", "frames", "layout", "render"}
"""File names of the pure core in any room."""

FORBIDDEN = {
    "asyncio", "concurrent", "escpos", "fastapi", "gpiozero", "http", "io", "kivy", "logging", "mmap", "multiprocessing",
    "os", "paho", "queue", "sched", "secrets", "select", "selectors", "serial", "shutil", "signal", "smartcard", "socket",
    "sqlalchemy", "sqlite3", "ssl", "structlog", "subprocess", "tempfile", "threading", "time", "urllib", "usb", "uuid",
}  # fmt: skip
PURE_PART = "urllib.parse"
"""Takes text apart; only its neighbours open connections."""
CALLS = {"now", "today", "utcnow", "localtime", "monotonic", "read_text", "read_bytes", "write_text", "write_bytes",
         "unlink", "mkdir", "rename", "exists", "is_file", "is_dir", "iterdir", "glob", "rglob", "stat"}  # fmt: skip
"""Methods by which a clock or a file is reached without an import of its own."""
NAMES = {"open", "print", "input", "exec", "eval", "breakpoint"}

OWN_DATA = {("contract.rules", "read_text")}
"""Reading data that is part of the package, once: as constant as the code."""


def modules() -> dict[str, Path]:
    """Dotted name → file of every product module."""
    found = {}
    rooms = [p for p in ROOT.iterdir() if p.is_dir() and p.name.isidentifier()]
    for path in (file for room in rooms for file in room.rglob("*.py")):
        parts = path.relative_to(ROOT).with_suffix("").parts
        if not APART.intersection(parts):
            found[".".join(parts).removesuffix(".__init__")] = path
    return found


MODULES = modules()


SAYS_PURE = re.compile(r"\b(Pure|PURE)\b(?! (but|of) )")
DOCSTRING = re.compile(r'\s*"""(.*?)"""', re.DOTALL)


@cache
def tree(name: str) -> ast.Module:
    return ast.parse(MODULES[name].read_text(encoding="utf-8"))


def says_pure(name: str) -> bool:
    # Read, not taken apart: that would be a third of what collecting the tests takes, in each process that runs some.
    told = DOCSTRING.match(MODULES[name].read_text(encoding="utf-8"))
    return told is not None and SAYS_PURE.search(told[1]) is not None


PURE = sorted(name for name in MODULES if says_pure(name))


@cache
def imports(name: str) -> set[str]:
    """What the module imports when it runs, wherever in it; imports for the type checker only are left out."""
    found: set[str] = set()

    def visit(node: ast.AST) -> None:
        if isinstance(node, ast.If) and ast.unparse(node.test).endswith("TYPE_CHECKING"):
            return
        if isinstance(node, ast.Import):
            found.update(a.name for a in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = name.split(".")[: -node.level] if node.level else []
            module = ".".join([*base, *([node.module] if node.module else [])])
            found.update({module, *(f"{module}.{a.name}" for a in node.names)})
        for child in ast.iter_child_nodes(node):
            visit(child)

    visit(tree(name))
    return found


def reach(name: str) -> set[str]:
    """The module, and every product module it stands on."""
    seen: set[str] = set()
    open_ = [name]
    while open_:
        here = open_.pop()
        if here not in seen:
            seen.add(here)
            open_ += [m for m in imports(here) if m in MODULES]
    return seen


def impure_calls(name: str) -> list[str]:
    found = []
    for node in ast.walk(tree(name)):
        if isinstance(node, ast.Call):
            call = node.func
            if isinstance(call, ast.Name) and call.id in NAMES:
                found.append(call.id)
            if isinstance(call, ast.Attribute) and call.attr in CALLS and (name, call.attr) not in OWN_DATA:
                found.append(ast.unparse(call))
        if isinstance(node, ast.Attribute) and ast.unparse(node.value) == "random" and node.attr != "Random":
            found.append(ast.unparse(node))
    return found


@pytest.mark.parametrize("name", PURE)
def test_a_pure_module_stands_on_nothing_that_touches_the_world(name: str) -> None:
    touched = {
        f"{module} imports {what}"
        for module in reach(name)
        for what in imports(module)
        if what.split(".")[0] in FORBIDDEN and not what.startswith(PURE_PART)
    }
    assert not touched


@pytest.mark.parametrize("name", PURE)
def test_a_pure_module_asks_no_clock_no_file_and_no_global_chance(name: str) -> None:
    assert impure_calls(name) == []


@pytest.mark.parametrize("name", sorted(n for n in MODULES if n.split(".")[-1] in CORE))
def test_the_core_of_a_room_says_that_it_is_pure(name: str) -> None:
    assert name in PURE


def test_the_contract_is_pure_but_for_the_command_that_writes_its_schema() -> None:
    assert [n for n in MODULES if n.split(".")[0] == "contract" and n not in PURE] == ["contract.schema"]


def test_the_walk_sees_what_it_is_there_to_see(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "leaf.py").write_text('"""Reads."""\ndef f():\n    import socket\n')
    (tmp_path / "top.py").write_text(
        '"""Pure."""\nimport random, room.leaf\nx = [random.random(), open("f"), d.now(tz)]\n'
    )
    for name in ("leaf", "top"):
        monkeypatch.setitem(MODULES, f"room.{name}", tmp_path / f"{name}.py")
    assert reach("room.top") == {"room.top", "room.leaf"}
    assert "socket" in imports("room.leaf")
    assert sorted(impure_calls("room.top")) == ["d.now", "open", "random.random"]
    assert says_pure("room.top")
    assert not says_pure("room.leaf")


def test_the_standard_modules_of_the_list_exist() -> None:
    others = {"escpos", "fastapi", "gpiozero", "kivy", "paho", "serial", "smartcard", "sqlalchemy", "structlog", "usb"}
    assert FORBIDDEN - others <= sys.stdlib_module_names
