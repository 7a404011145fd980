"""Subscriptions: what can be followed (`fields`), and how events reach subscribers (`groups`)."""
