"""Days that were recorded, played again under these rules or others."""
