"""Who signed a card: certificates, the pinned bundle, passive authentication."""
