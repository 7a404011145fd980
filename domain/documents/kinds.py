"""The table of kinds: what a kind of document has and does is said here once.

The GraphQL type, the inputs, the CHECK in the database, the number series, the conversions, the
print template, the scopes and the docs follow this table. A new kind is a new entry and a GraphQL
type, not a copy of code.
"""

from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    """The life of every kind. Cancelled, paid or overdue are facts computed elsewhere."""

    DRAFT = "DRAFT"
    PENDING = "PENDING"
    APPROVED = "APPROVED"
    REJECTED = "REJECTED"
    POSTED = "POSTED"
    DISCARDED = "DISCARDED"


class Action(StrEnum):
    """What somebody may do with a document."""

    READ = "READ"
    CREATE = "CREATE"
    UPDATE = "UPDATE"
    SUBMIT = "SUBMIT"
    APPROVE = "APPROVE"
    REJECT = "REJECT"
    POST = "POST"
    DISCARD = "DISCARD"
    PRINT = "PRINT"
    CONVERT = "CONVERT"
    AMEND = "AMEND"
    CLOSE_LINES = "CLOSE_LINES"
    REOPEN_LINES = "REOPEN_LINES"
    CANCEL = "CANCEL"
    RECORD_SENT = "RECORD_SENT"
    RECORD_ANSWER = "RECORD_ANSWER"
    CONFIRM_RECEIVED = "CONFIRM_RECEIVED"
    REASSIGN = "REASSIGN"
    RECORD_OBJECTION = "RECORD_OBJECTION"
    BLOCK_PAYMENT = "BLOCK_PAYMENT"
    RELEASE_PAYMENT = "RELEASE_PAYMENT"
    SETTLE = "SETTLE"
    UNSETTLE = "UNSETTLE"
    PROGRESS = "PROGRESS"
    TAG = "TAG"
    COMMENT = "COMMENT"
    EDIT_COMMENT = "EDIT_COMMENT"
    REMOVE_COMMENT = "REMOVE_COMMENT"
    ATTACH_FILE = "ATTACH_FILE"
    REMOVE_FILE = "REMOVE_FILE"


class PartyRole(StrEnum):
    """Whom a document names. SELLER or BUYER is our own company, kept as it was at posting."""

    SELLER = "SELLER"
    BUYER = "BUYER"
    SOLD_TO = "SOLD_TO"
    BILL_TO = "BILL_TO"
    SHIP_TO = "SHIP_TO"
    SUPPLIER = "SUPPLIER"


class ApprovalMode(StrEnum):
    """Whether a tenant's kind passes PENDING and APPROVED. BY_RULE without a rule asks always."""

    NONE = "NONE"
    BY_RULE = "BY_RULE"
    ALWAYS = "ALWAYS"


class PaymentMethod(StrEnum):
    """How money moved. OFFSET: it did not, a claim of the other side was set against it."""

    BANK_TRANSFER = "BANK_TRANSFER"
    DIRECT_DEBIT = "DIRECT_DEBIT"
    CASH = "CASH"
    CARD = "CARD"
    CHEQUE = "CHEQUE"
    OFFSET = "OFFSET"


class Step(StrEnum):
    """A place in the chain of the trade, the same on both sides."""

    INQUIRY = "INQUIRY"
    OFFER = "OFFER"
    CONTRACT = "CONTRACT"
    ORDER = "ORDER"
    DELIVERY = "DELIVERY"
    INVOICE = "INVOICE"
    RETURN = "RETURN"
    CREDIT_NOTE = "CREDIT_NOTE"
    PAYMENT = "PAYMENT"


_SETTLING = (Action.SETTLE, Action.UNSETTLE)
_WITH_REMAINDER = (Step.OFFER, Step.CONTRACT, Step.ORDER, Step.DELIVERY, Step.RETURN)
"""Steps whose lines wait for what follows, until it came or the rest is closed."""

SALES = "sales"
PURCHASE = "purchase"

_CUSTOMER = (PartyRole.SOLD_TO, PartyRole.BILL_TO, PartyRole.SHIP_TO)
_PAYER = (PartyRole.BILL_TO,)
_SUPPLIER = (PartyRole.SUPPLIER,)
_TEXTS = ("opening_text", "closing_text", "note")
_SUPPLIED = ("supply_date", "supply_until")
_INVOICED = (*_SUPPLIED, "payment_days")
_STATED = ("stated_taxes",)
_BONUS = ("bonus_from", "bonus_until")
_PAID = ("amount", "method", "bank_reference", "note")
_ISSUED = ("issue_date",)
_TERMS = ("issue_date", "payment_days")
_DUE = ("issue_date", "payment_days", "due_date")
_VALUED = ("issue_date", "due_date", "method")


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of document.

    `event` starts the type of its journal events and names its GraphQL type; `fields` are the
    header fields of a draft that only some kinds have; `targets` are the kinds it converts to;
    `required` lists columns that are never empty for this kind, `required_to_post` those that
    posting asks for. `priced` kinds show prices and tax, the others carry what was agreed unseen.
    `received` kinds come from outside and keep the number they came with. An `amendable` kind gets
    revisions under its number, any other is immutable once posted and may be cancelled. `owed` is
    the sign with which it enters the open items of its side: an invoice +1, what lessens it (a
    credit note, a payment) -1. A kind without lines (`has_lines`) states one amount. Where a kind
    `books_costs`, a line without item says on which account and cost centre before it is final: an
    item leads to both, rent and freight do not. That are bills and credits of suppliers: an order
    or a receipt costs nothing yet, and a self-billed invoice pays for goods. `approval` is how a
    new company wants it approved. `print_template` names the layout of
    domain.printing.layouts that prints it, "" is never printed.
    """

    name: str
    event: str
    german: str
    side: str
    step: Step
    series: str
    number_template: str
    fields: tuple[str, ...]
    targets: tuple[str, ...] = ()
    required: tuple[str, ...] = _ISSUED
    required_to_post: tuple[str, ...] = ("posting_date",)
    priced: bool = True
    received: bool = False
    books_costs: bool = False
    amendable: bool = False
    owed: int = 0
    has_lines: bool = True
    approval: ApprovalMode = ApprovalMode.NONE
    type_code: str | None = None  # UNTDID 1001, where e-invoices name it
    print_template: str = ""

    @property
    def parties(self) -> tuple[PartyRole, ...]:
        """The roles that a draft names."""
        if not self.has_lines:
            return _PAYER if self.side == SALES else _SUPPLIER
        return _CUSTOMER if self.side == SALES else _SUPPLIER

    @property
    def we_are(self) -> PartyRole:
        """The role of our own company."""
        return PartyRole.SELLER if self.side == SALES else PartyRole.BUYER

    @property
    def actions(self) -> frozenset[Action]:
        """What can ever be done with a posted document of this kind, beyond looking at it."""
        if not self.has_lines:
            return frozenset({Action.CANCEL, Action.REASSIGN, *_SETTLING})
        found = {Action.PROGRESS, Action.REASSIGN}
        found |= set(_SETTLING) if self.owed else set()
        found |= {Action.PRINT} if self.print_template else set()
        found |= {Action.CONVERT} if self.targets else set()
        found |= {Action.AMEND} if self.amendable else {Action.CANCEL}
        found |= set() if self.received else {Action.RECORD_SENT}
        if self.step in (Step.OFFER, Step.INQUIRY):
            found.add(Action.RECORD_ANSWER)
        if self.type_code == "389":
            found.add(Action.RECORD_OBJECTION)
        if self.is_matched:
            found |= {Action.BLOCK_PAYMENT, Action.RELEASE_PAYMENT}
        if self.step is Step.DELIVERY:
            found.add(Action.CONFIRM_RECEIVED)
        if self.step in _WITH_REMAINDER:
            found |= {Action.CLOSE_LINES, Action.REOPEN_LINES}
        return frozenset(found)

    @property
    def is_matched(self) -> bool:
        """Whether it is compared with order and receipts before it is paid."""
        return self.received and self.owed > 0

    @property
    def states_taxes(self) -> bool:
        """Whether what it states of net and tax per rate is kept beside what we calculate."""
        return "stated_taxes" in self.fields

    @property
    def tells_purchase_prices(self) -> bool:
        """Whether posting it tells what goods cost lately: a receipt, or what we are billed."""
        bought = self.step is Step.DELIVERY or (self.step is Step.INVOICE and self.is_billing)
        return self.side == PURCHASE and bought

    def is_contract_of(self, side: str) -> bool:
        """Say whether it is a contract of that side."""
        return self.step is Step.CONTRACT and self.side == side

    @property
    def names_sources(self) -> bool:
        """Whether lines that are written by hand may name the line they come from."""
        return self.is_matched or self.step is Step.CREDIT_NOTE

    @property
    def printed_by_posting(self) -> bool:
        """Whether posting prints it by itself; what we received is printed only on demand."""
        return bool(self.print_template) and not self.received

    @property
    def is_self_billed(self) -> bool:
        """Whether we write the invoice of our supplier (section 14 (2) sentence 2 UStG)."""
        return self.side == PURCHASE and self.is_billing and not self.received

    @property
    def is_billing(self) -> bool:
        """Whether it is an invoice or a correction of one, with all that the law wants on it."""
        return self.owed != 0 and self.has_lines

    @property
    def is_payment(self) -> bool:
        """Whether money moved: it is allocated to what it pays."""
        return self.step is Step.PAYMENT

    @property
    def owed_to_us(self) -> int:
        """Which way it is owed: +1 they owe us, -1 we owe them, 0 it is no open item."""
        return self.owed if self.side == SALES else -self.owed


KINDS: dict[str, Kind] = {
    kind.name: kind
    for kind in (
        Kind(
            name="SALES_INQUIRY",
            event="SalesInquiry",
            german="Kundenanfrage",
            side=SALES,
            step=Step.INQUIRY,
            series="sales_inquiry",
            number_template="INQ-{year}-{seq:5}",
            fields=("requested_date", "customer_reference", "external_number", *_TEXTS),
            targets=("SALES_OFFER", "SALES_ORDER"),
            priced=False,
            amendable=True,
        ),
        Kind(
            name="SALES_OFFER",
            event="SalesOffer",
            german="Angebot",
            side=SALES,
            step=Step.OFFER,
            series="sales_offer",
            number_template="ANG-{year}-{seq:5}",
            fields=(
                "valid_until",
                "requested_date",
                "payment_days",
                "customer_reference",
                *_TEXTS,
            ),
            targets=("SALES_ORDER", "SALES_CONTRACT", "SALES_INVOICE"),
            required=_TERMS,
            amendable=True,
            print_template="offer",
        ),
        Kind(
            name="SALES_CONTRACT",
            event="SalesContract",
            german="Verkaufskontrakt",
            side=SALES,
            step=Step.CONTRACT,
            series="sales_contract",
            number_template="VK-{year}-{seq:5}",
            fields=(
                "valid_from",
                "valid_until",
                "tolerance_percent",
                "price_fixed",
                "payment_days",
                "customer_reference",
                *_TEXTS,
            ),
            targets=("SALES_ORDER", "DELIVERY_NOTE"),
            required=_TERMS,
            required_to_post=("posting_date", "valid_from", "valid_until"),
            amendable=True,
            print_template="contract",
        ),
        Kind(
            name="SALES_ORDER",
            event="SalesOrder",
            german="Verkaufsauftrag",
            side=SALES,
            step=Step.ORDER,
            series="sales_order",
            number_template="SO-{year}-{seq:5}",
            fields=("requested_date", "payment_days", "customer_reference", *_TEXTS),
            targets=("DELIVERY_NOTE", "SALES_INVOICE"),
            required=_TERMS,
            amendable=True,
            print_template="order",
        ),
        Kind(
            name="DELIVERY_NOTE",
            event="DeliveryNote",
            german="Lieferschein",
            side=SALES,
            step=Step.DELIVERY,
            series="delivery",
            number_template="DL-{year}-{seq:5}",
            fields=(*_SUPPLIED, "payment_days", "carrier", "customer_reference", *_TEXTS),
            targets=("SALES_INVOICE", "CUSTOMER_RETURN"),
            required=_TERMS,
            required_to_post=("posting_date", "supply_date"),
            priced=False,
            print_template="delivery",
        ),
        Kind(
            name="SALES_INVOICE",
            event="SalesInvoice",
            german="Rechnung",
            side=SALES,
            step=Step.INVOICE,
            series="sales_invoice",
            number_template="INV-{year}-{seq:5}",
            fields=(*_INVOICED, "invoice_type", "customer_reference", *_TEXTS),
            targets=("CUSTOMER_RETURN", "SALES_CREDIT_NOTE"),
            required=_DUE,
            required_to_post=("supply_date", "posting_date"),
            owed=1,
            type_code="380",
            print_template="invoice",
        ),
        Kind(
            name="CUSTOMER_RETURN",
            event="CustomerReturn",
            german="Kundenrückgabe",
            side=SALES,
            step=Step.RETURN,
            series="customer_return",
            number_template="KR-{year}-{seq:5}",
            fields=("supply_date", "customer_reference", *_TEXTS),
            targets=("SALES_CREDIT_NOTE",),
            required_to_post=("posting_date", "supply_date"),
            priced=False,
            print_template="return",
        ),
        Kind(
            name="SALES_CREDIT_NOTE",
            event="SalesCreditNote",
            german="Rechnungskorrektur",
            side=SALES,
            step=Step.CREDIT_NOTE,
            series="sales_credit_note",
            number_template="RK-{year}-{seq:5}",
            fields=(*_INVOICED, *_BONUS, "customer_reference", *_TEXTS),
            required=_DUE,
            required_to_post=("supply_date", "posting_date"),
            owed=-1,
            type_code="381",
            print_template="correction",
        ),
        Kind(
            name="PURCHASE_INQUIRY",
            event="PurchaseInquiry",
            german="Einkaufsanfrage",
            side=PURCHASE,
            step=Step.INQUIRY,
            series="purchase_inquiry",
            number_template="PR-{year}-{seq:5}",
            fields=("requested_date", *_TEXTS),
            targets=("SUPPLIER_OFFER", "PURCHASE_ORDER"),
            priced=False,
            amendable=True,
            print_template="inquiry",
        ),
        Kind(
            name="SUPPLIER_OFFER",
            event="SupplierOffer",
            german="Lieferantenangebot",
            side=PURCHASE,
            step=Step.OFFER,
            series="supplier_offer",
            number_template="POF-{year}-{seq:5}",
            fields=("external_number", "valid_until", "requested_date", "payment_days", "note"),
            targets=("PURCHASE_ORDER", "PURCHASE_CONTRACT"),
            required=_TERMS,
            received=True,
            amendable=True,
        ),
        Kind(
            name="PURCHASE_CONTRACT",
            event="PurchaseContract",
            german="Einkaufskontrakt",
            side=PURCHASE,
            step=Step.CONTRACT,
            series="purchase_contract",
            number_template="EK-{year}-{seq:5}",
            fields=(
                "valid_from",
                "valid_until",
                "tolerance_percent",
                "price_fixed",
                "payment_days",
                "external_number",
                *_TEXTS,
            ),
            targets=("PURCHASE_ORDER", "GOODS_RECEIPT"),
            required=_TERMS,
            required_to_post=("posting_date", "valid_from", "valid_until"),
            amendable=True,
            print_template="contract",
        ),
        Kind(
            name="PURCHASE_ORDER",
            event="PurchaseOrder",
            german="Bestellung",
            side=PURCHASE,
            step=Step.ORDER,
            series="purchase_order",
            number_template="PO-{year}-{seq:5}",
            fields=("requested_date", "payment_days", "external_number", *_TEXTS),
            targets=("GOODS_RECEIPT", "SUPPLIER_INVOICE"),
            required=_TERMS,
            amendable=True,
            print_template="order",
        ),
        Kind(
            name="GOODS_RECEIPT",
            event="GoodsReceipt",
            german="Wareneingang",
            side=PURCHASE,
            step=Step.DELIVERY,
            series="goods_receipt",
            number_template="GR-{year}-{seq:5}",
            fields=(*_SUPPLIED, "payment_days", "external_number", "carrier", "note"),
            targets=("SUPPLIER_INVOICE", "SELF_BILLED_INVOICE", "SUPPLIER_RETURN"),
            required=_TERMS,
            required_to_post=("posting_date", "supply_date"),
            priced=False,
            received=True,
            print_template="receipt",
        ),
        Kind(
            name="SUPPLIER_INVOICE",
            event="SupplierInvoice",
            german="Eingangsrechnung",
            side=PURCHASE,
            step=Step.INVOICE,
            series="supplier_invoice",
            number_template="PINV-{year}-{seq:5}",
            fields=(*_INVOICED, *_STATED, "external_number", "note"),
            targets=("SUPPLIER_RETURN", "SUPPLIER_CREDIT_NOTE"),
            required=_DUE,
            required_to_post=("supply_date", "posting_date", "external_number"),
            received=True,
            books_costs=True,
            owed=1,
        ),
        Kind(
            name="SELF_BILLED_INVOICE",
            event="SelfBilledInvoice",
            german="Gutschrift",
            side=PURCHASE,
            step=Step.INVOICE,
            series="self_billed_invoice",
            number_template="GS-{year}-{seq:5}",
            fields=(*_INVOICED, *_TEXTS),
            targets=("SUPPLIER_RETURN",),
            required=_DUE,
            required_to_post=("supply_date", "posting_date"),
            owed=1,
            type_code="389",
            print_template="self_billing",
        ),
        Kind(
            name="SUPPLIER_RETURN",
            event="SupplierReturn",
            german="Lieferantenrückgabe",
            side=PURCHASE,
            step=Step.RETURN,
            series="supplier_return",
            number_template="LR-{year}-{seq:5}",
            fields=("supply_date", "carrier", *_TEXTS),
            targets=("SUPPLIER_CREDIT_NOTE",),
            required_to_post=("posting_date", "supply_date"),
            priced=False,
            print_template="return",
        ),
        Kind(
            name="SUPPLIER_CREDIT_NOTE",
            event="SupplierCreditNote",
            german="Lieferantenkorrektur",
            side=PURCHASE,
            step=Step.CREDIT_NOTE,
            series="supplier_credit_note",
            number_template="LK-{year}-{seq:5}",
            fields=(*_INVOICED, *_BONUS, *_STATED, "external_number", "note"),
            required=_DUE,
            required_to_post=("supply_date", "posting_date", "external_number"),
            received=True,
            books_costs=True,
            owed=-1,
        ),
        Kind(
            name="INCOMING_PAYMENT",
            event="IncomingPayment",
            german="Zahlungseingang",
            side=SALES,
            step=Step.PAYMENT,
            series="payment",
            number_template="PAY-{year}-{seq:5}",
            fields=_PAID,
            required=_VALUED,
            priced=False,
            owed=-1,
            has_lines=False,
        ),
        Kind(
            name="OUTGOING_PAYMENT",
            event="OutgoingPayment",
            german="Zahlungsausgang",
            side=PURCHASE,
            step=Step.PAYMENT,
            series="outgoing_payment",
            number_template="ZA-{year}-{seq:5}",
            fields=_PAID,
            required=_VALUED,
            priced=False,
            owed=-1,
            has_lines=False,
            approval=ApprovalMode.ALWAYS,
        ),
    )
}

OPEN_ITEM_KINDS: tuple[str, ...] = tuple(kind.name for kind in KINDS.values() if kind.owed)
"""Kinds that enter the open items: what is billed, and payments."""
