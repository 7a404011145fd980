"""The demo company, small: what the domain made of the plan is as sound as everyday work."""

import hashlib
import json
from decimal import Decimal
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import aiohttp
import asyncpg
import pytest

from domain.documents.kinds import KINDS
from tests.erp import Erp
from web.cli import main
from web.demo_company import CompanyThere, Made, make_demo_company

pytestmark = pytest.mark.slow

SCALE = Decimal("0.02")
FIRST, AGAIN, OTHER = (UUID(f"0190000000007000800000000000de{n:02}") for n in (1, 2, 3))

_CONTENT = """
select d.kind, d.number, d.state, d.revision, d.issue_date, d.posting_date, d.due_date,
  d.created_at, d.updated_at, d.net, d.tax, d.gross, d.settled, d.discount_taken, d.payment_block,
  d.external_number, d.id, d.partner_id, d.cancels_id,
  (select json_agg(json_build_array(l.id, l.position, l.description, l.quantity, l.unit,
    l.unit_price, l.tax_category, l.tax_rate, l.net, l.source_number, l.open_quantity, l.closed_at,
    l.tax_reason, l.price_source) order by l.position)
   from document_line l where l.tenant_id = d.tenant_id and l.document_id = d.id) as lines,
  (select json_agg(json_build_array(p.role, p.name, p.vat_id, p.street) order by p.role)
   from document_party p where p.tenant_id = d.tenant_id and p.document_id = d.id) as parties
from document d where d.tenant_id = $1 order by d.id
"""


@pytest.fixture(scope="module")
async def made(database_url: str) -> Made:
    """The company, made once for this module."""
    return await make_demo_company(database_url, scale=SCALE, tenant=FIRST)


@pytest.fixture
async def company(
    made: Made, server: SimpleNamespace, owner: asyncpg.Connection, http: aiohttp.ClientSession
) -> Erp:
    """The company as its people see it."""
    return Erp(server, owner, http, FIRST)


async def digest(owner: asyncpg.Connection, tenant: UUID) -> str:
    """Return a digest of what a company's documents say, ids and times included."""
    rows = [dict(row) for row in await owner.fetch(_CONTENT, tenant)]
    return hashlib.sha256(json.dumps(rows, default=str).encode()).hexdigest()


async def test_its_books_are_sound(company: Erp, made: Made) -> None:
    """The journal verifies, numbers are gapless, totals are those of lines and taxes."""
    await company.check_books()

    documents = await company.owner.fetchval(
        "select count(*) from document where tenant_id = $1", FIRST
    )
    assert documents == made.documents >= 100
    assert (made.partners, made.items) == (24, 40)


async def test_every_kind_of_document_is_there_posted(company: Erp) -> None:
    """Whoever looks for an example of a kind finds one."""
    found = await company.owner.fetch(
        "select distinct kind from document where tenant_id = $1 and state = 'POSTED'", FIRST
    )

    assert {row["kind"] for row in found} == set(KINDS)


async def test_it_shows_what_happens_in_a_trade(company: Erp) -> None:
    """Each of the promised events has an example."""
    shown = await company.owner.fetchrow(
        """select
          count(*) filter (where revision > 1) > 0 as amended,
          count(*) filter (where cancels_id is not null) > 0 as cancelled,
          count(*) filter (where invoice_type = 'PREPAYMENT') > 0 as prepayment,
          count(*) filter (where invoice_type = 'FINAL' and prepaid > 0) > 0 as final,
          count(*) filter (where discount_taken > 0) > 0 as discount,
          count(*) filter (where state = 'DRAFT') > 0 as draft,
          count(*) filter (where state = 'PENDING') > 0 as pending,
          count(*) filter (where match_report like '%"is_blocking":true%') > 0 as deviation,
          count(*) filter (where answer = 'ACCEPTED') > 0 as accepted,
          bool_or(exists (select from document_line l where l.tenant_id = d.tenant_id
            and l.document_id = d.id and l.closed_at is not null)) as closed,
          bool_or(kind = 'SALES_INVOICE' and (select count(distinct source_document_id)
            from document_line l where l.tenant_id = d.tenant_id and l.document_id = d.id) > 1)
            as collective
        from document d where tenant_id = $1""",
        FIRST,
    )

    assert [name for name, is_shown in shown.items() if not is_shown] == []


async def test_no_line_is_taken_beyond_what_it_allows(company: Erp) -> None:
    """What was taken is at least what was posted, and within quantity and tolerance."""
    beyond = await company.owner.fetch(
        """select d.kind, d.number, l.position from document_line l
        join document d on d.tenant_id = l.tenant_id and d.id = l.document_id
        where l.tenant_id = $1 and l.stock_quantity > 0 and (
          greatest(l.taken_order, l.taken_delivery, l.taken_return, l.taken_credit) > l.quantity_max
          or l.taken_invoice > coalesce(l.invoice_max, l.taken_invoice)
          or l.ordered > l.taken_order or l.delivered > l.taken_delivery
          or l.invoiced > l.taken_invoice or l.returned > l.taken_return
          or l.credited > l.taken_credit)""",
        FIRST,
    )

    assert [tuple(row) for row in beyond] == []


@pytest.mark.parametrize(
    ("source", "target", "counter"),
    [
        ("SALES_ORDER", "DELIVERY_NOTE", "delivered"),
        ("DELIVERY_NOTE", "SALES_INVOICE", "invoiced"),
        ("PURCHASE_ORDER", "GOODS_RECEIPT", "delivered"),
        ("GOODS_RECEIPT", "SUPPLIER_INVOICE", "invoiced"),
        ("GOODS_RECEIPT", "SELF_BILLED_INVOICE", "invoiced"),
        ("CUSTOMER_RETURN", "SALES_CREDIT_NOTE", "credited"),
    ],
)
async def test_a_line_counts_what_its_follow_ups_say(
    company: Erp, source: str, target: str, counter: str
) -> None:
    """The sum over the posted follow-ups of a line, cancelled ones left out, is its counter."""
    rows = await company.owner.fetch(
        f"""select l.{counter} as counted, sum(f.stock_quantity) as told from document_line l
        join document d on d.tenant_id = l.tenant_id and d.id = l.document_id
        join document_line f on f.tenant_id = l.tenant_id and f.source_line_id = l.id
        join document t on t.tenant_id = f.tenant_id and t.id = f.document_id
        where l.tenant_id = $1 and d.kind = $2 and t.kind = $3 and t.state = 'POSTED'
          and t.cancelled_by_id is null and t.cancels_id is null
        group by l.id, l.{counter}""",
        FIRST,
        source,
        target,
    )

    assert rows
    assert [(row["counted"], row["told"]) for row in rows if row["counted"] != row["told"]] == []


async def test_open_items_are_invoices_less_payments(company: Erp) -> None:
    """What is settled of a document is the sum of its allocations, cash discount included."""
    rows = await company.owner.fetch(
        """select d.number, d.kind, abs(d.settled) as settled, (
          select coalesce(sum(a.amount + case when a.document_id = d.id then a.discount else 0 end),
            0) from payment_allocation a where a.tenant_id = d.tenant_id
            and d.id in (a.payment_id, a.document_id) and a.undone_at is null) as allocated,
          abs(d.payable) as payable
        from document d where d.tenant_id = $1 and d.state = 'POSTED' and d.kind = any($2)""",
        FIRST,
        [kind.name for kind in KINDS.values() if kind.owed],
    )

    assert [tuple(row) for row in rows if row["settled"] != row["allocated"]] == []
    assert [tuple(row) for row in rows if row["settled"] > row["payable"]] == []
    states = {(row["settled"] > 0, row["settled"] < row["payable"]) for row in rows}
    assert states >= {(True, False), (False, True)}  # paid, and open


async def test_nobody_approved_an_own_payment(company: Erp) -> None:
    """Money goes out by four eyes only, in the demo company too."""
    rows = await company.owner.fetch(
        "select requested_by, decided_by, decision from approval where tenant_id = $1", FIRST
    )

    assert rows
    assert all(row["requested_by"] != row["decided_by"] for row in rows)


async def test_its_people_read_it_through_the_api(company: Erp, made: Made) -> None:
    """What was made is what clients see."""
    anna = await company.sign_in()

    answer = await anna.ask("{ partners(first: 1) { totalCount } items(first: 1) { totalCount } }")

    counted: dict[str, Any] = answer.data
    assert counted["partners"]["totalCount"] == made.partners
    assert counted["items"]["totalCount"] == made.items


async def test_the_same_seed_makes_the_same_company(
    made: Made, owner: asyncpg.Connection, database_url: str
) -> None:
    """Ids, times, numbers and amounts are those of the first one; another seed makes others."""
    again = await make_demo_company(database_url, scale=SCALE, tenant=AGAIN)
    await make_demo_company(database_url, scale=SCALE, tenant=OTHER, seed=2)

    assert again == made
    assert await digest(owner, AGAIN) == await digest(owner, FIRST)
    assert await digest(owner, OTHER) != await digest(owner, FIRST)


async def test_a_second_demo_company_is_refused(made: Made, database_url: str) -> None:
    """It would stand beside the first one under the same name; nothing is made."""
    with pytest.raises(CompanyThere, match="Landhandel Elbmarsch GmbH is in this database already"):
        await make_demo_company(database_url, scale=SCALE, tenant=FIRST)


def test_a_machine_set_up_for_production_is_refused(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Its people would come from the development issuer."""
    monkeypatch.setenv("NEUROERP_MODE", "production")

    assert main(["demo-company"]) == 1
    assert "a demo company is for development only" in capsys.readouterr().err


@pytest.mark.parametrize("scale", ["0", "-1", "NaN", "11", "much"])
def test_a_scale_is_a_number_above_zero(scale: str, capsys: pytest.CaptureFixture[str]) -> None:
    """It is refused before a database is looked for."""
    with pytest.raises(SystemExit):
        main(["demo-company", "--scale", scale])
    assert "a number above 0, 10 at the most" in capsys.readouterr().err
