"""The reading engine's lower half: a Shape becomes one SQL statement that returns finished JSON."""
