"""Tables in docs/ that repeat the code are held against it, and links in the documents lead somewhere."""

import re
import tomllib
from pathlib import Path

import pytest

from consoles import doctor_command
from contract import rules
from contract.hall_part import Box
from contract.hints import HINTS
from coordinator.config import Options
from runtime import config

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PAGES = sorted([*ROOT.glob("*.md"), *DOCS.rglob("*.md")])
ROOMS = ("consoles", "contract", "coordinator", "displays", "kiosk", "look")


def rows(page, columns):
    """First cell without backticks → the other cells, of every table with so many columns."""
    lines = [line for line in (DOCS / page).read_text("utf-8").splitlines() if line.startswith("| `")]
    cells = [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines]
    return {row[0].strip("`"): row[1:] for row in cells if len(row) == columns}


@pytest.mark.parametrize("fault", HINTS)
def test_the_technicians_page_tells_every_fault_and_its_next_step(fault):
    hint = HINTS[fault]
    assert rows("technician.md", 3)[fault] == [hint.cause, hint.step]


def test_the_technicians_configuration_is_one_the_coordinator_takes(tmp_path):
    file = tmp_path / "coordinator.toml"
    file.write_text(re.findall(r"```toml\n(.*?)```", (DOCS / "technician.md").read_text("utf-8"), re.DOTALL)[0])
    options = config.read(file, Options)
    assert options.broker.dev == "coordinator"
    assert set(tomllib.loads(file.read_text())) >= {"hall", "journal", "room_mib", "broker"}


def test_the_technicians_doctor_is_one_the_command_takes(tmp_path):
    file = tmp_path / "doctor.toml"
    file.write_text(re.findall(r"```toml\n(.*?)```", (DOCS / "technician.md").read_text("utf-8"), re.DOTALL)[1])
    assert config.read(file, doctor_command.Options).broker.dev == "doctor-1"


def test_the_technicians_box_is_one_a_hall_takes():
    block = re.findall(r"```json\n(.*?)```", (DOCS / "technician.md").read_text("utf-8"), re.DOTALL)[0]
    assert Box.model_validate_json(block).units[0].keys == 4


def test_the_managers_page_lists_exactly_the_rules_that_the_code_follows():
    sources = [file.read_text("utf-8") for room in ROOMS for file in (ROOT / room).rglob("*.py")]
    followed = {name for text in sources for name in re.findall(r'(?:\brule|\bwall_s)\("([a-z_.]+)"', text)}
    assert set(rows("manager.md", 3)) == followed
    assert f"{len(rules.knobs())} rules" in (DOCS / "manager.md").read_text("utf-8")


def test_the_managers_page_tells_the_defaults():
    for rule, (default, _) in rows("manager.md", 3).items():
        said = {"no": False, "yes": True, "none": None}.get(default, default.strip("`"))
        assert str(said) == str(rules.knobs()[rule].default), rule


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.name)
def test_every_link_to_a_page_leads_somewhere(page):
    links = re.findall(r"(?<!!)\[[^\]]*\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text("utf-8"))
    assert [link for link in links if not (page.parent / link).exists()] == []


def test_documents_name_only_commands_that_there_are():
    named = set(re.findall(r"\./vikno ([a-z-]+)", "".join(page.read_text("utf-8") for page in PAGES)))
    commands = re.findall(r'^    "([a-z-]+)": \(', (ROOT / "vikno.py").read_text("utf-8"), re.MULTILINE)
    assert named <= {*commands, "setup", "help"}
