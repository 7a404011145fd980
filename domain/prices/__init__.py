"""Prices (Preise): what was agreed with whom for what, and which of several prices holds."""
