"""What can be said: Strawberry types, inputs, enums, scalars and problems. Declarations, no I/O."""
