"""Fiscal registration: what the law wants known of each sale, owed on disk before it is asked for, and registered once."""
