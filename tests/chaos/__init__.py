"""Numbers stay gapless and the journal clean, whatever dies."""
