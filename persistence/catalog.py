"""How tables are written: types with their limits, tenant first in every key, personal columns."""

from typing import Any

from sqlalchemy import (
    Column,
    DateTime,
    ForeignKeyConstraint,
    Integer,
    MetaData,
    Numeric,
    PrimaryKeyConstraint,
    String,
    Table,
    Uuid,
)
from sqlalchemy.schema import SchemaItem

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


class Money(Numeric[Any]):
    """An amount in the currency of its row: numeric(18,2)."""

    cache_ok = True

    def __init__(self) -> None:
        super().__init__(18, 2)


class Quantity(Numeric[Any]):
    """A quantity or unit price: numeric(18,6)."""

    cache_ok = True

    def __init__(self) -> None:
        super().__init__(18, 6)


class Rate(Numeric[Any]):
    """A rate in percent: numeric(7,4)."""

    cache_ok = True

    def __init__(self) -> None:
        super().__init__(7, 4)


def tenant_table(name: str, *parts: SchemaItem, key: tuple[str, ...] = ("id",)) -> Table:
    """Declare a table whose primary key is (tenant_id, *key); row-level security guards it."""
    tenant = Column("tenant_id", Uuid, nullable=False)
    columns = [part for part in parts if isinstance(part, Column)]
    others = [part for part in parts if not isinstance(part, Column)]
    return Table(name, metadata, tenant, *columns, PrimaryKeyConstraint("tenant_id", *key), *others)


def identity() -> Column[Any]:
    """The `id` column, a UUIDv7 given by the unit of work."""
    return Column("id", Uuid, nullable=False)


def version() -> Column[Any]:
    """The counter that grows with every change and guards against lost updates."""
    return Column("version", Integer, nullable=False)


def moment(name: str, *, nullable: bool = False) -> Column[Any]:
    """A point in time, stored in UTC."""
    return Column(name, DateTime(timezone=True), nullable=nullable)


def reference(column: str, table: Table, *, target: str = "id") -> ForeignKeyConstraint:
    """A foreign key inside the tenant: (tenant_id, column) -> table(tenant_id, target)."""
    return ForeignKeyConstraint(
        ["tenant_id", column], [f"{table.name}.tenant_id", f"{table.name}.{target}"]
    )


def personal(
    name: str, length: int, *, subject: str, by: str, nullable: bool = True
) -> Column[Any]:
    """A text about a person: `subject` is the kind of person, column `by` names whose it is.

    The journal writer keeps such values apart, so that erasing them leaves the chain sound.
    """
    return Column(
        name, String(length), nullable=nullable, info={"personal": subject, "personal_by": by}
    )


def address_columns(
    *, subject: str, by: str, prefix: str = "", required: bool = True
) -> list[Column[Any]]:
    """The columns of domain.partners.Address, each marked as personal."""
    lengths = {"name": 200, "street": 200, "postcode": 20, "city": 100, "country": 2}
    optional = {"vat_id": 20, "tax_number": 30, "email": 254}
    return [
        personal(prefix + name, length, subject=subject, by=by, nullable=not required)
        for name, length in lengths.items()
    ] + [
        personal(prefix + name, length, subject=subject, by=by) for name, length in optional.items()
    ]
