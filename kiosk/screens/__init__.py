"""Kivy: draws faces and reports touches; decides nothing."""
