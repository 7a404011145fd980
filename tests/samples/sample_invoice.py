"""Our own sales invoices to print: a seller, two customers and lines as a test needs them."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

from domain.documents.document import Document
from domain.documents.drafts import DocumentDraft, PartyDraft
from domain.documents.kinds import KINDS, ApprovalMode, PartyRole
from domain.documents.lines import LineDraft
from domain.identity import Language
from domain.items import Item, ItemDraft, Unit
from domain.partners import Address, Partner, PartnerDraft
from domain.prices.price import PriceSource
from domain.prices.search import PriceFound
from domain.printing.contents import Contents, Paper, contents_of
from domain.printing.letterhead import Letterhead
from domain.tax import TaxCategory

TENANT, AUTHOR = UUID(int=1), UUID(int=2)
NOW = datetime(2026, 3, 5, 9, 30, tzinfo=UTC)
TODAY = date(2026, 3, 5)
DE, EN = Language.DE, Language.EN
S, AE, E, G = TaxCategory.S, TaxCategory.AE, TaxCategory.E, TaxCategory.G
SELLER = Address(
    "Hofgut Lindenau GmbH",
    "Am Speicher 12",
    "04177",
    "Leipzig",
    vat_id="DE136695976",
    tax_number="232/107/00542",
)
LETTERHEAD = Letterhead(
    phone="+49 341 5550-120",
    email="rechnung@lindenau.example",
    iban="DE75512108001245126199",
    bic="SOGEDEFFXXX",
    bank="Société Générale",
    legal_notice="Geschäftsführung: Anna Weber · Amtsgericht Leipzig, HRB 12345",
)
SCREWS = Item(
    id=UUID(int=9),
    tenant_id=TENANT,
    draft=ItemDraft(
        number="A-1007",
        name="Schrauben M8",
        unit=Unit.PIECE,
        unit_price=Decimal("19.90"),
        price_quantity=Decimal(100),
        tax_category=S,
        tax_rate=Decimal(19),
    ),
    today=TODAY,
)
LISTED = PriceFound(Decimal("19.90"), Decimal(100), Unit.PIECE, "EUR", None, PriceSource.LIST, None)
SCREWS_LINE = LineDraft(id=UUID(int=8), quantity=Decimal(250), item_id=SCREWS.id, found=LISTED)


def a_partner(
    number: int, *address: str, known: Mapping[str, Any] = {}, **optional: str
) -> Partner:
    draft = PartnerDraft(Address(*address, **optional), **known)
    return Partner(id=UUID(int=number), tenant_id=TENANT, number=f"{number}", draft=draft)


MUELLER = a_partner(
    11, "Müller & Söhne", "Hauptstraße 7", "39104", "Magdeburg", vat_id="DE123456788"
)
ALPENHOF = a_partner(12, "Alpenhof\nEinkauf", "Ring 8", "1070", "Wien", "AT", vat_id="ATU12345675")


def a_line(price: str, category: TaxCategory, rate: str | None = None, **said: Any) -> LineDraft:
    return LineDraft(
        id=uuid4(),
        quantity=said.pop("quantity", Decimal(1)),
        description=said.pop("description", "Beratung"),
        unit=said.pop("unit", Unit.HOUR),
        unit_price=Decimal(price),
        tax_category=category,
        tax_rate=Decimal(rate) if rate else None,
        **said,
    )


def an_invoice(*lines: LineDraft, posted: bool = True, **said: Any) -> Document:
    customer = PartyDraft(said.pop("bill_to", MUELLER))
    sold_to = PartyDraft(said.pop("sold_to", customer.partner))
    ship_to = PartyDraft(said.pop("ship_to", customer.partner))
    parties = {
        PartyRole.SOLD_TO: sold_to,
        PartyRole.BILL_TO: customer,
        PartyRole.SHIP_TO: ship_to,
    }
    dates = {"issue_date": TODAY, "supply_date": date(2026, 3, 3)}
    draft = DocumentDraft(lines=lines, items={SCREWS.id: SCREWS}, parties=parties, **dates | said)
    invoice = Document.drafted(
        draft,
        id=UUID(int=3),
        tenant_id=TENANT,
        kind=KINDS["SALES_INVOICE"],
        currency="EUR",
        by=AUTHOR,
        at=NOW,
        today=TODAY,
    )
    if posted:
        invoice.post(seller=SELLER, by=AUTHOR, at=NOW, mode=ApprovalMode.NONE)
        invoice.number = "INV-2026-00042"
    return invoice


def said_by(*lines: LineDraft, language: Language = DE, **said: Any) -> Contents:
    return contents_of(an_invoice(*lines, **said), Paper(LETTERHEAD, language))
