"""Demo data: two companies, their partners and items, made by the same rules as everything."""

from datetime import UTC, datetime
from decimal import Decimal

import uuid_utils.compat

from domain.documents.kinds import ApprovalMode
from domain.identity import ADMIN, Actor, Language
from domain.items import Item, ItemDraft, Unit
from domain.partners import Address, Partner, PartnerDraft
from persistence.database import OWNER_ROLE, Database, connect
from persistence.identity import remember_user
from persistence.tenants import create_tenant
from persistence.unit_of_work import Services, UnitOfWork, unit_of_work
from web.development import ISSUER, KRAUSE, USERS, WESER

COMPANIES = {
    WESER: (
        {
            "name": WESER.name,
            "street": "Hafenstraße 12",
            "postcode": "28217",
            "city": "Bremen",
            "country": "DE",
            "vat_id": "DE999110013",
            "tax_number": "60/123/45678",
            "email": "rechnung@weser.example",
            "phone": "+49 421 000000",
            "iban": "DE89370400440532013000",
            "bic": "COBADEFFXXX",
            "bank": "Commerzbank",
            "legal_notice": "Sitz Bremen, Amtsgericht Bremen HRB 00000, Geschäftsführer: W. Weser",
        },
        {"SALES_INVOICE": ApprovalMode.ALWAYS},
    ),
    KRAUSE: (
        {
            "name": KRAUSE.name,
            "street": "Gartenweg 3",
            "postcode": "27283",
            "city": "Verden",
            "country": "DE",
            "vat_id": "DE999220027",
            "tax_number": "48/000/00000",
            "email": "buero@krause.example",
            "phone": "+49 4231 00000",
            "iban": "DE89370400440532013000",
            "bic": "COBADEFFXXX",
            "bank": "Commerzbank",
            "legal_notice": "Amtsgericht Walsrode HRA 00000, Inhaber: K. Krause",
        },
        {"SALES_INVOICE": ApprovalMode.NONE},
    ),
}

_BEHRENS = Address("Agrar Behrens KG", "Am Speicher 8", "31582", "Nienburg", vat_id="DE999330033")
_NORDTAL = Address("Molkerei Nordtal eG", "Milchstraße 1", "26603", "Aurich")
_VAN_DIJK = Address("Van Dijk Zaden B.V.", "Zaadweg 9", "9711", "Groningen", "NL", "NL123456789B01")
PARTNERS = (
    PartnerDraft(Address("Hofgemeinschaft Lindenau", "Lindenallee 4", "27318", "Hoya")),
    PartnerDraft(_BEHRENS, is_supplier=True, payment_days=30),
    PartnerDraft(
        Address("Molkerei Nordtal eG", "Milchstraße 1", "26603", "Aurich"), payment_days=21
    ),
    PartnerDraft(_VAN_DIJK, is_supplier=True, language=Language.EN, payment_days=30),
)

ITEMS = (
    ("W-100", "Winterweizen Asano, Saatgut", Unit.TONNE, "620", "1", "7"),
    ("D-200", "Kalkammonsalpeter 27 % N", Unit.TONNE, "348.50", "1", "19"),
    ("F-300", "Milchleistungsfutter 18/4", Unit.KILOGRAM, "31.90", "100", "7"),
    ("K-400", "Kabelbinder 300 mm", Unit.PIECE, "19.90", "100", "19"),
    ("L-500", "Hydrauliköl HLP 46", Unit.LITRE, "3.45", "1", "19"),
    ("S-600", "Montage und Einweisung", Unit.HOUR, "68", "1", "19"),
)


async def ensure_demonstration(url: str) -> None:
    """Make the demo companies with their master data, unless they are there."""
    owner = await connect(url, OWNER_ROLE)
    try:
        now = datetime.now(UTC)
        missing = [
            company
            for company, (facts, approvals) in COMPANIES.items()
            if await create_tenant(owner, company.id, facts, approvals, str(now.year))
        ]
    finally:
        await owner.close()
    if not missing:
        return
    database = await Database.open(url)
    services = Services(
        lambda: datetime.now(UTC), uuid_utils.compat.uuid7, lambda tenant, position, jobs: None
    )
    try:
        for company in missing:
            admin = next(user for user in USERS if user.company == company and user.role == "admin")
            user = await remember_user(
                database, company.id, ISSUER, admin.email, admin.name, admin.email
            )
            assert user is not None, "the company was made above"
            actor = Actor(company.id, user, frozenset({ADMIN}))
            async with unit_of_work(database, actor, services) as work:
                await _fill(work)
    finally:
        await database.close()


async def _fill(work: UnitOfWork) -> None:
    for draft in PARTNERS:
        work.partners.add(
            Partner(
                id=work.new_id(),
                tenant_id=work.actor.tenant,
                number=await work.partners.next_number(),
                draft=draft,
            )
        )
    for number, name, unit, price, per, rate in ITEMS:
        work.items.add(
            Item(
                id=work.new_id(),
                tenant_id=work.actor.tenant,
                draft=ItemDraft(
                    number=number,
                    name=name,
                    unit=unit,
                    unit_price=Decimal(price),
                    price_quantity=Decimal(per),
                    tax_rate=Decimal(rate),
                ),
                today=work.now.date(),
            )
        )
