"""What documents must have in common to become one, for conversions and for the invoice run.

Whoever groups deliveries for an invoice groups them by the same value that a conversion compares,
so that no run proposes what is refused afterwards.
"""

from collections.abc import Iterator
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING
from uuid import UUID

from domain.amounts import Allowance, PriceBasis
from domain.documents.drafts import TERMS, payer
from domain.documents.kinds import SALES, Kind, PartyRole

if TYPE_CHECKING:
    from domain.documents.document import Document

SOURCES_MAX = 100
"""So many documents become one at a time."""


@dataclass(frozen=True, slots=True)
class Agreed:
    """What one document says of all that documents which become one must agree on.

    `payer` is the id and the name of who pays: a walk-in customer is one partner for many people,
    the name tells them apart. `allowances` are the percentages over the whole document, `terms` the
    days and both steps of Skonto. None says nothing about it.
    """

    payer: tuple[UUID, str | None]
    branch: UUID | None
    currency: str
    price_basis: PriceBasis
    allowances: tuple[Allowance, ...]
    terms: tuple[object, ...] | None = None
    ship_to: object = None


def agreed_by(document: "Document", target: Kind) -> Agreed:
    """Return what a document says that others must say too to become one of `target` with it."""
    party = document.party(payer(document.definition))
    goes_to = document.party(PartyRole.SHIP_TO)
    is_billed = target.is_billing and document.payment_days is not None
    is_moved = not target.is_billing and target.side == SALES
    return Agreed(
        payer=(document.bill_to_id, party.name if party else None),
        branch=document.branch_id,
        currency=document.currency,
        price_basis=document.price_basis,
        allowances=tuple(a.allowance for a in document.allowances if a.percent is not None),
        terms=tuple(getattr(document, name) for name in TERMS) if is_billed else None,
        ship_to=(goes_to.partner_id, goes_to.address) if is_moved and goes_to else None,
    )


def differences(agreed: list[Agreed], target: Kind) -> Iterator[str]:
    """Yield the API's names of what these do not agree on; who says no terms takes the others'."""
    for name in (field.name for field in fields(Agreed)):
        values = {getattr(each, name) for each in agreed}
        if name == "terms":
            values.discard(None)
        if len(values) > 1:
            yield _NAMES[name] if name != "payer" or target.side == SALES else "supplier"


_NAMES = {
    "payer": "billTo",
    "branch": "branch",
    "currency": "currency",
    "price_basis": "priceBasis",
    "allowances": "allowances",
    "terms": "paymentDays",
    "ship_to": "shipTo",
}
