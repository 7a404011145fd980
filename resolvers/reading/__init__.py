"""The reading engine's upper half: what was asked, as a Shape, and the executor that uses it.

`collect` turns a selection into a Shape; `executor` answers a Source by one SQL statement where
a Shape exists, and by rows and batch loaders (`loading`) where it does not.
"""
