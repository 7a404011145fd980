"""The parts of a document, and what goes along with it: tags, comments, attached files."""

import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated

import strawberry

from domain.amounts import TaxDifference as DomainTaxDifference
from domain.documents.kinds import Action as DomainAction
from domain.documents.kinds import State as DomainState
from domain.documents.lines import LineKind as DomainLineKind
from domain.documents.matching import Deviation as DomainDeviation
from domain.items import Unit
from domain.tax import TaxCategory, TaxReason, TaxWarning
from schema.documents.enums import DocumentKind
from schema.entities import shows
from schema.enums import described
from schema.identity import User
from schema.items import Item
from schema.partners import Partner
from schema.prices import PriceSource
from schema.printing import DownloadLink

if TYPE_CHECKING:
    from schema.documents.kinds import Document

LazyDocument = Annotated["Document", strawberry.lazy("schema.documents.kinds")]


@shows("document_party")
@strawberry.type(description="A partner as the document keeps it; later changes do not show.")
class Party:
    """A snapshot."""

    name: str = strawberry.field(description="Name or company.")
    street: str = strawberry.field(description="Street and house number.")
    postcode: str = strawberry.field(description="Postal code.")
    city: str = strawberry.field(description="City.")
    country: str = strawberry.field(description="Country, ISO 3166-1 alpha-2.")
    vat_id: str | None = strawberry.field(description="VAT id.")
    tax_number: str | None = strawberry.field(description="National tax number.")
    email: str | None = strawberry.field(description="E-mail.")
    partner: Partner | None = strawberry.field(description="The partner as it is today.")


@shows("document_line")
@strawberry.type(description="A line (Position) of a document.")
class DocumentLine:
    """A line as kept, and how far it has come."""

    id: strawberry.ID = strawberry.field(description="Its id, `lin_…`; it stays through changes.")
    position: int = strawberry.field(description="Its place, from 1.")
    kind: DomainLineKind = strawberry.field(description="What it is.")
    item_number: str | None = strawberry.field(description="Item number at the time.")
    item: Item | None = strawberry.field(description="The item as it is today.")
    description: str = strawberry.field(description="What is sold, or the text.")
    quantity: Decimal | None = strawberry.field(
        description="How much, in `unit`; null for texts, headings and subtotals."
    )
    unit: Unit | None = strawberry.field(description="The unit of the quantity.")
    stock_quantity: Decimal = strawberry.field(
        description="The quantity in the item's stock unit (Lagereinheit)."
    )
    unit_price: Decimal | None = strawberry.field(
        description="Net price of `priceQuantity` units; null where none is known yet."
    )
    price_quantity: Decimal = strawberry.field(description="How many units the price is for.")
    discount_percent: Decimal = strawberry.field(description="Discount of the line in percent.")
    price_reason: str | None = strawberry.field(description="Why the price is what it is.")
    price_source: PriceSource | None = strawberry.field(
        description="Where the price comes from; null without an item or a price."
    )
    found_price: Decimal | None = strawberry.field(
        description="Beside a price written by hand: the one that the price search found."
    )
    allowance_amount: Decimal | None = strawberry.field(description="An amount off the line.")
    charge_amount: Decimal | None = strawberry.field(description="An amount on top of it.")
    allowance_reason: str | None = strawberry.field(description="Why.")
    tax_category: TaxCategory | None = strawberry.field(description="Tax category.")
    tax_rate: Decimal | None = strawberry.field(description="Rate in percent; null for O.")
    exemption_reason: str | None = strawberry.field(description="Why no tax is shown.")
    tax_reason: TaxReason | None = strawberry.field(
        description="Why this tax was proposed; null where nothing was proposed."
    )
    tax_warning: TaxWarning | None = strawberry.field(
        description="What a person should look at before it is posted."
    )
    tax_override_reason: str | None = strawberry.field(
        description="Why another tax than proposed was written."
    )
    supply_date: datetime.date | None = strawberry.field(
        description="Day of supply of this line, where it differs from the document's."
    )
    account: str | None = strawberry.field(description="Account of a line without item (Konto).")
    cost_centre: str | None = strawberry.field(description="Cost centre (Kostenstelle).")
    net: Decimal = strawberry.field(
        description="Quantity x price less discount, rounded to cents (BT-131)."
    )
    amount_shown: Decimal | None = strawberry.field(
        description="What an optional line would cost; it is not counted. Of a subtotal the sum of"
        " what counts since the heading or the subtotal before it, with tax where prices have it."
    )
    ordered_quantity: Decimal = strawberry.field(description="Ordered or called off, posted.")
    delivered_quantity: Decimal = strawberry.field(description="Delivered or received, posted.")
    invoiced_quantity: Decimal = strawberry.field(description="Invoiced, posted.")
    returned_quantity: Decimal = strawberry.field(description="Sent back, posted.")
    credited_quantity: Decimal = strawberry.field(description="Credited, posted.")
    credited_net: Decimal = strawberry.field(
        description="What credit notes took off this line of an invoice, net, drafts counted; never"
        " more than `net`."
    )
    open_quantity: Decimal = strawberry.field(
        description="What still waits for the next step, drafts of it counted as taken; in `unit`."
    )
    confirmed_quantity: Decimal | None = strawberry.field(
        description="What the other side says to have received; null if nobody said."
    )
    is_closed: bool = strawberry.field(description="Whether the rest of it was ended.")
    closed_at: datetime.datetime | None = strawberry.field(description="When it was ended.")
    closed_reason: str | None = strawberry.field(description="Why it was ended.")
    is_price_correction: bool = strawberry.field(
        description="Whether it corrects the price of its source alone."
    )
    source_line_id: strawberry.ID | None = strawberry.field(
        description="The line it was made of, `lin_…`."
    )
    source_document_id: strawberry.ID | None = strawberry.field(
        description="The document it was made of, `doc_…`."
    )
    source_number: str | None = strawberry.field(
        description="The number of that document, such as that of the delivery note."
    )
    source_date: datetime.date | None = strawberry.field(
        description="The day of that document: of supply, or of issue."
    )
    source: LazyDocument | None = strawberry.field(description="The document it was made of.")


@shows("document_tax")
@strawberry.type(description="A group of the tax breakdown (BG-23).")
class DocumentTax:
    """A tax group."""

    category: TaxCategory = strawberry.field(description="Tax category.")
    rate: Decimal | None = strawberry.field(description="Rate in percent; null for O.")
    basis: Decimal = strawberry.field(description="Net amount of the group.")
    tax: Decimal = strawberry.field(description="Tax of the group, rounded once.")
    company_basis: Decimal = strawberry.field(description="The net in company currency.")
    company_tax: Decimal = strawberry.field(description="The tax in company currency (BT-111).")
    reason: str | None = strawberry.field(description="Why no tax is shown.")


@shows("document_allowance")
@strawberry.type(description="An allowance or charge of the whole document (BG-20, BG-21).")
class DocumentAllowance:
    """An allowance as agreed; what each tax group bears is in the tax breakdown."""

    position: int = strawberry.field(description="Its place, from 1.")
    is_charge: bool = strawberry.field(description="Whether it is put on top.")
    amount: Decimal | None = strawberry.field(description="The amount, if it is one.")
    percent: Decimal | None = strawberry.field(description="The percentage, if it is one.")
    reason: str | None = strawberry.field(description="Why.")
    code: str | None = strawberry.field(description="Reason code of UNTDID 5189 or 7161.")
    tax_category: TaxCategory | None = strawberry.field(
        description="The one tax group that bears it; null if all do."
    )
    tax_rate: Decimal | None = strawberry.field(description="The rate of that group.")


@shows("document_prepayment")
@strawberry.type(description="What a final invoice deducts of a prepayment, by tax group.")
class DocumentPrepayment:
    """A part of a prepayment invoice."""

    prepayment_id: strawberry.ID = strawberry.field(description="The prepayment invoice, `doc_…`.")
    number: str = strawberry.field(description="Its number.")
    issue_date: datetime.date = strawberry.field(description="Its date.")
    category: TaxCategory = strawberry.field(description="Tax category.")
    rate: Decimal | None = strawberry.field(description="Rate in percent.")
    net: Decimal = strawberry.field(description="Net of the prepayment in this group.")
    tax: Decimal = strawberry.field(description="The tax in it.")


@shows("document_stated_tax")
@strawberry.type(
    description="What a received document states for one tax rate, as it stands there."
)
class DocumentStatedTax:
    """Net and tax of a rate."""

    rate: Decimal = strawberry.field(
        description="Rate in percent (Steuersatz); 0 where no tax is shown."
    )
    net: Decimal = strawberry.field(description="The net amount stated for it (Nettobetrag).")
    tax: Decimal = strawberry.field(description="The tax stated for it (Steuerbetrag).")


described(
    DomainTaxDifference,
    "TaxDifference",
    "In what stated amounts of a tax rate differ from ours.",
    NET="The net amount (Nettobetrag) differs.",
    TAX="The tax (Steuerbetrag) differs.",
    NOT_STATED="Lines have this rate, the paper does not state it.",
    NOT_CALCULATED="The paper states this rate, no line has it.",
)


@strawberry.type(
    description="How a received document's stated net or tax differs from what its lines come to,"
    " beyond your tolerance (`company.matchTolerance`)."
)
class TaxFinding:
    """A finding."""

    kind: DomainTaxDifference = strawberry.field(description="In what it differs.")
    rate: Decimal = strawberry.field(description="The tax rate in percent; 0 for no tax.")
    stated: Decimal = strawberry.field(
        description="What is stated: net or tax, or both together where only one side has the rate."
    )
    calculated: Decimal = strawberry.field(description="What we calculate for the same.")
    message: str = strawberry.field(description="The finding as a sentence, in your language.")


@shows("document_author")
@strawberry.type(description="Somebody who changed the document; four eyes look at them all.")
class DocumentAuthor:
    """An author."""

    user: User = strawberry.field(description="Who.")


@shows("document_revision")
@strawberry.type(description="What an amended document said before (frühere Fassung).")
class DocumentRevision:
    """A revision that is no longer the present one."""

    revision: int = strawberry.field(description="Its number, from 1.")
    amended_at: datetime.datetime = strawberry.field(description="Until when it was the last one.")
    amender: User = strawberry.field(description="Who replaced it.")
    reason: str = strawberry.field(description="Why it was replaced.")
    content: str = strawberry.field(
        description="What it said: canonical JSON of header, partner ids and lines."
    )


@shows("document_allocation")
@strawberry.type(description="How much of a document was settled by another one (Zuordnung).")
class Allocation:
    """An allocation, seen from one of its two documents."""

    id: strawberry.ID = strawberry.field(description="Its id, `alc_…`; both documents show it.")
    counterpart_id: strawberry.ID = strawberry.field(
        description="The other document, `doc_…`: what paid this one, or what this one paid."
    )
    counterpart: LazyDocument | None = strawberry.field(
        description="The other document; null if you may not read its kind."
    )
    is_source: bool = strawberry.field(
        description="Whether this document is the payment or credit that settles the other one."
    )
    amount: Decimal = strawberry.field(description="How much was settled.")
    discount: Decimal = strawberry.field(
        description="Cash discount (Skonto) that settled more of the document that was paid."
    )
    discount_net: Decimal = strawberry.field(
        description="The net amount in that discount, by which the supply became cheaper."
    )
    discount_tax: Decimal = strawberry.field(
        description="The tax in that discount, by which the tax shrinks (§ 17 (1) UStG)."
    )
    settled_on: datetime.date = strawberry.field(
        description="From which day it counts (Ausgleichsdatum): when both documents were posted,"
        " or the day it was written down where that period is closed."
    )
    allocated_at: datetime.datetime = strawberry.field(description="When it was written down.")
    allocator: User = strawberry.field(description="Who allocated it.")
    is_undone: bool = strawberry.field(description="Whether it was taken back.")
    undone_at: datetime.datetime | None = strawberry.field(description="When it was taken back.")
    undone_on: datetime.date | None = strawberry.field(
        description="From which day it counts no more; what was open before that day stays so."
    )
    undoer: User | None = strawberry.field(description="Who took it back.")
    undo_reason: str | None = strawberry.field(description="Why it was taken back.")


@strawberry.type(description="Whether you may do something now, and if not, why.")
class AvailableAction:
    """An action with its answer."""

    action: DomainAction = strawberry.field(description="What.")
    allowed: bool = strawberry.field(description="Whether you may do it now.")
    code: str | None = strawberry.field(description="The code of the problem it would meet.")
    reason: str | None = strawberry.field(description="Why not, in your language.")


described(
    DomainDeviation,
    "MatchDeviation",
    "In what a received invoice differs from order and receipts.",
    QUANTITY="More or less was invoiced than received.",
    PRICE="The price is another than agreed.",
    CHARGE="A charge (Nebenkosten) that was not agreed, or another than agreed.",
    NOT_ORDERED="Goods without any order or receipt, or in an invoice of ordered goods any other"
    " line that nobody ordered.",
)


@strawberry.type(description="A deviation found by the three-way match (Rechnungsprüfung).")
class MatchFinding:
    """A finding."""

    position: int = strawberry.field(
        description="The line it is about; 0 for charges on the whole document."
    )
    deviation: DomainDeviation = strawberry.field(description="In what it deviates.")
    expected: Decimal = strawberry.field(
        description="What was expected: of QUANTITY a quantity in the line's unit, of all others"
        " the net sum of the whole line, not a price."
    )
    found: Decimal = strawberry.field(
        description="What the invoice says instead, less what was credited since."
    )
    expected_price: Decimal | None = strawberry.field(
        description="The agreed net price, less discount, for `priceQuantity` units of the line;"
        " null where no prices are compared."
    )
    found_price: Decimal | None = strawberry.field(
        description="The price that the invoice says, for the same units."
    )
    is_blocking: bool = strawberry.field(description="Whether it blocks the payment.")
    message: str = strawberry.field(description="The finding as a sentence, in your language.")


@strawberry.type(description="A document in the flow (Belegfluss) of another.")
class FlowNode:
    """A place in the flow."""

    id: strawberry.ID = strawberry.field(description="The document, `doc_…`.")
    kind: DocumentKind = strawberry.field(description="Its kind.")
    state: DomainState = strawberry.field(description="Where it stands in its life.")
    number: str | None = strawberry.field(description="Its number.")
    issue_date: datetime.date = strawberry.field(description="Its date.")
    distance: int = strawberry.field(
        description="Steps from the document asked about: negative upstream, positive downstream."
    )
    source_ids: list[strawberry.ID] = strawberry.field(
        description="The documents of this flow that it was made of, that it cancels, or, for a"
        " payment, that it pays."
    )
    document: LazyDocument | None = strawberry.field(
        description="The document itself; null if you may not read its kind."
    )


@shows("document_tag")
@strawberry.type(description="A word that people sort documents by (Schlagwort).")
class DocumentTag:
    """A tag."""

    name: str = strawberry.field(description="The word.")
    added_at: datetime.datetime = strawberry.field(description="Since when.")
    adder: User = strawberry.field(description="Who added it.")


@shows("document_comment")
@strawberry.type(description="A remark for colleagues (Kommentar); never printed.")
class DocumentComment:
    """A comment."""

    id: strawberry.ID = strawberry.field(description="Its id, `cmt_…`.")
    text: str = strawberry.field(description="What was said.")
    author: User = strawberry.field(description="Who said it.")
    written_at: datetime.datetime = strawberry.field(description="When it was written.")
    edited_at: datetime.datetime | None = strawberry.field(
        description="When its author changed it last."
    )


@shows("attachment")
@strawberry.type(description="A file that belongs to a document (Anhang).")
class Attachment:
    """An attached file."""

    id: strawberry.ID = strawberry.field(description="Its id, `att_…`.")
    file_name: str = strawberry.field(description="The name it came with.")
    media_type: str = strawberry.field(description="The type it came with.")
    file_hash: str = strawberry.field(description="SHA-256 of its bytes, hex.")
    file_size: int = strawberry.field(description="Bytes.")
    attached_at: datetime.datetime = strawberry.field(description="When it was attached.")
    attacher: User = strawberry.field(description="Who attached it.")
    download: DownloadLink = strawberry.field(description="A fresh link to the file.")
