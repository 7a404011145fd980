"""What the law and the table of kinds want on a document before it is final."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from domain.documents.amounts import AllowanceGroupMissing, InvoiceType, groups_of, is_priced
from domain.documents.drafts import LinesMissing
from domain.documents.kinds import Kind, PartyRole
from domain.documents.lines import COUNTING, Line, PriceReasonMissing
from domain.partners import Address, Partner, TaxClass
from domain.partners.address import camel
from domain.problems import Path, Problem
from domain.tax import (
    SellerRegime,
    SupplierClass,
    TaxCategory,
    TaxChoice,
    TaxGroup,
    TaxParty,
    check_document_tax,
    checked_rate,
    is_allowed,
    usual_taxes,
)

if TYPE_CHECKING:
    from domain.documents.document import Document

_HERE: Path = ("input", "id")
SELF_BILLED = "SELF_BILLED_INVOICE"


class SupplyDateMissing(Problem):
    """The date of supply is missing; an invoice must name it (section 14 (4) no. 6 UStG)."""


class NeededToPost(Problem):
    """The document has no {field} yet, and is not final without it. Write it down, then post it."""

    field: str


class SellerTaxNumberMissing(Problem):
    """Your company has neither VAT id nor tax number; an invoice must show one of them (section 14 (4) no. 2 UStG)."""  # noqa: E501  one sentence for the user


class PriceMissing(Problem):
    """Line {position} has no price or no tax category yet. Write them down, then post it."""

    position: int


class CostsUnassigned(Problem):
    """Line {position} names no item, so it needs an account and a cost centre. Write them down, then post it."""  # noqa: E501  one sentence for the user

    position: int


class ExternalNumberMissing(Problem):
    """Write down the number that stands on the document you received, then post it."""


class SelfBillingNotAgreed(Problem):
    """{supplier} has not agreed to self-billing for {date}; put the agreement on file first (section 14 (2) UStG)."""  # noqa: E501  one sentence for the user

    supplier: str
    date: str


class SupplierTaxClassMissing(Problem):
    """The tax class of {supplier} on {date} is not known; it alone decides the rate."""

    supplier: str
    date: str


class SupplierRateWrong(Problem):
    """{supplier} is taxed as {tax_class} on {date}, so line {position} cannot show {chosen}; it would be owed all the same (section 14c UStG). Possible: {possible}."""  # noqa: E501  one sentence for the user

    supplier: str
    tax_class: str
    date: str
    position: int
    chosen: str
    possible: str


class SupplierTaxNumberMissing(Problem):
    """{supplier} has neither VAT id nor tax number; a self-billed invoice must show one of them (section 14 (4) no. 2 UStG)."""  # noqa: E501  one sentence for the user

    supplier: str


@dataclass(frozen=True, slots=True)
class Conditions:
    """What posting asks of company and partner: taxation of ours, tolerance in money per line.

    `supplier` is the partner of a self-billed invoice, with its agreement and tax classes.
    """

    regime: SellerRegime = SellerRegime.STANDARD
    match_tolerance: Decimal = Decimal("0.02")
    supplier: Partner | None = None


USUAL = Conditions()


def demand_postable(document: "Document", company: Address, conditions: Conditions = USUAL) -> None:
    """Raise the problem of the first thing that posting `document` wants and that is not here."""
    missing = missing_to_post(document.definition, lambda column: getattr(document, column))
    if missing is not None:
        raise missing
    if document.definition.priced:
        _demand_prices(document)
    if document.definition.books_costs:
        _demand_accounts(document)
    if not document.definition.is_billing or document.definition.received:
        return
    if not any(is_priced(line) for line in document.lines):
        raise LinesMissing(path=_HERE)
    if document.kind == SELF_BILLED:
        _demand_agreement(document, conditions.supplier)
    _demand_rates(document)
    if document.kind == SELF_BILLED and conditions.supplier is not None:
        _demand_class(document, conditions.supplier)
    _demand_tax(document, company, conditions)


def missing_to_post(kind: Kind, value_of: Callable[[str], object]) -> Problem | None:
    """Return the problem of the first column that posting asks of `kind` and that is empty."""
    for column in kind.required_to_post:
        if column == "posting_date" or _may_lack(kind, column, value_of):
            continue
        if value_of(column) is None:
            known = _MISSING.get(column)
            return known(path=_HERE) if known else NeededToPost(field=camel(column), path=_HERE)
    return None


def _demand_prices(document: "Document") -> None:
    """Raise PriceMissing or PriceReasonMissing: lines of a delivery may come without either.

    A contract with an open price has its prices from the days on which it is called off.
    """
    for line in document.lines:
        if line.kind not in COUNTING:
            continue
        lacks_price = line.unit_price is None and not document.has_open_price
        if lacks_price or line.tax_category is None:
            raise PriceMissing(position=line.position, path=_HERE)
        if line.unit_price == 0 and not line.price_reason:
            raise PriceReasonMissing(path=_HERE)


def _demand_accounts(document: "Document") -> None:
    """Raise CostsUnassigned at the field of the first line that does not say where it is booked."""
    for place, line in enumerate(document.lines):
        if line.kind not in COUNTING or line.item_id is not None:
            continue
        for name, said in (("account", line.account), ("costCentre", line.cost_centre)):
            if said is None:
                path: Path = ("input", "lines", str(place), name)
                raise CostsUnassigned(position=line.position, path=path)


_MISSING: dict[str, type[Problem]] = {
    "supply_date": SupplyDateMissing,
    "external_number": ExternalNumberMissing,
}


def _may_lack(kind: Kind, column: str, value_of: Callable[[str], object]) -> bool:
    """Say whether it is a prepayment: it comes before the supply (section 14 (5) UStG)."""
    if column != "supply_date" or "invoice_type" not in kind.fields:
        return False
    return value_of("invoice_type") == InvoiceType.PREPAYMENT


def _demand_agreement(document: "Document", supplier: Partner | None) -> None:
    """Self-billing needs the supplier's agreement and his tax class on the day of supply."""
    if supplier is None:
        raise TypeError("a self-billed invoice is posted with its supplier at hand")
    facts = {"supplier": supplier.name, "date": document.supplied_on.isoformat()}
    if not supplier.agrees_to_self_billing(document.supplied_on):
        raise SelfBillingNotAgreed(**facts, path=_HERE)
    classes = {class_of_supplier(supplier, day, _HERE) for day in _days_of_supply(document)}
    shown = document.party(PartyRole.SUPPLIER)
    is_business = classes != {SupplierClass.PRIVATE}
    has_tax = any(tax.category is TaxCategory.S for tax in document.taxes)
    if (is_business or has_tax) and shown is not None and not (shown.vat_id or shown.tax_number):
        raise SupplierTaxNumberMissing(supplier=supplier.name, path=_HERE)


def class_of_supplier(supplier: Partner, on: date, path: Path) -> SupplierClass | None:
    """Return how a supplier is taxed on a day of supply. Raises SupplierTaxClassMissing.

    None of an exempt one: each of his lines says why there is no tax.
    """
    known = supplier.tax_class_on(on)
    if known is None:
        raise SupplierTaxClassMissing(supplier=supplier.name, date=on.isoformat(), path=path)
    return None if known is TaxClass.EXEMPT else SupplierClass(known.value)


def _days_of_supply(document: "Document") -> set[date]:
    """Return every day on which something was supplied, by its lines."""
    lines = [line for line in document.lines if line.kind in COUNTING]
    return {line.supply_date or document.supplied_on for line in lines}


def _demand_exempt(line: Line, chosen: TaxChoice, supplier: Partner, on: date) -> None:
    """Raise SupplierRateWrong for tax in what an exempt supplier supplied."""
    if chosen.category is TaxCategory.S:
        raise SupplierRateWrong(
            supplier=supplier.name,
            tax_class=TaxClass.EXEMPT,
            date=on.isoformat(),
            position=line.position,
            chosen=chosen.words,
            possible=TaxCategory.E,
            path=_HERE,
        )


def _demand_class(document: "Document", supplier: Partner) -> None:
    """Raise SupplierRateWrong for a tax that the supplier's class on that day does not allow."""
    for line in document.lines:
        if not is_priced(line) or line.tax_category is None:
            continue
        on = line.supply_date or document.supplied_on
        known = class_of_supplier(supplier, on, _HERE)
        chosen = TaxChoice(line.tax_category, line.tax_rate)
        if known is None:
            _demand_exempt(line, chosen, supplier, on)
            continue
        if not is_allowed(known, chosen, on, has_reason=line.tax_override_reason is not None):
            raise SupplierRateWrong(
                supplier=supplier.name,
                tax_class=known,
                date=on.isoformat(),
                position=line.position,
                chosen=chosen.words,
                possible=", ".join(each.words for each in usual_taxes(known, on)),
                path=_HERE,
            )


def _demand_rates(document: "Document") -> None:
    """A rate that was right when the order came may be none on the day of supply."""
    for line in document.lines:
        if is_priced(line) and line.tax_category is not None:
            on = line.supply_date or document.supplied_on
            checked_rate(line.tax_category, line.tax_rate, on, _HERE)
    groups = groups_of(document.lines)
    for each in document.allowances:
        tax = each.allowance.tax
        if each.amount is not None and tax is not None and tax not in groups:
            raise AllowanceGroupMissing(tax=TaxChoice(*tax).words, path=_HERE)


def _demand_tax(document: "Document", company: Address, conditions: Conditions) -> None:
    ours = shown_company(document, company)
    if document.kind == SELF_BILLED:
        seller, buyer = document.party(PartyRole.SUPPLIER), company
        regime = SellerRegime.STANDARD  # his class was looked at line by line
        roles = (seller.vat_id if seller else None, buyer.vat_id)
    else:
        bill_to = document.party(PartyRole.BILL_TO)
        roles = (ours.vat_id, bill_to.vat_id if bill_to else None)
        regime = conditions.regime
    if _is_out_of_scope(document):
        roles = (None, None)  # such a document shows no VAT id at all [EN 16931 BR-O-02]
    ship_to = document.party(PartyRole.SHIP_TO)
    check_document_tax(
        [
            TaxGroup(tax.category, tax.rate, tax.basis, tax.tax, tax.reason)
            for tax in document.taxes
        ],
        seller=TaxParty("SELLER", roles[0]),
        buyer=TaxParty("BILL_TO", roles[1]),
        regime=regime,
        on=document.supplied_on,
        delivery_country=ship_to.country if ship_to else None,
        path=_HERE,
    )
    if document.kind != SELF_BILLED and not (ours.vat_id or ours.tax_number):
        raise SellerTaxNumberMissing(path=_HERE)


def _is_out_of_scope(document: "Document") -> bool:
    return any(tax.category is TaxCategory.O for tax in document.taxes)


def shown_company(document: "Document", company: Address) -> Address:
    """Return our address as the document shows it: without VAT id where it is outside the scope."""
    hides = document.definition.is_billing and _is_out_of_scope(document) and company.tax_number
    return replace(company, vat_id=None) if hides else company
