"""Migrations of a box's journal."""
