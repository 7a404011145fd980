"""Printing: what stands on paper, and links to the files made of it."""
