"""Migrations of each kind of journal, run by alembic."""
