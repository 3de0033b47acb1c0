"""Migrations of the hall's journal."""
