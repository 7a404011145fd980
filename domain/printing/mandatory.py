"""What the law wants on an invoice: section 14 (4) no. 1 to 8 and 10, 14a UStG, 31 (5) UStDV."""

from collections.abc import Callable

from domain.documents.kinds import KINDS
from domain.documents.lines import WITH_QUANTITY
from domain.printing.contents import Contents
from domain.printing.rows import NO_TAX
from domain.tax import TaxCategory, needs_both_tax_ids

_OF_ALL: dict[str, Callable[[Contents], object]] = {
    "seller": lambda says: says.seller.name and len(says.seller.address) > 1,
    "recipient": lambda says: says.recipient.name and len(says.recipient.address) > 1,
    "issue_date": lambda says: says.issue_date,
    "number": lambda says: says.number,
    "lines": lambda says: (
        says.lines
        and all(
            line.quantity and line.description for line in says.lines if line.kind in WITH_QUANTITY
        )
    ),
}
"""What a business letter about goods wants in any case."""

_OF_INVOICES: dict[str, Callable[[Contents], object]] = {
    "seller_tax_id": lambda says: (
        says.seller.vat_id
        or says.seller.tax_number
        or (says.is_self_billed and not any(row.category is TaxCategory.S for row in says.tax_rows))
    ),
    "supply": lambda says: says.supply,
    "net_by_rate": lambda says: says.tax_rows and all(row.basis for row in says.tax_rows),
    "tax_or_exemption": lambda says: (
        sum(row.tax == NO_TAX for row in says.tax_rows) == len(says.exemptions)
    ),
    "both_vat_ids": lambda says: (
        not any(needs_both_tax_ids(row.category) for row in says.tax_rows)
        or (says.seller.vat_id and says.recipient.vat_id)
    ),
}
_OF_CANCELLATIONS: dict[str, Callable[[Contents], object]] = {
    "original": lambda says: len(says.corrects) == 1,
}


def missing_contents(contents: Contents) -> tuple[str, ...]:
    """Return the names of mandatory contents that `contents` lacks, in the order of the law."""
    wanted = dict(_OF_ALL)
    if KINDS[contents.kind].is_billing:
        wanted |= _OF_INVOICES
    if contents.is_cancellation:
        wanted |= _OF_CANCELLATIONS
    return tuple(name for name, is_said in wanted.items() if not is_said(contents))
