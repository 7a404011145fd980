"""Printing: contents of documents become PDF files."""
