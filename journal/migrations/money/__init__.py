"""Migrations of a terminal's money journal."""
