"""What was taken from others is exactly what the manifest says, with its licence; no page asks for anything else."""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path

CONSOLES = Path(__file__).parents[2] / "consoles"
VENDOR = CONSOLES / "static" / "vendor"


def test_vendored_files_are_those_of_the_manifest() -> None:
    manifest = json.loads((VENDOR / "manifest.json").read_text("utf-8"))
    named = {name: digest for package in manifest.values() for name, digest in package["files"].items()}
    found = {
        p.name: "sha256-" + hashlib.sha256(p.read_bytes()).hexdigest()
        for p in VENDOR.iterdir()
        if p.name != "manifest.json"
    }
    assert found == named
    assert any("LICENSE" in name for name in named)


def test_templates_have_no_inline_script_or_style_and_no_foreign_address() -> None:
    for template in (CONSOLES / "templates").rglob("*.*"):
        text = template.read_text("utf-8")
        assert not re.search(
            r"<script(?! src=\"/static/)|<style|\sstyle=|\son\w+=|hx-on|javascript:|https?://|//\w+\.", text
        ), template.name
