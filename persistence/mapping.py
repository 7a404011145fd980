"""How aggregates meet their tables: imperative mapping, loaded whole, nothing by chance."""

from collections.abc import Callable
from enum import StrEnum
from typing import Any

from sqlalchemy import Dialect, String, TypeDecorator
from sqlalchemy.orm import registry, relationship

from persistence.changes import TOLD

mapper = registry()


class EnumText(TypeDecorator[StrEnum]):
    """A StrEnum kept as its value."""

    impl = String
    cache_ok = True

    def __init__(self, enum: type[StrEnum]) -> None:
        super().__init__(40)
        self.enum = enum

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        """Write the value; raise ValueError for one the enum does not have."""
        return None if value is None else self.enum(value).value

    def process_result_value(self, value: Any, dialect: Dialect) -> StrEnum | None:
        """Read the member."""
        return None if value is None else self.enum(value)


def owned(
    target: type,
    order_by: Any = None,
    told: Callable[[Any], str] | None = None,
    join: Any = None,
    foreign_keys: Any = None,
) -> Any:
    """A list of parts that live and die with their aggregate; loaded only on demand.

    `told` names a part in the journal, such as `lines.1`; without it, its changes are not told.
    `join` is needed where no foreign key leads from the part to its aggregate, `foreign_keys` where
    several do.
    """
    return relationship(
        target,
        primaryjoin=join,
        order_by=order_by,
        foreign_keys=foreign_keys,
        lazy="raise",
        cascade="all, delete-orphan",
        passive_deletes=True,
        info={TOLD: told} if told else {},
    )


def by_place(list_name: str, attribute: str = "position") -> Callable[[Any], str]:
    """Name parts by their list and what tells them apart, such as `lines.1`."""
    return lambda part: f"{list_name}.{getattr(part, attribute)}"
