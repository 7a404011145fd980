"""What happens when an operation arrives: thin functions, and the reading engine's upper half."""
