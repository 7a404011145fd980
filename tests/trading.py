"""A company with a few of everything, for tests that only read."""

from dataclasses import dataclass, field

from domain.documents.kinds import State
from tests.erp import Erp, User

NASTY = 'Käse "Öl" \\ Söhne\n\t\u0001 <&> € 🐄 {"a": [1]} %s :tenant $1 \'; --'
"""Text that any layer between column and client could spoil."""

QUOTED = 'Käse "Öl" \\ Söhne & Co. 🐄 {"a": 1} %s :tenant $1 \'; --'
"""The same without control characters, which inputs refuse."""


@dataclass(slots=True)
class Trading:
    """A company, its admin, and the ids of what it has."""

    erp: Erp
    anna: User
    partners: list[str] = field(default_factory=list)
    items: list[str] = field(default_factory=list)
    prices: list[str] = field(default_factory=list)
    invoices: dict[State, str] = field(default_factory=dict)
    inbox: list[str] = field(default_factory=list)
    more: list[str] = field(default_factory=list)  # documents of other kinds, where a test adds any

    @property
    def ids(self) -> list[str]:
        """Every id that `node` knows."""
        return [
            *self.partners,
            *self.items,
            *self.prices,
            *self.invoices.values(),
            *self.inbox,
            *self.more,
        ]


async def trading(erp: Erp) -> Trading:
    """Let a company trade: invoices in every state, a printout, files read and not readable."""
    anna = await erp.sign_in("anna")
    company = Trading(erp, anna)
    company.partners = [
        await anna.create_partner(QUOTED, vatId="DE136695976", email="hof@example.org"),
        await anna.create_partner(
            "Agrar Nord eG", country="DK", postcode="6400", city="Sønderborg"
        ),
        await anna.create_partner("Zuckerrüben KG", paymentDays=30),
    ]
    company.items = [
        await anna.create_item(
            "W-1",
            unitPrice="210.50",
            priceQuantity="1000",
            units=[{"unit": "BIG_BAG", "factor": "0.5"}, {"unit": "BAG", "factor": "0.025"}],
            suppliers=[{"partnerId": company.partners[1], "itemNumber": QUOTED[:50]}],
        ),
        await anna.create_item("W-2", name=QUOTED, taxCategory="O", taxRate=None),
    ]
    company.prices = [await _price(company, **more) for more in PRICES]
    for place, state in enumerate(State):
        company.invoices[state] = await _invoice(company, state, company.partners[place % 2])
    for name in ("unlesbar.txt", "leer.xml", "rechnung.xml"):
        answer = await anna.import_file(name, f"{name} von {erp.tenant}".encode())
        company.inbox.append(answer.made["id"])
    await _read_and_print(company)
    return company


PRICES = (
    {"unitPrice": "209.999999", "quantityFrom": "10", "validFrom": "2026-01-01"},
    {"priceGroup": QUOTED[:40], "discountPercent": "7.5", "validUntil": "2026-12-31"},
)


async def _price(company: Trading, **more: str) -> str:
    """Write down a price of the first item."""
    given = {"validFrom": "2026-11-01", "itemId": company.items[0], **more}
    id: str = (await company.anna.do("createPrice", "price { id }", **given)).made["id"]
    return id


async def _invoice(company: Trading, state: State, partner: str) -> str:
    """Bring an invoice with two lines and two tax groups to a state."""
    anna, martin = company.anna, await company.erp.sign_in("martin")
    lines = [
        {"itemId": company.items[0], "quantity": "2.500000"},
        {
            "description": QUOTED,
            "quantity": "-0.5",
            "unit": "HOUR",
            "unitPrice": "19.999999",
            "taxCategory": "S",
            "taxRate": "19",
        },
        {
            "description": "Beratung",
            "quantity": "100",
            "unit": "PIECE",
            "unitPrice": "12.34",
            "taxCategory": "S",
            "taxRate": "19",
        },
    ]
    made = await anna.create_invoice(
        soldTo=partner,
        billTo=company.partners[2],
        lines=lines,
        note=QUOTED if state is State.DRAFT else None,
        issueDate=f"2026-11-{10 + len(company.invoices):02}",
    )
    match state:
        case State.PENDING | State.APPROVED | State.REJECTED | State.POSTED:
            await anna.submit(made)
        case State.DISCARDED:
            await anna.verb("discardDocument", made)
    match state:
        case State.APPROVED | State.POSTED:
            await martin.approve(made, note="in Ordnung")
        case State.REJECTED:
            await martin.reject(made, "zu teuer")
    if state is State.POSTED:
        await anna.post(made)
    assert made["state"] == state
    id: str = made["id"]
    return id


async def _read_and_print(company: Trading) -> None:
    """Do the worker's part by hand: one file unreadable, one read, one invoice printed."""
    owner, tenant = company.erp.owner, company.erp.tenant
    failed, _, read = (id.partition("_")[2] for id in company.inbox)
    await owner.execute(
        "update inbox_item set state = 'FAILED', failure_code = 'FILE_NOT_READABLE',"
        " failure_facts = '{\"seconds\": 60}' where tenant_id = $1 and id = $2::uuid",
        tenant,
        failed,
    )
    await owner.execute(
        "update inbox_item set state = 'READ', syntax = 'UBL', invoice_number = $3, line_count = 2,"
        " net = 1234.5, tax_total = 0, gross = 1234.5, seller_name = $4, issue_date = '2026-10-01',"
        " partner_id = $5::uuid where tenant_id = $1 and id = $2::uuid",
        tenant,
        read,
        "4711",
        NASTY,
        company.partners[0].partition("_")[2],
    )
    await owner.execute(
        "insert into printout (tenant_id, id, document_id, document_version, language, file_name,"
        " file_hash, file_size, printed_at) select $1, gen_random_uuid(), $2::uuid, 4, 'de',"
        " 'INV.pdf', hash, size, '2026-11-23 08:00:00.000100+01' from blob where tenant_id = $1"
        " and size = $3",
        tenant,
        company.invoices[State.POSTED].partition("_")[2],
        len(f"leer.xml von {tenant}"),
    )
