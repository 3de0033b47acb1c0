"""What the journal tells of past days: asked in SQL, folded to figures, shown with a chart, given away as files."""
