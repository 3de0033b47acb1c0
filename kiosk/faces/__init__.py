"""The kiosk's screens, one function each. Pure."""

from glass import sheet
from kiosk.state import State

Sheet = sheet.Sheet[State]
