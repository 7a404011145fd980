"""Enums of the domain as the schema shows them, every value with its words."""

from enum import Enum
from typing import Any

import strawberry


def described(enum: type[Enum], name: str, description: str, **values: str) -> Any:
    """Make a domain's enum one of the schema. Raises KeyError for a value without words."""
    shown: Any = strawberry.enum(enum, name=name, description=description)
    for value in shown.__strawberry_definition__.values:
        value.description = values[value.name]
    return shown
