"""The terminal's screens, one function each. Pure."""

from glass import sheet
from terminal.state import State

Sheet = sheet.Sheet[State]
