"""The facts of an e-invoice, whatever syntax it came in, and the rules that need no library.

Facts are taken as they stand in the file: nothing is corrected, nothing added up. What the sender
wrote but nobody can read (a month where a day belongs) stands in `unread`, never in a guess.

Sources: EN 16931-1 (BT, BG and BR numbers), section 14 UStG and the BMF letters of 15.10.2024 and
15.10.2025.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from domain.money import rounded
from domain.problems import Problem


class FileEmpty(Problem):
    """The file is empty."""


class FileTooLarge(Problem):
    """The file or the invoice inside it is larger than {size_max_mb} MB."""

    size_max_mb: int


class FileFormatUnknown(Problem):
    """The file is neither a PDF nor XML, so it cannot be read as an e-invoice."""


class FileCutOff(Problem):
    """The PDF is damaged or was cut off on its way. Ask the sender to send it again."""


class EncryptedPdf(Problem):
    """The PDF is locked with a password. Ask the sender for one that is not."""


class PdfWithoutInvoice(Problem):
    """The PDF holds no XML invoice: it is not ZUGFeRD or Factur-X, but a picture of an invoice."""


class TooManyAttachments(Problem):
    """The PDF holds more than {attachments_max} attachments; it is not read."""

    attachments_max: int


class XmlForbiddenConstruct(Problem):
    """The XML declares a document type (DTD) or entities. No invoice needs them; it is refused."""


class XmlMalformed(Problem):
    """The XML is broken in line {line}, so nothing in it can be read."""

    line: int


class XmlTooComplex(Problem):
    """The XML has more than {markup_max} tags or attributes; it is not read."""

    markup_max: int


class NotAnInvoice(Problem):
    """The XML begins with <{root_name}>: neither a UBL nor a CII nor a ZUGFeRD 1 invoice."""

    root_name: str


class EInvoiceSyntax(StrEnum):
    """How the XML is written. CII is what ZUGFeRD 2 and Factur-X use, CII-ZF1 is ZUGFeRD 1."""

    CII = "CII"
    CII_ZF1 = "CII-ZF1"
    UBL_INVOICE = "UBL-Invoice"
    UBL_CREDIT_NOTE = "UBL-CreditNote"


@dataclass(frozen=True, slots=True)
class UnreadFact:
    """Something the sender wrote that is no date or no number: `fact` is the field it was for."""

    fact: str
    text: str


@dataclass(frozen=True, slots=True)
class EInvoiceAddress:
    """A postal address (BG-5, BG-8); `country` is an ISO 3166-1 code of two letters."""

    street: str | None
    additional: str | None
    postcode: str | None
    city: str | None
    country: str | None


@dataclass(frozen=True, slots=True)
class EInvoiceTax:
    """One group of the tax breakdown (BG-23): `rate` in percent, `exemption` is the VATEX code of
    why there is no tax, or else the words for it."""

    category: str | None
    rate: Decimal | None
    basis: Decimal | None
    tax: Decimal | None
    exemption: str | None


@dataclass(frozen=True, slots=True)
class EInvoiceAllowance:
    """One allowance, or charge where `is_charge`, of the document (BG-20, BG-21) or of a line
    (BG-27, BG-28). Only those of the document name a tax; `amount` counts, the rest explains it."""

    is_charge: bool
    amount: Decimal | None
    percent: Decimal | None
    base_amount: Decimal | None
    reason: str | None
    tax_category: str | None
    tax_rate: Decimal | None


@dataclass(frozen=True, slots=True)
class EInvoiceLine:
    """One line (BG-25). `unit_price` is net and stands for `price_base_quantity` units (or one)."""

    line_id: str | None
    name: str | None
    description: str | None
    sellers_item_number: str | None
    quantity: Decimal | None
    unit_code: str | None
    unit_price: Decimal | None
    price_base_quantity: Decimal | None
    net_amount: Decimal | None
    tax_category: str | None
    tax_rate: Decimal | None
    allowances_and_charges: tuple[EInvoiceAllowance, ...] = ()


@dataclass(frozen=True, slots=True)
class EInvoice:
    """What an e-invoice says. None: not in the document. Amounts in `currency` (BT-5).

    `allowances` and `charges` are the sums of those of the whole document, which stand one by one
    in `allowances_and_charges`; `net` is without and `gross` with tax, `payable` is what is left
    after `prepaid`. `iban` is the first of `ibans`, as written.
    """

    syntax: EInvoiceSyntax
    profile_id: str | None
    invoice_number: str | None
    issue_date: date | None
    due_date: date | None
    delivery_date: date | None
    type_code: str | None
    currency: str | None
    seller_name: str | None
    seller_vat_id: str | None
    seller_tax_number: str | None
    seller_email: str | None
    seller_phone: str | None
    seller_address: EInvoiceAddress
    buyer_name: str | None
    buyer_vat_id: str | None
    buyer_email: str | None
    buyer_phone: str | None
    buyer_address: EInvoiceAddress
    buyer_reference: str | None
    preceding_invoice: str | None
    line_total: Decimal | None
    allowances: Decimal | None
    charges: Decimal | None
    net: Decimal | None
    tax_total: Decimal | None
    taxes: tuple[EInvoiceTax, ...]
    gross: Decimal | None
    prepaid: Decimal | None
    rounding: Decimal | None
    payable: Decimal | None
    lines: tuple[EInvoiceLine, ...]
    ibans: tuple[str, ...]
    payment_terms: str | None
    allowances_and_charges: tuple[EInvoiceAllowance, ...] = ()
    unread: tuple[UnreadFact, ...] = ()

    @property
    def iban(self) -> str | None:
        """The first bank account to pay to, as the sender wrote it."""
        return self.ibans[0] if self.ibans else None

    @property
    def lines_with_amount(self) -> int:
        """How many lines carry a net amount; ZUGFeRD 1 also has lines that are only text."""
        return sum(line.net_amount is not None for line in self.lines)


def counts_as_e_invoice(profile_id: str | None) -> bool:
    """Say whether a file of this profile is an e-invoice in law [section 14 (1) UStG].

    It must follow EN 16931: ZUGFeRD 1, MINIMUM and BASIC WL do not [BMF 15.10.2024].

    >>> counts_as_e_invoice("urn:cen.eu:en16931:2017")
    True
    >>> counts_as_e_invoice("urn:factur-x.eu:1p0:basicwl")
    False
    """
    return (profile_id or "").startswith("urn:cen.eu:en16931:2017")


@dataclass(frozen=True, slots=True)
class ArithmeticFinding:
    """A total that is not what its rule says: `stated` in the file, `computed` from its parts."""

    rule: str
    stated: Decimal
    computed: Decimal


def arithmetic_findings(invoice: EInvoice) -> list[ArithmeticFinding]:
    """Return every total that breaks BR-CO-10, 13, 14, 15, 16 or 17 of EN 16931, in this order.

    A rule is silent where its total or all of its parts are missing: what must be there at all is
    for the validator to say. Amounts are compared to the cent.
    """
    return [
        ArithmeticFinding(rule=rule, stated=stated, computed=rounded(computed))
        for rule, stated, computed in _equations(invoice)
        if stated is not None and computed is not None and rounded(stated) != rounded(computed)
    ]


def _equations(invoice: EInvoice) -> Iterator[tuple[str, Decimal | None, Decimal | None]]:
    """Yield rule, the stated total, and what it should be (None: parts missing)."""
    nothing = Decimal(0)
    net, tax_total, line_total = invoice.net, invoice.tax_total, invoice.line_total
    yield "BR-CO-10", line_total, _sum([line.net_amount for line in invoice.lines])
    allowed = (invoice.charges or nothing) - (invoice.allowances or nothing)
    yield "BR-CO-13", net, None if line_total is None else line_total + allowed
    yield "BR-CO-14", tax_total, _sum([group.tax for group in invoice.taxes])
    yield "BR-CO-15", invoice.gross, None if net is None else net + (tax_total or nothing)
    settled = (invoice.rounding or nothing) - (invoice.prepaid or nothing)
    yield "BR-CO-16", invoice.payable, None if invoice.gross is None else invoice.gross + settled
    for group in invoice.taxes:
        if group.basis is not None:
            yield "BR-CO-17", group.tax, group.basis * (group.rate or nothing) / 100


def _sum(amounts: list[Decimal | None]) -> Decimal | None:
    """Add up what is there; None where nothing is."""
    stated = [amount for amount in amounts if amount is not None]
    return sum(stated, Decimal(0)) if stated else None
