"""Items made before they had a tax class get one when the database is migrated."""

from collections.abc import AsyncIterator
from decimal import Decimal
from uuid import UUID, uuid4

import asyncpg
import pytest

from domain.items import ItemTaxClass, tax_class_of
from domain.tax import TaxCategory
from persistence.database import OWNER_ROLE, connect
from persistence.migration import migrate
from tests.conftest import cloned
from tests.migrating import before

OLDER = [
    *((TaxCategory.S, rate) for rate in ("19", "16", "10.7", "7.8", "7", "5.5", "5")),
    *((category, "0") for category in TaxCategory if category not in "SO"),
    (TaxCategory.O, None),
]


@pytest.fixture
async def before_items_grew(worker_id: str) -> AsyncIterator[str]:
    """A database as it was before items had a tax class."""
    async with cloned(f"older_items_{worker_id}") as url:
        await migrate(url, "base")
        await migrate(url, before("items"))
        yield url


async def test_an_older_item_gets_the_class_that_the_domain_would_give_it(before_items_grew: str):
    """The rule stands twice, in SQL and in Python; here they meet. It is stocked, not blocked."""
    url, tenant = before_items_grew, uuid4()
    older: dict[UUID, ItemTaxClass] = {}
    owner = await connect(url, OWNER_ROLE)
    for category, rate in OLDER:
        id = uuid4()
        await owner.execute(
            "insert into item (tenant_id, id, number, name, unit, unit_price, price_quantity,"
            " tax_category, tax_rate, created_at, updated_at, version) values ($1, $2, $3,"
            " 'Weizen', 'TONNE', 1, 1, $4, $5::text::numeric, now(), now(), 1)",
            *(tenant, id, f"{category} {rate}", category.value, rate),
        )
        older[id] = tax_class_of(category, None if rate is None else Decimal(rate))
    await owner.close()

    await migrate(url)

    admin = await asyncpg.connect(url)
    rows = await admin.fetch("select * from item where tenant_id = $1", tenant)
    await admin.close()
    assert {row["id"]: row["tax_class"] for row in rows} == older
    assert {(row["is_stocked"], row["is_blocked"], row["name_key"]) for row in rows} == {
        (True, False, "weizen")
    }
