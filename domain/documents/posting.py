"""What the law and the table of kinds want on a document before it is final."""

from typing import TYPE_CHECKING

from domain.documents.kinds import PartyRole
from domain.documents.lines import COUNTING
from domain.partners import Address
from domain.problems import Path, Problem
from domain.tax import TaxIdMissing, needs_both_tax_ids
from domain.text import Required

if TYPE_CHECKING:
    from domain.documents.document import Document

_HERE: Path = ("input", "id")


class SupplyDateMissing(Problem):
    """The date of supply is missing; an invoice must name it (section 14 (4) no. 6 UStG)."""


class SellerTaxNumberMissing(Problem):
    """Your company has neither VAT id nor tax number; an invoice must show one of them (section 14 (4) no. 2 UStG)."""  # noqa: E501  one sentence for the user


class SupplierTaxIdMissing(Problem):
    """This supplier has neither VAT id nor tax number on the document; a self-billed invoice with tax must show one of them (section 14 (4) no. 2 UStG)."""  # noqa: E501  one sentence for the user


class ExternalNumberMissing(Problem):
    """Write down the number that stands on the document you received, then post it."""


def demand_postable(document: "Document", company: Address) -> None:
    """Raise the problem of the first thing that posting `document` wants and that is not here."""
    for column in document.definition.required_to_post:
        if column != "posting_date" and getattr(document, column) is None:
            raise _MISSING.get(column, Required)(path=_HERE)
    if not document.definition.is_billing or document.definition.received:
        return
    supplier = document.party(PartyRole.SUPPLIER)
    if supplier and document.tax and not (supplier.vat_id or supplier.address.tax_number):
        raise SupplierTaxIdMissing(path=_HERE)
    _demand_tax_ids(document, company)
    if document.party(PartyRole.BILL_TO) and not (company.vat_id or company.tax_number):
        raise SellerTaxNumberMissing(path=_HERE)


_MISSING: dict[str, type[Problem]] = {
    "supply_date": SupplyDateMissing,
    "external_number": ExternalNumberMissing,
}


def _demand_tax_ids(document: "Document", company: Address) -> None:
    bill_to = document.party(PartyRole.BILL_TO)
    for line in document.lines:
        if line.kind not in COUNTING or line.tax_category is None:
            continue
        if not needs_both_tax_ids(line.tax_category):
            continue
        for party, vat_id in (
            ("SELLER", company.vat_id),
            ("BILL_TO", bill_to.vat_id if bill_to else None),
        ):
            if not vat_id:
                raise TaxIdMissing(category=line.tax_category, party=party, path=_HERE)
